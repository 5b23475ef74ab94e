//! What a call tells of itself, where it is watched.

use std::collections::VecDeque;
use std::time::Duration;

use crate::error::FailureKind;
use crate::message::Response;
use crate::report::{AttemptReport, EndReport, Ending, Report};
use crate::session::{Outcome, Session};
use crate::time::{Mono, Now};

#[derive(Default)]
pub(super) struct Telling {
    /// Zero before its first poll.
    pub(super) number: u64,
    /// Since when, if it is watched and not over.
    since: Option<Mono>,
    reports: VecDeque<Report>,
}

impl Telling {
    pub(super) fn begin(&mut self, session: &mut Session, now: Now) {
        self.number = session.number_call();
        self.since = session.are_calls_watched().then_some(now.mono);
    }

    /// An attempt is over that took so long.
    pub(super) fn attempt(&mut self, number: u32, reply: Result<&Response, FailureKind>, took: Duration) {
        if self.since.is_some() {
            let outcome = reply.map(Response::status);
            let bytes = reply.map_or(0, |response| response.body().len());
            self.reports.push_back(Report::Attempt(AttemptReport { number, outcome, took, bytes }));
        }
    }

    pub(super) fn end(&mut self, outcome: &Outcome, attempts: u32, now: Now) {
        self.ended(attempts, now, || match outcome {
            Ok((_, how)) if how.cached => Ending::Cached,
            Ok((_, how)) if how.joined => Ending::Joined,
            Ok((_, how)) => Ending::Answered(how.status),
            Err(error) => Ending::Failed(error.kind()),
        });
    }

    pub(super) fn dropped(&mut self, attempts: u32, now: Now) {
        self.ended(attempts, now, || Ending::Dropped);
    }

    fn ended(&mut self, attempts: u32, now: Now, ending: impl FnOnce() -> Ending) {
        if let Some(since) = self.since.take() {
            let took = now.mono.since(since);
            self.reports.push_back(Report::End(EndReport { ending: ending(), attempts, took }));
        }
    }

    pub(super) fn take(&mut self) -> Option<Report> {
        self.reports.pop_front()
    }
}
