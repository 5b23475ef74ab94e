//! An open database: whose it is, whether it is whole, and what is done in it.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use url::Url;

use crate::place::Place;
use crate::schema::{self, APPLICATION, STEPS};
use crate::trouble::{self, Trouble};

/// Where SQLite begins every file that isn't empty.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// A connection for one operation. When the last one to a database is closed, SQLite folds the log into the file and removes it.
pub(crate) struct Database<'a> {
    connection: Connection,
    place: &'a Place,
    /// How many steps of the schema were taken: none if it is new.
    version: usize,
    patience: Duration,
}

impl<'a> Database<'a> {
    /// The database at `place`, looked over but not changed.
    pub(crate) fn open(place: &'a Place, patience: Duration) -> Result<Self, Trouble> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(place.file(), flags);
        Self::looked_over(connection.map_err(|error| trouble::sql(place.file(), &error))?, place, patience)
    }

    /// The database at `place`, up to date, where nothing can be written. It waits for nobody.
    pub(crate) fn open_to_read(place: &'a Place) -> Result<Self, Trouble> {
        let connection = open_to_read(place.file(), Duration::ZERO).map_err(|error| trouble::sql(place.file(), &error))?;
        let database = Self::looked_over(connection, place, Duration::ZERO)?;
        if database.version == STEPS.len() {
            return Ok(database);
        }
        Err(trouble::say(place.file(), "this file is of an older version", "make it writable, to bring it up to date").into())
    }

    fn looked_over(connection: Connection, place: &'a Place, patience: Duration) -> Result<Self, Trouble> {
        let mut database = Self { connection, place, version: 0, patience };
        let looked = database.configure().and_then(|()| inspect(&mut database.connection));
        let found = database.told(looked)?;
        database.version = database.sealed(found.version(place))?;
        Ok(database)
    }

    fn configure(&self) -> rusqlite::Result<()> {
        self.connection.busy_timeout(self.patience)?;
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        self.connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))
    }

    /// Whether nothing was ever stored in it.
    pub(crate) fn is_new(&self) -> bool {
        self.version == 0
    }

    /// Lays out a new database, and takes an older one to the version of this release.
    pub(crate) fn bring_up_to_date(&mut self) -> Result<(), Trouble> {
        let outcome = self.use_log();
        if !self.told(outcome)? {
            let what = "its file system has no shared memory for a write-ahead log";
            return Err(trouble::say(self.place.file(), what, "choose a path on a local disk").into());
        }
        if self.version < STEPS.len() {
            let outcome = schema::upgrade(&mut self.connection, &STEPS);
            self.told(outcome)?;
        }
        Ok(())
    }

    /// Whether there is a write-ahead log now. SQLite doesn't wait for others that switch to one at the same time.
    fn use_log(&self) -> rusqlite::Result<bool> {
        let mode = until_free(self.patience, || {
            self.connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))
        });
        mode.map(|mode| mode == "wal")
    }

    /// Runs `op` in a transaction, and keeps what it did.
    pub(crate) fn run<T>(
        &mut self,
        behavior: TransactionBehavior,
        op: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Trouble> {
        let outcome = self.connection.transaction_with_behavior(behavior).and_then(|transaction| {
            let outcome = op(&transaction)?;
            transaction.commit()?;
            Ok(outcome)
        });
        self.told(outcome)
    }

    fn told<T>(&self, outcome: rusqlite::Result<T>) -> Result<T, Trouble> {
        self.sealed(outcome.map_err(|error| {
            // Only now, for the file is opened: nobody holds a lock that counts on what is no database.
            let unreadable = error.sqlite_error_code() == Some(ErrorCode::NotADatabase);
            if unreadable && is_foreign(self.place.file()).unwrap_or(false) {
                return not_ours(self.place.file());
            }
            trouble::sql(self.place.file(), &error)
        }))
    }

    /// Nothing is folded into a damaged file when it is closed: it is kept as it was found.
    fn sealed<T>(&self, outcome: Result<T, Trouble>) -> Result<T, Trouble> {
        if let Err(Trouble::Damaged(_)) = outcome {
            let _ = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        }
        outcome
    }
}

/// Opens the database at `path` without writing to it, not even beside it if that isn't possible.
pub(crate) fn open_to_read(path: &Path, patience: Duration) -> rusqlite::Result<Connection> {
    let open = |name: &Path, more| {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
        let connection = Connection::open_with_flags(name, flags)?;
        connection.busy_timeout(patience)?;
        // The file is read here for the first time.
        connection.query_row("SELECT count(*) FROM sqlite_schema", (), |_| Ok(()))?;
        Ok(connection)
    };
    let error = match open(path, OpenFlags::empty()) {
        Ok(connection) => return Ok(connection),
        Err(error) => error,
    };
    // A log needs a file of shared memory beside it. Where that can't be made there is no writer to share with either; and where there
    // is no log, or an empty one, all stands in the file itself.
    let mut log = path.to_owned().into_os_string();
    log.push("-wal");
    if is_busy(&error) || fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        return Err(error);
    }
    let Ok(mut url) = Url::from_file_path(path) else { return Err(error) };
    url.set_query(Some("immutable=1"));
    open(Path::new(url.as_str()), OpenFlags::SQLITE_OPEN_URI).map_err(|_| error)
}

/// Makes `attempt` until nobody else is in its way, for about `patience` at most.
fn until_free<T>(patience: Duration, mut attempt: impl FnMut() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    let begun = Instant::now();
    loop {
        match attempt() {
            Err(error) if is_busy(&error) && begun.elapsed() < patience => thread::sleep(Duration::from_millis(2)),
            outcome => return outcome,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

struct Found {
    application: i32,
    version: i64,
    things: i64,
    /// Whether all that is there fits together.
    whole: bool,
}

fn inspect(connection: &mut Connection) -> rusqlite::Result<Found> {
    // One transaction: another process may be laying it out just now.
    let transaction = connection.transaction()?;
    let pragma = |name| transaction.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let found = Found {
        things: transaction.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?,
        application: i32::try_from(pragma("application_id")?).unwrap_or(-1),
        version: pragma("user_version")?,
        whole: transaction.query_row("PRAGMA quick_check(1)", (), |row| row.get::<_, String>(0))? == "ok",
    };
    Ok(found)
}

impl Found {
    /// How many steps of the schema were taken, if it is ours and whole.
    fn version(&self, place: &Place) -> Result<usize, Trouble> {
        match (self.application, usize::try_from(self.version)) {
            (0, Ok(0)) if self.things == 0 => Ok(0),
            (APPLICATION, Ok(version)) if version > STEPS.len() => {
                let what =
                    format_args!("this file has version {version}, and this release reads versions up to {}", STEPS.len());
                let advice = "it is left as it is: update this program, or choose another path";
                Err(Trouble::NotOurs(trouble::say(place.file(), what, advice)))
            }
            (APPLICATION, Ok(1..)) if !self.whole => Err(Trouble::Damaged("its pages don't fit together".to_owned())),
            (APPLICATION, Ok(version @ 1..)) => Ok(version),
            (APPLICATION, _) => Err(Trouble::Damaged("it has no version that was ever written".to_owned())),
            _ => Err(not_ours(place.file())),
        }
    }
}

fn not_ours(path: &Path) -> Trouble {
    let advice = "it is left as it is: choose another path";
    Trouble::NotOurs(trouble::say(path, "this file isn't one of accounts", advice))
}

/// Whether a file that SQLite can't read is no damaged database but something else. A crash of the machine may leave zeros.
fn is_foreign(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(MAGIC.len() as u64).read_to_end(&mut head)?;
    Ok(!MAGIC.starts_with(&head) && head.iter().any(|&byte| byte != 0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rusqlite::ffi;

    use super::*;

    fn error(code: i32) -> rusqlite::Result<()> {
        Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
    }

    #[test]
    fn what_is_in_the_way_is_waited_for() {
        // What each attempt comes to, how long to wait, and how many are made.
        let (long, busy) = (Duration::MAX, ffi::SQLITE_BUSY);
        for (codes, patience, made) in [
            (&[busy, ffi::SQLITE_LOCKED, busy][..], long, 4),
            (&[busy, busy][..], Duration::ZERO, 1),
            (&[busy, ffi::SQLITE_FULL, busy][..], long, 2),
        ] {
            let mut attempts = 0;
            let outcome = until_free(patience, || {
                attempts += 1;
                codes.get(attempts - 1).map_or(Ok(()), |&code| error(code))
            });
            assert_eq!((attempts, outcome.is_ok()), (made, made > codes.len()));
        }
    }

    #[test]
    fn a_database_that_another_process_lays_out_is_busy() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::resolve(&folder.path().join("accounts")).unwrap();
        place.make().unwrap();
        let other = Connection::open(place.file()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let mut database = Database::open(&place, Duration::ZERO).unwrap();
        let trouble = database.bring_up_to_date().unwrap_err();
        assert!(matches!(&trouble, Trouble::Unusable(failure) if failure.message().contains("another process")), "{trouble:?}");
        drop(other);
        database.bring_up_to_date().unwrap();
    }
}
