//! What stands in the database, and what is done with one that can't be understood.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/accounts.rs"]
mod accounts;

use std::fs;
use std::path::Path;

use accounts::{anyone, assert_says, at, beside, folder, key, lease, names, put, record, tokens};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tidal_core::Failure;
use tidal_core::store::{Kept, Store};
use tidal_core::value::Json;
use tidal_store_sqlite::SqliteStore;

/// A database of version 1. What is written here has to be read for ever.
const VERSION_1: &str = "
    CREATE TABLE leases (id INTEGER PRIMARY KEY, client_id TEXT NOT NULL, flow TEXT NOT NULL, user TEXT, fence INTEGER NOT NULL,
        until INTEGER) STRICT;
    CREATE UNIQUE INDEX leases_by_key ON leases (client_id, flow, user IS NULL, ifnull(user, ''));
    CREATE TABLE accounts (lease INTEGER PRIMARY KEY REFERENCES leases (id), client_secret TEXT, redirect_uri TEXT,
        scopes TEXT NOT NULL, token_type TEXT NOT NULL, access_token TEXT NOT NULL, refresh_token TEXT, expires_at INTEGER,
        extra TEXT NOT NULL, added_at INTEGER NOT NULL, used_at INTEGER NOT NULL, rejected TEXT) STRICT;
    INSERT INTO leases VALUES (1, 'app', 'pkce', 'ada', 1800000000007, 1800000060000), (2, 'app', 'none', NULL, 3, NULL),
        (3, 'app', 'client_credentials', NULL, 5, NULL);
    INSERT INTO accounts VALUES (1, 'cs', 'http://localhost/', 'collection.read user.read', 'Bearer', 'at', 'rt', 1800014400000,
        '{\"user_id\":7}', 1800000000000, 1800000001000, 'gone');
    INSERT INTO accounts VALUES (3, NULL, NULL, '', 'Bearer', 'at2', NULL, NULL, '{}', 1800000000000, 1800000000000, NULL);
    PRAGMA application_id = 0x54494441;
    PRAGMA user_version = 1;
";

fn sql(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

/// The error of the first look at a file with this content, and the store.
fn look(content: impl AsRef<[u8]>) -> (Failure, SqliteStore, tempfile::TempDir) {
    let (folder, path) = folder();
    fs::write(&path, content).unwrap();
    let store = SqliteStore::open(&path).unwrap();
    (store.list().unwrap_err(), store, folder)
}

/// A database with many accounts in it, as bytes.
fn database() -> Vec<u8> {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    (0..30).for_each(|number| put(&store, &format!("user {number}"), &"token".repeat(200)));
    fs::read(path).unwrap()
}

#[test]
fn version_1_is_read_and_written() {
    let (_folder, path) = folder();
    sql(&path, VERSION_1);
    let store = SqliteStore::open(&path).unwrap();
    let [ada, app] = <[_; 2]>::try_from(store.list().unwrap()).unwrap();
    assert_eq!(
        (ada.access_token.expose(), ada.client_secret.unwrap().expose(), ada.scopes.to_string().as_str()),
        ("at", "cs", "collection.read user.read")
    );
    assert_eq!((ada.refresh_token.unwrap().expose(), ada.redirect_uri.as_deref()), ("rt", Some("http://localhost/")));
    assert_eq!((ada.expires_at, ada.added_at, ada.used_at), (Some(at(14_400)), at(0), at(1)));
    assert_eq!((ada.extra.get("user_id").map(Json::as_str), ada.rejected.as_deref()), (Some("7"), Some("gone")));
    assert_eq!((app.access_token.expose(), app.key.user, app.expires_at), ("at2", None, None));
    assert_eq!(lease(&store, "ada", at(60)).fence, 1_800_000_000_008);
}

#[test]
fn a_new_database_is_as_it_was_when_this_version_came_out() {
    let schema = |path: &Path| {
        let database = Connection::open(path).unwrap();
        let list = "SELECT group_concat(sql, ';' ORDER BY name), (SELECT user_version FROM pragma_user_version),
            (SELECT application_id FROM pragma_application_id) FROM sqlite_schema";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
        let (sql, version, application) = database.query_row(list, (), read).unwrap();
        (sql.chars().filter(|char| !char.is_whitespace()).collect::<String>(), version, application)
    };
    let (_folder, old) = folder();
    let new = beside(&old, "-new");
    sql(&old, VERSION_1);
    lease(&SqliteStore::open(&new).unwrap(), "ada", at(0));
    assert_eq!(schema(&new), schema(&old));
}

#[test]
fn a_newer_version_is_left_as_it_is() {
    let (_folder, path) = folder();
    sql(&path, &VERSION_1.replace("user_version = 1", "user_version = 2").replace("'pkce'", "'a flow of tomorrow'"));
    let newer = fs::read(&path).unwrap();
    let store = SqliteStore::open(&path).unwrap();
    let failures = [
        store.list().unwrap_err(),
        store.find(&anyone(), at(0)).unwrap_err(),
        store.acquire(&key("ada"), accounts::TTL, None, at(0)).unwrap_err(),
    ];
    for failure in failures {
        assert_says(&failure, &[path.to_str().unwrap(), "version 2", "up to 1", "update this program"]);
    }
    assert_eq!(fs::read(&path).unwrap(), newer);
}

#[test]
fn a_file_of_another_program_is_left_as_it_is() {
    for foreign in ["{}", "accounts", &"a longer text, with several lines of it\n".repeat(100)] {
        let (failure, store, folder) = look(foreign);
        assert_says(&failure, &[store.path().to_str().unwrap(), "isn't one of accounts", "choose another path"]);
        let failure = store.acquire(&key("ada"), accounts::TTL, None, at(0)).unwrap_err();
        assert_says(&failure, &["isn't one of accounts"]);
        assert_eq!(fs::read_to_string(store.path()).unwrap(), foreign);
        assert_eq!(names(folder.path()), ["accounts.sqlite"]);
    }
}

#[test]
fn a_database_of_another_program_is_left_as_it_is() {
    for foreign in
        ["CREATE TABLE t (a)", "PRAGMA user_version = 1", "PRAGMA application_id = 7", "CREATE TABLE accounts (lease)"]
    {
        let (_folder, path) = folder();
        sql(&path, foreign);
        let before = fs::read(&path).unwrap();
        let store = SqliteStore::open(&path).unwrap();
        assert_says(&store.list().unwrap_err(), &[path.to_str().unwrap(), "isn't one of accounts"]);
        assert_says(&store.acquire(&key("ada"), accounts::TTL, None, at(0)).unwrap_err(), &["choose another path"]);
        assert_eq!(fs::read(&path).unwrap(), before, "{foreign}");
    }
}

#[test]
fn a_damaged_database_is_kept_aside() {
    let whole = database();
    let with = |at: usize, bytes: &[u8]| {
        let mut damaged = whole.clone();
        damaged[at..at + bytes.len()].copy_from_slice(bytes);
        damaged
    };
    let damaged: [(&str, Vec<u8>); 7] = [
        ("cut", whole[..whole.len() / 2].to_vec()),
        ("cut in its head", whole[..50].to_vec()),
        ("zeros", vec![0; whole.len()]),
        ("a lost page", with(4096, &[0; 4096])),
        ("a page of garbage", with(4096 * 4, &[0xa5; 4096])),
        ("page size", with(16, &[0x12, 0x34])),
        ("version 0", with(60, &[0; 4])),
    ];
    for (what, content) in damaged {
        let (failure, store, folder) = look(&content);
        let aside = folder.path().join("accounts.sqlite.damaged-1");
        assert_says(&failure, &[store.path().to_str().unwrap(), "damaged", aside.to_str().unwrap(), "sign in again"]);
        assert_eq!(fs::read(&aside).unwrap(), content, "{what}");
        put(&store, "ada", "new");
        assert_eq!(tokens(&store), ["new"], "{what}");
        assert_eq!(fs::read(&aside).unwrap(), content, "{what}");
    }
}

#[test]
fn a_row_that_is_none_of_ours_is_damage_and_quotes_no_secret() {
    let changes = [
        ("UPDATE accounts SET extra = 'SECRET'", "extra"),
        ("UPDATE accounts SET scopes = 'SECRET\\'", "scopes"),
        ("UPDATE leases SET flow = 'SECRET' WHERE id = 1", "flow"),
        ("UPDATE accounts SET refresh_token = CAST(x'534543524554ff' AS TEXT)", "value"),
    ];
    for (change, column) in changes {
        let (folder, path) = folder();
        sql(&path, VERSION_1);
        sql(&path, change);
        let store = SqliteStore::open(&path).unwrap();
        let failure = store.list().unwrap_err();
        assert_says(&failure, &["damaged", column, "accounts.sqlite.damaged-1"]);
        assert!(!format!("{failure} {failure:?} {store:?}").contains("SECRET"));
        assert_eq!(names(folder.path()), ["accounts.sqlite.damaged-1", "accounts.sqlite.lock"]);
    }
}

#[test]
fn what_was_kept_aside_is_never_overwritten() {
    let (folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    let aside = |number| folder.path().join(format!("accounts.sqlite.damaged-{number}"));
    fs::write(folder.path().join("accounts.sqlite.damaged-2-wal"), "somebody's log").unwrap();
    for (zeros, number) in [(600, 1), (700, 3), (800, 4)] {
        fs::write(&path, vec![0; zeros]).unwrap();
        let failure = store.acquire(&key("ada"), accounts::TTL, None, at(0)).unwrap_err();
        assert_says(&failure, &[aside(number).to_str().unwrap()]);
    }
    for (zeros, number) in [(600, 1), (700, 3), (800, 4)] {
        assert_eq!(fs::read(aside(number)).unwrap(), vec![0; zeros]);
    }
}

/// A process that was killed leaves a log. It goes with its file, not into it and not into the next one.
#[test]
fn the_log_of_a_damaged_database_goes_with_it() {
    let (folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    put(&store, "ada", "lost");
    let open = Connection::open(&path).unwrap();
    open.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    open.execute("UPDATE accounts SET access_token = 'logged', extra = 'no JSON'", ()).unwrap();
    drop(open);
    let (file, log) = (fs::read(&path).unwrap(), fs::read(beside(&path, "-wal")).unwrap());
    assert!(!log.is_empty());
    assert_says(&store.list().unwrap_err(), &["damaged"]);
    let aside = folder.path().join("accounts.sqlite.damaged-1");
    assert_eq!((fs::read(&aside).unwrap(), fs::read(beside(&aside, "-wal")).unwrap()), (file, log));
    put(&store, "bob", "new");
    assert_eq!(tokens(&store), ["new"]);
}

#[test]
fn an_empty_file_is_a_new_one() {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    for make in [|path: &Path| fs::write(path, "").unwrap(), |path: &Path| sql(path, "CREATE TABLE t (a); DROP TABLE t")] {
        make(&path);
        let before = fs::read(&path).unwrap();
        assert_eq!(store.find(&anyone(), at(0)).unwrap(), None);
        assert_eq!(fs::read(&path).unwrap(), before, "a look changes nothing");
        put(&store, "ada", "new");
        assert_eq!(tokens(&store), ["new"]);
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_lost_file_makes_no_old_lease_good() {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    let old: Vec<_> = (0..5).map(|n| lease(&store, "ada", at(60 * n))).collect();
    fs::remove_file(&path).unwrap();
    for n in 10..20 {
        let new = lease(&store, "ada", at(60 * n));
        assert!(old.iter().all(|old| old.fence < new.fence));
        assert_eq!(store.save(&record("ada", "late"), &old[4], at(60 * n)).unwrap(), Kept::Stale);
    }
}

#[test]
fn what_is_forgotten_or_replaced_is_overwritten() {
    let (folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    put(&store, "ada", &"FIRST".repeat(500));
    put(&store, "ada", "SECOND");
    let held = lease(&store, "ada", at(100));
    store.forget(&key("ada"), &held, at(100)).unwrap();
    assert_eq!(names(folder.path()), ["accounts.sqlite"], "the log is gone");
    let left = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
    assert!(!left.contains("FIRST") && !left.contains("SECOND"));
    assert!(left.contains("ada"), "the fence stays");
}
