//! The cache and joined reads, through a client.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/stage.rs"]
mod stage;

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_core::Stream;
use stage::{ALBUM, Stage};
use tidal_core::api::GetAlbum;
use tidal_core::cache::Part;
use tidal_core::http::Method;
use tidal_core::runtime::Clock;
use tidal_core::testing::{Gate, Reply};
use tidal_core::{Answer, Call, Error, ErrorKind, How, Raw, Retries};

const BODY: &str = r#"{"data":{"id":"1","type":"albums","attributes":{"title":"One"}}}"#;
type Album = tidal_core::document::Document<tidal_core::model::Album>;
type Outcomes = Rc<RefCell<Vec<Result<How, Error>>>>;

fn stage() -> Stage {
    let stage = Stage::signed_in(Duration::from_secs(900_000));
    stage.script.on(ALBUM).always(Reply::answer(200, BODY));
    stage
}

fn read(stage: &Stage) -> Answer<Album> {
    stage.block_on(stage.client.albums().get("1").send()).unwrap()
}

fn behind(gate: &Gate, reply: Reply) -> Reply {
    Reply::Behind(gate.clone(), Box::new(reply))
}

/// Spawns so many reads that are the same, and goes on until all wait.
fn spawn(stage: &Stage, count: usize) -> Outcomes {
    let outcomes = Outcomes::default();
    for _ in 0..count {
        let (call, into) = (stage.client.albums().get("1").send(), Rc::clone(&outcomes));
        stage.spawn(async move {
            let outcome = call.await.map(|answer| answer.how);
            into.borrow_mut().push(outcome);
        });
    }
    stage.runtime.settle();
    outcomes
}

#[test]
fn an_answer_is_kept_and_shared_until_its_class_says_so() {
    let stage = stage();
    let first = read(&stage);
    let second = read(&stage);
    assert!(Arc::ptr_eq(&first.value, &second.value));
    assert_eq!((first.how.cached, first.how.attempts), (false, 1));
    assert_eq!((second.how.cached, second.how.attempts), (true, 0));
    stage.runtime.advance(Duration::from_secs(24 * 3600 - 1));
    assert!(read(&stage).how.cached);
    stage.runtime.advance(Duration::from_secs(1));
    assert!(!read(&stage).how.cached);
    assert_eq!(stage.script.count(ALBUM), 2);
    let statistics = stage.client.cache_statistics();
    assert_eq!((statistics.hits, statistics.misses, statistics.stored, statistics.expired), (2, 2, 2, 1));
}

#[test]
fn a_date_set_forward_ends_it_too() {
    let stage = stage();
    read(&stage);
    let unix = stage.runtime.now().unix;
    stage.runtime.set_unix(unix + Duration::from_secs(24 * 3600));
    assert!(!read(&stage).how.cached);
}

#[test]
fn a_fresh_answer_is_asked_for_and_kept() {
    let stage = stage();
    read(&stage);
    assert!(!stage.block_on(stage.client.albums().get("1").fresh().send()).unwrap().how.cached);
    let call = Call::new(&stage.client.albums().get("1").detach()).map(Call::fresh);
    assert!(!stage.block_on(stage.client.call(call)).unwrap().how.cached);
    assert!(read(&stage).how.cached);
    assert_eq!((stage.script.count(ALBUM), stage.client.cache_statistics().stored), (3, 3));
}

#[test]
fn what_is_cleared_or_switched_off_is_asked_for_again() {
    let parts = [
        (Part::All, true),
        (Part::of::<GetAlbum>(), true),
        (Part::Group("albums"), true),
        (Part::Resource("albums", "1"), true),
        (Part::Resource("albums", "2"), false),
        (Part::Group("artists"), false),
    ];
    for (part, gone) in parts {
        let stage = stage();
        read(&stage);
        stage.client.clear_cache(part);
        assert_eq!(read(&stage).how.cached, !gone, "{part:?}");
    }
    let stage = stage();
    read(&stage);
    stage.client.switch_cache(false);
    assert!(!stage.client.is_cache_on() && !read(&stage).how.cached && !read(&stage).how.cached);
    stage.client.switch_cache(true);
    assert!(!read(&stage).how.cached && read(&stage).how.cached);
}

#[test]
fn a_resource_that_is_cleared_is_no_longer_told_by_listings_of_its_type() {
    let stage = stage();
    stage.script.on("GET /v2/albums").always(Reply::answer(200, r#"{"data":[{"id":"1","type":"albums"}]}"#));
    let list = || stage.block_on(stage.client.albums().list().ids(["1"]).send()).unwrap().how.cached;
    assert!(!list() && list());
    stage.client.clear_cache(Part::Resource("artists", "1"));
    assert!(list());
    stage.client.clear_cache(Part::Resource("albums", "1"));
    assert!(!list());
}

#[test]
fn reads_that_differ_are_kept_apart() {
    let stage = stage();
    read(&stage);
    assert!(!stage.block_on(stage.client.albums().get("1").country("NO").send()).unwrap().how.cached);
    assert!(!stage.block_on(stage.client.albums().get("1").header("x-other", "1").send()).unwrap().how.cached);
    assert!(read(&stage).how.cached);
}

#[test]
fn a_change_makes_stale_what_it_touches_also_when_it_fails_or_is_dropped() {
    for end in ["done", "failed", "dropped"] {
        let stage = stage();
        let gate = Gate::new();
        let reply = Reply::answer(if end == "failed" { 400 } else { 204 }, "");
        stage.script.on("PATCH /v2/albums/1").then(behind(&gate, reply));
        read(&stage);
        let change = stage.client.send(&Raw::new(Method::PATCH, "/albums/1").body("{}"));
        let mut change = Box::pin(change);
        // Until it is sent.
        stage.block_on(std::future::poll_fn(|cx| {
            let _ = change.as_mut().poll(cx);
            std::task::Poll::Ready(())
        }));
        assert_eq!(stage.script.count("PATCH *"), 1, "{end}");
        assert!(!read(&stage).how.cached, "{end}: stale once it is sent");
        assert!(read(&stage).how.cached, "{end}");
        if end != "dropped" {
            gate.open();
            assert_eq!(stage.block_on(change).is_ok(), end == "done");
        } else {
            drop(change);
        }
        assert!(!read(&stage).how.cached, "{end}: stale again when it has ended");
    }
}

#[test]
fn nothing_of_one_who_signed_out_reaches_the_next() {
    let stage = stage();
    read(&stage);
    stage.block_on(stage.client.sign_out()).unwrap();
    let error = stage.block_on(stage.client.albums().get("1").send()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignInRequired);
    assert_eq!(stage.client.cache_statistics().entries, 0);
}

#[test]
fn identical_reads_under_way_share_one_request() {
    let stage = Stage::signed_in(Duration::from_secs(900_000));
    let gate = Gate::new();
    stage.script.on(ALBUM).always(behind(&gate, Reply::answer(200, BODY)));
    let outcomes = spawn(&stage, 1000);
    assert_eq!((stage.script.count(ALBUM), outcomes.borrow().len()), (1, 0));
    gate.open();
    stage.runtime.settle();
    let outcomes = outcomes.borrow();
    assert_eq!(stage.script.count(ALBUM), 1);
    assert_eq!((outcomes.len(), outcomes.iter().filter(|how| !how.as_ref().unwrap().joined).count()), (1000, 1));
    assert!(outcomes.iter().all(|how| !how.as_ref().unwrap().cached));
}

#[test]
fn when_the_one_that_was_sent_is_dropped_another_is_sent() {
    let stage = Stage::signed_in(Duration::from_secs(900_000));
    let gate = Gate::new();
    stage.script.on(ALBUM).always(behind(&gate, Reply::answer(200, BODY)));
    // With the token at hand, the first poll sends.
    stage.script.on("GET /v2/albums/2").reply(200, "{}");
    stage.block_on(stage.client.send(&Raw::get("/albums/2"))).unwrap();
    let mut leader = Box::pin(stage.client.albums().get("1").send());
    stage.block_on(std::future::poll_fn(|cx| {
        let _ = leader.as_mut().poll(cx);
        std::task::Poll::Ready(())
    }));
    let outcomes = spawn(&stage, 3);
    assert_eq!(stage.script.count(ALBUM), 1);
    drop(leader);
    stage.runtime.settle();
    assert_eq!(stage.script.count(ALBUM), 2);
    gate.open();
    stage.runtime.settle();
    assert_eq!((stage.script.count(ALBUM), outcomes.borrow().iter().filter(|how| how.is_ok()).count()), (2, 3));
}

#[test]
fn a_read_does_not_join_one_that_began_before_a_change() {
    let stage = Stage::signed_in(Duration::from_secs(900_000));
    let gate = Gate::new();
    stage.script.on(ALBUM).then(behind(&gate, Reply::answer(200, BODY))).always(Reply::answer(200, BODY));
    stage.script.on("PATCH /v2/albums/1").always(Reply::answer(204, ""));
    let before = spawn(&stage, 1);
    stage.block_on(stage.client.send(&Raw::new(Method::PATCH, "/albums/1").body("{}"))).unwrap();
    assert!(!read(&stage).how.joined);
    assert_eq!((stage.script.count(ALBUM), before.borrow().len()), (2, 0));
    gate.open();
    stage.runtime.settle();
    assert_eq!(before.borrow().len(), 1);
    assert_eq!(stage.client.cache_statistics().stored, 1, "what began before the change is not kept");
}

#[test]
fn those_who_follow_share_an_error_of_the_service() {
    let stage = Stage::signed_in(Duration::from_secs(900_000));
    let gate = Gate::new();
    stage.script.on(ALBUM).always(behind(&gate, Reply::answer(404, "")));
    let outcomes = spawn(&stage, 5);
    gate.open();
    stage.runtime.settle();
    assert_eq!((stage.script.count(ALBUM), outcomes.borrow().len()), (1, 5));
    assert!(outcomes.borrow().iter().all(|outcome| outcome.as_ref().unwrap_err().kind() == ErrorKind::Refused));
}

#[test]
fn a_call_with_retries_of_its_own_joins_nobody() {
    let stage = Stage::signed_in(Duration::from_secs(900_000));
    let gate = Gate::new();
    stage.script.on(ALBUM).then(behind(&gate, Reply::answer(200, BODY))).always(Reply::answer(200, BODY));
    let waiting = spawn(&stage, 1);
    let call = Call::new(&stage.client.albums().get("1").detach()).map(|call| call.retries(Retries::NONE));
    assert!(!stage.block_on(stage.client.call(call)).unwrap().how.joined);
    assert_eq!((stage.script.count(ALBUM), waiting.borrow().len()), (2, 0));
}

#[test]
fn a_fresh_listing_is_fresh_on_every_page() {
    let stage = Stage::signed_in(Duration::from_secs(900_000));
    let page = |links: &str| format!(r#"{{"data":[{{"id":"1","type":"tracks"}}],"links":{{{links}}}}}"#);
    let (first, last) = (page(r#""next":"/albums/1/relationships/items?page%5Bcursor%5D=n""#), page(""));
    stage
        .script
        .on("GET /v2/albums/1/relationships/items")
        .with(move |seen| Reply::answer(200, if seen.query.contains("cursor") { last.clone() } else { first.clone() }));
    let walk = |fresh: bool| {
        let request = stage.client.albums().items("1");
        let mut pages = if fresh { request.fresh().pages() } else { request.pages() };
        while let Some(page) = stage.block_on(std::future::poll_fn(|cx| Pin::new(&mut pages).poll_next(cx))) {
            page.unwrap();
        }
        stage.script.requests().iter().filter(|seen| seen.path.ends_with("/items")).count()
    };
    assert_eq!([walk(false), walk(false), walk(true)], [2, 2, 4]);
}
