//! Accounts to store, and a folder to store them in.
#![allow(dead_code)] // each test target uses its part

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use tidal_core::store::{Acquired, Lease, Store};
use tidal_core::{AccountKey, Failure, FailureKind, Flow, Record, Selector, Unix};
use tidal_store_sqlite::SqliteStore;

pub(crate) const TTL: Duration = Duration::from_secs(60);

pub(crate) fn at(secs: i64) -> Unix {
    Unix::from_secs(1_800_000_000 + secs)
}

pub(crate) fn key(user: &str) -> AccountKey {
    AccountKey { client_id: "app".into(), flow: Flow::Pkce, user: Some(user.into()) }
}

pub(crate) fn anyone() -> Selector {
    Selector { client_id: "app".into(), flow: Flow::Pkce, user: None }
}

pub(crate) fn record(user: &str, token: &str) -> Record {
    Record::new(key(user), token.into(), at(0))
}

/// A folder of the test's own, and the path of a file in it.
pub(crate) fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("accounts.sqlite");
    (folder, path)
}

pub(crate) fn lease(store: &SqliteStore, user: &str, now: Unix) -> Lease {
    match store.acquire(&key(user), TTL, None, now).unwrap() {
        Acquired::Lease(lease, _) => lease,
        Acquired::Busy(until) => panic!("{user} is leased until {until:?}"),
    }
}

/// Stores an account as a session does.
pub(crate) fn put(store: &SqliteStore, user: &str, token: &str) {
    let lease = lease(store, user, at(0));
    store.save(&record(user, token), &lease, at(0)).unwrap();
    store.release(&lease, at(0)).unwrap();
}

pub(crate) fn tokens(store: &SqliteStore) -> Vec<String> {
    store.list().unwrap().iter().map(|record| record.access_token.expose().to_owned()).collect()
}

/// Asserts that `failure` is the store's, or that of a lock which was waited for in vain, and says each of `parts`.
pub(crate) fn assert_says(failure: &Failure, parts: &[&str]) {
    let locked = failure.message().contains("another process");
    assert_eq!(failure.kind(), if locked { FailureKind::Timeout } else { FailureKind::Store });
    for part in parts {
        assert!(failure.message().contains(part), "{part:?} is missing in {:?}", failure.message());
    }
}

/// The names of what is in `folder`, in order.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let name = |name: OsString| name.into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| name(entry.unwrap().file_name())).collect();
    names.sort();
    names
}

/// `path` with `suffix` after its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
