//! What calls ask their session.

use std::sync::Arc;
use std::time::Duration;

use super::{CallId, Dated, Epoch, Session, Token, closed};
use crate::error::{Error, ErrorKind};
use crate::flow::Flow;
use crate::limiter::{Lane, Signals};
use crate::message::Response;
use crate::retry::made;
use crate::time::Now;

/// What a call carries.
pub(crate) enum Carry {
    Nothing,
    Token(Arc<Token>),
    Wait,
}

impl Session {
    pub(crate) fn principal(&self) -> u64 {
        self.principal
    }

    /// Refuses calls while the session is closed.
    pub(crate) fn is_open(&self) -> Result<(), Error> {
        if self.closed { Err(closed()) } else { Ok(()) }
    }

    pub(crate) fn register(&mut self) -> Result<CallId, Error> {
        self.calls.register()
    }

    pub(crate) fn verdict(&mut self, call: CallId) -> Option<Result<(), Error>> {
        self.calls.verdict(call)
    }

    /// The token for a call, or a wait for one. `waited` is the epoch at which its wait began.
    pub(crate) fn authorise(&mut self, call: CallId, waited: &mut Option<Epoch>, now: Now) -> Result<Carry, Error> {
        if self.config.flow == Flow::None {
            return Ok(Carry::Nothing);
        }
        if let Some(token) = self.fit_token(*waited, now) {
            self.calls.has_token(call);
            return Ok(Carry::Token(token));
        }
        if self.signed_out {
            let next = if self.config.flow.has_person() { "sign in again" } else { "configure the client anew" };
            return Err(Error::of(ErrorKind::SignInRequired, format!("signed out; {next} to go on")));
        }
        waited.get_or_insert(self.epoch);
        self.calls.await_token(call);
        self.advance(now);
        match self.calls.verdict(call) {
            Some(Err(error)) => Err(error),
            _ => Ok(Carry::Wait),
        }
    }

    /// A token that may be sent: fresh, or just issued to one who waited for it, or the last one while there can't be another.
    pub(super) fn fit_token(&self, waited: Option<Epoch>, now: Now) -> Option<Arc<Token>> {
        let token = self.token.as_ref().filter(|token| Some(token.epoch) != self.refused)?;
        let issued_since = waited.is_some_and(|epoch| token.issued && token.epoch > epoch);
        let judged = self.clock.correct(now);
        let fit = token.is_fresh(judged) || issued_since || (!token.is_over(judged) && self.current.backs_off(now));
        fit.then(|| Arc::clone(token))
    }

    /// Whether there is none newer.
    pub(crate) fn is_newest(&self, token: &Token) -> bool {
        self.epoch == token.epoch && self.token.is_some()
    }

    /// The service refused this token with 401: it is not sent again, if it is the newest.
    pub(crate) fn refuse_token(&mut self, token: &Token) {
        if self.is_newest(token) {
            self.refused = Some(token.epoch);
            self.current.refuse(&token.access);
        }
    }

    /// Whether the call may send now.
    pub(crate) fn may_send(&mut self, call: CallId, lane: Lane, now: Now) -> bool {
        self.calls.may_send(call, lane, now.mono)
    }

    pub(crate) fn sent(&mut self, call: CallId) {
        self.calls.mark_sent(call, true);
    }

    /// The call's attempt is over, with or without an answer.
    pub(crate) fn answered(&mut self, call: CallId, signals: Option<&Signals>, now: Now) {
        if let Some(signals) = signals {
            self.calls.learn(call, signals, now.mono);
        }
        self.calls.give_back(call);
        self.calls.mark_sent(call, false);
    }

    /// An answer of the service's own says when it was made; whether that is what was known, or is from now on.
    pub(crate) fn hear(&mut self, dated: Dated) -> bool {
        let before = self.clock.shift();
        let agrees = self.clock.learn(dated.made, dated.sent, dated.received);
        let by = self.clock.shift().saturating_sub(before);
        // What this session was issued is dated by the clock that it had then. If that was right, it was set since.
        if by != 0
            && !self.dated_right
            && let Some(token) = self.token.as_ref().filter(|token| token.issued)
        {
            self.token = Some(Arc::new(token.dated_later(by)));
        }
        self.dated_right |= agrees;
        agrees
    }

    /// An answer of the token endpoint says when it was made, and so whether the token in it is dated by the right clock.
    pub(super) fn hear_issuer(&mut self, response: &Response, sent: Now, received: Now) {
        let made = made(response.headers(), received.unix);
        let agrees = made.is_some_and(|made| self.hear(Dated { made, sent, received }));
        if response.status().is_success() {
            self.dated_right = agrees;
        }
    }

    pub(crate) fn attempt_id(&mut self) -> u64 {
        self.next_attempt += 1;
        self.next_attempt
    }

    /// Has calls that begin from now on keep [reports](crate::Report) of themselves, or not. Default: they don't.
    pub const fn watch_calls(&mut self, watch: bool) {
        self.watches_calls = watch;
    }

    pub(crate) const fn are_calls_watched(&self) -> bool {
        self.watches_calls
    }

    /// What tells a call from others in its reports: those that the cache answers too.
    pub(crate) const fn number_call(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    pub(crate) fn jitter(&mut self, full: Duration) -> Duration {
        self.entropy.jitter(full)
    }

    pub(crate) fn draw_token(&mut self) -> String {
        self.entropy.token()
    }
}
