//! A store in memory whose saves can be made to hang.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use tidal_core::store::{Acquired, Kept, Lease, Store};
use tidal_core::{AccountKey, Failure, Record, Selector, Unix};
use tidal_store_memory::MemoryStore;

/// Its clones share their accounts.
#[derive(Clone, Default)]
pub(crate) struct Shelf {
    accounts: MemoryStore,
    /// Whether saves hang.
    hangs: Arc<(Mutex<bool>, Condvar)>,
}

impl Shelf {
    /// From now on saves hang, or all of them go on.
    pub(crate) fn hang(&self, hang: bool) {
        *self.hangs.0.lock().unwrap() = hang;
        self.hangs.1.notify_all();
    }

    /// Stores an account, as another process would.
    pub(crate) fn put(&self, record: &Record, now: Unix) {
        let lease = self.accounts.acquire(&record.key, Duration::ZERO, None, now).unwrap();
        let Acquired::Lease(lease, _) = lease else { panic!("another one holds it") };
        assert_eq!(self.accounts.save(record, &lease, now).unwrap(), Kept::Done);
        self.accounts.release(&lease, now).unwrap();
    }

    /// The stored account, if there is one.
    pub(crate) fn stored(&self) -> Option<Record> {
        self.accounts.list().unwrap().pop()
    }
}

impl Store for Shelf {
    fn find(&self, selector: &Selector, now: Unix) -> Result<Option<Record>, Failure> {
        self.accounts.find(selector, now)
    }

    fn acquire(&self, key: &AccountKey, ttl: Duration, instead_of: Option<&Lease>, now: Unix) -> Result<Acquired, Failure> {
        self.accounts.acquire(key, ttl, instead_of, now)
    }

    fn save(&self, record: &Record, lease: &Lease, now: Unix) -> Result<Kept, Failure> {
        drop(self.hangs.1.wait_while(self.hangs.0.lock().unwrap(), |hangs| *hangs).unwrap());
        self.accounts.save(record, lease, now)
    }

    fn forget(&self, key: &AccountKey, lease: &Lease, now: Unix) -> Result<Kept, Failure> {
        self.accounts.forget(key, lease, now)
    }

    fn release(&self, lease: &Lease, now: Unix) -> Result<(), Failure> {
        self.accounts.release(lease, now)
    }

    fn list(&self) -> Result<Vec<Record>, Failure> {
        self.accounts.list()
    }
}
