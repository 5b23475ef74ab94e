//! Signing out: a call of its own.

use std::sync::Arc;

use super::account::{Account, Meant, Removed};
use super::calls::CallId;
use super::event::Event;
use super::{Session, Work};
use crate::account::{AccountFilter, AccountKey};
use crate::call::{Step, Ticket};
use crate::error::{Error, ErrorKind};
use crate::time::{Mono, Now};

/// Signs out: no call goes on with the tokens that the session had, a token that is on its way is not used, and the account is
/// removed from the store. Where a revocation endpoint is configured, its tokens are revoked first (RFC 7009); whether that
/// succeeds does not matter to the rest.
///
/// Waiting calls end with `SignedOut`, and so do sign-ins that somebody finishes just then; requests that were sent already may finish for
/// their caller. A sign-out that was begun goes on even if this is dropped.
#[derive(Debug, Default)]
pub struct SignOut {
    call: Option<(CallId, Mono)>,
    ended: bool,
}

impl SignOut {
    /// A sign-out, not begun yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { call: None, ended: false }
    }

    /// What to do next. It ends with an error if the store could not remove the account, or a save that was begun before may bring it back;
    /// the session is signed out all the same. Asking again tries again.
    #[inline]
    pub fn poll(&mut self, session: &mut Session, now: Now) -> Step<()> {
        let (call, deadline) = match self.call {
            Some(begun) => begun,
            None if self.ended => return Step::Done(Err(Error::of(ErrorKind::Lost, "polled after its end"))),
            None => match session.begin_sign_out(now) {
                Some(call) => *self.call.insert((call, now.mono + session.config.bounds.sign_out)),
                None => {
                    self.ended = true;
                    return Step::Done(Ok(()));
                }
            },
        };
        match session.calls.verdict(call) {
            Some(outcome) => {
                session.abandon(call);
                self.call = None;
                self.ended = true;
                Step::Done(outcome)
            }
            None if now.mono >= deadline => {
                session.abandon(call);
                self.call = None;
                self.ended = true;
                let message = "signed out here, but the store did not answer in time: the account may still be stored";
                Step::Done(Err(Error::of(ErrorKind::Timeout, message)))
            }
            None => Step::Wait(Ticket { call, until: deadline }),
        }
    }

    /// The call to be [abandoned](Session::abandon) when this is dropped.
    #[must_use]
    pub fn id(&self) -> Option<CallId> {
        self.call.map(|(call, _)| call)
    }
}

impl Session {
    /// The call that will be told when it is over; nothing if there is nothing to sign out of.
    #[inline]
    fn begin_sign_out(&mut self, now: Now) -> Option<CallId> {
        self.end_sign_ins();
        if self.signed_out || self.config.flow == crate::Flow::None {
            // It is under way, or has failed, or is over already.
            let leaving = self.leaving.iter_mut().find(|leaving| leaving.principal == self.principal)?;
            let call = self.calls.register_sign_out();
            let again = if leaving.is_under_way() { Vec::new() } else { leaving.again() };
            leaving.calls.push(call);
            for remains in again {
                self.forget(remains, now);
            }
            self.advance(now);
            return Some(call);
        }
        self.change_principal("signed out");
        self.signed_out = true;
        let call = self.calls.register_sign_out();
        self.leaving.push(Leaving::new(self.principal, call));
        let old = self.begin_with(Account::new(Arc::clone(&self.config)));
        self.forget(old, now);
        self.advance(now);
        Some(call)
    }

    /// Has accounts that are the session's no more, and match, store nothing more: a client is about to remove them. Whether some have yet to
    /// give back what they hold.
    #[inline]
    pub(crate) fn clear_the_way(&mut self, filter: &AccountFilter, now: Now) -> bool {
        let meant = self.retired.iter_mut().filter(|account| account.is_among(filter));
        let jobs: Vec<_> = meant.filter_map(Account::make_way).collect();
        for job in jobs {
            self.cancel(job, now);
        }
        self.advance(now);
        self.retired.iter().any(|account| account.is_among(filter) && !account.is_at_rest())
    }

    /// Whether nothing that matches comes back, now that these were removed.
    ///
    /// # Errors
    /// If a save was begun whose outcome nobody knows, and the store did not let it be kept out.
    #[inline]
    pub(crate) fn stay_away(&self, filter: &AccountFilter, removed: &[AccountKey]) -> Result<(), Error> {
        let meant = self.retired.iter().filter(|account| account.is_among(filter));
        match meant.filter_map(Account::in_doubt).find(|key| !removed.contains(key)) {
            None => Ok(()),
            Some(key) => {
                let user = key.user.as_deref().unwrap_or("without a name");
                let message = format!(
                    "the store has not said how a save of the account {user} ended, which may be stored again by it: once the store \
                     works, remove it again"
                );
                Err(Error::of(ErrorKind::Store, message))
            }
        }
    }

    /// The account in use, if it is among those that are meant, or will be.
    pub(crate) fn own(&self, filter: &AccountFilter) -> Option<AccountKey> {
        self.current.key_to_be().filter(|_| self.current.is_among(filter)).cloned()
    }

    /// Has an account removed for the sign-out. Of one that doesn't know yet which it is, the last that is still to be stored is meant; the
    /// store knows if there is none.
    #[inline]
    fn forget(&mut self, mut account: Account, now: Now) {
        let wanted = account.selector();
        let owing = |other: &&Account| other.owes() && other.key().is_some_and(|key| wanted.matches(key));
        let last = match account.key_to_be() {
            Some(_) => None,
            None if account.means_nobody() => None,
            None => self.retired.iter().rev().find(owing).and_then(|last| last.key().cloned()),
        };
        if let Some(key) = account.key_to_be().or(last.as_ref()) {
            self.forsake(&key.selector(), now);
        }
        let job = account.forget(last, self.principal, now);
        self.retired.push(account);
        if let Some(job) = job {
            self.cancel(job, now);
        }
    }

    /// The removal of an account is over, and with it perhaps a sign-out.
    pub(super) fn removed(&mut self, removed: Removed, now: Now) {
        if let Some(leaving) = self.leaving.iter_mut().find(|leaving| leaving.principal == removed.principal) {
            leaving.hear(removed);
        }
        for mut leaving in std::mem::take(&mut self.leaving) {
            if !leaving.is_under_way() || self.has_more_to_remove(&leaving, now) {
                self.leaving.push(leaving);
                continue;
            }
            let outcome = leaving.failure.take().map_or(Ok(()), Err);
            if outcome.is_ok() {
                self.events.push(Event::SignedOut(leaving.key.clone()));
            }
            for call in std::mem::take(&mut leaving.calls) {
                self.calls.decide(call, outcome.clone());
            }
            if outcome.is_err() && self.signed_out && leaving.principal == self.principal {
                self.leaving.push(leaving);
            }
        }
    }

    /// Whether something else is to be removed, or may yet be stored, before a sign-out is over.
    fn has_more_to_remove(&mut self, leaving: &Leaving, now: Now) -> bool {
        let (principal, by) = (leaving.principal, now.mono + self.config.bounds.sign_out);
        let mut jobs = Vec::new();
        for account in &mut self.retired {
            for meant in &leaving.meant {
                jobs.extend(account.take_part(meant, principal, &leaving.over, by));
            }
        }
        for job in jobs {
            self.cancel(job, now);
        }
        let removes = |account: &Account| leaving.meant.iter().any(|meant| account.removes(meant, principal));
        self.any_account(|account| account.is_forgetting(principal) || removes(account))
    }
}

/// A sign-out, from its beginning until nothing is left.
pub(super) struct Leaving {
    /// The principal that it made.
    principal: u64,
    /// Whom to tell; nobody once it has failed.
    calls: Vec<CallId>,
    /// Whose it is.
    key: Option<AccountKey>,
    /// Why something could not be removed.
    failure: Option<Error>,
    /// What that was, to be tried again.
    remains: Vec<Account>,
    /// Where it has removed a part, or failed to.
    over: Vec<AccountKey>,
    /// What else it means.
    meant: Vec<Meant>,
}

impl Leaving {
    fn new(principal: u64, call: CallId) -> Self {
        Self {
            principal,
            calls: vec![call],
            key: None,
            failure: None,
            remains: Vec::new(),
            over: Vec::new(),
            meant: Vec::new(),
        }
    }

    pub(super) fn is_under_way(&self) -> bool {
        !self.calls.is_empty()
    }

    /// What is to be tried again.
    fn again(&mut self) -> Vec<Account> {
        self.over.clear();
        std::mem::take(&mut self.remains)
    }

    /// The removal of a part of it is over.
    fn hear(&mut self, removed: Removed) {
        if !removed.is_part {
            self.key.clone_from(&removed.key);
        }
        self.meant.extend(removed.meant);
        if removed.is_part || removed.outcome.is_err() {
            self.over.extend(removed.key);
        }
        if let Err((failure, again)) = removed.outcome {
            let message = "signed out here, but the account may still be stored";
            self.failure = Some(Error::failed(ErrorKind::Store, message, failure));
            self.remains.push(*again);
        }
    }
}

impl Work {
    /// Whether a reply is expected.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        !matches!(self, Self::Cancel(_))
    }
}
