//! Saves whose outcome nobody knows: they may land as long as nobody has acquired the account anew.
//!
//! As long as an account is at work, it acquires anew before it does anything else. One that has nothing else to do does so by itself where
//! what may land would do harm, and tries a few times. Then it stays as it is until the store works again, or until what it may bring back
//! is to be removed: no sign-out and no removal is said to have succeeded before.

use super::{Account, Goal, Removed};
use crate::account::{AccountFilter, AccountKey, Record};
use crate::session::job::JobId;
use crate::store::Lease;
use crate::time::Mono;

/// A save that may land yet.
#[derive(Debug)]
pub(in crate::session) struct Doubt {
    /// The lease under which it was made.
    pub(super) lease: Lease,
    /// Where the same was stored while it had no name.
    place: Option<AccountKey>,
}

impl Account {
    /// Nobody knows how the save in flight ends.
    pub(super) fn doubt_the_save(&mut self) {
        let place = self.grant.as_ref().and_then(|grant| grant.record.nameless_place());
        self.doubt = self.lease.clone().map(|lease| Box::new(Doubt { lease, place }));
    }

    /// An account was acquired: what was to be saved there under older leases can't land any more.
    pub(in crate::session) fn settle(&mut self, newer: &Lease) {
        let settled = |doubt: &Doubt| doubt.lease.key == newer.key && doubt.lease.fence < newer.fence;
        if self.doubt.as_deref().is_some_and(settled) {
            (self.doubt, self.fences) = (None, false);
        }
    }

    /// The key under which a save may land yet.
    pub(in crate::session) fn in_doubt(&self) -> Option<&AccountKey> {
        self.doubt.as_ref().map(|doubt| &doubt.lease.key)
    }

    /// What may land yet is kept out now, if it has nothing else to do.
    pub(in crate::session) fn fence(&mut self) {
        if self.doubt.is_some() && self.goal == Goal::Rest {
            (self.fences, self.failures, self.not_before) = (true, 0, Mono::ZERO);
        }
    }

    /// Whether it is one of those wanted, by its name or by what it was without one.
    pub(in crate::session) fn is_among(&self, filter: &AccountFilter) -> bool {
        let before = self.doubt.as_ref().and_then(|doubt| doubt.place.as_ref());
        match &self.key {
            Some(key) => filter.matches(key) || before.is_some_and(|place| filter.matches(place)),
            None => filter.matches(&self.config.key(None)),
        }
    }

    /// What is stored of it is to be removed: it only gives back what it holds, and keeps out a save that may land yet. The job to be
    /// cancelled, if there is one.
    pub(in crate::session) fn make_way(&mut self) -> Option<JobId> {
        let job = self.forsake();
        self.fence();
        job
    }

    /// Takes part in the sign-out of what `removed` tells, until then, where it holds, or may yet store, the same under another name. The
    /// job to be cancelled, if there is one.
    pub(in crate::session) fn take_part(&mut self, removed: &Removed, by: Mono) -> Option<JobId> {
        let place = removed.place.as_ref()?;
        let holds = self.grant.as_ref().is_some_and(|grant| grant.record.nameless_place().as_ref() == Some(place));
        let is_kin = holds || self.doubt.as_ref().is_some_and(|doubt| doubt.place.as_ref() == Some(place));
        if !is_kin || self.goal == Goal::Forget {
            return None;
        }
        let job = self.forsake();
        if self.in_doubt().is_some_and(|key| removed.key.as_ref() != Some(key)) {
            self.only = Some(place.clone());
            (self.goal, self.replaced, self.principal, self.forget_by) = (Goal::Forget, true, removed.principal, Some(by));
            (self.fences, self.failures, self.not_before) = (false, 0, Mono::ZERO);
        }
        job
    }

    /// Whether what is stored there is none of what is to be removed.
    pub(super) fn spares(&self, stored: &Record) -> bool {
        self.only.is_some() && stored.nameless_place() != self.only
    }
}
