//! What a session has to tell, whether or not anybody asks.

use std::collections::VecDeque;

use crate::account::AccountKey;
use crate::error::{Error, Failure};
use crate::scope::Scopes;

/// Something that happened to the session.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// Calls carry another token from now on.
    TokenChanged(AccountKey),
    /// The account is stored with its newest tokens.
    Saved(AccountKey),
    /// The newest tokens could not be stored. They are used all the same, and saving is tried again.
    SaveFailed(AccountKey, Failure),
    /// The store can't be used. The session goes on in memory.
    StoreFailed(Failure),
    /// No token could be got; it is tried again when a call needs one.
    RenewalFailed(Error),
    /// The sign-in has ended for good.
    SessionEnded(AccountKey, Error),
    /// The account is signed out and forgotten.
    SignedOut(Option<AccountKey>),
    /// Scopes were configured for client credentials, which have none: they are not sent.
    ScopesIgnored(Scopes),
    /// So many events were dropped before this one because nobody took them.
    Missed(u64),
}

/// The newest events, in order.
pub(super) struct Events {
    kept: VecDeque<Event>,
    bound: usize,
    missed: u64,
}

impl Events {
    pub(super) fn new(bound: usize) -> Self {
        Self { kept: VecDeque::new(), bound: bound.max(1), missed: 0 }
    }

    pub(super) fn push(&mut self, event: Event) {
        if self.kept.len() == self.bound {
            self.kept.pop_front();
            self.missed += 1;
        }
        self.kept.push_back(event);
    }

    pub(super) fn pop(&mut self) -> Option<Event> {
        if self.missed > 0 {
            return Some(Event::Missed(std::mem::take(&mut self.missed)));
        }
        self.kept.pop_front()
    }
}
