//! The five flows from end to end, over real HTTP, with the client for futures and the one for threads; the person's part too, and with
//! the client's secret in either place.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "flows/handled.rs"]
mod handled;
#[path = "support/person.rs"]
mod person;
#[path = "flows/revoked.rs"]
mod revoked;
#[path = "support/signed_in.rs"]
mod signed_in;

use std::time::{Duration, SystemTime};

use tidal_core::config::ClientAuthentication::{self, Basic, Body};
use tidal_core::store::Store;
use tidal_core::{Config, Error, ErrorKind, Raw, RawAnswer, Unix};
use tidal_sandbox::{Client, Clock, Flow, Options, Sandbox};
use tidal_store_memory::MemoryStore;

const REDIRECT: &str = "http://localhost:8080/callback";
const ALBUM: &str = "/albums/70000000";

/// How long access tokens live.
const LIFETIME: Duration = Duration::from_secs(900);

/// A sandbox with a clock of its own, whose client may use every flow and has an id and a secret that have to be encoded.
fn sandbox() -> Sandbox {
    let client = Client::new("a client: one", "s/e+c re%t&=").flows(Flow::ALL);
    let options = Options::new().clients([client]).clock(Clock::manual(SystemTime::now())).behave(|behaviour| {
        behaviour.device_interval = Duration::from_secs(1);
        behaviour.access_lifetime = LIFETIME;
    });
    Sandbox::start(options).unwrap()
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

    /// Every flow, and those with a secret with it in either place.
    fn all() -> impl Iterator<Item = (Self, ClientAuthentication)> {
        let both = |way| [(way, Basic), (way, Body)].into_iter().take(if matches!(way, Application | Code) { 2 } else { 1 });
        Self::ALL.into_iter().flat_map(both)
    }

    fn config(self, sandbox: &Sandbox, how: ClientAuthentication) -> Config {
        let (id, secret) = (sandbox.client_id(), sandbox.client_secret());
        let config = match self {
            Application => Config::client_credentials(id, secret),
            Code => Config::authorization_code(id, secret, REDIRECT),
            Pkce => Config::pkce(id, REDIRECT),
            Device => Config::device(id),
            Implicit => Config::implicit(id, REDIRECT),
        };
        let mut config = signed_in::at(config.unwrap(), &sandbox.base_url(), &sandbox.token_url());
        config.client_authentication = how;
        config.auth_url = sandbox.authorize_url().parse().unwrap();
        config.device_auth_url = sandbox.device_url().parse().unwrap();
        if self != Application {
            config.scopes = "user.read playlists.read".parse().unwrap();
        }
        config
    }

    /// Signs in with threads, the person's part too.
    fn sign_in(self, client: &tidal_blocking::Client<MemoryStore>) {
        match self {
            Application => client.authenticate().unwrap(),
            Code | Pkce => {
                let pending = client.begin_sign_in().unwrap();
                let back = person::allow(pending.authorize_url());
                client.finish_sign_in(pending.redirected(&back, client.now()).unwrap()).unwrap();
            }
            Device => {
                let pending = client.begin_device_sign_in().unwrap();
                person::connect(pending.verification_uri(), pending.user_code());
                client.finish_device_sign_in(pending).unwrap();
            }
            Implicit => {
                let pending = client.begin_implicit_sign_in().unwrap();
                let back = person::allow(pending.authorize_url());
                client.finish_implicit_sign_in(pending.redirected(&back, client.now()).unwrap()).unwrap();
            }
        }
    }
}

/// What a client does after its sign-in, whichever kind it is. `again` is another one on the same store.
fn lives(
    (way, how): (Way, ClientAuthentication),
    sandbox: &Sandbox,
    store: &impl Store,
    call: impl Fn(&Raw) -> Result<RawAnswer, Error>,
    again: impl Fn(&Raw) -> Result<RawAnswer, Error>,
    sign_out: impl FnOnce(),
) {
    let album = Raw::get(ALBUM).query("countryCode", "US");
    let tokens = || sandbox.control().count("/v1/oauth2/token");
    let refused = || sandbox.control().log().requests().iter().filter(|seen| seen.status() == Some(401)).count();
    assert!(call(&album).is_ok(), "{way:?}");
    if way != Application {
        let me = call(&Raw::get("/users/me")).unwrap();
        let expected = format!("\"id\":\"{}\"", sandbox.users()[0].id);
        assert!(String::from_utf8_lossy(&me.body).replace(' ', "").contains(&expected), "{way:?}");
        let users = store.list().unwrap().into_iter().map(|record| record.key.user);
        assert_eq!(users.collect::<Vec<_>>(), [Some(sandbox.users()[0].id.to_string())], "{way:?}");
    }
    // It has lived its time by the service's clock, and the client's is behind: the service refuses it once.
    let before = (tokens(), refused());
    sandbox.control().clock().advance(LIFETIME);
    let outcome = call(&album);
    assert_eq!(refused(), before.1 + 1, "{way:?}");
    if way == Implicit {
        assert!(outcome.unwrap_err().needs_sign_in(), "nothing can renew it");
        assert_eq!(tokens(), before.0);
    } else {
        assert!(outcome.is_ok(), "{way:?}");
        assert_eq!(tokens(), before.0 + 1, "{way:?}");
    }
    // It has lived its time by the client's own clock: the service is not even asked.
    signed_in::expire(store, Unix::from(SystemTime::now()));
    let before = (tokens(), refused());
    let outcome = again(&album);
    assert_eq!(refused(), before.1, "{way:?}");
    if way == Implicit {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::SignInRequired);
        assert_eq!(tokens(), before.0);
    } else {
        assert!(outcome.is_ok(), "{way:?}");
        assert_eq!(tokens(), before.0 + 1, "{way:?}");
    }
    for asked in sandbox.control().log().to("/v1/oauth2/token") {
        let has = (asked.header("authorization").is_some(), asked.form("client_secret").is_some());
        let secret = matches!(way, Application | Code);
        assert_eq!(has, (secret && how == Basic, secret && how == Body), "{way:?}, {how:?}");
    }
    sign_out();
    assert!(store.list().unwrap().is_empty(), "{way:?}");
    assert!(call(&album).unwrap_err().needs_sign_in(), "{way:?}");
}

#[test]
fn with_threads() {
    for (way, how) in Way::all() {
        let (sandbox, store) = (sandbox(), MemoryStore::new());
        let config = || way.config(&sandbox, how);
        let client = tidal_blocking::client(config(), store.clone()).unwrap();
        way.sign_in(&client);
        let call = |raw: &Raw| {
            let answer = client.send(raw).map(|answer| (*answer.value).clone());
            // Its lease is given back.
            client.drain();
            answer
        };
        let again = |raw: &Raw| {
            let again = tidal_blocking::client(config(), store.clone()).unwrap();
            again.send(raw).map(|answer| (*answer.value).clone())
        };
        lives((way, how), &sandbox, &store, call, again, || client.sign_out().unwrap());
    }
}

#[test]
fn with_futures() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for (way, how) in Way::all() {
        let (sandbox, store) = (sandbox(), MemoryStore::new());
        let config = || way.config(&sandbox, how);
        let client = runtime.block_on(async {
            let client = tidal_hyper::client(config(), store.clone()).unwrap();
            match way {
                Application => client.authenticate().await.unwrap(),
                Code | Pkce => {
                    let pending = client.begin_sign_in().unwrap();
                    let back = person::allow(pending.authorize_url());
                    let code = pending.redirected(&back, client.now()).unwrap();
                    client.finish_sign_in(code).await.unwrap();
                }
                Device => {
                    let pending = client.begin_device_sign_in().await.unwrap();
                    person::connect(pending.verification_uri(), pending.user_code());
                    client.finish_device_sign_in(pending).await.unwrap();
                }
                Implicit => {
                    let pending = client.begin_implicit_sign_in().unwrap();
                    let back = person::allow(pending.authorize_url());
                    let token = pending.redirected(&back, client.now()).unwrap();
                    client.finish_implicit_sign_in(token).await.unwrap();
                }
            }
            client
        });
        let call = |raw: &Raw| {
            let answer = runtime.block_on(client.send(raw)).map(|answer| (*answer.value).clone());
            // Its lease is given back.
            runtime.block_on(client.drain());
            answer
        };
        let again = |raw: &Raw| {
            runtime.block_on(async {
                let again = tidal_hyper::client(config(), store.clone()).unwrap();
                let answer = again.send(raw).await.map(|answer| (*answer.value).clone());
                again.drain().await;
                answer
            })
        };
        lives((way, how), &sandbox, &store, call, again, || runtime.block_on(client.sign_out()).unwrap());
    }
}
