//! Getting a token without sending anything.

use super::token::Epoch;
use super::{CallId, Carry, Session};
use crate::call::{Step, Ticket};
use crate::error::{Error, ErrorKind};
use crate::time::{Mono, Now};

/// Makes sure that there is a token: found, renewed or got by client credentials. It ends with an error where a person has to sign in.
/// A flow without authentication has what it needs.
#[derive(Debug, Default)]
pub struct Authenticate {
    call: Option<(CallId, Mono)>,
    waited: Option<Epoch>,
}

impl Authenticate {
    /// Not begun yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { call: None, waited: None }
    }

    /// What to do next. It never sends.
    #[inline]
    pub fn poll(&mut self, session: &mut Session, now: Now) -> Step<()> {
        let (call, deadline) = match self.call {
            Some(begun) => begun,
            None => match session.register() {
                Ok(call) => *self.call.insert((call, now.mono + session.config.bounds.call)),
                Err(error) => return Step::Done(Err(error)),
            },
        };
        let outcome = match session.verdict(call) {
            Some(outcome) => outcome,
            None if now.mono >= deadline => {
                Err(Error::of(ErrorKind::Timeout, "no token could be got within the time of a call"))
            }
            None => match session.authorise(call, &mut self.waited, now) {
                Ok(Carry::Wait) => return Step::Wait(Ticket { call, until: deadline }),
                Ok(_) => Ok(()),
                Err(error) => Err(error),
            },
        };
        session.abandon(call);
        self.call = None;
        Step::Done(outcome)
    }

    /// The call to be [abandoned](Session::abandon) when this is dropped.
    #[must_use]
    pub fn id(&self) -> Option<CallId> {
        self.call.map(|(call, _)| call)
    }
}
