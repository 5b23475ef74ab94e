//! TIDAL accounts in an SQLite database that several processes share.
//!
//! [`SqliteStore`] keeps all accounts, and the leases given out for them, in one database:
//!
//! - **Private.** Tokens stand in it as plain text, as do client secrets that the application asked to keep: whoever can read the
//!   file can act as the accounts in it. So it is readable by its owner only (mode 0600, as is what SQLite lays beside it; a folder
//!   that has to be made gets 0700), from its first byte on. Files found with wider rights are narrowed; if that can't be done, they
//!   are refused. On systems other than Unix they have the rights that their folder hands down. What is forgotten or replaced is
//!   overwritten in the file; SQLite's own memory isn't wiped.
//! - **Whole.** Every change is one transaction, in a write-ahead log that is made durable before the change counts as done.
//! - **Shared.** Threads and processes take turns by SQLite's own locks. Each operation opens the database anew, so nothing is held
//!   between two of them, and a file that somebody moved away is noticed. It belongs on a local disk.
//! - **Never guessed at.** A damaged database is renamed to `NAME.damaged-N`, the error says so, and the next use begins a new one. A
//!   file of a newer version, or one that isn't this store's, is left as it is; one of an older version is brought up to date.
//!
//! Every error names the path and says what to do.
//!
//! [`minim`] takes over accounts from the token database of the Python library of that name.

mod accounts;
mod aside;
mod database;
pub mod minim;
mod place;
mod schema;
mod trouble;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use etcetera::BaseStrategy;
use rusqlite::{Connection, TransactionBehavior};
use tidal_core::store::{Acquired, Kept, Lease, Store};
use tidal_core::{AccountKey, Failure, FailureKind, Record, Selector, Unix};

use crate::database::Database;
use crate::place::Place;
use crate::trouble::Trouble;

/// How long an operation waits for others to end their own, unless told otherwise: less than the session's own bound on a use of
/// its store ([`Bounds::store`](tidal_core::config::Bounds::store), 5 s), so that a store that stays locked says so, rather than nothing.
/// Who wants more patience raises that bound too.
pub const DEFAULT_PATIENCE: Duration = Duration::from_secs(4);

/// A store in an SQLite database. Cheap to clone; clones, threads and processes may use one file at the same time.
///
/// Reading goes on where writing can't (a full disk, a read-only folder): [`find`](Store::find) then gives the account without
/// keeping its time of use, and whatever has to be written fails.
///
/// ```
/// use std::time::Duration;
/// use tidal_core::store::{Acquired, Kept, Store};
/// use tidal_core::{AccountKey, Flow, Record, Unix};
/// use tidal_store_sqlite::SqliteStore;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let store = SqliteStore::open(folder.path().join("accounts.sqlite"))?;
/// let now = Unix::from_secs(1_800_000_000);
/// let key = AccountKey { client_id: "my-app".into(), flow: Flow::Pkce, user: Some("ada".into()) };
/// if let Acquired::Lease(lease, _) = store.acquire(&key, Duration::from_secs(30), None, now)? {
///     assert_eq!(store.save(&Record::new(key, "token".into(), now), &lease, now)?, Kept::Done);
///     store.release(&lease, now)?;
/// }
/// assert_eq!(store.list()?.len(), 1);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct SqliteStore {
    path: Arc<Path>,
    patience: Duration,
}

impl SqliteStore {
    /// The store in the database at `path`, which need not exist: it is made, with its folder, when the first lease is acquired. A
    /// relative path is meant from the folder that is the current one now. A symbolic link is followed, and stays one.
    ///
    /// # Errors
    /// If `path` names no file, or is relative and there is no current folder.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Failure> {
        Ok(Self { path: place::absolute(path.as_ref())?.into(), patience: DEFAULT_PATIENCE })
    }

    /// Where applications keep accounts unless told otherwise: `tidal/accounts.sqlite` in the folder that the platform has for the
    /// data of a person's applications (`~/.local/share` on Linux, `~/Library/Application Support` on macOS, `%APPDATA%` on Windows).
    ///
    /// # Errors
    /// If this user has no home folder.
    pub fn default_path() -> Result<PathBuf, Failure> {
        let folders = etcetera::base_strategy::choose_native_strategy().map_err(|_| {
            let message = "this user has no home folder to keep accounts in: set HOME, or give the path of a file";
            Failure::new(FailureKind::Store, message)
        })?;
        Ok(folders.data_dir().join("tidal").join("accounts.sqlite"))
    }

    /// The same database, with another bound on the wait for its locks. After it, an operation fails with
    /// [`FailureKind::Timeout`].
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// The file, as an absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `op` in a transaction that nobody else writes beside.
    fn change<T>(&self, op: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Failure> {
        let place = Place::resolve(&self.path)?;
        place.make()?;
        let outcome = Database::open(&place, self.patience).and_then(|mut database| {
            database.bring_up_to_date()?;
            database.run(TransactionBehavior::Immediate, op)
        });
        outcome.map_err(|trouble| self.settle(&place, trouble))
    }

    /// Runs `op` on what is stored, where there is anything; and if it can't be, `read`, which changes nothing.
    fn look<T: Default>(
        &self,
        behavior: TransactionBehavior,
        op: impl FnOnce(&Connection) -> rusqlite::Result<T>,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Failure> {
        let place = Place::resolve(&self.path)?;
        if !place.exists()? {
            return Ok(T::default());
        }
        place.make_private()?;
        let opened = Database::open(&place, self.patience).and_then(|mut database| {
            if database.is_new() {
                return Ok(T::default());
            }
            database.bring_up_to_date()?;
            database.run(behavior, op)
        });
        let outcome = opened.or_else(|trouble| match trouble {
            Trouble::Unusable(failure) => {
                // What is lost here is a time of use. Whoever has tokens to store will be told.
                Database::open_to_read(&place)
                    .and_then(|mut database| database.run(TransactionBehavior::Deferred, read))
                    .map_err(|_| Trouble::Unusable(failure))
            }
            trouble => Err(trouble),
        });
        outcome.map_err(|trouble| self.settle(&place, trouble))
    }

    fn settle(&self, place: &Place, trouble: Trouble) -> Failure {
        match trouble {
            Trouble::Unusable(failure) | Trouble::NotOurs(failure) => failure,
            Trouble::Damaged(why) => aside::set_aside(place, &why, self.patience),
        }
    }
}

impl Store for SqliteStore {
    fn find(&self, selector: &Selector, now: Unix) -> Result<Option<Record>, Failure> {
        self.look(
            TransactionBehavior::Immediate,
            |db| accounts::find(db, selector, now),
            |db| accounts::peek(db, selector, now),
        )
    }

    fn acquire(&self, key: &AccountKey, ttl: Duration, instead_of: Option<&Lease>, now: Unix) -> Result<Acquired, Failure> {
        self.change(|db| accounts::acquire(db, key, ttl, instead_of, now))
    }

    fn save(&self, record: &Record, lease: &Lease, now: Unix) -> Result<Kept, Failure> {
        self.change(|db| accounts::save(db, record, lease, now))
    }

    fn forget(&self, key: &AccountKey, lease: &Lease, _now: Unix) -> Result<Kept, Failure> {
        self.change(|db| accounts::forget(db, key, lease))
    }

    fn release(&self, lease: &Lease, _now: Unix) -> Result<(), Failure> {
        self.change(|db| accounts::release(db, lease))
    }

    fn list(&self) -> Result<Vec<Record>, Failure> {
        self.look(TransactionBehavior::Deferred, accounts::list, accounts::list)
    }
}
