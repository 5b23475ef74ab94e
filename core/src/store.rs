//! How accounts are kept: one blocking trait, used directly by the blocking shell and by way of
//! [`Offload`](crate::runtime::Offload) by the asynchronous one.
//!
//! A store keeps [`Record`]s and hands out *leases*. Who wants to renew the tokens of an account acquires its lease, looks at what
//! is stored by then, saves, and releases. A lease carries a *fence*, a number that grows with every lease of that account and
//! outlives its record: whoever saves or forgets under a fence that is no longer the newest learns that it is [stale](Kept::Stale),
//! and nothing is changed. So a process that was suspended in the middle of a save can't overwrite what came after it.

use std::time::Duration;

use crate::account::{AccountKey, Record, Selector};
use crate::error::{Failure, FailureKind};
use crate::time::Unix;

/// The right to change one stored account, for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Which account.
    pub key: AccountKey,
    /// Grows with every lease of that account, and is never given out twice.
    pub fence: u64,
    /// When others may acquire it. Until they do, saving under it still works.
    pub until: Unix,
}

/// What came of acquiring a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acquired {
    /// The lease, and what is stored now.
    Lease(Lease, Option<Box<Record>>),
    /// Somebody else holds it, at most until then.
    Busy(Unix),
}

/// What came of a change under a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is done, and will still be after a crash if the store is a durable one.
    Done,
    /// The lease is no longer the newest one of its account: nothing was changed.
    Stale,
}

/// Who uses a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Programs of one machine. If the store breaks, a session goes on in memory.
    Local,
    /// Machines of a fleet that share refresh tokens. If the store breaks, tokens are not refreshed, lest one be spent twice.
    Fleet,
}

/// Keeps accounts. Times are Unix times, given by the caller.
pub trait Store {
    /// The account that `selector` wants; of several, the one used last. Its time of use becomes `now`.
    ///
    /// # Errors
    /// If the store can't be read: the message names the place and what to do.
    fn find(&self, selector: &Selector, now: Unix) -> Result<Option<Record>, Failure>;

    /// Acquires the lease of `key` until `now + ttl`. The holder of `instead_of` may replace it before it ends.
    ///
    /// # Errors
    /// If the store can't be read and written.
    fn acquire(&self, key: &AccountKey, ttl: Duration, instead_of: Option<&Lease>, now: Unix) -> Result<Acquired, Failure>;

    /// Stores `record` in place of what is stored under its key, durably. Its `added_at` stays that of the first record.
    ///
    /// # Errors
    /// If it could not be written; what was stored before is still there.
    fn save(&self, record: &Record, lease: &Lease, now: Unix) -> Result<Kept, Failure>;

    /// Removes the account, but not its fence.
    ///
    /// # Errors
    /// If it could not be written; what was stored before is still there.
    fn forget(&self, key: &AccountKey, lease: &Lease, now: Unix) -> Result<Kept, Failure>;

    /// Ends a lease before its time. Releasing one that is no longer the newest does nothing.
    ///
    /// # Errors
    /// If it could not be written: the lease then ends at its time.
    fn release(&self, lease: &Lease, now: Unix) -> Result<(), Failure>;

    /// All accounts, the one used last first.
    ///
    /// # Errors
    /// If the store can't be read.
    fn list(&self) -> Result<Vec<Record>, Failure>;

    /// Who uses this store.
    fn reach(&self) -> Reach {
        Reach::Local
    }
}

/// No store: for sessions that keep nothing ([`Config::store_tokens`](crate::Config::store_tokens) off).
#[derive(Clone, Copy, Debug, Default)]
pub struct NoStore;

impl NoStore {
    fn refuse<T>() -> Result<T, Failure> {
        Err(Failure::new(FailureKind::Unsupported, "there is no store: set `store_tokens` to false, or give one"))
    }
}

impl Store for NoStore {
    fn find(&self, _: &Selector, _: Unix) -> Result<Option<Record>, Failure> {
        Self::refuse()
    }

    fn acquire(&self, _: &AccountKey, _: Duration, _: Option<&Lease>, _: Unix) -> Result<Acquired, Failure> {
        Self::refuse()
    }

    fn save(&self, _: &Record, _: &Lease, _: Unix) -> Result<Kept, Failure> {
        Self::refuse()
    }

    fn forget(&self, _: &AccountKey, _: &Lease, _: Unix) -> Result<Kept, Failure> {
        Self::refuse()
    }

    fn release(&self, _: &Lease, _: Unix) -> Result<(), Failure> {
        Self::refuse()
    }

    fn list(&self) -> Result<Vec<Record>, Failure> {
        Ok(Vec::new())
    }
}

impl<S: Store + ?Sized> Store for std::sync::Arc<S> {
    fn find(&self, selector: &Selector, now: Unix) -> Result<Option<Record>, Failure> {
        (**self).find(selector, now)
    }

    fn acquire(&self, key: &AccountKey, ttl: Duration, instead_of: Option<&Lease>, now: Unix) -> Result<Acquired, Failure> {
        (**self).acquire(key, ttl, instead_of, now)
    }

    fn save(&self, record: &Record, lease: &Lease, now: Unix) -> Result<Kept, Failure> {
        (**self).save(record, lease, now)
    }

    fn forget(&self, key: &AccountKey, lease: &Lease, now: Unix) -> Result<Kept, Failure> {
        (**self).forget(key, lease, now)
    }

    fn release(&self, lease: &Lease, now: Unix) -> Result<(), Failure> {
        (**self).release(lease, now)
    }

    fn list(&self) -> Result<Vec<Record>, Failure> {
        (**self).list()
    }

    fn reach(&self) -> Reach {
        (**self).reach()
    }
}
