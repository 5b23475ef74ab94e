//! The five flows from end to end, over real HTTP, with the client for futures and the one for threads.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/signed_in.rs"]
mod signed_in;

use std::time::Duration;

use tidal_core::store::Store;
use tidal_core::{Config, Error, Raw, RawAnswer};
use tidal_sandbox::{Flow, Options, Sandbox};
use tidal_store_memory::MemoryStore;

const REDIRECT: &str = "http://localhost:8080/callback";
const ALBUM: &str = "/albums/70000000";

/// A sandbox whose client may use every flow.
fn sandbox() -> Sandbox {
    let mut options = Options::new();
    options.clients[0].flows = Flow::ALL.to_vec();
    let sandbox = Sandbox::start(options).unwrap();
    sandbox.control().behave(|behaviour| behaviour.device_interval = Duration::from_secs(1));
    sandbox
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Application,
    Code,
    Pkce,
    Device,
    Implicit,
}

use Way::{Application, Code, Device, Implicit, Pkce};

impl Way {
    const ALL: [Self; 5] = [Application, Code, Pkce, Device, Implicit];

    fn config(self, sandbox: &Sandbox) -> Config {
        let (id, secret) = (sandbox.client_id(), sandbox.client_secret());
        let config = match self {
            Application => Config::client_credentials(id, secret),
            Code => Config::authorization_code(id, secret, REDIRECT),
            Pkce => Config::pkce(id, REDIRECT),
            Device => Config::device(id),
            Implicit => Config::implicit(id, REDIRECT),
        };
        let mut config = signed_in::at(config.unwrap(), &sandbox.base_url(), &sandbox.token_url());
        config.auth_url = sandbox.authorize_url().parse().unwrap();
        config.device_auth_url = sandbox.device_url().parse().unwrap();
        if self != Application {
            config.scopes = "user.read playlists.read".parse().unwrap();
        }
        config
    }
}

/// What a client does after its sign-in, whichever kind it is.
fn lives(
    way: Way,
    sandbox: &Sandbox,
    store: &impl Store,
    call: impl Fn(&Raw) -> Result<RawAnswer, Error>,
    sign_out: impl FnOnce(),
) {
    let asked = |path: &str| sandbox.control().count(path);
    assert!(call(&Raw::get(ALBUM).query("countryCode", "US")).is_ok(), "{way:?}");
    if way != Application {
        let me = call(&Raw::get("/users/me")).unwrap();
        let expected = format!("\"id\":\"{}\"", sandbox.users()[0].id);
        assert!(String::from_utf8_lossy(&me.body).replace(' ', "").contains(&expected), "{way:?}");
        let users = store.list().unwrap().into_iter().map(|record| record.key.user);
        assert_eq!(users.collect::<Vec<_>>(), [Some(sandbox.users()[0].id.to_string())], "{way:?}");
    }
    // The service no longer takes the token.
    let before = asked("/v1/oauth2/token");
    sandbox.control().expire_access_tokens();
    let outcome = call(&Raw::get(ALBUM).query("countryCode", "US"));
    if way == Implicit {
        assert!(outcome.unwrap_err().needs_sign_in(), "nothing can renew it");
        assert_eq!(asked("/v1/oauth2/token"), before);
    } else {
        assert!(outcome.is_ok(), "{way:?}");
        assert_eq!(asked("/v1/oauth2/token"), before + 1, "{way:?}");
    }
    sign_out();
    assert!(store.list().unwrap().is_empty(), "{way:?}");
    assert!(call(&Raw::get(ALBUM).query("countryCode", "US")).unwrap_err().needs_sign_in(), "{way:?}");
}

#[test]
fn with_threads() {
    for way in Way::ALL {
        let (sandbox, store) = (sandbox(), MemoryStore::new());
        let client = tidal_blocking::client(way.config(&sandbox), store.clone()).unwrap();
        match way {
            Application => client.authenticate().unwrap(),
            Code | Pkce => {
                let pending = client.begin_sign_in().unwrap();
                let back = sandbox.approve(pending.authorize_url()).unwrap();
                client.finish_sign_in(pending.redirected(&back, client.now()).unwrap()).unwrap();
            }
            Device => {
                let pending = client.begin_device_sign_in().unwrap();
                sandbox.control().approve_device(pending.user_code()).unwrap();
                client.finish_device_sign_in(pending).unwrap();
            }
            Implicit => {
                let pending = client.begin_implicit_sign_in().unwrap();
                let back = sandbox.approve(pending.authorize_url()).unwrap();
                client.signed_in(pending.redirected(&back, &client.config(), client.now()).unwrap());
            }
        }
        let call = |raw: &Raw| client.send(raw).map(|answer| (*answer.value).clone());
        lives(way, &sandbox, &store, call, || client.sign_out().unwrap());
    }
}

#[test]
fn with_futures() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for way in Way::ALL {
        let (sandbox, store) = (sandbox(), MemoryStore::new());
        let client = runtime.block_on(async {
            let client = tidal_hyper::client(way.config(&sandbox), store.clone()).unwrap();
            match way {
                Application => client.authenticate().await.unwrap(),
                Code | Pkce => {
                    let pending = client.begin_sign_in().unwrap();
                    let back = sandbox.approve(pending.authorize_url()).unwrap();
                    let code = pending.redirected(&back, client.now()).unwrap();
                    client.finish_sign_in(code).await.unwrap();
                }
                Device => {
                    let pending = client.begin_device_sign_in().await.unwrap();
                    sandbox.control().approve_device(pending.user_code()).unwrap();
                    client.finish_device_sign_in(pending).await.unwrap();
                }
                Implicit => {
                    let pending = client.begin_implicit_sign_in().unwrap();
                    let back = sandbox.approve(pending.authorize_url()).unwrap();
                    let grant = pending.redirected(&back, &client.config(), client.now()).unwrap();
                    client.signed_in(grant).await.unwrap();
                }
            }
            client
        });
        let call = |raw: &Raw| runtime.block_on(client.send(raw)).map(|answer| (*answer.value).clone());
        lives(way, &sandbox, &store, call, || runtime.block_on(client.sign_out()).unwrap());
    }
}
