//! TIDAL accounts in memory: for programs that keep nothing, and for tests.
//!
//! [`MemoryStore`] forgets everything when its last clone is dropped; the secrets are wiped then. What it does under its lock is
//! a [`Table`], plain data that keeps the contract of [`Store`] without any I/O, and by which a store
//! of another kind can keep it too: load the table, change it, save it.

mod table;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tidal_core::store::{Acquired, Kept, Lease, Store};
use tidal_core::{AccountKey, Failure, Record, Selector, Unix};

pub use table::Table;

/// A store that lives as long as its process. Its clones share their accounts.
///
/// None of its methods fails.
///
/// ```
/// use std::time::Duration;
/// use tidal_core::store::{Acquired, Kept, Store};
/// use tidal_core::{AccountKey, Flow, Record, Selector, Unix};
/// use tidal_store_memory::MemoryStore;
///
/// # fn main() -> Result<(), tidal_core::Failure> {
/// let store = MemoryStore::new();
/// let now = Unix::from_secs(1_800_000_000);
/// let key = AccountKey { client_id: "my-app".into(), flow: Flow::Pkce, user: Some("ada".into()) };
/// if let Acquired::Lease(lease, stored) = store.acquire(&key, Duration::from_secs(30), None, now)? {
///     assert!(stored.is_none());
///     assert_eq!(store.save(&Record::new(key, "token".into(), now), &lease, now)?, Kept::Done);
///     store.release(&lease, now)?;
/// }
/// let latest = Selector { client_id: "my-app".into(), flow: Flow::Pkce, user: None };
/// assert!(store.find(&latest, now)?.is_some());
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
pub struct MemoryStore {
    table: Arc<Mutex<Table>>,
}

impl MemoryStore {
    /// A store without accounts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // No method of a table panics between two changes that belong together.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("accounts", &self.table().list().len()).finish()
    }
}

impl Store for MemoryStore {
    fn find(&self, selector: &Selector, now: Unix) -> Result<Option<Record>, Failure> {
        Ok(self.table().find(selector, now))
    }

    fn acquire(&self, key: &AccountKey, ttl: Duration, instead_of: Option<&Lease>, now: Unix) -> Result<Acquired, Failure> {
        Ok(self.table().acquire(key, ttl, instead_of, now))
    }

    fn save(&self, record: &Record, lease: &Lease, now: Unix) -> Result<Kept, Failure> {
        Ok(self.table().save(record, lease, now))
    }

    fn forget(&self, key: &AccountKey, lease: &Lease, _now: Unix) -> Result<Kept, Failure> {
        Ok(self.table().forget(key, lease))
    }

    fn release(&self, lease: &Lease, _now: Unix) -> Result<(), Failure> {
        self.table().release(lease);
        Ok(())
    }

    fn list(&self) -> Result<Vec<Record>, Failure> {
        Ok(self.table().list())
    }
}
