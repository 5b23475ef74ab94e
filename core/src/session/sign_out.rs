//! Signing out: a call of its own.

use std::sync::Arc;

use super::account::Account;
use super::calls::CallId;
use super::{Session, Work};
use crate::account::AccountFilter;
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

    /// What to do next. It ends with an error if the store could not remove the account; the session is signed out all the same.
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
            let principal = self.principal;
            if let Some(account) = self.retired.iter_mut().find(|account| account.is_forgetting(principal)) {
                let call = self.calls.register_sign_out();
                account.tell_sign_out(call, self.principal);
                return Some(call);
            }
            let key = self.left.take()?;
            return Some(self.forget(Account::again(Arc::clone(&self.config), key), now));
        }
        self.change_principal("signed out");
        self.signed_out = true;
        let old = std::mem::replace(&mut self.current, Account::new(Arc::clone(&self.config)));
        Some(self.forget(old, now))
    }

    /// Has accounts that are the session's no more, and match, store nothing more: a client is about to remove them. Whether some have yet to
    /// give back what they hold.
    #[inline]
    pub(crate) fn clear_the_way(&mut self, filter: &AccountFilter, now: Now) -> bool {
        let meant = |account: &Account| match account.key() {
            Some(key) => filter.matches(key),
            None => filter.matches(&account.config.key(None)),
        };
        let jobs: Vec<_> = self.retired.iter_mut().filter(|account| meant(account)).filter_map(Account::make_way).collect();
        for job in jobs {
            self.cancel(job, now);
        }
        self.advance(now);
        self.retired.iter().any(meant)
    }

    /// Has an account removed. The call that will be told when that is over.
    #[inline]
    fn forget(&mut self, mut account: Account, now: Now) -> CallId {
        let call = self.calls.register_sign_out();
        let forsaken = self.forsake(&account.selector(), now);
        let job = account.forget(forsaken, now);
        account.tell_sign_out(call, self.principal);
        self.retired.push(account);
        if let Some(job) = job {
            self.cancel(job, now);
        }
        self.advance(now);
        call
    }
}

impl Work {
    /// Whether a reply is expected.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        !matches!(self, Self::Cancel(_))
    }
}
