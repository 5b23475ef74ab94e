//! A handler that brings the person through a sign-in when calls need one.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "sign_in_handler/device.rs"]
mod device;
#[path = "sign_in_handler/implicit.rs"]
mod implicit;
#[path = "sign_in_handler/late.rs"]
mod late;
#[path = "sign_in_handler/meanwhile.rs"]
mod meanwhile;
#[path = "support/stage.rs"]
mod stage;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use stage::{ALBUM, Stage, TOKEN, pkce};
use tidal_core::auth::{CodeExchange, PendingSignIn};
use tidal_core::runtime::Clock;
use tidal_core::testing::{Script, VirtualRuntime};
use tidal_core::url::Url;
use tidal_core::{Config, ErrorKind, Failure, FailureKind, Flow, Now, Raw, blocking};
use tidal_store_memory::MemoryStore;

const GRANTED: &str = r#"{"access_token":"new","refresh_token":"r","expires_in":3600,"user_id":42}"#;

/// What a browser does, at once.
fn browse(pending: PendingSignIn) -> Result<CodeExchange, Failure> {
    let url = Url::parse(pending.authorize_url()).unwrap();
    let state = url.query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned();
    let back = format!("http://localhost:8080/callback?code=c&state={state}");
    Ok(pending.redirected(&back, Now::default())?)
}

fn config() -> Config {
    handled(pkce())
}

fn handled(mut config: Config) -> Config {
    config.handles_sign_in = true;
    config
}

fn stage(config: Config) -> Stage {
    let stage = Stage::new(config, stage::FlakyStore::default(), VirtualRuntime::new(), Script::new());
    stage.script.on(TOKEN).reply(200, GRANTED);
    stage.script.on(ALBUM).always(tidal_core::testing::Reply::answer(200, "{}"));
    stage
}

/// Fifty calls at once, and how they end.
fn fifty(stage: &Stage) -> Vec<Result<(), ErrorKind>> {
    let calls: Vec<_> = (0..50).map(|_| stage.client.send(&Raw::get("/albums/1"))).collect();
    let outcomes = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    for call in calls {
        let outcomes = std::rc::Rc::clone(&outcomes);
        stage.spawn(async move {
            let outcome = call.await;
            outcomes.borrow_mut().push(outcome.map(drop).map_err(|error| error.kind()));
        });
    }
    stage.drain();
    outcomes.take()
}

#[test]
fn it_is_asked_once_for_all_who_wait() {
    let stage = stage(config());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    stage.client.handle_sign_ins(move |pending| {
        count.fetch_add(1, Ordering::SeqCst);
        async move { browse(pending) }
    });
    assert_eq!(fifty(&stage), vec![Ok(()); 50]);
    assert_eq!((asked.load(Ordering::SeqCst), stage.script.count(TOKEN)), (1, 1));
    assert_eq!(stage.stored().key.user.as_deref(), Some("42"));
}

#[test]
fn who_it_is_is_asked_where_the_token_answer_does_not_say() {
    let stage = Stage::new(config(), stage::FlakyStore::default(), VirtualRuntime::new(), Script::new());
    stage.script.on(TOKEN).reply(200, r#"{"access_token":"new","refresh_token":"r","expires_in":3600}"#);
    stage.script.on("GET /v2/users/me").reply(200, r#"{"data":{"type":"users","id":"7"}}"#);
    stage.script.on(ALBUM).reply(200, "{}");
    stage.client.handle_sign_ins(|pending| async move { browse(pending) });
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    stage.drain();
    assert_eq!(stage.stored().key.user.as_deref(), Some("7"));
}

#[test]
fn its_failure_ends_all_who_wait_and_stores_nothing() {
    let stage = stage(config());
    stage.client.handle_sign_ins(|_| async { Err(Failure::new(FailureKind::SignIn, "the window was closed")) });
    assert_eq!(fifty(&stage), vec![Err(ErrorKind::SignInRequired); 50]);
    let error = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert!(error.to_string().contains("the window was closed"), "{error}");
    assert_eq!(tidal_core::store::Store::list(&stage.store).unwrap().len(), 0);
}

#[test]
fn a_code_that_the_service_refuses_ends_them_too() {
    let stage = Stage::new(config(), stage::FlakyStore::default(), VirtualRuntime::new(), Script::new());
    stage.script.on(TOKEN).reply(400, r#"{"error":"invalid_grant","error_description":"spent"}"#);
    stage.client.handle_sign_ins(|pending| async move { browse(pending) });
    let error = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignInRequired, "{error}");
    assert!(error.to_string().contains("spent"), "{error}");
}

#[test]
fn an_address_that_is_refused_ends_them_with_what_is_wrong_with_it() {
    let stage = stage(config());
    let back = "http://localhost:8080/callback?code=c&state=another";
    stage.client.handle_sign_ins(|pending| async { Ok(pending.redirected(back, Now::default())?) });
    let error = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert_eq!((error.kind(), error.failure().unwrap().kind()), (ErrorKind::SignInRequired, FailureKind::SignIn));
    assert!(error.to_string().contains("its state differs"), "{error}");
}

#[test]
fn without_one_for_the_flow_the_error_says_which_to_give() {
    let code = |client: &stage::TestClient| client.handle_sign_ins(|pending| async { browse(pending) });
    let implicit = |client: &stage::TestClient| client.handle_implicit_sign_ins(|pending| async { implicit::browse(pending) });
    let device = |client: &stage::TestClient| client.handle_device_sign_ins(|_| async { Ok(()) });
    for (config, missing) in [
        (config(), "(handle_sign_ins)"),
        (handled(Config::implicit("id", "http://localhost:8080/callback").unwrap()), "(handle_implicit_sign_ins)"),
        (handled(Config::device("id").unwrap()), "(handle_device_sign_ins)"),
    ] {
        let stage = stage(config.clone());
        match config.flow {
            Flow::Pkce => (implicit(&stage.client), device(&stage.client)),
            Flow::Implicit => (code(&stage.client), device(&stage.client)),
            _ => (code(&stage.client), implicit(&stage.client)),
        };
        let error = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SignInRequired);
        let says = format!("no handler for sign-ins; give it one {missing}");
        assert!(error.to_string().contains(&says), "{error}");
        assert!(stage.script.requests().is_empty(), "the service is asked for nothing that nobody would see");
        let blocking = blocking::Client::new(config, [7; 32], Script::new(), MemoryStore::new(), Still).unwrap();
        assert!(blocking.send(&Raw::get("/albums/1")).unwrap_err().to_string().contains(&says));
    }
}

struct Still;

impl Clock for Still {
    fn now(&self) -> Now {
        VirtualRuntime::new().now()
    }
}

#[test]
fn the_thread_of_a_waiting_call_runs_it() {
    let script = Script::new();
    script.on(TOKEN).reply(200, GRANTED);
    script.on(ALBUM).always(tidal_core::testing::Reply::answer(200, "{}"));
    let client = blocking::Client::new(config(), [7; 32], script.clone(), MemoryStore::new(), Still).unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    client.handle_sign_ins(move |pending| {
        count.fetch_add(1, Ordering::SeqCst);
        browse(pending)
    });
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| client.send(&Raw::get("/albums/1")).map(drop))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
    });
    assert_eq!((asked.load(Ordering::SeqCst), script.count(TOKEN)), (1, 1));
    assert_eq!(client.account().unwrap().user.as_deref(), Some("42"));
}
