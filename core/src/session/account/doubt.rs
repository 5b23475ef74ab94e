//! Saves whose outcome nobody knows: they may land as long as nobody has acquired the account anew.
//!
//! As long as an account is at work, it acquires anew before it does anything else. One that has nothing else to do does so by itself where
//! what may land would do harm, and tries a few times. Then it stays as it is until the store works again, or until what it may bring back
//! is to be removed: no sign-out and no removal is said to have succeeded before.

use super::nameless::Nameless;
use super::{Account, FORGET_TRIES, Goal, LONGEST_PAUSE};
use crate::account::{AccountFilter, AccountKey, Record, Selector};
use crate::secret::Secret;
use crate::session::job::JobId;
use crate::store::Lease;
use crate::time::{Mono, Now};

/// A save that may land yet.
#[derive(Debug)]
pub(in crate::session) struct Doubt {
    /// The lease under which it was made.
    pub(super) lease: Lease,
    /// Where the same was stored while it had no name.
    place: Option<AccountKey>,
    /// The access token that was to be saved.
    saved: Secret,
    /// The principal of the session when the account began.
    since: u64,
}

/// What else a sign-out means.
pub(in crate::session) enum Meant {
    /// What was stored there while it had no name, whatever its name is.
    Kin(AccountKey),
    /// What is stored there without a name.
    Left(AccountKey),
    /// Whoever it would have been: nobody was stored.
    Any(Selector),
}

/// What alone is removed.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Only {
    /// What was stored there while it had no name.
    pub(super) place: Option<AccountKey>,
    /// What has this access token.
    pub(super) saved: Option<Secret>,
}

impl Account {
    /// Nobody knows how the save in flight ends.
    pub(super) fn doubt_the_save(&mut self) {
        if let (Some(lease), Some(grant)) = (self.lease.clone(), &self.grant) {
            let (place, saved) = (grant.record.nameless_place(), grant.record.access_token.clone());
            self.doubt = Some(Box::new(Doubt { lease, place, saved, since: self.since }));
        }
    }

    /// An account was acquired: what was to be saved there under older leases can't land any more.
    pub(in crate::session) fn settle(&mut self, newer: &Lease) {
        let settled = |doubt: &Doubt| doubt.lease.key == newer.key && doubt.lease.fence < newer.fence;
        if self.doubt.as_deref().is_some_and(settled) {
            (self.doubt, self.fences) = (None, false);
        }
    }

    /// Whether a save may land yet where it is stored.
    pub(super) fn is_unsure(&self) -> bool {
        self.in_doubt().is_some_and(|key| self.key.as_ref().is_none_or(|own| own == key))
    }

    /// The key under which a save may land yet.
    pub(in crate::session) fn in_doubt(&self) -> Option<&AccountKey> {
        self.doubt.as_ref().map(|doubt| &doubt.lease.key)
    }

    /// The store works: what could not be stored, or kept out, before is tried once more, now and then.
    pub(in crate::session) fn fence_again(&mut self, now: Now) {
        if self.doubt.is_none() || !self.is_at_rest() || now.mono < self.fence_after {
            return;
        }
        self.fence_after = now.mono + LONGEST_PAUSE;
        if self.unsaved.is_some() {
            self.save_once_more(now);
        } else {
            (self.fences, self.failures, self.not_before) = (true, FORGET_TRIES - 1, Mono::ZERO);
        }
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
        let others = before.into_iter().chain(self.nameless.as_ref().map(Nameless::key));
        match self.key_to_be() {
            Some(key) => others.chain([key]).any(|key| filter.matches(key)),
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

    /// Takes part in the sign-out that made this principal, until then, where it holds, or may yet store, what is `meant`; but not where that is
    /// `over` already. The job to be cancelled, if there is one.
    pub(in crate::session) fn take_part(
        &mut self,
        meant: &Meant,
        principal: u64,
        over: &[AccountKey],
        by: Mono,
    ) -> Option<JobId> {
        if self.goal == Goal::Forget || !self.is_meant(meant, principal) {
            return None;
        }
        let job = self.forsake();
        if let Some(doubt) = self.doubt.as_ref().filter(|doubt| !over.contains(&doubt.lease.key)) {
            self.only = Some(Only { place: doubt.place.clone(), saved: Some(doubt.saved.clone()) });
            (self.goal, self.replaced, self.principal, self.forget_by) = (Goal::Forget, true, principal, Some(by));
            (self.fences, self.failures, self.not_before) = (false, 0, Mono::ZERO);
        }
        job
    }

    /// Whether it removes what is meant, if not for the same sign-out.
    pub(in crate::session) fn removes(&self, meant: &Meant, principal: u64) -> bool {
        self.goal == Goal::Forget && self.is_meant(meant, principal)
    }

    /// Whether it holds, or may yet store, what is meant by the sign-out that made this principal. Accounts that came later do not.
    fn is_meant(&self, meant: &Meant, principal: u64) -> bool {
        let held = || self.grant.as_ref().filter(|_| self.since < principal).and_then(|grant| grant.record.nameless_place());
        let holds = match meant {
            Meant::Kin(place) => held().as_ref() == Some(place),
            Meant::Left(place) => self.key.as_ref() == Some(place) && held().as_ref() == Some(place),
            Meant::Any(_) => false,
        };
        let doubts = |doubt: &Doubt| {
            let same = match meant {
                Meant::Kin(place) => doubt.place.as_ref() == Some(place),
                Meant::Left(place) => doubt.lease.key == *place,
                Meant::Any(wanted) => wanted.matches(&doubt.lease.key),
            };
            doubt.since < principal && same
        };
        holds || self.doubt.as_deref().is_some_and(doubts)
    }

    /// Whether what is stored there is none of what is to be removed.
    pub(super) fn spares(&self, stored: &Record) -> bool {
        self.only.as_ref().is_some_and(|only| {
            let kin = only.place.is_some() && stored.nameless_place() == only.place;
            !kin && only.saved.as_ref() != Some(&stored.access_token)
        })
    }
}
