//! The asynchronous client against a script: refreshes, drops, sign-outs, under virtual time.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/stage.rs"]
mod stage;

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};
use std::time::Duration;

use stage::{ALBUM, Stage, TOKEN, token};
use tidal_core::store::Store;
use tidal_core::testing::{Gate, Reply};
use tidal_core::{Call, ErrorKind, Event, FailureKind, Raw, Retries};

type Outcome = Result<tidal_core::Answer<tidal_core::RawAnswer>, tidal_core::Error>;

/// Starts `n` calls and collects how they end.
fn start(stage: &Stage, n: usize) -> Rc<RefCell<Vec<Outcome>>> {
    let outcomes = Rc::new(RefCell::new(Vec::new()));
    for _ in 0..n {
        let (call, outcomes) = (stage.client.send(&Raw::get("/albums/1")), Rc::clone(&outcomes));
        stage.spawn(async move {
            let outcome = call.await;
            outcomes.borrow_mut().push(outcome);
        });
    }
    outcomes
}

fn poll_once<F: Future + Unpin>(future: &mut F) {
    assert!(Pin::new(future).poll(&mut Context::from_waker(Waker::noop())).is_pending());
}

#[test]
fn a_thousand_calls_on_an_expired_token_make_one_request_for_a_new_one() {
    let stage = Stage::expired();
    stage.script.on(TOKEN).reply(200, token("new", Some("refresh-2")));
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    let outcomes = start(&stage, 1000);
    stage.drain();
    assert_eq!(outcomes.borrow().len(), 1000);
    assert!(outcomes.borrow().iter().all(Result::is_ok));
    assert_eq!(stage.script.count(TOKEN), 1);
    assert!(stage.script.requests().iter().skip(1).all(|seen| seen.bearer() == Some("new")));
    assert_eq!(stage.stored().refresh_token.unwrap().expose(), "refresh-2");
}

#[test]
fn the_caller_that_began_a_refresh_may_be_dropped() {
    let stage = Stage::expired();
    let gate = Gate::new();
    stage.script.on(TOKEN).then(Reply::Behind(gate.clone(), Box::new(Reply::answer(200, token("new", Some("refresh-2"))))));
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    let mut first = stage.client.send(&Raw::get("/albums/1"));
    poll_once(&mut first);
    stage.runtime.settle();
    let others = start(&stage, 10);
    stage.runtime.settle();
    assert_eq!(stage.script.count(TOKEN), 1);
    drop(first);
    gate.open();
    stage.drain();
    assert!(others.borrow().iter().all(Result::is_ok) && others.borrow().len() == 10);
    assert_eq!(stage.script.count(TOKEN), 1);
}

#[test]
fn a_rotated_token_is_saved_even_if_every_caller_is_dropped() {
    let stage = Stage::expired();
    let gate = Gate::new();
    stage.script.on(TOKEN).then(Reply::Behind(gate.clone(), Box::new(Reply::answer(200, token("new", Some("refresh-2"))))));
    let mut calls: Vec<_> = (0..100).map(|_| stage.client.send(&Raw::get("/albums/1"))).collect();
    calls.iter_mut().for_each(poll_once);
    stage.runtime.settle();
    drop(calls);
    gate.open();
    stage.drain();
    assert_eq!(stage.stored().refresh_token.unwrap().expose(), "refresh-2");
    // And it is used, without another request for a token.
    stage.script.on(ALBUM).reply(200, "{}");
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    assert_eq!(stage.script.count(TOKEN), 1);
    assert_eq!(stage.script.requests().last().unwrap().bearer(), Some("new"));
}

#[test]
fn a_failed_refresh_leaves_the_stored_account_and_is_shared_by_those_who_waited() {
    for reply in [
        Reply::answer(503, "<html>"),
        Reply::answer(429, "").headers(&[("retry-after", "30")]),
        Reply::answer(200, "no json"),
        Reply::answer(400, r#"{"error":"invalid_client"}"#),
        Reply::Fail(FailureKind::Broken),
        Reply::Hang,
    ] {
        let stage = Stage::expired();
        let before = stage.stored();
        stage.script.on(TOKEN).then(reply.clone());
        stage.script.on(TOKEN).reply(200, token("new", None));
        stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
        let outcomes = start(&stage, 50);
        stage.drain();
        assert_eq!(stage.script.count(TOKEN), 1, "{reply:?}");
        assert!(outcomes.borrow().iter().all(Result::is_err), "{reply:?}");
        let after = stage.stored();
        assert!(after.same_tokens(&before) && after.expires_at == before.expires_at, "{reply:?}");
        // A call made in the pause waits for the next try, and the old refresh token still serves.
        stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
        assert_eq!(stage.script.count(TOKEN), 2, "{reply:?}");
        assert_eq!(stage.stored().refresh_token.unwrap().expose(), "refresh-1", "{reply:?}");
    }
}

#[test]
fn while_the_token_still_works_a_failed_refresh_fails_nobody() {
    let stage = Stage::signed_in(Duration::from_secs(30));
    stage.script.on(TOKEN).reply(500, "");
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    let outcomes = start(&stage, 20);
    stage.drain();
    assert!(outcomes.borrow().iter().all(Result::is_ok) && outcomes.borrow().len() == 20);
    assert_eq!(stage.script.count(TOKEN), 1);
    assert_eq!(stage.script.requests().last().unwrap().bearer(), Some("old"));
}

#[test]
fn late_refusals_make_one_refresh() {
    let stage = Stage::signed_in(Duration::from_secs(3600));
    stage.script.on(ALBUM).with(|seen| match seen.bearer() {
        Some("new") => Reply::answer(200, "{}"),
        _ => Reply::answer(401, r#"{"errors":[{"code":"UNAUTHORIZED"}]}"#),
    });
    stage.script.on(TOKEN).reply(200, token("new", Some("refresh-2")));
    let outcomes = start(&stage, 300);
    stage.drain();
    assert!(outcomes.borrow().iter().all(Result::is_ok) && outcomes.borrow().len() == 300);
    assert_eq!(stage.script.count(TOKEN), 1);
}

#[test]
fn a_token_that_is_refused_again_after_its_renewal_is_an_error_of_that_call() {
    let stage = Stage::signed_in(Duration::from_secs(3600));
    stage.script.on(ALBUM).always(Reply::answer(401, r#"{"errors":[{"code":"UNAUTHORIZED","detail":"no"}]}"#));
    stage.script.on(TOKEN).reply(200, token("new", None));
    let error = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Refused, 401));
    assert_eq!((stage.script.count(ALBUM), stage.script.count(TOKEN)), (2, 1));
}

#[test]
fn a_sign_out_during_a_refresh_stays_signed_out() {
    let stage = Stage::expired();
    let gate = Gate::new();
    stage.script.on(TOKEN).then(Reply::Behind(gate.clone(), Box::new(Reply::answer(200, token("new", Some("refresh-2"))))));
    let waiting = start(&stage, 5);
    stage.runtime.settle();
    stage.block_on(stage.client.sign_out()).unwrap();
    gate.open();
    stage.drain();
    assert!(waiting.borrow().iter().all(|outcome| outcome.as_ref().unwrap_err().kind() == ErrorKind::SignedOut));
    assert_eq!(waiting.borrow().len(), 5);
    assert!(stage.store.list().unwrap().is_empty());
    let error = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert!(error.needs_sign_in(), "{error:?}");
    assert_eq!(stage.script.count(ALBUM), 0);
}

#[test]
fn a_dead_refresh_token_ends_the_session_in_the_services_words() {
    let stage = Stage::expired();
    stage.script.on(TOKEN).reply(400, r#"{"error":"invalid_grant","error_description":"Token has expired","sub_status":1005}"#);
    let error = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionEnded);
    assert!(error.to_string().contains("Token has expired"), "{error}");
    stage.drain();
    assert!(std::iter::from_fn(|| stage.client.try_event()).any(|event| matches!(event, Event::SessionEnded(..))));
    // The record stays, marked, and the service is not asked again.
    assert!(stage.stored().rejected.is_some());
    let again = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::SessionEnded);
    assert_eq!(stage.script.count(TOKEN), 1);
}

#[test]
fn client_credentials_sign_in_by_themselves_and_again() {
    let stage = Stage::client_credentials();
    stage.script.on(TOKEN).reply(200, token("one", None)).reply(200, token("two", None));
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    stage.drain();
    stage.runtime.advance(Duration::from_secs(3600 - 59));
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    let tokens: Vec<_> = stage.script.requests().iter().filter_map(|seen| seen.bearer().map(str::to_owned)).collect();
    assert_eq!(tokens, ["one", "two"]);
    assert_eq!(stage.script.requests()[0].text(), "grant_type=client_credentials");
}

#[test]
fn a_suspended_machine_and_a_moved_clock_both_end_a_token() {
    for moved in [true, false] {
        let stage = Stage::signed_in(Duration::from_secs(7200));
        stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
        stage.script.on(TOKEN).reply(200, token("new", None));
        stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
        assert_eq!(stage.script.count(TOKEN), 0);
        let unix = stage.runtime_now().unix;
        if moved {
            stage.runtime.set_unix(unix + Duration::from_secs(86_400));
        } else {
            stage.runtime.advance(Duration::from_secs(86_400));
            stage.runtime.set_unix(unix);
        }
        stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
        assert_eq!(stage.script.count(TOKEN), 1, "moved: {moved}");
    }
}

#[test]
fn nobody_signed_in_is_said_before_anything_is_sent() {
    let stage = Stage::nobody();
    let error = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignInRequired);
    assert!(stage.script.requests().is_empty());
}

#[test]
fn a_sign_in_is_stored_and_found_again() {
    let stage = Stage::nobody();
    stage.script.on(TOKEN).with(|seen| {
        let form: Vec<(String, String)> =
            tidal_core::url::form_urlencoded::parse(&seen.body).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap();
        assert_eq!((field("grant_type"), field("code")), ("authorization_code".to_owned(), "the-code".to_owned()));
        assert!((43..=128).contains(&field("code_verifier").len()));
        let answer = r#"{"access_token":"new","refresh_token":"r","expires_in":3600,"user_id":42,"scope":"user.read"}"#;
        Reply::answer(200, answer)
    });
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    let pending = stage.client.begin_sign_in().unwrap();
    let url = tidal_core::url::Url::parse(pending.authorize_url()).unwrap();
    let state = url.query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned();
    // Another process may finish it.
    let kept = serde_json::to_string(&pending).unwrap();
    let pending: tidal_core::auth::PendingSignIn = serde_json::from_str(&kept).unwrap();
    let refused =
        pending.redirected("http://localhost:8080/callback?code=the-code&state=other", stage.runtime_now()).unwrap_err();
    assert_eq!(refused.error.kind(), ErrorKind::Redirect);
    let redirect = format!("http://localhost:8080/callback?code=the-code&state={state}");
    let code = refused.pending.redirected(&redirect, stage.runtime_now()).unwrap();
    let key = stage.block_on(stage.client.finish_sign_in(code)).unwrap();
    assert_eq!(key.user.as_deref(), Some("42"));
    // Another client on the same store is signed in.
    let again = stage.again();
    again.block_on(again.client.send(&Raw::get("/albums/1"))).unwrap();
    assert_eq!(again.script.requests().last().unwrap().bearer(), Some("new"));
    assert_eq!(again.script.count(TOKEN), 1);
}

#[test]
fn a_broken_store_does_not_stop_a_session() {
    let stage = Stage::expired();
    stage.script.on(TOKEN).reply(200, token("new", Some("refresh-2")));
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    stage.store.fail_from_now_on(&["acquire", "save"]);
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    let events: Vec<Event> = std::iter::from_fn(|| stage.client.try_event()).collect();
    assert!(events.iter().any(|event| matches!(event, Event::StoreFailed(_))), "{events:?}");
    // When it works again, the rotated token goes in.
    stage.store.fail_from_now_on(&[]);
    stage.drain();
    assert_eq!(stage.stored().refresh_token.unwrap().expose(), "refresh-2");
}

#[test]
fn signed_out_elsewhere_means_signed_out() {
    let stage = Stage::signed_in(Duration::from_secs(3600));
    stage.script.on(ALBUM).reply(200, "{}");
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    stage.store.wipe();
    stage.runtime.advance(Duration::from_secs(3600));
    let error = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionEnded);
    stage.drain();
    assert_eq!(stage.script.count(TOKEN), 0);
    assert!(stage.store.list().unwrap().is_empty());
}

#[test]
fn a_dropped_driver_fails_those_who_wait_and_the_next_call_works() {
    let stage = Stage::expired();
    stage.script.on(TOKEN).then(Reply::Hang).reply(200, token("new", None));
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    let outcomes = start(&stage, 3);
    stage.runtime.settle();
    assert_eq!(stage.script.count(TOKEN), 1);
    stage.drop_driver();
    stage.runtime.settle();
    assert_eq!(outcomes.borrow().len(), 3);
    assert!(outcomes.borrow().iter().all(|outcome| outcome.as_ref().unwrap_err().is_retryable()));
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
}

#[test]
fn calls_beyond_the_bound_in_flight_wait_their_turn() {
    let stage = Stage::signed_in(Duration::from_secs(3600));
    let gate = Gate::new();
    stage.script.on(ALBUM).always(Reply::Behind(gate.clone(), Box::new(Reply::answer(200, "{}"))));
    let outcomes = start(&stage, 200);
    stage.runtime.settle();
    // An eighth is left to changes.
    assert_eq!(stage.script.count(ALBUM), 56);
    gate.open();
    stage.drain();
    assert_eq!((outcomes.borrow().len(), stage.script.count(ALBUM)), (200, 200));
}

#[test]
fn a_call_ends_at_its_deadline_whatever_the_transport_does() {
    let stage = Stage::signed_in(Duration::from_secs(3600));
    stage.script.on(ALBUM).then(Reply::Hang);
    let began = stage.runtime_now().mono;
    let call = Call::new(&Raw::get("/albums/1")).map(|call| call.retries(Retries::NONE));
    let error = stage.block_on(stage.client.call(call)).unwrap_err();
    assert_eq!(error.failure().unwrap().kind(), FailureKind::Timeout);
    assert_eq!(stage.runtime_now().mono.since(began), Duration::from_secs(30));
    assert!(error.is_retryable());
}

#[test]
fn a_store_that_is_slow_is_asked_again_and_no_refresh_token_is_spent_without_it() {
    for (times, served) in [(1, true), (2, true), (3, false)] {
        let stage = Stage::expired();
        stage.script.on(TOKEN).reply(200, token("new", Some("refresh-2")));
        stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
        stage.store.be_slow(times);
        let outcome = stage.block_on(stage.client.send(&Raw::get("/albums/1")));
        assert_eq!(outcome.is_ok(), served, "slow {times} times: {:?}", outcome.err());
        assert_eq!(stage.script.count(TOKEN), usize::from(served), "slow {times} times");
        // Later it is in time again.
        stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
        assert_eq!(stage.script.count(TOKEN), 1);
        assert_eq!(stage.stored().refresh_token.unwrap().expose(), "refresh-2");
    }
}

/// The session has gone on by then: with another lease, which it has given back too.
#[test]
fn a_lease_that_comes_too_late_is_given_back() {
    let stage = Stage::expired();
    stage.hang_at("acquiring");
    stage.script.on(TOKEN).reply(200, token("new", Some("refresh-2")));
    stage.script.on(ALBUM).reply(200, "{}");
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    stage.drain();
    stage.end_hung();
    stage.drain();
    assert!(stage.is_free());
    assert_eq!(stage.stored().access_token.expose(), "new");
}
