//! What calls tell of themselves, for metrics and logs: never a token, a body, or a query.
//!
//! A call that is [watched](crate::Session::watch_calls) keeps a [`Report`] of each attempt and of its end until they are
//! [taken](crate::Call::poll_report). The clients take them outside of every lock, hand them to the application's
//! [observer](crate::Client::observe), and with the feature `tracing` make events of them, in a span for each call.
//!
//! The clients tell the same of requests that belong to no call, each as one of a single attempt: to the endpoints of tokens, revocation
//! and device authorization, and who has signed in. What a token request led to, [events](crate::Event) tell.

mod observer;
mod span;
mod watch;

use std::time::Duration;

use http::StatusCode;

pub(crate) use observer::Observer;
pub(crate) use span::Span;
pub(crate) use watch::Watch;

use crate::error::{ErrorKind, FailureKind};
use crate::operation::Operation;

/// Something that a call tells, and which call.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Observed<'c> {
    /// Which call of its session, or which request that belongs to none: the same for all its attempts.
    pub call: u64,
    /// Its operation, with the template of its path. That of a [`Raw`](crate::Raw) request is as the application wrote it; that of a
    /// request to an endpoint of the authorization server is its name: `token`, `revocation` or `device_authorization`.
    pub operation: &'c Operation,
    /// What it tells.
    pub report: &'c Report,
}

impl Observed<'_> {
    /// The template of the operation's path, such as `/albums/{id}`, or the name of an endpoint. Of a raw request, its path without its query.
    #[must_use]
    pub fn path(&self) -> &str {
        path(self.operation)
    }
}

fn path(operation: &Operation) -> &str {
    crate::texts::pieces(&operation.path, '?').next().unwrap_or_default()
}

/// What a call tells.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Report {
    /// An attempt is over.
    Attempt(AttemptReport),
    /// The call is over: its last report.
    End(EndReport),
}

/// An attempt that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttemptReport {
    /// The first is 1.
    pub number: u32,
    /// What it ended with.
    pub outcome: Result<StatusCode, FailureKind>,
    /// From the request to the whole answer.
    pub took: Duration,
    /// Bytes of the answer's body, decompressed.
    pub bytes: usize,
}

/// A call that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndReport {
    /// How it ended.
    pub ending: Ending,
    /// How many requests it sent.
    pub attempts: u32,
    /// From its first poll, waiting included.
    pub took: Duration,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ending {
    /// With an answer to a request of its own. A call does with one that says success; a request that belongs to no call, with any.
    Answered(StatusCode),
    /// With an answer from the cache.
    Cached,
    /// With the answer to the same request of another call.
    Joined,
    /// With an error.
    Failed(ErrorKind),
    /// It was dropped before its end, or its thread panicked.
    Dropped,
}
