//! The contract of a store as plain data: accounts, and the leases that were given out for them.

use std::cmp::Reverse;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidal_core::store::{Acquired, Kept, Lease};
use tidal_core::{AccountKey, Record, Selector, Unix};

/// A lease that seems to last longer than this, and longer than the one asked for, was given by a clock that has been set back since:
/// it counts as ended.
const LONGEST: Duration = Duration::from_secs(3600);

/// Accounts and leases, without any I/O.
///
/// It serialises with its secrets in plain text, as [`Record`] does: `{"accounts": […], "leases": [{"key", "fence", "until"}]}`,
/// where `until` is absent if the lease was released. Leases outlive their accounts, so that a fence is never given out twice.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Table {
    accounts: Vec<Record>,
    leases: Vec<Latest>,
}

/// The newest lease of an account.
#[derive(Clone, Serialize, Deserialize)]
struct Latest {
    key: AccountKey,
    fence: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Unix>,
}

impl Latest {
    fn is(&self, lease: &Lease) -> bool {
        self.key == lease.key && self.fence == lease.fence
    }
}

impl Table {
    /// A copy of the account that `selector` wants, after its time of use became `now`: nothing else changes, and only if there
    /// is one. Of accounts that were used at the same time, the one whose key is the smallest.
    pub fn find(&mut self, selector: &Selector, now: Unix) -> Option<Record> {
        let wanted = self.accounts.iter_mut().filter(|record| selector.matches(&record.key));
        let found = wanted.min_by(|a, b| order(a).cmp(&order(b)))?;
        found.used_at = now;
        Some(found.clone())
    }

    /// Gives out a lease of `key` until `now + ttl`, unless another one holds until later than `now` and isn't `instead_of`.
    /// Nothing changes if that is so.
    pub fn acquire(&mut self, key: &AccountKey, ttl: Duration, instead_of: Option<&Lease>, now: Unix) -> Acquired {
        let latest = self.leases.iter_mut().find(|latest| latest.key == *key);
        if let Some(held) = &latest
            && let Some(until) = held.until
            && until > now
            && until.since(now) <= ttl.max(LONGEST)
            && !instead_of.is_some_and(|own| held.is(own))
        {
            return Acquired::Busy(until);
        }
        let until = now + ttl;
        let fence = match latest {
            Some(latest) => {
                latest.fence = latest.fence.saturating_add(1);
                latest.until = Some(until);
                latest.fence
            }
            None => {
                let fence = first_fence(now);
                self.leases.push(Latest { key: key.clone(), fence, until: Some(until) });
                fence
            }
        };
        Acquired::Lease(Lease { key: key.clone(), fence, until }, self.stored(key).cloned().map(Box::new))
    }

    /// Stores `record`, used `now`, in place of what is stored under its key, whose `added_at` it takes over. `Stale`, with nothing
    /// changed, unless `lease` is the newest one of that key.
    pub fn save(&mut self, record: &Record, lease: &Lease, now: Unix) -> Kept {
        if !self.is_newest(&record.key, lease) {
            return Kept::Stale;
        }
        let mut record = record.clone();
        record.used_at = now;
        match self.accounts.iter_mut().find(|stored| stored.key == record.key) {
            Some(stored) => {
                record.added_at = stored.added_at;
                *stored = record;
            }
            None => self.accounts.push(record),
        }
        Kept::Done
    }

    /// Removes the account of `key`, if there is one, but not its fence. `Stale`, with nothing changed, unless `lease` is the newest
    /// one of that key.
    pub fn forget(&mut self, key: &AccountKey, lease: &Lease) -> Kept {
        if !self.is_newest(key, lease) {
            return Kept::Stale;
        }
        self.accounts.retain(|record| record.key != *key);
        Kept::Done
    }

    /// Lets others acquire what `lease` holds. Says whether anything changed: nothing does if it isn't the newest of its account.
    pub fn release(&mut self, lease: &Lease) -> bool {
        let held = self.leases.iter_mut().find(|latest| latest.is(lease));
        held.is_some_and(|latest| latest.until.take().is_some())
    }

    /// Copies of all accounts, the one used last first.
    #[must_use]
    pub fn list(&self) -> Vec<Record> {
        let mut records = self.accounts.clone();
        records.sort_by(|a, b| order(a).cmp(&order(b)));
        records
    }

    fn stored(&self, key: &AccountKey) -> Option<&Record> {
        self.accounts.iter().find(|record| record.key == *key)
    }

    fn is_newest(&self, key: &AccountKey, lease: &Lease) -> bool {
        lease.key == *key && self.leases.iter().any(|latest| latest.is(lease))
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (accounts, leases) = (self.accounts.len(), self.leases.len());
        f.debug_struct("Table").field("accounts", &accounts).field("leases", &leases).finish()
    }
}

fn order(record: &Record) -> (Reverse<Unix>, &AccountKey) {
    (Reverse(record.used_at), &record.key)
}

/// Where the fences of an account begin: at the time in milliseconds, not at one. A table that was lost (a file that somebody
/// deleted) then doesn't give out again what it gave out before, and a lease from before the loss stays stale.
fn first_fence(now: Unix) -> u64 {
    u64::try_from(now.as_millis()).unwrap_or(0)
}
