//! A call that its session knows, from its registration to its end.

use std::sync::Arc;

use http::Uri;

use super::AttemptId;
use super::landed::Landed;
use crate::error::{Error, ErrorKind, Refusal};
use crate::limiter::Signals;
use crate::retry::Spent;
use crate::secret::Secret;
use crate::session::{CallId, Dated, Epoch, Outcome, Reading, Role, Session, Token};
use crate::time::{Mono, Now};

/// A call that its session knows.
pub(super) struct Way {
    pub(super) call: CallId,
    pub(super) principal: u64,
    pub(super) uri: Uri,
    /// For a read whose answer may be kept.
    pub(super) reading: Option<Reading>,
    pub(super) role: Role,
    pub(super) began: Mono,
    pub(super) deadline: Mono,
    /// The epoch at which its wait for a token began.
    pub(super) waited: Option<Epoch>,
    /// The token of the last attempt.
    pub(super) token: Option<Arc<Token>>,
    /// The token that the service refused last: it is not sent again.
    pub(super) refused: Option<Arc<Token>>,
    /// It has asked for a renewal after a 401 on the newest token.
    pub(super) asked: bool,
    pub(super) spent: Spent,
    /// It pauses until then.
    pub(super) pause: Option<Mono>,
    /// That it ends is its own affair: a call that is the same may have more time.
    pub(super) gave_up: bool,
    pub(super) flight: Flight,
}

pub(super) enum Flight {
    None,
    Sent {
        id: AttemptId,
        at: Now,
        deadline: Mono,
    },
    /// With what the answer says of the service's limits, if there was an answer.
    Landed(Landed, Option<Signals>, Option<Dated>),
}

impl Way {
    /// What its last attempt carried that is secret.
    pub(super) fn secrets(&self) -> &[Secret] {
        self.token.as_ref().map_or(&[], |token| std::slice::from_ref(&token.access))
    }

    /// Whether what happened to the session ends it.
    pub(super) fn overruled(&self, session: &mut Session) -> Option<Error> {
        if let Some(Err(error)) = session.verdict(self.call) {
            return Some(error);
        }
        let other = session.principal() != self.principal;
        other.then(|| Error::of(ErrorKind::SignedOut, "signed out while the call was under way"))
    }

    /// Whether its end says nothing to those who follow: one of them goes on.
    pub(super) fn ends_alone(&self, outcome: &Outcome) -> bool {
        use ErrorKind::{Closed, Lost, SignedOut, Timeout};
        self.gave_up || outcome.as_ref().is_err_and(|error| matches!(error.kind(), Closed | Lost | SignedOut | Timeout))
    }

    /// A 401 proves that nothing was done. On an older token the request is sent again with the newer one; on the newest one a
    /// renewal is asked for, once.
    pub(super) fn unauthorized(&mut self, refusal: Refusal, session: &mut Session) -> Result<(), Error> {
        let Some(token) = self.token.take() else { return Err(refusal.into()) };
        self.refused = Some(Arc::clone(&token));
        if session.principal() != self.principal || !session.is_newest(&token) {
            return Ok(());
        }
        // A new token that is refused too says something of the request, not of the token: others may go on with it.
        if std::mem::replace(&mut self.asked, true) {
            return Err(refusal.into());
        }
        session.refuse_token(&token);
        Ok(())
    }
}
