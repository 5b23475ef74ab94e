//! What an answer says of the service's limits.

use std::time::Duration;

use http::StatusCode;

use crate::answer::Limits;

/// The parts of an answer that the limiter learns from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signals {
    /// Its status.
    pub(crate) status: StatusCode,
    /// How long its `Retry-After` asks to wait.
    pub(crate) retry_after: Option<Duration>,
    /// Its `x-ratelimit-*` headers.
    pub(crate) limits: Option<Limits>,
}

impl Signals {
    /// The service wants fewer requests: 429, or 503 with a `Retry-After`.
    pub(super) fn ask_to_slow_down(&self) -> bool {
        match self.status {
            StatusCode::TOO_MANY_REQUESTS => true,
            StatusCode::SERVICE_UNAVAILABLE => self.retry_after.is_some(),
            _ => false,
        }
    }

    /// The service took the request without complaint. A fault of its own says neither.
    pub(super) fn are_clean(&self) -> bool {
        !self.ask_to_slow_down() && !self.status.is_server_error()
    }
}
