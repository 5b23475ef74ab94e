//! What a session has to tell, whether or not anybody asks.

use std::collections::VecDeque;

use super::Session;
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
    /// The store can't be used: a local session goes on in memory. Or it gave no answer in time: it is asked again.
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

    /// Another bound: the oldest that are too many go.
    pub(super) fn resize(&mut self, bound: usize) {
        self.bound = bound.max(1);
        self.drop_beyond(self.bound);
    }

    #[inline(never)]
    pub(super) fn push(&mut self, event: Event) {
        self.drop_beyond(self.bound - 1);
        self.kept.push_back(event);
    }

    fn drop_beyond(&mut self, bound: usize) {
        while self.kept.len() > bound {
            self.kept.pop_front();
            self.missed += 1;
        }
    }

    #[inline(never)]
    pub(super) fn pop(&mut self) -> Option<Event> {
        if self.missed > 0 {
            return Some(Event::Missed(std::mem::take(&mut self.missed)));
        }
        self.kept.pop_front()
    }
}

impl Session {
    /// The store could not be used when the configuration was filled in, before there was a session or beside it.
    pub(super) fn tell_store_failure(&mut self, failure: Option<Failure>) {
        failure.into_iter().for_each(|failure| self.events.push(Event::StoreFailed(failure)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_bound_the_oldest_are_counted_and_go() {
        let mut events = Events::new(3);
        let told = |events: &mut Events| -> Vec<String> {
            std::iter::from_fn(|| events.pop()).map(|event| format!("{event:?}")).collect()
        };
        let failed = |at: u32| Event::RenewalFailed(Error::of(crate::error::ErrorKind::Lost, at.to_string()));
        (0..5).for_each(|at| events.push(failed(at)));
        let all = told(&mut events);
        assert_eq!(all.len(), 4, "{all:?}");
        assert_eq!(all[0], "Missed(2)");
        assert!(all[1].contains('2') && all[3].contains('4'), "{all:?}");
        (0..3).for_each(|at| events.push(failed(at)));
        events.resize(1);
        let left = told(&mut events);
        assert_eq!(left.len(), 2, "{left:?}");
        assert_eq!(left[0], "Missed(2)");
        assert!(left[1].contains('2'), "{left:?}");
    }
}
