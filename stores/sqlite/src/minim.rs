//! Accounts of minim, a Python library, taken over from its token database.
//!
//! minim keeps the tokens of all services that it knows in one SQLite database, `~/.minim/auth.db`, in a table `tokens`. [`import`]
//! reads those of its client for the TIDAL API, and [`Import::put_into`] adds them to any store. minim's database is only read.
//!
//! Both programs then hold the same refresh token. If the service rotates it, the one that comes second is signed out: use one of them.

mod read;
mod row;

use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tidal_core::store::{Acquired, Kept, Store};
use tidal_core::{AccountKey, Failure, FailureKind, Record, Unix};

/// How long to wait while minim writes.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the lease of an account may be held while it is put into a store.
const TTL: Duration = Duration::from_secs(30);

/// minim writes its local time as if it were UTC, so its dates may be this much later than what they mean.
const EAST: Duration = Duration::from_secs(14 * 3600);

/// What was read from minim's database.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Import {
    /// The accounts, the one added last first. Their time of use is that of adding.
    pub records: Vec<Record>,
    /// The rows of TIDAL that could not be taken, each with the reason.
    pub refused: Vec<Refused>,
    /// How many rows belong to other services.
    pub others: usize,
}

/// An account that was not taken, and why. It holds no token and no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refused {
    /// The client id, as far as it can be read.
    pub client_id: Option<String>,
    /// minim's name of the flow, as far as it can be read.
    pub flow: Option<String>,
    /// The user's identifier, as far as there is one.
    pub user: Option<String>,
    /// Why it was not taken, for people.
    pub reason: String,
}

impl Refused {
    fn of(key: &AccountKey, reason: &str) -> Self {
        let AccountKey { client_id, flow, user } = key;
        let flow = Some(flow.as_str().to_owned());
        Self { client_id: Some(client_id.clone()), flow, user: user.clone(), reason: reason.to_owned() }
    }
}

/// Where minim keeps its tokens: `.minim/auth.db` in the user's home folder.
///
/// # Errors
/// If this user has no home folder.
pub fn default_path() -> Result<PathBuf, Failure> {
    let home = etcetera::home_dir().map_err(|_| {
        let message = "this user has no home folder to look for minim's tokens in: set HOME, or give the path of its auth.db";
        Failure::new(FailureKind::Store, message)
    })?;
    Ok(home.join(".minim").join("auth.db"))
}

/// Reads the accounts in minim's token database at `path`.
///
/// Client secrets come along, as minim keeps them; [`Import::without_client_secrets`] leaves them out. Client credentials have no
/// user, whatever minim wrote there. Dates without a zone are taken as UTC. minim itself writes its local time as if it were UTC: an
/// expiry may be wrong by the distance to it, which costs one refresh.
///
/// # Errors
/// If there is no such file, it can't be read, or isn't minim's. A row that can't be taken is no error.
pub fn import(path: impl AsRef<Path>) -> Result<Import, Failure> {
    let rows = read::rows(path.as_ref(), PATIENCE)?;
    let mut import = Import { records: Vec::new(), refused: Vec::new(), others: rows.others };
    for row in rows.tidal {
        match row.record() {
            Ok(record) => import.records.push(record),
            Err(refused) => import.refused.push(refused),
        }
    }
    import.records.sort_by(|a, b| (&a.key, Reverse(a.added_at)).cmp(&(&b.key, Reverse(b.added_at))));
    let (mut kept, mut doubles) = (Vec::<Record>::new(), Vec::new());
    for record in import.records {
        if kept.last().is_some_and(|last| last.key == record.key) {
            doubles.push(Refused::of(&record.key, "there is a newer row of the same account"));
        } else {
            kept.push(record);
        }
    }
    kept.sort_by_key(|record| Reverse(record.added_at));
    import.refused.append(&mut doubles);
    Ok(Import { records: kept, ..import })
}

impl Import {
    /// The same accounts without their client secrets, for applications that don't keep them.
    #[must_use]
    pub fn without_client_secrets(mut self) -> Self {
        self.records.iter_mut().for_each(|record| record.client_secret = None);
        self
    }

    /// Puts the accounts into `store`, and returns those that were left out, each with the reason.
    ///
    /// An account that the store has already is replaced only if its tokens were rejected, or if minim's are certainly newer than its
    /// last use. Times of use come along, so an imported account is not preferred to one that was used since. To repeat this does
    /// no harm.
    ///
    /// # Errors
    /// If the store can't be used. Some of the accounts may be in it by then.
    pub fn put_into(&self, store: &(impl Store + ?Sized), now: Unix) -> Result<Vec<Refused>, Failure> {
        let mut left = Vec::new();
        for record in &self.records {
            if let Some(reason) = put(record, store, now)? {
                left.push(Refused::of(&record.key, reason));
            }
        }
        Ok(left)
    }
}

/// Stores one account, or says why not.
fn put(record: &Record, store: &(impl Store + ?Sized), now: Unix) -> Result<Option<&'static str>, Failure> {
    let (lease, stored) = match store.acquire(&record.key, TTL, None, now)? {
        Acquired::Lease(lease, stored) => (lease, stored),
        Acquired::Busy(_) => return Ok(Some("its tokens are being renewed just now: try again")),
    };
    let saved = match stored.and_then(|stored| keeps(&stored, record)) {
        Some(reason) => Ok(Some(reason)),
        None => store.save(record, &lease, record.used_at.min(now)).map(|kept| match kept {
            Kept::Done => None,
            Kept::Stale => Some("another program has just changed it: try again"),
        }),
    };
    // Where this fails, the lease ends at its time.
    let _ = store.release(&lease, now);
    saved
}

/// Why what is stored stays.
fn keeps(stored: &Record, record: &Record) -> Option<&'static str> {
    let known = stored.access_token == record.access_token
        || stored.refresh_token.is_some() && stored.refresh_token == record.refresh_token;
    if known {
        Some("the store has it already")
    } else if stored.rejected.is_some() || record.added_at - EAST > stored.used_at {
        None
    } else {
        Some("the store has one that was used since: forget that one first to take minim's")
    }
}
