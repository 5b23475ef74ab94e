//! TIDAL accounts in a file that several processes share.
//!
//! [`FileStore`] keeps all accounts, and the leases given out for them, in one JSON file:
//!
//! - **Private.** Tokens stand in it as plain text, as do client secrets that the application asked to keep: whoever can read the
//!   file can act as the accounts in it. So it is readable by its owner only (mode 0600; a folder that has to be made gets 0700),
//!   from its first byte on. A file found with wider rights is narrowed; if that can't be done, it is refused. On systems other
//!   than Unix it has the rights that its folder hands down.
//! - **Whole.** A change is written to a temporary file beside it, made durable, and renamed into place. A process that is killed at
//!   any moment leaves the accounts as they were before or as they are after. What it may leave of a temporary file is removed by
//!   the next change.
//! - **Shared.** Each operation holds an advisory lock on a second file, `NAME.lock`, which is never removed. It belongs on a file
//!   system with working locks: a local disk.
//! - **Never guessed at.** A damaged file is renamed to `NAME.damaged-N`, the error says so, and the next use begins a new one. A file
//!   of a newer version, or one that isn't this store's, is left as it is.
//!
//! Every error names the path and says what to do.

mod format;
mod lock;
mod place;
mod replace;
mod source;
mod trouble;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use etcetera::BaseStrategy;
use tidal_core::store::{Acquired, Kept, Lease, Store};
use tidal_core::{AccountKey, Failure, FailureKind, Record, Selector, Unix};
use tidal_store_memory::Table;

use crate::lock::Lock;
use crate::place::Place;

/// How long an operation waits for others to end their own, unless told otherwise: less than the session's own bound on a use of
/// its store ([`Bounds::store`](tidal_core::config::Bounds::store), 5 s), so that a store that stays locked says so, rather than nothing.
/// Who wants more patience raises that bound too.
pub const DEFAULT_PATIENCE: Duration = Duration::from_secs(4);

/// A store in a JSON file. Cheap to clone; clones, threads and processes may use one file at the same time.
///
/// Reading goes on where writing can't (a full disk, a read-only folder): [`find`](Store::find) then gives the account without
/// keeping its time of use, and whatever has to be written fails.
#[derive(Clone, Debug)]
pub struct FileStore {
    path: Arc<Path>,
    patience: Duration,
}

impl FileStore {
    /// The store in the file at `path`, which need not exist: it is made, with its folder, when the first lease is acquired. A
    /// relative path is meant from the folder that is the current one now. A symbolic link is followed, and stays one.
    ///
    /// # Errors
    /// If `path` names no file, or is relative and there is no current folder.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Failure> {
        let path = path.as_ref();
        if path.file_name().is_none() {
            let message =
                format!("{:?} names no file to keep accounts in: give the path of a file", path.display().to_string());
            return Err(Failure::new(FailureKind::Store, message));
        }
        let absolute = std::path::absolute(path).map_err(|error| trouble::io("find", path, &error))?;
        Ok(Self { path: absolute.into(), patience: DEFAULT_PATIENCE })
    }

    /// Where applications keep accounts unless told otherwise: `tidal/accounts.json` in the folder that the platform has for the
    /// data of a person's applications (`~/.local/share` on Linux, `~/Library/Application Support` on macOS, `%APPDATA%` on Windows).
    ///
    /// # Errors
    /// If this user has no home folder.
    pub fn default_path() -> Result<PathBuf, Failure> {
        let folders = etcetera::base_strategy::choose_native_strategy().map_err(|_| {
            let message = "this user has no home folder to keep accounts in: set HOME, or give the path of a file";
            Failure::new(FailureKind::Store, message)
        })?;
        Ok(folders.data_dir().join("tidal").join("accounts.json"))
    }

    /// The same file, with another bound on the wait for the lock. After it, an operation fails with [`FailureKind::Timeout`].
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

    /// Runs `op` on what is stored, and stores its outcome if `op` says that it changed anything.
    fn change<T>(&self, op: impl FnOnce(&mut Table) -> (T, bool)) -> Result<T, Failure> {
        let place = Place::resolve(&self.path)?;
        if !place.exists()? {
            place.make_folder()?;
        }
        let lock = Lock::take(&place, self.patience)?;
        let mut table = source::load(&place, Ok(&lock))?;
        let (outcome, changed) = op(&mut table);
        if changed {
            replace::replace(&place, &table, &lock)?;
        }
        Ok(outcome)
    }

    /// Runs `op` on what is stored, where there is anything. Its changes are stored if that is possible.
    fn look<T: Default>(&self, op: impl FnOnce(&mut Table) -> (T, bool)) -> Result<T, Failure> {
        let place = Place::resolve(&self.path)?;
        if !place.exists()? {
            return Ok(T::default());
        }
        // The file is only ever replaced as a whole, so it can be read without the lock too.
        let lock = Lock::take(&place, self.patience);
        let mut table = source::load(&place, lock.as_ref())?;
        let (outcome, changed) = op(&mut table);
        if changed && let Ok(lock) = &lock {
            // Only a time of use is lost here. Whoever has tokens to store will be told.
            let _ = replace::replace(&place, &table, lock);
        }
        Ok(outcome)
    }
}

impl Store for FileStore {
    fn find(&self, selector: &Selector, now: Unix) -> Result<Option<Record>, Failure> {
        self.look(|table| {
            let found = table.find(selector, now);
            let changed = found.is_some();
            (found, changed)
        })
    }

    fn acquire(&self, key: &AccountKey, ttl: Duration, instead_of: Option<&Lease>, now: Unix) -> Result<Acquired, Failure> {
        self.change(|table| {
            let acquired = table.acquire(key, ttl, instead_of, now);
            let changed = matches!(acquired, Acquired::Lease(..));
            (acquired, changed)
        })
    }

    fn save(&self, record: &Record, lease: &Lease, now: Unix) -> Result<Kept, Failure> {
        self.change(|table| {
            let kept = table.save(record, lease, now);
            (kept, kept == Kept::Done)
        })
    }

    fn forget(&self, key: &AccountKey, lease: &Lease, _now: Unix) -> Result<Kept, Failure> {
        self.change(|table| {
            let kept = table.forget(key, lease);
            (kept, kept == Kept::Done)
        })
    }

    fn release(&self, lease: &Lease, _now: Unix) -> Result<(), Failure> {
        self.change(|table| ((), table.release(lease)))
    }

    fn list(&self) -> Result<Vec<Record>, Failure> {
        self.look(|table| (table.list(), false))
    }
}
