//! What calls tell an observer, through the asynchronous client and the blocking one.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/stage.rs"]
mod stage;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use stage::{ALBUM, FlakyStore, Stage, TOKEN, token};
use tidal_core::blocking;
use tidal_core::http::{Method, StatusCode};
use tidal_core::report::{Ending, Observed, Report};
use tidal_core::testing::{Gate, Reply, Script, VirtualRuntime};
use tidal_core::{Config, ErrorKind, FailureKind, Raw};
use tidal_store_memory::MemoryStore;

const BODY: &str = r#"{"data":{"id":"1","type":"albums","attributes":{"title":"One"}}}"#;

/// What was told, a line each: without durations.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn hear(&self, observed: Observed<'_>) {
        let all = format!("{observed:?}");
        assert!(!all.contains("secret") && !all.contains("https://"), "{all}");
        let what = match observed.report {
            Report::Attempt(attempt) => format!("attempt {} {:?} {} B", attempt.number, attempt.outcome, attempt.bytes),
            Report::End(end) => format!("{:?} after {}", end.ending, end.attempts),
            _ => unreachable!(),
        };
        let line = format!("{} {} {}: {what}", observed.call, observed.operation.method, observed.path());
        self.0.lock().unwrap().push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

fn stage() -> (Stage, Told) {
    let (stage, told) = (Stage::signed_in(Duration::from_secs(900_000)), Told::default());
    let hook = told.clone();
    stage.client.observe(move |observed| hook.hear(observed));
    (stage, told)
}

#[test]
fn an_answer_then_one_from_the_cache() {
    let (stage, told) = stage();
    stage.script.on(ALBUM).always(Reply::answer(200, BODY));
    for _ in 0..2 {
        stage.block_on(stage.client.albums().get("1").send()).unwrap();
    }
    let bytes = BODY.len();
    assert_eq!(
        told.take(),
        [
            format!("1 GET /albums/{{id}}: attempt 1 Ok(200) {bytes} B"),
            "1 GET /albums/{id}: Answered(200) after 1".to_owned(),
            "2 GET /albums/{id}: Cached after 0".to_owned(),
        ]
    );
}

#[test]
fn one_that_joins_another() {
    let (stage, told) = stage();
    let gate = Gate::new();
    stage.script.on(ALBUM).then(Reply::Behind(gate.clone(), Box::new(Reply::answer(200, BODY))));
    for _ in 0..2 {
        let call = stage.client.albums().get("1").send();
        stage.spawn(async move { drop(call.await.unwrap()) });
    }
    stage.runtime.settle();
    gate.open();
    stage.drain();
    let told = told.take();
    assert!(told.contains(&"2 GET /albums/{id}: Joined after 0".to_owned()), "{told:?}");
    assert_eq!(told.len(), 3, "{told:?}");
}

#[test]
fn each_attempt_of_a_call_under_one_number() {
    let (stage, told) = stage();
    stage.script.on(ALBUM).then(Reply::Fail(FailureKind::Broken));
    stage.script.on(ALBUM).then(Reply::answer(503, "busy"));
    stage.script.on(ALBUM).then(Reply::Hang);
    stage.script.on(ALBUM).reply(200, "{}");
    stage.block_on(stage.client.send(&Raw::get("/albums/1?filter=private"))).unwrap();
    assert_eq!(
        told.take(),
        [
            "1 GET /albums/1: attempt 1 Err(Broken) 0 B",
            "1 GET /albums/1: attempt 2 Ok(503) 4 B",
            "1 GET /albums/1: attempt 3 Err(Timeout) 0 B",
            "1 GET /albums/1: attempt 4 Ok(200) 2 B",
            "1 GET /albums/1: Answered(200) after 4",
        ]
    );
}

#[test]
fn errors_with_and_without_an_attempt_and_what_is_dropped() {
    let (stage, told) = stage();
    stage.script.on("POST /v2/playlists").reply(400, "{}");
    let change = Raw::new(Method::POST, "/playlists").body("{}");
    assert_eq!(stage.block_on(stage.client.send(&change)).unwrap_err().kind(), ErrorKind::Refused);
    // Begun, and given up while it is under way; one that was never polled has nothing to tell.
    stage.script.on(ALBUM).then(Reply::Hang);
    let mut begun = Box::pin(stage.client.send(&Raw::get("/albums/1")));
    let waker = std::task::Waker::noop();
    assert!(begun.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
    drop(begun);
    drop(stage.client.send(&Raw::get("/albums/1")));
    stage.client.close();
    assert_eq!(stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(
        told.take(),
        [
            "1 POST /playlists: attempt 1 Ok(400) 2 B",
            "1 POST /playlists: Failed(Refused) after 1",
            "2 GET /albums/1: Dropped after 1",
            "3 GET /albums/1: Failed(Closed) after 0",
        ]
    );
}

#[test]
fn durations_are_those_of_the_clock() {
    let stage = Stage::signed_in(Duration::from_secs(900_000));
    let spans = Arc::new(Mutex::new(Vec::new()));
    let hook = Arc::clone(&spans);
    stage.client.observe(move |observed| {
        hook.lock().unwrap().push(match observed.report {
            Report::Attempt(attempt) => attempt.took,
            Report::End(end) => {
                assert_eq!(end.ending, Ending::Answered(StatusCode::OK));
                end.took
            }
            _ => unreachable!(),
        });
    });
    let gate = Gate::new();
    stage.script.on(ALBUM).then(Reply::Behind(gate.clone(), Box::new(Reply::answer(200, "{}"))));
    let call = stage.client.send(&Raw::get("/albums/1"));
    stage.spawn(async move { drop(call.await.unwrap()) });
    stage.runtime.settle();
    stage.runtime.advance(Duration::from_secs(7));
    gate.open();
    stage.drain();
    assert_eq!(*spans.lock().unwrap(), [Duration::from_secs(7); 2]);
}

#[test]
fn each_request_for_a_token_under_a_number_of_its_own() {
    let (stage, told) = (Stage::expired(), Told::default());
    let hook = told.clone();
    stage.client.observe(move |observed| hook.hear(observed));
    let renewed = token("secret-2", Some("secret-3"));
    stage.script.on(TOKEN).then(Reply::Fail(FailureKind::Broken)).then(Reply::answer(503, "busy"));
    stage.script.on(TOKEN).then(Reply::Hang).then(Reply::answer(200, renewed.clone()));
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    for _ in 0..3 {
        stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    }
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    let of_token: Vec<String> = told.take().into_iter().filter(|line| line.contains(" POST token: ")).collect();
    assert_eq!(
        of_token,
        [
            "2 POST token: attempt 1 Err(Broken) 0 B".to_owned(),
            "2 POST token: Failed(Transport) after 1".to_owned(),
            "4 POST token: attempt 1 Ok(503) 4 B".to_owned(),
            "4 POST token: Answered(503) after 1".to_owned(),
            "6 POST token: attempt 1 Err(Timeout) 0 B".to_owned(),
            "6 POST token: Failed(Transport) after 1".to_owned(),
            format!("8 POST token: attempt 1 Ok(200) {} B", renewed.len()),
            "8 POST token: Answered(200) after 1".to_owned(),
        ]
    );
}

#[test]
fn a_request_for_a_token_that_is_dropped_and_how_long_it_took() {
    let (stage, spans) = (Stage::expired(), Arc::new(Mutex::new(Vec::new())));
    let hook = Arc::clone(&spans);
    stage.client.observe(move |observed| match observed.report {
        Report::End(end) if observed.path() == "token" => hook.lock().unwrap().push((end.ending, end.took)),
        _ => {}
    });
    stage.script.on(TOKEN).then(Reply::Hang);
    let call = stage.client.send(&Raw::get("/albums/1"));
    stage.spawn(async move { drop(call.await) });
    stage.runtime.settle();
    stage.runtime.advance(Duration::from_secs(3));
    stage.drop_driver();
    assert_eq!(*spans.lock().unwrap(), [(Ending::Dropped, Duration::from_secs(3))]);
}

const DEVICE: &str = "POST /v1/oauth2/device_authorization";
const CODE: &str =
    r#"{"device_code":"secret-4","user_code":"ABCDE","verification_uri":"https://x.example","expires_in":60,"interval":1}"#;
const ME: &str = r#"{"data":{"type":"users","id":"77"}}"#;

/// What a sign-in with a code, one on a device, and sign-outs ask.
fn script(configs: &mut [Config]) -> Script {
    let script = Script::new();
    script.on(TOKEN).always(Reply::answer(200, token("secret-1", Some("secret-2"))));
    script.on("GET /v2/users/me").always(Reply::answer(200, ME));
    script.on("POST /revoke").always(Reply::answer(200, ""));
    script.on(DEVICE).always(Reply::answer(200, CODE));
    for config in configs {
        config.revoke_url = Some("https://auth.example/revoke".parse().unwrap());
    }
    script
}

fn configs() -> [Config; 2] {
    [Config::authorization_code("id", "the-secret", "https://app.example/back").unwrap(), Config::device("id").unwrap()]
}

/// What comes back from the browser at this address.
fn back(url: &str) -> String {
    let state = url.split("state=").nth(1).unwrap().split('&').next().unwrap();
    format!("https://app.example/back?code=secret-0&state={state}")
}

fn expected() -> Vec<String> {
    let answered = |number: usize, what: &str, bytes: usize| {
        [format!("{number} {what}: attempt 1 Ok(200) {bytes} B"), format!("{number} {what}: Answered(200) after 1")]
    };
    let granted = token("secret-1", Some("secret-2")).len();
    let signed_in = |number| [answered(number, "POST token", granted), answered(number + 1, "GET /users/{id}", ME.len())];
    let out = |number| [answered(number, "POST revocation", 0)];
    let device = [answered(1, "POST device_authorization", CODE.len())];
    [&signed_in(1)[..], &out(3), &device, &signed_in(2), &out(4)].concat().concat()
}

#[test]
fn what_a_sign_in_and_a_sign_out_ask_and_no_secret() {
    let mut configs = configs();
    let (script, told) = (script(&mut configs), Told::default());
    for config in configs {
        let stage = Stage::new(config, FlakyStore::default(), VirtualRuntime::new(), script.clone());
        let (client, hook) = (&stage.client, told.clone());
        client.observe(move |observed| hook.hear(observed));
        if let Ok(pending) = client.begin_sign_in() {
            let back = back(pending.authorize_url());
            let code = pending.redirected(&back, stage.runtime_now()).unwrap();
            stage.block_on(client.finish_sign_in(code)).unwrap();
        } else {
            let pending = stage.block_on(client.begin_device_sign_in()).unwrap();
            stage.block_on(client.finish_device_sign_in(pending)).unwrap();
        }
        stage.block_on(client.sign_out()).unwrap();
    }
    assert_eq!(told.take(), expected());
}

#[test]
fn the_blocking_client_tells_the_same() {
    let mut configs = configs();
    let (script, told) = (script(&mut configs), Told::default());
    for config in configs {
        let runtime = VirtualRuntime::new();
        let client = blocking::Client::new(config, [7; 32], script.clone(), MemoryStore::new(), runtime.clone()).unwrap();
        let hook = told.clone();
        client.observe(move |observed| hook.hear(observed));
        if let Ok(pending) = client.begin_sign_in() {
            let back = back(pending.authorize_url());
            let code = pending.redirected(&back, client.now()).unwrap();
            client.finish_sign_in(code).unwrap();
        } else {
            let pending = client.begin_device_sign_in().unwrap();
            runtime.advance(Duration::from_secs(5));
            client.finish_device_sign_in(pending).unwrap();
        }
        client.sign_out().unwrap();
    }
    assert_eq!(told.take(), expected());
}

type Threads = blocking::Client<Script, MemoryStore, VirtualRuntime>;

fn threads() -> (Threads, Script, VirtualRuntime, Told) {
    let config = Config::client_credentials("the-client", "the-secret").unwrap();
    let (script, runtime, told) = (Script::new(), VirtualRuntime::new(), Told::default());
    let client = blocking::Client::new(config, [7; 32], script.clone(), MemoryStore::new(), runtime.clone()).unwrap();
    (client, script, runtime, told)
}

#[test]
fn a_transport_that_panics_in_a_thread_leaves_no_request_without_its_end() {
    let (client, script, runtime, told) = threads();
    let hook = told.clone();
    client.observe(move |observed| hook.hear(observed));
    let granted = token("secret-1", None);
    let panics = |_: &_| panic!("the transport panics on purpose");
    let send = || client.send(&Raw::get("/albums/1"));
    // First in a request that belongs to no call, which takes the call with it, then in a call's own.
    script.on(TOKEN).with(panics);
    assert!(catch_unwind(AssertUnwindSafe(send)).is_err());
    runtime.advance(Duration::from_secs(600));
    script.on(TOKEN).reply(200, granted.clone());
    script.on(ALBUM).with(panics);
    assert!(catch_unwind(AssertUnwindSafe(send)).is_err());
    script.on(ALBUM).reply(200, "{}");
    send().unwrap();
    assert_eq!(
        told.take(),
        [
            "2 POST token: Dropped after 1".to_owned(),
            "1 GET /albums/1: Dropped after 0".to_owned(),
            format!("4 POST token: attempt 1 Ok(200) {} B", granted.len()),
            "4 POST token: Answered(200) after 1".to_owned(),
            "3 GET /albums/1: Dropped after 1".to_owned(),
            "5 GET /albums/1: attempt 1 Ok(200) 2 B".to_owned(),
            "5 GET /albums/1: Answered(200) after 1".to_owned(),
        ]
    );
}

#[test]
fn an_observer_that_panics_each_time_ends_its_thread_and_not_the_process() {
    // Where the request for a token is told of, and where the call's own is: both by the thread of the call.
    for path in ["token", "/albums/1"] {
        let (client, script, _, told) = threads();
        let hook = told.clone();
        client.observe(move |observed| {
            hook.hear(observed);
            assert!(path != "token" && observed.path() != path, "the observer panics on purpose");
        });
        script.on(TOKEN).reply(200, token("secret-1", None));
        script.on(ALBUM).reply(503, "busy");
        assert!(catch_unwind(AssertUnwindSafe(|| client.send(&Raw::get("/albums/1")))).is_err());
        assert_eq!(told.take().last().unwrap(), &format!("1 GET /albums/1: Dropped after {}", u8::from(path != "token")));
    }
}

#[test]
fn so_it_is_over_futures() {
    let (stage, told) = (Stage::signed_in(Duration::from_secs(900_000)), Told::default());
    let hook = told.clone();
    stage.client.observe(move |observed| {
        hook.hear(observed);
        panic!("the observer panics on purpose");
    });
    stage.script.on(ALBUM).reply(503, "busy");
    assert!(catch_unwind(AssertUnwindSafe(|| stage.block_on(stage.client.send(&Raw::get("/albums/1"))))).is_err());
    assert_eq!(told.take(), ["1 GET /albums/1: attempt 1 Ok(503) 4 B", "1 GET /albums/1: Dropped after 1"]);
}
