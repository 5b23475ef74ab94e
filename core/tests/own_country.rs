//! The country of the signed-in user, where it is asked for.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/stage.rs"]
mod stage;

use std::cell::RefCell;
use std::rc::Rc;

use stage::{ALBUM, FlakyStore, Stage, TOKEN, pkce, token};
use tidal_core::config::Tokens;
use tidal_core::runtime::Clock;
use tidal_core::store::NoStore;
use tidal_core::testing::{Gate, Reply, Script, VirtualRuntime};
use tidal_core::{Config, ErrorKind, Now, blocking};

const ME: &str = "GET /v2/users/me";
const BODY: &str = r#"{"data":{"id":"1","type":"albums"}}"#;
const USER: &str = r#"{"data":{"id":"42","type":"users","attributes":{"username":"u","country":"NO"}}}"#;

fn config() -> Config {
    let mut config = pkce();
    config.store_tokens = false;
    config.scopes = "user.read".parse().unwrap();
    config.tokens = Some(Tokens::new("t"));
    config
}

fn nothing_scripted() -> Stage {
    Stage::new(config(), FlakyStore::default(), VirtualRuntime::new(), Script::new())
}

fn signed_in() -> Stage {
    let stage = nothing_scripted();
    stage.script.on(ALBUM).always(Reply::answer(200, BODY));
    stage
}

fn query_of_an_album(stage: &Stage) -> String {
    stage.block_on(stage.client.albums().get("1").send()).unwrap();
    stage.script.requests().last().unwrap().query.clone()
}

#[test]
fn it_counts_from_when_it_is_asked_for() {
    let stage = signed_in();
    stage.client.switch_cache(false);
    stage.script.on(ME).reply(200, USER);
    assert_eq!(query_of_an_album(&stage), "");
    assert_eq!(stage.script.count(ME), 0);
    assert_eq!(stage.block_on(stage.client.use_own_country()).unwrap().as_str(), "NO");
    assert_eq!(query_of_an_album(&stage), "countryCode=NO");
    assert_eq!(query_of_an_album(&stage), "countryCode=NO");
    assert_eq!(stage.script.count(ME), 1);
    // What a call says itself counts more, and it can be taken back.
    stage.block_on(stage.client.albums().get("1").country("SE").send()).unwrap();
    assert_eq!(stage.script.requests().last().unwrap().query, "countryCode=SE");
    stage.client.set_country(None);
    assert_eq!(query_of_an_album(&stage), "");
}

#[test]
fn a_user_without_a_country_changes_nothing() {
    for attributes in ["", r#","attributes":{}"#, r#","attributes":{"country":"Norway"}"#] {
        let stage = signed_in();
        stage.client.set_country(Some("SE".parse().unwrap()));
        stage.script.on(ME).reply(200, format!(r#"{{"data":{{"id":"42","type":"users"{attributes}}}}}"#));
        let error = stage.block_on(stage.client.use_own_country()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{attributes}");
        assert_eq!(query_of_an_album(&stage), "countryCode=SE");
    }
}

#[test]
fn a_refusal_changes_nothing_and_an_application_has_no_country() {
    let stage = signed_in();
    stage.script.on(ME).reply(403, "{}");
    assert_eq!(stage.block_on(stage.client.use_own_country()).unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(query_of_an_album(&stage), "");
    let stage = Stage::client_credentials();
    stage.script.on(TOKEN).reply(200, token("t", None));
    assert_eq!(stage.block_on(stage.client.use_own_country()).unwrap_err().kind(), ErrorKind::WrongFlow);
    assert!(stage.script.requests().is_empty());
}

#[test]
fn calls_under_way_go_on() {
    let stage = nothing_scripted();
    stage.script.on(ME).reply(200, USER);
    let gate = Gate::new();
    stage.script.on(ALBUM).then(Reply::Behind(gate.clone(), Box::new(Reply::answer(200, BODY))));
    let (call, done) = (stage.client.albums().get("1").send(), Rc::new(RefCell::new(None)));
    let outcome = Rc::clone(&done);
    stage.spawn(async move { *outcome.borrow_mut() = Some(call.await) });
    stage.runtime.settle();
    stage.block_on(stage.client.use_own_country()).unwrap();
    gate.open();
    stage.drain();
    assert!(done.borrow_mut().take().unwrap().is_ok());
}

struct Frozen;

impl Clock for Frozen {
    fn now(&self) -> Now {
        Now::default()
    }
}

#[test]
fn the_blocking_client_has_it_too() {
    let script = Script::new();
    script.on(ME).reply(200, USER);
    script.on(ALBUM).reply(200, BODY);
    let client = blocking::Client::new(config(), [0; 32], script.clone(), NoStore, Frozen).unwrap();
    assert_eq!(client.use_own_country().unwrap().as_str(), "NO");
    client.albums().get("1").send().unwrap();
    assert_eq!(script.requests().last().unwrap().query, "countryCode=NO");
}
