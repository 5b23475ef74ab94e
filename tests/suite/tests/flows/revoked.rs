//! A sign-out that revokes: the service takes the tokens no more.

use tidal_core::config::Tokens;
use tidal_core::{Config, Raw};
use tidal_sandbox::Sandbox;
use tidal_store_memory::MemoryStore;

use super::{ALBUM, Basic, Code, Device, Implicit, Pkce, Way, sandbox};

fn config(way: Way, sandbox: &Sandbox, revokes: bool) -> Config {
    let mut config = way.config(sandbox, Basic);
    config.revoke_url = revokes.then(|| sandbox.revoke_url().parse().unwrap());
    config
}

/// Signs in, and stores the account.
fn sign_in(way: Way, config: Config, store: &MemoryStore) {
    let client = tidal_blocking::client(config, store.clone()).unwrap();
    way.sign_in(&client);
    client.drain();
}

/// The status of a call that carries this token.
fn carries(sandbox: &Sandbox, token: &str) -> u16 {
    let mut config = config(Implicit, sandbox, false);
    config.store_tokens = false;
    config.tokens = Some(Tokens::new(token));
    let client = tidal_blocking::client(config, MemoryStore::new()).unwrap();
    let call = tidal_core::Call::new(&Raw::get(ALBUM).query("countryCode", "US")).unwrap();
    let outcome = client.call(call.without_checks());
    let status = sandbox.control().log().requests().last().unwrap().status().unwrap();
    assert_eq!(outcome.is_ok(), status == 200);
    status
}

/// What the service knows of the tokens, before and after a sign-out by a client on this store.
fn signs_out(way: Way, revokes: bool, sign_out: impl FnOnce(Config, MemoryStore)) {
    let (sandbox, store) = (sandbox(), MemoryStore::new());
    sign_in(way, config(way, &sandbox, revokes), &store);
    let token = sandbox.control().access_tokens()[0].secret().to_owned();
    assert_eq!(carries(&sandbox, &token), 200, "{way:?}");
    sign_out(config(way, &sandbox, revokes), store.clone());
    assert!(tidal_core::store::Store::list(&store).unwrap().is_empty(), "{way:?}");
    let renewable = usize::from(!revokes && matches!(way, Code | Pkce | Device));
    assert_eq!(carries(&sandbox, &token), if revokes { 401 } else { 200 }, "{way:?}");
    assert_eq!(sandbox.control().refresh_tokens().live, renewable, "{way:?}");
    assert_eq!(sandbox.control().count("/v1/oauth2/revoke"), usize::from(revokes), "{way:?}");
}

/// Every way, with a client that has used the account and with one that has yet to find it.
fn cases() -> impl Iterator<Item = (Way, bool, bool)> {
    Way::ALL.into_iter().flat_map(|way| [(way, true, true), (way, true, false), (way, false, true)])
}

#[test]
fn revoked_with_threads() {
    for (way, revokes, used) in cases() {
        signs_out(way, revokes, |config, store| {
            let client = tidal_blocking::client(config, store).unwrap();
            if used {
                client.send(&Raw::get(ALBUM).query("countryCode", "US")).unwrap();
            }
            client.sign_out().unwrap();
            client.drain();
        });
    }
}

#[test]
fn revoked_with_futures() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for (way, revokes, used) in cases() {
        signs_out(way, revokes, |config, store| {
            runtime.block_on(async {
                let client = tidal_hyper::client(config, store).unwrap();
                if used {
                    client.send(&Raw::get(ALBUM).query("countryCode", "US")).await.unwrap();
                }
                client.sign_out().await.unwrap();
                client.drain().await;
            });
        });
    }
}
