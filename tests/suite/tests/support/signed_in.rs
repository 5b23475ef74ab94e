//! A sandbox, and an account that is signed in to it.
#![allow(dead_code, reason = "each test uses a part of it")]

use tidal_blocking::{Client, Config};
use tidal_core::store::{Acquired, Kept, Store};
use tidal_core::{AccountKey, Unix};
use tidal_sandbox::Sandbox;

/// The redirect URI of all sign-ins here. Nothing listens there.
const REDIRECT: &str = "http://localhost:8080/callback";

/// All that the sandbox's users can grant and that the tests need.
const SCOPES: &str = "user.read collection.read collection.write playlists.read playlists.write";

/// A configuration for PKCE against the sandbox.
pub(crate) fn pkce(sandbox: &Sandbox) -> Config {
    let mut config = at(Config::pkce(sandbox.client_id(), REDIRECT).unwrap(), &sandbox.base_url(), &sandbox.token_url());
    config.auth_url = sandbox.authorize_url().parse().unwrap();
    config.client_secret = Some(sandbox.client_secret().into());
    config.scopes = SCOPES.parse().unwrap();
    config
}

/// The same configuration elsewhere.
pub(crate) fn at(mut config: Config, base: &str, token: &str) -> Config {
    config.base_url = base.parse().unwrap();
    config.token_url = token.parse().unwrap();
    config
}

/// Signs in as the sandbox's first user, and stores the account.
pub(crate) fn sign_in<S: Store>(sandbox: &Sandbox, store: S) -> (Client<S>, AccountKey) {
    let client = tidal_blocking::client(pkce(sandbox), store).unwrap();
    let pending = client.begin_sign_in().unwrap();
    let redirect = sandbox.approve(pending.authorize_url()).unwrap();
    let code = pending.redirected(&redirect, client.now()).unwrap();
    let key = client.finish_sign_in(code).unwrap();
    (client, key)
}

/// Makes the stored access token one that has expired.
pub(crate) fn expire(store: &impl Store, now: Unix) {
    let mut record = store.list().unwrap().remove(0);
    record.expires_at = Some(Unix::from_millis(0));
    let Acquired::Lease(lease, _) = store.acquire(&record.key, std::time::Duration::ZERO, None, now).unwrap() else {
        panic!("nobody holds it")
    };
    assert_eq!(store.save(&record, &lease, now).unwrap(), Kept::Done);
    store.release(&lease, now).unwrap();
}
