//! Retries: what is tried again, how often, and after which pauses.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/stage.rs"]
mod stage;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use proptest::prelude::*;
use stage::{ALBUM, Stage};
use tidal_core::http::Method;
use tidal_core::runtime::{Clock, Runtime};
use tidal_core::store::NoStore;
use tidal_core::testing::{Reply, Script, VirtualRuntime};
use tidal_core::transport::{self, Transport};
use tidal_core::{
    Answer, Backoff, Call, Client, Config, Error, ErrorKind, Failure, FailureKind, Raw, RawAnswer, Response, Retries,
};

const CHANGE: &str = "POST /v2/playlists";

fn stage() -> Stage {
    Stage::signed_in(Duration::from_secs(36_000))
}

fn read(stage: &Stage) -> Result<Answer<RawAnswer>, Error> {
    stage.block_on(stage.client.send(&Raw::get("/albums/1")))
}

fn change() -> Raw {
    Raw::new(Method::POST, "/playlists").body("{}")
}

/// How long it took, in seconds.
fn timed<T>(stage: &Stage, run: impl FnOnce(&Stage) -> T) -> (T, f64) {
    let began = stage.runtime_now().mono;
    let outcome = run(stage);
    (outcome, stage.runtime_now().mono.since(began).as_secs_f64())
}

#[test]
fn reads_are_tried_again_after_faults_of_every_class() {
    // With the first pause, of which a random part of up to a fifth is taken off.
    let network = [FailureKind::Connect, FailureKind::Broken].map(|kind| (Reply::Fail(kind), 1.0));
    let status = [429, 500, 502, 503, 504].map(|status| (Reply::answer(status, "<html>"), 0.5));
    let timeout = [(Reply::Fail(FailureKind::Timeout), 8.0), (Reply::Hang, 38.0)];
    for (fault, pause) in network.into_iter().chain(status).chain(timeout) {
        let stage = stage();
        let name = format!("{pause}");
        stage.script.on(ALBUM).then(fault).reply(200, "{}");
        let (answer, took) = timed(&stage, read);
        assert_eq!(answer.unwrap().how.attempts, 2, "{name}");
        assert!(took <= pause && took >= pause * 0.8, "{took} of {name}");
    }
}

#[test]
fn what_would_end_the_same_way_is_not_tried_again() {
    for status in [400, 403, 404, 409, 415, 422, 501] {
        let stage = stage();
        stage.script.on(ALBUM).reply(status, "{}").reply(200, "{}");
        assert_eq!(read(&stage).unwrap_err().status().unwrap(), status);
        assert_eq!(stage.script.count(ALBUM), 1);
    }
    for kind in [FailureKind::Tls, FailureKind::TooLarge, FailureKind::Protocol, FailureKind::Lost, FailureKind::Unsupported] {
        let stage = stage();
        stage.script.on(ALBUM).fail(kind).reply(200, "{}");
        assert_eq!(read(&stage).unwrap_err().failure().unwrap().kind(), kind);
        assert_eq!(stage.script.count(ALBUM), 1);
    }
}

#[test]
fn budgets_end_and_the_last_error_is_told() {
    let stage = stage();
    stage.script.on(ALBUM).always(Reply::answer(503, r#"{"errors":[{"code":"BUSY","detail":"later"}]}"#));
    let (error, took) = timed(&stage, |stage| read(stage).unwrap_err());
    assert_eq!((error.kind(), stage.script.count(ALBUM)), (ErrorKind::Refused, 4));
    assert!(error.to_string().contains("later"), "{error}");
    // 0.5 + 1 + 2
    assert!((2.8..=3.5).contains(&took), "{took}");
}

#[test]
fn changes_without_a_key_are_sent_once() {
    for fault in
        [Reply::Fail(FailureKind::Connect), Reply::Fail(FailureKind::Broken), Reply::answer(503, ""), Reply::answer(429, "")]
    {
        let stage = stage();
        stage.script.on(CHANGE).then(fault).reply(201, "{}");
        stage.block_on(stage.client.send(&change())).unwrap_err();
        assert_eq!(stage.script.count(CHANGE), 1);
    }
}

#[test]
fn changes_with_a_key_are_tried_again_under_it() {
    let busy = r#"{"errors":[{"status":"409","code":"IDEMPOTENT_REQUEST_IN_PROGRESS"}]}"#;
    let stage = stage();
    stage.script.on(CHANGE).fail(FailureKind::Broken).reply(409, busy).reply(503, "").reply(201, "{}");
    let answer = stage.block_on(stage.client.send(&change().keyed())).unwrap();
    assert_eq!(answer.how.attempts, 4);
    let keys: Vec<_> = stage.script.requests().iter().map(|seen| seen.headers["idempotency-key"].clone()).collect();
    assert!(keys.len() == 4 && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    // Another conflict is the service's last word.
    stage.script.on(CHANGE).reply(409, r#"{"errors":[{"code":"DUPLICATE_ITEMS_IN_COLLECTION"}]}"#);
    stage.block_on(stage.client.send(&change().keyed())).unwrap_err();
    assert_eq!(stage.script.count(CHANGE), 5);
}

#[test]
fn the_service_is_given_the_time_it_asks_for() {
    let date = |stage: &Stage, after: i64| {
        let now = stage.runtime_now().unix.as_millis() / 1000 + after;
        let at = tidal_core::jiff::Timestamp::from_second(now).unwrap();
        at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    };
    for form in ["7".to_owned(), String::new()] {
        let stage = stage();
        let value = if form.is_empty() { date(&stage, 7) } else { form };
        stage.script.on(ALBUM).reply_with_headers(429, &[("retry-after", &value)], "").reply(200, "{}");
        let (answer, took) = timed(&stage, read);
        answer.unwrap();
        // And not all at the same moment.
        assert!((6.9..=7.6).contains(&took), "{value}: {took}");
    }
}

#[test]
fn a_pause_beyond_the_bound_fails_at_once_and_is_named() {
    for value in ["3600", "99999999999999999999999999"] {
        let stage = stage();
        stage.script.on(ALBUM).reply_with_headers(429, &[("retry-after", value)], "").reply(200, "{}");
        let (error, took) = timed(&stage, |stage| read(stage).unwrap_err());
        assert!(took < 0.1, "{took}");
        let text = error.to_string();
        assert!(text.contains("longer than the 120 s") && text.contains(value), "{text}");
        assert_eq!(error.status().unwrap(), 429);
    }
}

#[test]
fn one_bound_is_on_all_tries_together() {
    let stage = stage();
    stage.script.on(ALBUM).always(Reply::Fail(FailureKind::Broken));
    let call = Call::new(&Raw::get("/albums/1")).map(|call| call.within(Duration::from_secs(10)));
    let (error, took) = timed(&stage, |stage| stage.block_on(stage.client.call(call)).unwrap_err());
    assert_eq!(error.failure().unwrap().kind(), FailureKind::Broken);
    assert!(took <= 10.0, "{took}");
    assert_eq!(stage.script.count(ALBUM), 4);
}

#[test]
fn a_call_may_have_retries_of_its_own() {
    let stage = stage();
    stage.script.on(ALBUM).always(Reply::answer(500, ""));
    let call = Call::new(&Raw::get("/albums/1")).map(|call| call.retries(Retries::NONE));
    stage.block_on(stage.client.call(call)).unwrap_err();
    assert_eq!(stage.script.count(ALBUM), 1);
}

#[test]
fn pausing_calls_hold_nobody_up_and_leave_nothing_behind() {
    let stage = stage();
    stage.script.on(ALBUM).always(Reply::answer(503, ""));
    stage.script.on("GET /v2/albums/2").always(Reply::answer(200, "{}"));
    // All 64 places would be taken by calls that pause, if they kept theirs.
    let pausing: Vec<_> = (0..64).map(|_| stage.client.send(&Raw::get("/albums/1"))).collect();
    let mut pausing: Vec<_> = pausing.into_iter().map(Box::pin).collect();
    stage.block_on(std::future::poll_fn(|cx| {
        pausing.iter_mut().for_each(|call| drop(call.as_mut().poll(cx)));
        if stage.script.count(ALBUM) < 64 { Poll::Pending } else { Poll::Ready(()) }
    }));
    let (answer, took) = timed(&stage, |stage| stage.block_on(stage.client.send(&Raw::get("/albums/2"))));
    answer.unwrap();
    assert!(took < 0.1, "{took}");
    drop(pausing);
    stage.drain();
    assert_eq!(stage.script.count(ALBUM), 64);
}

/// A request that counts as open until its future is dropped.
struct Open(Arc<AtomicUsize>, <Script as Transport>::Future);

impl Future for Open {
    type Output = Result<Response, Failure>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.1).poll(cx)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn an_attempt_that_took_too_long_is_dropped_before_the_pause() {
    let (script, runtime, open) = (Script::new(), VirtualRuntime::new(), Arc::new(AtomicUsize::new(0)));
    script.on(ALBUM).always(Reply::Hang);
    let (inner, count) = (script.clone(), Arc::clone(&open));
    let transport = transport::from_fn(move |exchange| {
        count.fetch_add(1, Ordering::SeqCst);
        Open(Arc::clone(&count), inner.send(exchange))
    });
    let client = Client::new(Config::anonymous(), [7; 32], transport, NoStore, runtime.clone()).unwrap();
    let mut call = Box::pin(client.send(&Raw::get("/albums/1")));
    runtime.block_on(async {
        let pause = Duration::from_secs(31);
        let until = runtime.now().mono + pause;
        let mut sleep = Box::pin(runtime.sleep(until));
        std::future::poll_fn(|cx| {
            assert!(call.as_mut().poll(cx).is_pending());
            sleep.as_mut().poll(cx)
        })
        .await;
    });
    assert_eq!((script.count(ALBUM), open.load(Ordering::SeqCst)), (1, 0));
}

#[test]
fn a_sign_out_ends_a_pause() {
    let stage = stage();
    stage.script.on(ALBUM).always(Reply::Fail(FailureKind::Connect));
    let mut call = Box::pin(stage.client.send(&Raw::get("/albums/1")));
    stage.block_on(std::future::poll_fn(|cx| {
        let _ = call.as_mut().poll(cx);
        if stage.script.count(ALBUM) == 0 { Poll::Pending } else { Poll::Ready(()) }
    }));
    stage.block_on(stage.client.sign_out()).unwrap();
    assert_eq!(stage.block_on(call).unwrap_err().kind(), ErrorKind::SignedOut);
    assert_eq!(stage.script.count(ALBUM), 1);
}

proptest! {
    /// Whatever goes wrong, no budget is exceeded, no bound, and a change without a key is sent once.
    #[test]
    fn budgets_hold(faults in proptest::collection::vec(0..4_u8, 0..24), budget in (0..4_u32, 0..4_u32, 0..4_u32), kind in 0..3_u8) {
        let stage = stage();
        let target = if kind == 0 { "GET /v2/x" } else { "POST /v2/x" };
        let rule = faults.iter().fold(stage.script.on(target), |rule, fault| match fault {
            0 => rule.fail(FailureKind::Broken),
            1 => rule.fail(FailureKind::Timeout),
            2 => rule.reply(503, ""),
            _ => rule.reply(404, ""),
        });
        rule.always(Reply::answer(200, "{}"));
        let raw = match kind {
            0 => Raw::get("/x"),
            1 => Raw::new(Method::POST, "/x").keyed(),
            _ => Raw::new(Method::POST, "/x"),
        };
        let pause = |retries| Backoff::new(retries, Duration::from_secs(1), Duration::from_secs(2));
        let mut retries = Retries::NONE;
        (retries.network, retries.timeout, retries.status) = (pause(budget.0), pause(budget.1), pause(budget.2));
        let call = Call::new(&raw).map(|call| call.retries(retries));
        let outcome = stage.block_on(stage.client.call(call));

        let mut left = [budget.0, budget.1, budget.2];
        let mut expected = 0;
        let mut good = true;
        for fault in faults.iter().map(Some).chain(std::iter::repeat(None)) {
            expected += 1;
            good = fault.is_none();
            let Some(fault) = fault else { break };
            match left.get_mut(usize::from(*fault)) {
                Some(left) if *left > 0 && kind < 2 => *left -= 1,
                _ => break,
            }
        }
        prop_assert_eq!(stage.script.count(target), expected);
        prop_assert_eq!(outcome.is_ok(), good);
    }
}
