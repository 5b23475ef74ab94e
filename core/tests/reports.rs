//! What calls tell an observer, through the asynchronous client and the blocking one.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/stage.rs"]
mod stage;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use stage::{ALBUM, Stage};
use tidal_core::http::{Method, StatusCode};
use tidal_core::report::{Ending, Observed, Report};
use tidal_core::testing::{Gate, Reply};
use tidal_core::{ErrorKind, FailureKind, Raw};

const BODY: &str = r#"{"data":{"id":"1","type":"albums","attributes":{"title":"One"}}}"#;

/// What was told, a line each: without durations.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn hear(&self, observed: Observed<'_>) {
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
