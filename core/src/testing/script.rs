//! A transport that answers from a script.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::error::{Failure, FailureKind};
use crate::message::{Exchange, Response};
use crate::transport::{BlockingTransport, Transport};

/// A transport that answers from a script and remembers what it was asked. Clones share the script.
///
/// Rules are tried in the order in which they were made; a rule that has no reply left is passed over. A request that none
/// fits fails, and the failure names it.
#[derive(Clone, Default)]
pub struct Script(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    rules: Vec<(String, VecDeque<Scripts>)>,
    seen: Vec<Seen>,
}

enum Scripts {
    Once(Reply),
    Always(Reply),
    With(Box<dyn FnMut(&Seen) -> Reply + Send>),
}

/// What a script answers with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Reply {
    /// An answer.
    Answer(StatusCode, HeaderMap, Bytes),
    /// None, for this reason.
    Fail(FailureKind),
    /// None at all: the request hangs, until its future is dropped. A blocking transport reports a timeout.
    Hang,
    /// Another reply, once this gate is open. A blocking transport doesn't wait for it.
    Behind(Gate, Box<Reply>),
}

/// A request as the script saw it.
#[derive(Clone)]
pub struct Seen {
    /// Method.
    pub method: Method,
    /// Host.
    pub host: String,
    /// Path, escaped as sent.
    pub path: String,
    /// Query, escaped as sent; empty if there is none.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Seen {
    /// The body as text.
    #[must_use]
    #[inline]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    /// The token that it carries.
    #[must_use]
    #[inline]
    pub fn bearer(&self) -> Option<&str> {
        self.headers.get(http::header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
    }
}

impl fmt::Debug for Seen {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// Requests that are to be answered alike.
pub struct Rule<'s> {
    script: &'s Script,
    pattern: String,
}

impl Script {
    /// A script that answers nothing yet.
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// Requests of this form: a method and a path, such as `GET /v2/albums/17`. A `*` at the end stands for any rest, `*` alone for
    /// everything.
    #[must_use]
    #[inline]
    pub fn on(&self, pattern: &str) -> Rule<'_> {
        Rule { script: self, pattern: pattern.to_owned() }
    }

    /// The requests so far.
    #[must_use]
    #[inline]
    pub fn requests(&self) -> Vec<Seen> {
        self.lock().seen.clone()
    }

    /// How many requests of this form there were.
    #[must_use]
    #[inline]
    pub fn count(&self, pattern: &str) -> usize {
        self.lock().seen.iter().filter(|seen| fits(pattern, seen)).count()
    }

    #[inline]
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn add(&self, pattern: String, reply: Scripts) {
        let mut state = self.lock();
        match state.rules.iter_mut().find(|(known, _)| *known == pattern) {
            Some((_, replies)) => replies.push_back(reply),
            None => state.rules.push((pattern, VecDeque::from([reply]))),
        }
    }

    #[inline]
    fn answer(&self, exchange: Exchange) -> Reply {
        let (parts, body) = exchange.request.into_parts();
        let seen = Seen {
            method: parts.method,
            host: parts.uri.host().unwrap_or_default().to_owned(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body,
        };
        let mut state = self.lock();
        state.seen.push(seen.clone());
        let rule = state.rules.iter_mut().find(|(pattern, replies)| !replies.is_empty() && fits(pattern, &seen));
        let Some((_, replies)) = rule else { return Reply::Fail(FailureKind::Unsupported) };
        match replies.pop_front() {
            Some(Scripts::Once(reply)) => reply,
            Some(Scripts::Always(reply)) => {
                replies.push_front(Scripts::Always(reply.clone()));
                reply
            }
            Some(Scripts::With(mut make)) => {
                let reply = make(&seen);
                replies.push_front(Scripts::With(make));
                reply
            }
            None => Reply::Fail(FailureKind::Unsupported),
        }
    }
}

#[inline]
fn fits(pattern: &str, seen: &Seen) -> bool {
    let request = format!("{} {}", seen.method, seen.path);
    match pattern.strip_suffix('*') {
        Some(start) => request.starts_with(start),
        None => request == pattern,
    }
}

impl Rule<'_> {
    /// Answers the next one.
    pub fn reply(self, status: u16, body: impl Into<Bytes>) -> Self {
        self.then(Reply::answer(status, body))
    }

    /// Answers the next one, with headers.
    pub fn reply_with_headers(self, status: u16, headers: &[(&'static str, &str)], body: impl Into<Bytes>) -> Self {
        self.then(Reply::answer(status, body).headers(headers))
    }

    /// Fails the next one.
    #[inline]
    pub fn fail(self, kind: FailureKind) -> Self {
        self.then(Reply::Fail(kind))
    }

    /// Does this to the next one.
    #[inline]
    pub fn then(self, reply: Reply) -> Self {
        self.script.add(self.pattern.clone(), Scripts::Once(reply));
        self
    }

    /// Does this to all further ones.
    #[inline]
    pub fn always(self, reply: Reply) {
        self.script.add(self.pattern, Scripts::Always(reply));
    }

    /// Asks a function about all further ones.
    pub fn with(self, make: impl FnMut(&Seen) -> Reply + Send + 'static) {
        self.script.add(self.pattern, Scripts::With(Box::new(make)));
    }
}

impl Reply {
    /// An answer. A status that is none becomes 500.
    pub fn answer(status: u16, body: impl Into<Bytes>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::Answer(status, HeaderMap::new(), body.into())
    }

    /// The same, with headers. Those that are none are left out.
    #[must_use]
    #[inline]
    pub fn headers(mut self, headers: &[(&'static str, &str)]) -> Self {
        if let Self::Answer(_, map, _) = &mut self {
            map.extend(
                headers
                    .iter()
                    .filter_map(|(name, value)| Some((HeaderName::try_from(*name).ok()?, HeaderValue::try_from(*value).ok()?))),
            );
        }
        self
    }
}

/// Holds replies back until it is opened. Clones are the same gate.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<Mutex<(bool, Vec<Waker>)>>);

impl Gate {
    /// A closed gate.
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets through whatever waits at it, and all that comes.
    #[inline]
    pub fn open(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 = true;
        let wakers = std::mem::take(&mut state.1);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    #[inline]
    fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0 {
            return Poll::Ready(());
        }
        state.1.push(cx.waker().clone());
        Poll::Pending
    }
}

/// An answer of a [`Script`] on its way.
#[derive(Debug)]
pub struct Scripted(Reply);

impl Future for Scripted {
    type Output = Result<Response, Failure>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match &mut self.0 {
                Reply::Hang => return Poll::Pending,
                Reply::Behind(gate, reply) => {
                    if gate.poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                    let reply = std::mem::replace(&mut **reply, Reply::Hang);
                    self.0 = reply;
                }
                reply => return Poll::Ready(std::mem::replace(reply, Reply::Hang).outcome()),
            }
        }
    }
}

impl Transport for Script {
    type Future = Scripted;

    #[inline]
    fn send(&self, exchange: Exchange) -> Scripted {
        Scripted(self.answer(exchange))
    }
}

impl BlockingTransport for Script {
    #[inline]
    fn send(&self, exchange: Exchange) -> Result<Response, Failure> {
        self.answer(exchange).outcome()
    }
}

impl Reply {
    #[inline]
    fn outcome(self) -> Result<Response, Failure> {
        match self {
            Self::Answer(status, headers, body) => {
                let mut response = Response::new(body);
                *response.status_mut() = status;
                *response.headers_mut() = headers;
                Ok(response)
            }
            Self::Fail(FailureKind::Unsupported) => {
                Err(Failure::new(FailureKind::Unsupported, "the script has no reply to this request"))
            }
            Self::Fail(kind) => Err(Failure::new(kind, format!("the script says: {kind:?}"))),
            Self::Hang => Err(Failure::timeout("the script never answers this")),
            Self::Behind(_, reply) => reply.outcome(),
        }
    }
}
