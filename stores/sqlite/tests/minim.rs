//! Taking over accounts from minim's token database.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/accounts.rs"]
mod accounts;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use accounts::{assert_says, beside, names};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, params_from_iter};
use tempfile::TempDir;
use tidal_core::store::{Acquired, Kept, Store};
use tidal_core::value::Json;
use tidal_core::{AccountKey, Flow, Record, Unix};
use tidal_store_sqlite::{SqliteStore, minim};

const COLUMNS: [&str; 14] = [
    "added_at",
    "client_name",
    "auth_flow",
    "client_id",
    "client_secret",
    "user_identifier",
    "redirect_uri",
    "scopes",
    "token_type",
    "access_token",
    "access_token_secret",
    "expires_at",
    "refresh_token",
    "extras",
];

/// An account of minim with everything that it may have.
const FULL: [Option<&str>; 14] = [
    Some("2027-01-15T08:00:00Z"),
    Some("TIDALAPIClient"),
    Some("pkce"),
    Some("app"),
    Some("SECRET-cs"),
    Some("ada"),
    Some("http://localhost:8888/callback"),
    Some("user.read collection.write"),
    Some("Bearer"),
    Some("SECRET-at"),
    None,
    Some("2027-01-15T12:00:00Z"),
    Some("SECRET-rt"),
    Some(r#"{"user_id": 7}"#),
];

type Row = [Option<&'static str>; 14];

/// [`FULL`] with some columns changed.
fn row(changes: &[(&str, Option<&'static str>)]) -> Row {
    let mut row = FULL;
    for (column, value) in changes {
        row[COLUMNS.iter().position(|name| name == column).unwrap()] = *value;
    }
    row
}

fn database(rows: &[Row]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("auth.db");
    let minim = Connection::open(&path).unwrap();
    minim.execute(&format!("CREATE TABLE tokens ({})", COLUMNS.join(", ")), ()).unwrap();
    add(&minim, rows);
    (folder, path)
}

fn add(minim: &Connection, rows: &[Row]) {
    for row in rows {
        let sql = "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        minim.execute(sql, params_from_iter(row)).unwrap();
    }
}

fn import(rows: &[Row]) -> minim::Import {
    minim::import(database(rows).1.as_path()).unwrap()
}

fn import_one(changes: &[(&str, Option<&'static str>)]) -> Record {
    let import = import(&[row(changes)]);
    assert_eq!(import.refused, []);
    <[_; 1]>::try_from(import.records).unwrap().into_iter().next().unwrap()
}

/// 2027-01-15T08:00:00Z, and so many hours.
fn at(hours: i64) -> Unix {
    Unix::from_secs(1_800_000_000 + 3600 * hours)
}

fn key(user: &str) -> AccountKey {
    AccountKey { client_id: "app".into(), flow: Flow::Pkce, user: Some(user.into()) }
}

fn store() -> (TempDir, SqliteStore) {
    let (folder, path) = accounts::folder();
    (folder, SqliteStore::open(path).unwrap())
}

fn save(store: &SqliteStore, record: &Record, now: Unix) {
    let Acquired::Lease(lease, _) = store.acquire(&record.key, Duration::ZERO, None, now).unwrap() else { panic!("busy") };
    assert_eq!(store.save(record, &lease, now).unwrap(), Kept::Done);
}

#[test]
fn an_account_comes_over_whole() {
    let mut expected = Record::new(key("ada"), "SECRET-at".into(), at(0));
    expected.client_secret = Some("SECRET-cs".into());
    expected.redirect_uri = Some("http://localhost:8888/callback".into());
    expected.scopes = "collection.write user.read".parse().unwrap();
    expected.refresh_token = Some("SECRET-rt".into());
    expected.expires_at = Some(at(4));
    expected.extra.set("user_id", Json::new("7").unwrap());
    assert_eq!(import_one(&[]), expected);
    expected.client_secret = None;
    assert_eq!(import(&[FULL]).without_client_secrets().records, [expected]);
}

#[test]
fn an_account_does_not_say_that_it_goes_back_to_tokens_given_by_hand() {
    let extras = r#"{"descends_from": "another", "user_id": 7, "follows": "a third", "descends_from": "one more"}"#;
    assert_eq!(import_one(&[("extras", Some(extras))]), import_one(&[]));
}

#[test]
fn what_may_be_missing_may_be_missing() {
    let optional =
        ["client_secret", "user_identifier", "redirect_uri", "scopes", "token_type", "expires_at", "refresh_token", "extras"];
    let mut expected =
        Record::new(AccountKey { client_id: "app".into(), flow: Flow::Pkce, user: None }, "SECRET-at".into(), at(0));
    // A person of whom nobody says who that is has a name of their own, as after a sign-in.
    expected.name_unknown();
    assert!(expected.key.user.as_ref().unwrap().starts_with("unknown:"));
    for nothing in [None, Some("")] {
        assert_eq!(import_one(&optional.map(|column| (column, nothing))), expected);
    }
}

#[test]
fn client_credentials_have_no_user() {
    let record = import_one(&[("auth_flow", Some("client_credentials")), ("user_identifier", Some("app"))]);
    assert_eq!((record.key.flow, record.key.user), (Flow::ClientCredentials, None));
}

#[test]
fn dates_and_lists_come_in_several_forms() {
    for (text, hours) in [
        ("2027-01-15T08:00:00Z", 0),
        ("2027-01-15T08:00:00.000000", 0),
        ("2027-01-15 08:00:00", 0),
        ("2027-01-15T10:00:00+02:00", 0),
        ("2027-01-15T03:00:00-05:00", 0),
        ("2027-01-15", -8),
    ] {
        let record = import_one(&[("added_at", Some(text)), ("expires_at", Some(text))]);
        assert_eq!((record.added_at, record.expires_at), (at(hours), Some(at(hours))), "{text}");
    }
    for (text, scopes) in [("a  b", "a b"), (r#"["b", "a"]"#, "a b"), ("[]", ""), ("  ", "")] {
        assert_eq!(import_one(&[("scopes", Some(text))]).scopes.to_string(), scopes, "{text}");
    }
    assert!(import_one(&[("extras", Some("null"))]).extra.is_empty());
}

#[test]
fn numbers_are_read_where_a_text_is_meant() {
    let (_folder, path) = database(&[FULL]);
    Connection::open(&path).unwrap().execute("UPDATE tokens SET user_identifier = 1234", ()).unwrap();
    assert_eq!(minim::import(&path).unwrap().records[0].key, key("1234"));
}

#[test]
fn tokens_of_other_services_are_only_counted() {
    let others =
        ["SpotifyWebAPIClient", "PrivateTIDALAPIClient", "tidalapiclient"].map(|name| row(&[("client_name", Some(name))]));
    let import = import(&[&others[..], &[FULL, row(&[("client_name", None)])]].concat());
    assert_eq!((import.records.len(), import.refused.len(), import.others), (1, 0, 4));
}

#[test]
fn what_can_not_be_taken_is_told_with_the_reason_and_without_secrets() {
    let cases = [
        ("auth_flow", Some("password"), "flow"),
        ("auth_flow", Some("none"), "flow is none"),
        ("auth_flow", None, "no auth_flow"),
        ("client_id", None, "no client_id"),
        ("access_token", Some(""), "no access_token"),
        ("access_token_secret", Some("SECRET"), "access_token_secret"),
        ("added_at", None, "no added_at"),
        ("added_at", Some("SECRET"), "added_at is no date"),
        ("expires_at", Some("1800000000"), "expires_at is no date"),
        ("scopes", Some("[\"SECRET\\\"\"]"), "scopes are neither"),
        ("scopes", Some("SECRET\\"), "scopes are neither"),
        ("extras", Some("[\"SECRET\"]"), "extras are no JSON object"),
        ("extras", Some("{SECRET"), "extras are no JSON object"),
    ];
    for (column, value, reason) in cases {
        let import = import(&[row(&[(column, value)])]);
        assert_eq!((import.records.len(), import.refused.len(), import.others), (0, 1, 0), "{column} {value:?}");
        let refused = &import.refused[0];
        assert!(refused.reason.contains(reason), "{reason}: {refused:?}");
        assert_eq!(refused.user.as_deref(), Some("ada"));
        assert!(!format!("{import:?}").contains("SECRET"), "{import:?}");
    }
}

#[test]
fn a_column_without_text_is_told() {
    let (_folder, path) = database(&[FULL]);
    Connection::open(&path).unwrap().execute("UPDATE tokens SET client_id = x'5345', scopes = 0.5", ()).unwrap();
    let refused = minim::import(&path).unwrap().refused.remove(0);
    assert_eq!((refused.client_id, refused.reason.as_str()), (None, "its client_id is no text"));
}

/// Flows are taken once the core knows them by minim's names.
#[test]
fn flows_are_taken_by_name() {
    for flow in ["pkce", "client_credentials", "auth_code", "device", "implicit"] {
        let import = import(&[row(&[("auth_flow", Some(flow))])]);
        match flow.parse::<Flow>() {
            Ok(known) => assert_eq!(import.records[0].key.flow, known),
            Err(_) => {
                assert_eq!(import.refused[0].flow.as_deref(), Some(flow));
                assert!(import.refused[0].reason.contains("isn't one that this release can use"));
            }
        }
    }
}

#[test]
fn of_two_rows_of_one_account_the_newer_one_is_taken() {
    let older = row(&[("added_at", Some("2027-01-01")), ("access_token", Some("SECRET-old"))]);
    let other = row(&[("added_at", Some("2027-01-02")), ("user_identifier", Some("bob"))]);
    for rows in [[older, FULL, other], [other, FULL, older]] {
        let import = import(&rows);
        let users: Vec<_> = import.records.iter().map(|record| record.key.user.as_deref().unwrap()).collect();
        assert_eq!(users, ["ada", "bob"]);
        assert_eq!(import.records[0].access_token.expose(), "SECRET-at");
        assert!(import.refused[0].reason.contains("newer row"), "{:?}", import.refused);
    }
}

#[test]
fn imported_accounts_are_put_into_a_store() {
    let (_folder, store) = store();
    let older = row(&[("added_at", Some("2027-01-02")), ("user_identifier", Some("bob"))]);
    let import = import(&[FULL, older]);
    assert_eq!(import.put_into(&store, at(100)).unwrap(), []);
    assert_eq!(store.list().unwrap(), import.records);
    let again = import.put_into(&store, at(200)).unwrap();
    assert_eq!(again.len(), 2);
    assert!(again.iter().all(|left| left.reason.contains("has it already")), "{again:?}");
    assert_eq!(store.list().unwrap(), import.records);
    assert!(
        matches!(store.acquire(&key("ada"), Duration::ZERO, None, at(200)).unwrap(), Acquired::Lease(..)),
        "no lease is left"
    );
}

#[test]
fn a_newer_account_is_not_overwritten() {
    // Hours between the last use of what is stored and minim's date, whether it was rejected, and whether minim's is taken.
    for (hours, rejected, taken) in
        [(-1, false, false), (1, false, false), (14, false, false), (15, false, true), (-1, true, true)]
    {
        let (_folder, store) = store();
        let mut stored = Record::new(key("ada"), "stored".into(), at(-500));
        stored.rejected = rejected.then(|| "gone".to_owned());
        save(&store, &stored, at(-hours));
        let left = import(&[FULL]).put_into(&store, at(100)).unwrap();
        let token = store.list().unwrap()[0].access_token.expose().to_owned();
        assert_eq!((left.is_empty(), token == "SECRET-at"), (taken, taken), "{hours} {rejected}: {left:?}");
        assert!(taken || left[0].reason.contains("used since"), "{left:?}");
    }
}

#[test]
fn an_account_that_is_being_renewed_is_left_out() {
    let (_folder, store) = store();
    store.acquire(&key("ada"), Duration::from_secs(60), None, at(0)).unwrap();
    let left = import(&[FULL]).put_into(&store, at(0)).unwrap();
    assert!(left[0].reason.contains("try again"), "{left:?}");
    assert_eq!(store.list().unwrap(), []);
}

#[test]
fn the_failure_of_a_store_is_told() {
    assert!(import(&[FULL]).put_into(&tidal_core::store::NoStore, at(0)).is_err());
}

#[test]
fn a_log_is_read_too_and_nothing_is_changed() {
    let (folder, path) = database(&[FULL]);
    let minim = Connection::open(&path).unwrap();
    minim.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())).unwrap();
    minim.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    add(&minim, &[row(&[("user_identifier", Some("bob"))])]);
    let (file, log) = (fs::read(&path).unwrap(), fs::read(beside(&path, "-wal")).unwrap());
    assert_eq!(minim::import(&path).unwrap().records.len(), 2, "while minim has it open");

    minim.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    drop(minim);
    fs::remove_file(beside(&path, "-shm")).unwrap_or_default();
    assert_eq!(minim::import(&path).unwrap().records.len(), 2, "after minim was killed");
    assert_eq!((fs::read(&path).unwrap(), fs::read(beside(&path, "-wal")).unwrap()), (file, log));
    assert!(names(folder.path()).iter().all(|name| name.starts_with("auth.db")));
}

#[test]
fn a_file_that_is_not_minims_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("auth.db");
    let says = |parts: &[&str]| {
        let failure = minim::import(&path).unwrap_err();
        assert_says(&failure, &[&[path.to_str().unwrap()], parts].concat());
    };
    says(&["no such file"]);
    assert!(!path.exists());
    fs::write(&path, "SECRET".repeat(300)).unwrap();
    says(&["damaged, or no database"]);
    assert!(!minim::import(&path).unwrap_err().message().contains("SECRET"));
    fs::write(&path, "").unwrap();
    says(&["isn't minim's database"]);
    let sql = |text: &str| Connection::open(&path).unwrap().execute_batch(text).unwrap();
    sql("CREATE TABLE tokens (token)");
    says(&["isn't minim's database"]);
    sql("DROP TABLE tokens; CREATE TABLE tokens (client_name, authorization_flow, client_id, access_token)");
    says(&["has no added_at, auth_flow", "newest minim"]);
    sql(&format!("DROP TABLE tokens; CREATE TABLE tokens ({})", COLUMNS.join(", ").replace("client_name", "client")));
    says(&["has no client_name"]);
    assert_says(&minim::import(Path::new("/")).unwrap_err(), &["names no file"]);
}

#[test]
fn the_default_path_is_minims() {
    assert!(minim::default_path().unwrap().ends_with(".minim/auth.db"));
}
