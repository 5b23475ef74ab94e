//! The span of a call for `tracing`; without that feature, nothing.

use super::Report;
use crate::operation::Operation;

/// The span of one call. It is opened where the call is first polled, so that it belongs to the caller's own span.
#[cfg(feature = "tracing")]
#[derive(Default)]
pub(crate) struct Span(Option<tracing::Span>);

#[cfg(feature = "tracing")]
impl Span {
    /// Opens it, once.
    pub(crate) fn open(&mut self, call: u64, operation: &Operation) {
        self.0.get_or_insert_with(|| {
            let (method, path) = (operation.method.as_str(), super::path(operation));
            tracing::debug_span!(target: "tidal", "call", call, method, path)
        });
    }

    /// What follows belongs to it, until the guard is dropped.
    pub(crate) fn enter(&self) -> Option<tracing::span::Entered<'_>> {
        self.0.as_ref().map(tracing::Span::enter)
    }

    pub(crate) fn tell(&self, report: &Report) {
        use super::Ending;
        use tracing::{debug, field::debug};

        let Some(span) = &self.0 else { return };
        let micros = |took: std::time::Duration| u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        match report {
            Report::Attempt(attempt) => {
                let status = attempt.outcome.ok().map(|status| status.as_u16());
                let failure = attempt.outcome.err().map(debug);
                let (number, took_us, bytes) = (attempt.number, micros(attempt.took), attempt.bytes);
                debug!(target: "tidal", parent: span, attempt = number, status, failure, took_us, bytes, "attempt over");
            }
            Report::End(end) => {
                let (mut status, mut error, mut cache) = (None, None, "none");
                let dropped = end.ending == Ending::Dropped;
                match end.ending {
                    Ending::Answered(answered) => status = Some(answered.as_u16()),
                    Ending::Cached => cache = "hit",
                    Ending::Joined => cache = "joined",
                    Ending::Failed(kind) => error = Some(debug(kind)),
                    Ending::Dropped => {}
                }
                let (attempts, took_us) = (end.attempts, micros(end.took));
                debug!(target: "tidal", parent: span, status, error, dropped, cache, attempts, took_us, "call over");
            }
        }
    }
}

/// Nothing: the feature `tracing` is off.
#[cfg(not(feature = "tracing"))]
#[derive(Default)]
pub(crate) struct Span(());

#[cfg(not(feature = "tracing"))]
#[expect(clippy::unused_self, reason = "the other one has something to say")]
impl Span {
    pub(crate) const fn open(&mut self, _call: u64, _operation: &Operation) {}

    pub(crate) const fn enter(&self) -> Option<()> {
        None
    }

    pub(crate) const fn tell(&self, _report: &Report) {}
}
