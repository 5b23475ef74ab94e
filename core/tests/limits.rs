//! The limits of the service: who is sent when, through a whole client, under virtual time.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/stage.rs"]
mod stage;

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use stage::{FlakyStore, Stage, TOKEN, token};
use tidal_core::http::Method;
use tidal_core::runtime::{Clock, Runtime};
use tidal_core::testing::{Gate, Reply, Script, VirtualRuntime};
use tidal_core::{Call, Config, ErrorKind, Mono, Raw, Retries};

const READS: &str = "GET /v2/albums/*";
const WRITES: &str = "POST /v2/*";

fn stage() -> Stage {
    let stage = Stage::signed_in(Duration::from_secs(36_000));
    // What is asked again here is meant to be sent again.
    stage.client.switch_cache(false);
    stage
}

fn read(number: usize) -> Raw {
    Raw::get(format!("/albums/{number}"))
}

fn write() -> Raw {
    Raw::new(Method::POST, "/playlists").body("{}")
}

fn busy(seconds: &str) -> Reply {
    Reply::answer(429, "{}").headers(&[("retry-after", seconds)])
}

/// When calls ended, in the order in which they did; nothing for those that failed.
type Ends = Rc<RefCell<Vec<(usize, Option<Mono>)>>>;

/// Starts a call without retries.
fn start(stage: &Stage, ends: &Ends, number: usize, request: &Raw) {
    let call = stage.client.call(Call::new(request).map(|call| call.retries(Retries::NONE)));
    let (ends, runtime) = (Rc::clone(ends), stage.runtime.clone());
    stage.spawn(async move {
        let outcome = call.await;
        ends.borrow_mut().push((number, outcome.is_ok().then(|| runtime.now().mono)));
    });
}

fn seconds(since: Mono, ends: &Ends) -> Vec<(usize, f64)> {
    let second = |(number, end): &(usize, Option<Mono>)| Some((*number, (*end)?.since(since).as_secs_f64()));
    ends.borrow().iter().filter_map(second).collect()
}

/// Lets time pass, one timer after the other.
fn pass(stage: &Stage, seconds: u64) {
    let until = stage.runtime_now().mono + Duration::from_secs(seconds);
    stage.block_on(stage.runtime.sleep(until));
}

#[test]
fn a_refusal_holds_the_calls_of_its_kind_until_the_time_that_it_names() {
    let stage = stage();
    stage.script.on(READS).then(busy("10")).always(Reply::answer(200, "{}"));
    stage.script.on(WRITES).always(Reply::answer(201, "{}"));
    let (began, ends) = (stage.runtime_now().mono, Ends::default());
    start(&stage, &ends, 0, &read(0));
    stage.runtime.settle();
    for number in 1..4 {
        start(&stage, &ends, number, &read(number));
    }
    start(&stage, &ends, 4, &write());
    stage.runtime.settle();
    // The write has gone; no read has.
    assert_eq!((stage.script.count(READS), stage.script.count(WRITES)), (1, 1));
    let state = stage.client.limiter_state();
    assert_eq!((state.reads.waiting, state.writes.waiting), (3, 0));
    assert_eq!(state.reads.closed_until, Some(began + Duration::from_secs(10)));
    stage.runtime.advance(Duration::from_millis(9_999));
    stage.runtime.settle();
    assert_eq!(stage.script.count(READS), 1);
    pass(&stage, 10);
    let ends = seconds(began, &ends);
    assert_eq!(ends.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [4, 1, 2, 3]);
    assert!(ends[1..].iter().all(|(_, end)| *end >= 10.0), "{ends:?}");
}

/// A bucket of twenty requests, of which ten a second come back. How many it refused.
fn bucket(stage: &Stage) -> Arc<AtomicUsize> {
    let (left, refused) = (Arc::new(AtomicUsize::new(20)), Arc::new(AtomicUsize::new(0)));
    let (taken, counted) = (Arc::clone(&left), Arc::clone(&refused));
    stage.script.on(READS).with(move |_| {
        if taken.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Reply::answer(200, "{}");
        }
        counted.fetch_add(1, Ordering::SeqCst);
        Reply::answer(429, "{}")
    });
    let runtime = stage.runtime.clone();
    stage.spawn(async move {
        loop {
            runtime.sleep(runtime.now().mono + Duration::from_millis(100)).await;
            left.store((left.load(Ordering::SeqCst) + 1).min(20), Ordering::SeqCst);
        }
    });
    refused
}

#[test]
fn a_service_that_says_nothing_of_its_bucket_serves_all_and_refuses_few() {
    let stage = stage();
    let refused = bucket(&stage);
    let outcomes = Rc::new(RefCell::new(Vec::new()));
    for number in 0..300 {
        let (call, outcomes) = (stage.client.send(&read(number)), Rc::clone(&outcomes));
        stage.spawn(async move {
            let outcome = call.await;
            outcomes.borrow_mut().push(outcome.is_ok());
        });
    }
    pass(&stage, 110);
    assert_eq!(outcomes.borrow().iter().filter(|good| **good).count(), 300);
    // The first refusal stops the rest of those that go at once; a few more come while the pace is sought.
    let refused = refused.load(Ordering::SeqCst);
    assert!((1..40).contains(&refused), "{refused} were refused");
}

#[test]
fn what_the_service_states_of_its_bucket_is_never_exceeded() {
    let stage = stage();
    let headers = [
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-burst-capacity", "2"),
        ("x-ratelimit-requested-tokens", "1"),
        ("x-ratelimit-replenish-rate", "1"),
    ];
    stage.script.on(READS).always(Reply::answer(200, "{}").headers(&headers));
    let ends = Ends::default();
    start(&stage, &ends, 0, &read(0));
    stage.runtime.settle();
    let began = stage.runtime_now().mono;
    for number in 1..5 {
        start(&stage, &ends, number, &read(number));
    }
    pass(&stage, 20);
    assert_eq!(seconds(began, &ends), [(0, 0.0), (1, 1.0), (2, 2.0), (3, 3.0), (4, 4.0)]);
    assert_eq!(stage.client.limiter_state().reads.gap, Duration::from_secs(1));
}

#[test]
fn a_first_call_that_is_dropped_while_its_lane_is_closed_holds_nobody_up() {
    let stage = stage();
    stage.script.on(READS).then(busy("10")).always(Reply::answer(200, "{}"));
    let ends = Ends::default();
    start(&stage, &ends, 0, &read(0));
    stage.runtime.settle();
    let began = stage.runtime_now().mono;
    let mut first = stage.client.send(&read(1));
    assert!(Pin::new(&mut first).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    start(&stage, &ends, 2, &read(2));
    stage.runtime.settle();
    assert_eq!(stage.client.limiter_state().reads.waiting, 2);
    drop(first);
    pass(&stage, 60);
    assert_eq!(seconds(began, &ends), [(2, 10.0)]);
    assert_eq!(stage.client.limiter_state().reads.waiting, 0);
}

#[test]
fn those_who_wait_for_a_closed_lane_outlive_the_driver_that_minded_it() {
    let stage = stage();
    stage.script.on(READS).then(busy("10")).always(Reply::answer(200, "{}"));
    let ends = Ends::default();
    start(&stage, &ends, 0, &read(0));
    stage.runtime.settle();
    let began = stage.runtime_now().mono;
    start(&stage, &ends, 1, &read(1));
    start(&stage, &ends, 2, &read(2));
    stage.runtime.settle();
    stage.drop_driver();
    pass(&stage, 60);
    assert_eq!(seconds(began, &ends), [(1, 10.0), (2, 10.25)]);
}

#[test]
fn a_change_is_not_held_up_by_reads_that_hang() {
    let stage = stage();
    let gate = Gate::new();
    stage.script.on(READS).always(Reply::Behind(gate.clone(), Box::new(Reply::answer(200, "{}"))));
    stage.script.on(WRITES).always(Reply::answer(201, "{}"));
    let ends = Ends::default();
    (0..100).for_each(|number| start(&stage, &ends, number, &read(number)));
    start(&stage, &ends, 100, &write());
    stage.runtime.settle();
    assert_eq!((stage.script.count(READS), ends.borrow().len()), (56, 1));
    gate.open();
    stage.runtime.settle();
    assert_eq!(ends.borrow().len(), 101);
}

#[test]
fn a_configuration_with_another_bound_takes_effect_at_once() {
    let stage = Stage::new(Config::anonymous(), FlakyStore::default(), VirtualRuntime::new(), Script::new());
    stage.client.switch_cache(false);
    stage.script.on(READS).always(Reply::Hang);
    let mut config = stage.client.config();
    config.bounds.in_flight = 2;
    config.bounds.waiting = 3;
    stage.block_on(stage.client.reconfigure(config)).unwrap();
    let ends = Ends::default();
    (0..6).for_each(|number| start(&stage, &ends, number, &read(number)));
    stage.runtime.settle();
    let state = stage.client.limiter_state().reads;
    assert_eq!((state.in_flight, state.waiting), (2, 3));
    assert_eq!(*ends.borrow(), [(5, None)]);
}

#[test]
fn a_call_whose_time_is_over_before_its_lane_opens_says_so_and_leaves_the_queue() {
    let stage = stage();
    stage.script.on(READS).then(busy("100")).always(Reply::answer(200, "{}"));
    let ends = Ends::default();
    start(&stage, &ends, 0, &read(0));
    stage.runtime.settle();
    let call = Call::new(&read(1)).map(|call| call.within(Duration::from_secs(5)));
    let error = stage.block_on(stage.client.call(call)).unwrap_err();
    assert_eq!((error.kind(), stage.client.limiter_state().reads.waiting), (ErrorKind::Timeout, 0));
    assert_eq!(stage.script.count(READS), 1);
}

/// Room for two, both taken by reads behind gates that answer as told; a token that is over before they are answered, and a renewal
/// behind the third gate. Three more reads wait.
fn a_token_that_is_over_at_their_turn(answers: [Reply; 2]) -> (Stage, Ends, [Gate; 3]) {
    let stage = Stage::signed_in(Duration::from_secs(65));
    let mut config = stage.client.config();
    config.bounds.in_flight = 2;
    stage.block_on(stage.client.reconfigure(config)).unwrap();
    stage.client.switch_cache(false);
    let gates = [Gate::new(), Gate::new(), Gate::new()];
    let reads = stage.script.on(READS);
    let reads =
        answers.into_iter().zip(&gates).fold(reads, |on, (reply, gate)| on.then(Reply::Behind(gate.clone(), Box::new(reply))));
    reads.always(Reply::answer(200, "{}"));
    stage.script.on(WRITES).always(Reply::answer(201, "{}"));
    stage.script.on(TOKEN).then(Reply::Behind(gates[2].clone(), Box::new(Reply::answer(200, token("new", None)))));
    let ends = Ends::default();
    (0..5).for_each(|number| start(&stage, &ends, number, &read(number)));
    stage.runtime.settle();
    assert_eq!(stage.script.count(READS), 2);
    stage.runtime.advance(Duration::from_secs(10));
    (stage, ends, gates)
}

#[test]
fn a_call_whose_token_is_over_at_its_turn_gives_the_turn_back_and_keeps_its_place() {
    let good = || Reply::answer(200, "{}");
    let (stage, ends, gates) = a_token_that_is_over_at_their_turn([good(), good()]);
    gates[..2].iter().for_each(Gate::open);
    stage.runtime.settle();
    assert_eq!(stage.script.count(TOKEN), 1);
    let state = stage.client.limiter_state();
    assert_eq!((state.reads.in_flight, state.reads.waiting), (0, 3));
    // Who comes meanwhile stays behind them.
    start(&stage, &ends, 5, &read(5));
    gates[2].open();
    stage.runtime.settle();
    let order: Vec<usize> = ends.borrow().iter().map(|(number, _)| *number).collect();
    assert_eq!((order, stage.script.count(TOKEN)), (vec![0, 1, 2, 3, 4, 5], 1));
}

#[test]
fn a_turn_of_before_a_wait_for_a_token_does_not_outlast_a_pause_that_the_service_asks_for() {
    let (stage, ends, gates) = a_token_that_is_over_at_their_turn([Reply::answer(200, "{}"), busy("60")]);
    let began = stage.runtime_now().mono;
    gates[0].open();
    stage.runtime.settle();
    gates[1].open();
    stage.runtime.settle();
    gates[2].open();
    stage.runtime.settle();
    assert_eq!((stage.script.count(TOKEN), stage.script.count(READS)), (1, 2));
    pass(&stage, 70);
    let ends = seconds(began, &ends);
    assert_eq!(ends.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [0, 2, 3, 4]);
    assert!(ends[1..].iter().all(|(_, end)| *end >= 60.0), "{ends:?}");
}

#[test]
fn a_call_that_is_dropped_while_it_waits_for_a_token_holds_nobody_up() {
    let (stage, ends, gates) = a_token_that_is_over_at_their_turn([Reply::answer(200, "{}"), Reply::answer(200, "{}")]);
    let mut dropped = stage.client.send(&read(5));
    assert!(Pin::new(&mut dropped).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    // It has asked for a token; nobody else has come to that yet.
    gates[2].open();
    assert_eq!(stage.client.limiter_state().reads.waiting, 3);
    drop(dropped);
    gates[..2].iter().for_each(Gate::open);
    stage.runtime.settle();
    assert_eq!((ends.borrow().len(), stage.script.count(TOKEN)), (5, 1));
}
