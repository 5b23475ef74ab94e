//! The requests that came in, for tests to count and to read.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::fault::Endpoint;
use crate::request::{self, Request};

/// A request as it was received. `Debug` shows neither credentials nor what was sent to the OAuth endpoints.
#[derive(Clone)]
pub struct Received {
    number: u64,
    at: SystemTime,
    request: Request,
    status: Option<u16>,
}

impl Received {
    /// Its place in the order of arrival, from 0.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// When it came, by the sandbox's clock.
    #[must_use]
    pub fn at(&self) -> SystemTime {
        self.at
    }

    /// Its method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.request.method
    }

    /// Its path as it was sent, with `/v2` where that was part of it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.request.path
    }

    /// Its query as it was sent.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.request.raw_query
    }

    /// All values of a query parameter, decoded.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Vec<String> {
        let pairs = self.request.query().into_iter();
        pairs.filter_map(|(key, value)| (key == name).then_some(value)).collect()
    }

    /// Its headers, credentials included.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.request.headers
    }

    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.header(name)
    }

    /// Its body.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.request.body
    }

    /// A field of a form-urlencoded body.
    #[must_use]
    pub fn form(&self, name: &str) -> Option<String> {
        request::field(&self.request.form(), name).map(str::to_owned)
    }

    /// The status that was answered, once it was; none for a connection that was cut before.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.status
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = Endpoint::of(self.path()) == Some(Endpoint::Api);
        let headers: Vec<_> = self
            .headers()
            .iter()
            .map(|(name, value)| match name.as_str() {
                "authorization" | "cookie" => (name.as_str(), "[redacted]"),
                name => (name, value.to_str().unwrap_or("[bytes]")),
            })
            .collect();
        let mut debug = f.debug_struct("Received");
        debug.field("number", &self.number).field("method", self.method()).field("path", &self.path());
        if open {
            debug.field("query", &self.query());
        }
        debug.field("headers", &headers);
        if open {
            debug.field("body", self.body());
        }
        debug.field("status", &self.status).finish_non_exhaustive()
    }
}

/// The log. Clones read the same one. The oldest requests are dropped when it is full.
#[derive(Clone)]
pub struct Log(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    changed: Condvar,
    keep: usize,
}

#[derive(Default)]
struct State {
    next: u64,
    kept: VecDeque<Received>,
}

impl Log {
    pub(crate) fn new(keep: usize) -> Self {
        Self(Arc::new(Inner { state: Mutex::default(), changed: Condvar::new(), keep }))
    }

    /// All requests that are kept, in the order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Received> {
        self.state().kept.iter().cloned().collect()
    }

    /// The requests to exactly this path.
    #[must_use]
    pub fn to(&self, path: &str) -> Vec<Received> {
        let state = self.state();
        let found = state.kept.iter().filter(|received| received.path() == path);
        found.cloned().collect()
    }

    /// How many requests went to exactly this path.
    #[must_use]
    pub fn count(&self, path: &str) -> usize {
        count(&self.state(), path)
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.state().kept.clear();
    }

    /// Blocks this thread until `count` requests to `path` came in; false if that takes longer than `at_most`.
    #[must_use]
    pub fn wait_for(&self, path: &str, wanted: usize, at_most: Duration) -> bool {
        let end = Instant::now() + at_most;
        let mut state = self.state();
        while count(&state, path) < wanted {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.0.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    pub(crate) fn push(&self, request: Request, at: SystemTime) -> u64 {
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        if state.kept.len() >= self.0.keep {
            state.kept.pop_front();
        }
        state.kept.push_back(Received { number, at, request, status: None });
        self.0.changed.notify_all();
        number
    }

    pub(crate) fn answered(&self, number: u64, status: u16) {
        let mut state = self.state();
        let place = state.kept.binary_search_by_key(&number, |received| received.number);
        if let Some(received) = place.ok().and_then(|index| state.kept.get_mut(index)) {
            received.status = Some(status);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(state: &State, path: &str) -> usize {
    let found = state.kept.iter().filter(|received| received.path() == path);
    found.count()
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.requests()).finish()
    }
}
