//! A program that is given the same tokens at each start, with a server that rotates refresh tokens and ends a sign-in whose old one is
//! used again. Real stores, real HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/signed_in.rs"]
mod signed_in;

use std::path::Path;

use tidal_blocking::{Client, Config};
use tidal_core::config::Tokens;
use tidal_core::store::Store;
use tidal_core::{AccountFilter, Raw, Record};
use tidal_sandbox::{Options, Sandbox};
use tidal_store_file::FileStore;
use tidal_store_memory::MemoryStore;
use tidal_store_sqlite::SqliteStore;

/// The tokens of a sign-in that was made elsewhere, as a configuration gives them.
fn first_tokens(sandbox: &Sandbox) -> (Config, Record) {
    let (elsewhere, _) = signed_in::sign_in(sandbox, MemoryStore::new());
    let record = elsewhere.tokens(AccountFilter::all()).unwrap().remove(0);
    let mut tokens = Tokens::new(record.access_token.clone()).refresh_token(record.refresh_token.clone().unwrap());
    tokens.expires_at = record.expires_at;
    let mut config = signed_in::pkce(sandbox);
    config.tokens = Some(tokens);
    (config, record)
}

fn me<S: Store>(client: &Client<S>) {
    client.send(&Raw::get("/users/me")).unwrap();
    client.drain();
}

fn goes_on_at_each_start<S: Store>(open: impl Fn(&Path) -> S) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("accounts");
    let sandbox = Sandbox::start(Options::default()).unwrap();
    let (config, first) = first_tokens(&sandbox);
    let stored = || {
        let mut all = open(&file).list().unwrap();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    };

    let client = tidal_blocking::client(config.clone(), open(&file)).unwrap();
    me(&client);
    assert_eq!((stored().key, stored().refresh_token), (first.key.clone(), first.refresh_token.clone()));
    // It ends, is renewed, and its refresh token is another one then; in this process, and in each that is started later.
    let mut before = first.refresh_token;
    for start in 0..3 {
        let client = if start == 0 { client.clone() } else { tidal_blocking::client(config.clone(), open(&file)).unwrap() };
        me(&client);
        assert_eq!((stored().key, stored().refresh_token), (first.key.clone(), before.clone()), "start {start}");
        sandbox.control().expire_access_tokens();
        me(&client);
        assert_eq!(stored().key, first.key);
        assert_ne!(stored().refresh_token, before, "start {start}");
        before = stored().refresh_token;
    }
    // A refresh token that is used again takes its whole sign-in with it.
    let seen = sandbox.control().refresh_tokens();
    assert_eq!((seen.live, seen.rotated, seen.revoked), (1, 3, 0));
}

#[test]
fn on_a_file() {
    goes_on_at_each_start(|file| FileStore::open(file).unwrap());
}

#[test]
fn on_a_database() {
    goes_on_at_each_start(|file| SqliteStore::open(file).unwrap());
}
