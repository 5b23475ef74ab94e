//! Processes that find the same expired token in one store make one refresh, with a server that rejects a reused refresh token.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/signed_in.rs"]
mod signed_in;

use std::env;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tidal_core::store::Store;
use tidal_core::{Config, Raw};
use tidal_sandbox::{Options, Sandbox};
use tidal_store_file::FileStore;
use tidal_store_sqlite::SqliteStore;

/// What a process of the test is told.
const FILE: &str = "TIDAL_TEST_ACCOUNTS";
const BASE: &str = "TIDAL_TEST_BASE";
const TOKEN: &str = "TIDAL_TEST_TOKEN";

/// The part of the other processes; nothing in this one.
#[test]
fn process() {
    let (Ok(file), Ok(base), Ok(token)) = (env::var(FILE), env::var(BASE), env::var(TOKEN)) else { return };
    let mut config = Config::pkce("sandbox-client", "http://localhost:8080/callback").unwrap();
    config.client_secret = Some("sandbox-secret".into());
    config = signed_in::at(config, &base, &token);
    // Two hundred at once on a machine that has other work: what is looked at is not how long each waits for the others.
    let patience = Duration::from_secs(60);
    config.bounds.store = patience * 2;
    config.bounds.call = patience * 4;
    if file.ends_with("sqlite") {
        ask(config, SqliteStore::open(file).unwrap().with_patience(patience));
    } else {
        ask(config, FileStore::open(file).unwrap().with_patience(patience));
    }
}

fn ask(config: Config, store: impl Store) {
    let client = tidal_blocking::client(config, store).unwrap();
    client.send(&Raw::get("/users/me")).unwrap();
    client.drain();
}

fn start(sandbox: &Sandbox, file: &PathBuf) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "process"])
        .env(FILE, file)
        .env(BASE, sandbox.base_url())
        .env(TOKEN, sandbox.token_url())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn refreshes(sandbox: &Sandbox) -> usize {
    let requests = sandbox.control().log().to("/v1/oauth2/token");
    requests.iter().filter(|request| request.form("grant_type").as_deref() == Some("refresh_token")).count()
}

fn one_refresh_among<S: Store>(processes: usize, name: &str, open: impl Fn(&PathBuf) -> S) {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    let (client, _) = signed_in::sign_in(&sandbox, open(&file));
    signed_in::expire(&open(&file), client.now().unix);
    let before = open(&file).list().unwrap().remove(0);
    let children: Vec<Child> = (0..processes).map(|_| start(&sandbox, &file)).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        // What a test says goes to its standard output.
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
    }
    assert_eq!(refreshes(&sandbox), 1);
    let after = open(&file).list().unwrap().remove(0);
    assert_ne!(before.refresh_token, after.refresh_token);
    assert_eq!(sandbox.control().refresh_tokens().live, 1);
}

#[test]
fn two_on_a_file() {
    one_refresh_among(2, "accounts.json", |file| FileStore::open(file).unwrap());
}

#[test]
fn two_hundred_on_a_file() {
    one_refresh_among(200, "accounts.json", |file| FileStore::open(file).unwrap());
}

#[test]
fn two_hundred_on_a_database() {
    one_refresh_among(200, "accounts.sqlite", |file| SqliteStore::open(file).unwrap());
}
