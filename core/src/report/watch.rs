//! A request that belongs to no call, watched.

use http::StatusCode;

use super::{AttemptReport, EndReport, Ending, Observed, Observer, Report, Span};
use crate::error::{Error, Failure};
use crate::message::Response;
use crate::operation::Operation;
use crate::time::Mono;

/// A request on its way, told as a call of one attempt.
pub(crate) struct Watch {
    call: u64,
    operation: &'static Operation,
    since: Mono,
    pub(crate) span: Span,
}

impl Watch {
    /// `call` tells it from the session's calls.
    pub(crate) fn begin(call: u64, operation: &'static Operation, since: Mono) -> Self {
        let mut span = Span::default();
        span.open(call, operation);
        Self { call, operation, since, span }
    }

    /// It is over.
    pub(crate) fn over(self, reply: Result<&Response, &Failure>, observer: &Observer, now: Mono) {
        let (outcome, bytes) = match reply {
            Ok(response) => (Ok(response.status()), response.body().len()),
            Err(failure) => (Err(failure.kind()), 0),
        };
        let took = now.since(self.since);
        self.tell(Report::Attempt(AttemptReport { number: 1, outcome, took, bytes }), observer);
        let answered = |status: StatusCode| Ending::Answered(status);
        let failed = |failure: &Failure| Ending::Failed(Error::from(failure.clone()).kind());
        self.end(reply.map_or_else(failed, |response| answered(response.status())), observer, now);
    }

    /// It is dropped before its end.
    pub(crate) fn dropped(self, observer: &Observer, now: Mono) {
        self.end(Ending::Dropped, observer, now);
    }

    fn end(&self, ending: Ending, observer: &Observer, now: Mono) {
        self.tell(Report::End(EndReport { ending, attempts: 1, took: now.since(self.since) }), observer);
    }

    fn tell(&self, report: Report, observer: &Observer) {
        self.span.tell(&report);
        observer.tell(Observed { call: self.call, operation: self.operation, report: &report });
    }
}
