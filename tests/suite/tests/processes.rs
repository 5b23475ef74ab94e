//! Processes that find the same expired token in one file make one refresh.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/signed_in.rs"]
mod signed_in;

use std::env;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tidal_core::Raw;
use tidal_core::store::Store;
use tidal_sandbox::{Options, Sandbox};
use tidal_store_file::FileStore;

/// What a process of the test is told.
const FILE: &str = "TIDAL_TEST_ACCOUNTS";
const BASE: &str = "TIDAL_TEST_BASE";
const TOKEN: &str = "TIDAL_TEST_TOKEN";

/// The part of the other processes; nothing in this one.
#[test]
fn process() {
    let (Ok(file), Ok(base), Ok(token)) = (env::var(FILE), env::var(BASE), env::var(TOKEN)) else { return };
    let mut config = tidal_core::Config::pkce("sandbox-client", "http://localhost:8080/callback").unwrap();
    config.client_secret = Some("sandbox-secret".into());
    config = signed_in::at(config, &base, &token);
    let client = tidal_blocking::client(config, FileStore::open(file).unwrap()).unwrap();
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

fn one_refresh_among(processes: usize) {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("accounts.json");
    let (client, _) = signed_in::sign_in(&sandbox, FileStore::open(&file).unwrap());
    signed_in::expire(&file, client.now().unix);
    let before = FileStore::open(&file).unwrap().list().unwrap().remove(0);
    let children: Vec<Child> = (0..processes).map(|_| start(&sandbox, &file)).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(refreshes(&sandbox), 1);
    let after = FileStore::open(&file).unwrap().list().unwrap().remove(0);
    assert_ne!(before.refresh_token, after.refresh_token);
    assert_eq!(sandbox.control().refresh_tokens().live, 1);
}

#[test]
fn two() {
    one_refresh_among(2);
}

#[test]
fn twenty() {
    one_refresh_among(20);
}
