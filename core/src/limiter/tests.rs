#![allow(clippy::unwrap_used, clippy::expect_used)]

mod model;
mod numbers;
mod service;
mod steps;

use std::time::Duration;

use http::{Method, StatusCode};

use super::*;
use crate::answer::Limits;
use crate::entropy::Entropy;

const NOBODY: [u64; 0] = [];

pub(super) fn limiter(in_flight: usize) -> Limiter {
    Limiter::new(in_flight, Entropy::new([7; 32]).hash_keys())
}

pub(super) fn at(millis: u64) -> Mono {
    Mono::from_origin(Duration::from_millis(millis))
}

pub(super) fn signals(status: u16, retry_after: Option<u64>, limits: Option<Limits>) -> Signals {
    let status = StatusCode::from_u16(status).unwrap();
    Signals { status, retry_after: retry_after.map(Duration::from_secs), limits }
}

/// What the service said in 2025: burst, cost of a request, tokens that come back each second.
pub(super) fn limits(remaining: u32, burst: u32, requested: u32, replenish: u32) -> Limits {
    Limits { remaining: Some(remaining), requested: Some(requested), burst: Some(burst), replenish: Some(replenish) }
}

pub(super) fn wakes(limiter: &mut Limiter) -> Vec<u64> {
    std::iter::from_fn(|| limiter.poll_wake()).map(|id| id.0).collect()
}

/// Lets calls come, all at the same time. Those that went.
fn come(limiter: &mut Limiter, ids: std::ops::Range<u64>, lane: Lane, now: Mono) -> Vec<u64> {
    ids.filter(|id| limiter.enter(CallId(*id), lane, now) == Turn::Go).collect()
}

fn answer(limiter: &mut Limiter, id: u64, signals: &Signals, now: Mono) {
    limiter.learn(CallId(id), signals, now);
    limiter.leave(CallId(id));
}

#[test]
fn a_lane_leaves_an_eighth_to_the_other() {
    let mut limiter = limiter(64);
    assert_eq!(come(&mut limiter, 0..100, Lane::Reads, at(0)).len(), 56);
    assert_eq!(come(&mut limiter, 100..200, Lane::Writes, at(0)).len(), 8);
    // What becomes free goes to both in turn.
    let mut woken = Vec::new();
    for id in 0..20 {
        limiter.leave(CallId(id));
        woken.extend(wakes(&mut limiter));
    }
    assert_eq!(woken.iter().filter(|id| **id < 100).count(), 10);
    assert_eq!(woken.iter().filter(|id| **id >= 100).count(), 10);
}

#[test]
fn with_room_for_one_the_lanes_take_turns() {
    let mut limiter = limiter(0);
    assert_eq!(come(&mut limiter, 0..4, Lane::Reads, at(0)), [0]);
    assert_eq!(come(&mut limiter, 10..13, Lane::Writes, at(0)), NOBODY);
    let mut order = vec![0];
    for _ in 0..6 {
        limiter.leave(CallId(*order.last().unwrap()));
        order.extend(wakes(&mut limiter));
    }
    // The first one went without a turn: nobody waited.
    assert_eq!(order, [0, 1, 10, 2, 11, 3, 12]);
}

#[test]
fn lanes_by_method() {
    let lanes =
        [Method::GET, Method::HEAD, Method::POST, Method::PATCH, Method::PUT, Method::DELETE].map(|method| Lane::of(&method));
    assert_eq!(lanes, [Lane::Reads, Lane::Reads, Lane::Writes, Lane::Writes, Lane::Writes, Lane::Writes]);
}

#[test]
fn a_pause_holds_its_lane_only_and_one_goes_when_it_ends() {
    let mut limiter = limiter(8);
    assert_eq!(come(&mut limiter, 0..10, Lane::Reads, at(0)).len(), 7);
    answer(&mut limiter, 0, &signals(429, Some(10), None), at(1_000));
    assert_eq!(come(&mut limiter, 100..101, Lane::Writes, at(1_000)), [100]);
    for id in 1..7 {
        limiter.leave(CallId(id));
    }
    assert_eq!(limiter.poll_timeout(), Some(at(11_000)));
    limiter.handle_timeout(at(10_999));
    assert_eq!(wakes(&mut limiter), NOBODY);
    limiter.handle_timeout(at(11_000));
    assert_eq!(wakes(&mut limiter), [7]);
    // One at a time from here.
    assert_eq!(limiter.poll_timeout(), Some(at(11_250)));
    assert_eq!(limiter.state().reads.closed_until, Some(at(11_250)));
    limiter.handle_timeout(at(11_250));
    assert_eq!(wakes(&mut limiter), [8]);
    assert_eq!(limiter.state().reads.waiting, 1);
}

#[test]
fn refusals_of_requests_that_were_under_way_together_count_once() {
    let mut limiter = limiter(64);
    assert_eq!(come(&mut limiter, 0..50, Lane::Writes, at(0)).len(), 50);
    for id in 0..50 {
        answer(&mut limiter, id, &signals(429, None, None), at(100 + id));
    }
    let state = limiter.state();
    // No Retry-After: as long as between two requests at the new pace.
    assert_eq!((state.writes.gap, state.writes.closed_until), (Duration::from_millis(250), Some(at(350))));
    assert_eq!(state.reads.gap, Duration::ZERO);
    // One that was sent after that says something new, even at the same moment.
    assert_eq!(come(&mut limiter, 60..61, Lane::Writes, at(350)), [60]);
    answer(&mut limiter, 60, &signals(503, Some(0), None), at(350));
    assert_eq!(limiter.state().writes.gap, Duration::from_millis(500));
    assert_eq!(limiter.state().writes.closed_until, Some(at(850)));
}

#[test]
fn answers_to_what_was_sent_before_a_refusal_speed_nothing_up() {
    let mut limiter = limiter(64);
    come(&mut limiter, 0..50, Lane::Reads, at(0));
    answer(&mut limiter, 0, &signals(429, None, None), at(100));
    for id in 1..50 {
        answer(&mut limiter, id, &signals(200, None, None), at(100));
    }
    assert_eq!(limiter.state().reads.gap, Duration::from_millis(250));
    // Nor does a fault of the service, nor a 503 that asks for nothing; a 404 does.
    for (id, (status, quicker)) in (100..).zip([(500, false), (503, false), (404, true)]) {
        assert_eq!(come(&mut limiter, id..id + 1, Lane::Reads, at(id * 1000)), [id]);
        answer(&mut limiter, id, &signals(status, None, None), at(id * 1000));
        assert_eq!(limiter.state().reads.gap < Duration::from_millis(250), quicker, "{status}");
    }
}

#[test]
fn what_the_service_states_is_kept_to() {
    let mut limiter = limiter(64);
    assert_eq!(come(&mut limiter, 0..1, Lane::Writes, at(0)), [0]);
    answer(&mut limiter, 0, &signals(200, None, Some(limits(5, 10, 5, 1))), at(0));
    // Five tokens of ten are left, and a request costs five: one goes now, the next in five seconds.
    assert_eq!(come(&mut limiter, 1..5, Lane::Writes, at(0)), [1]);
    assert_eq!(limiter.poll_timeout(), Some(at(5_000)));
    // Reads have a bucket of their own.
    assert_eq!(come(&mut limiter, 50..60, Lane::Reads, at(0)).len(), 10);
    limiter.handle_timeout(at(5_000));
    assert_eq!(wakes(&mut limiter), [2]);
    // Somebody else used the bucket.
    answer(&mut limiter, 1, &signals(200, None, Some(limits(0, 10, 5, 1))), at(6_000));
    assert_eq!(limiter.poll_timeout(), Some(at(16_000)), "number 2 is under way and not counted there");
    // The answer to a newer one knows better, and one to an older one doesn't undo that.
    assert_eq!(limiter.enter(CallId(2), Lane::Writes, at(6_000)), Turn::Go);
    limiter.learn(CallId(2), &signals(200, None, Some(limits(3, 10, 5, 1))), at(6_000));
    assert_eq!(limiter.poll_timeout(), Some(at(8_000)));
}

#[test]
fn an_older_answer_does_not_undo_a_newer_one() {
    let mut limiter = limiter(64);
    assert_eq!(come(&mut limiter, 0..2, Lane::Writes, at(0)), [0, 1]);
    answer(&mut limiter, 1, &signals(200, None, Some(limits(0, 10, 5, 1))), at(0));
    answer(&mut limiter, 0, &signals(200, None, Some(limits(10, 10, 5, 1))), at(0));
    assert_eq!(come(&mut limiter, 2..3, Lane::Writes, at(0)), NOBODY);
    assert_eq!(limiter.poll_timeout(), Some(at(5_000)));
}

#[test]
fn a_bucket_that_is_not_stated_any_more_is_forgotten() {
    let mut limiter = limiter(1);
    come(&mut limiter, 0..1, Lane::Reads, at(0));
    answer(&mut limiter, 0, &signals(200, None, Some(limits(0, 10, 5, 1))), at(0));
    for id in 1..27 {
        assert_eq!(limiter.state().reads.gap, Duration::from_secs(5), "{id}");
        assert_eq!(come(&mut limiter, id..id + 1, Lane::Reads, at(id * 10_000)), [id]);
        // It is stated once more at the tenth.
        answer(&mut limiter, id, &signals(200, None, (id == 10).then(|| limits(0, 10, 5, 1))), at(id * 10_000));
    }
    assert_eq!(limiter.state().reads, LaneState { waiting: 0, in_flight: 0, gap: Duration::ZERO, closed_until: None });
}

#[test]
fn a_turn_that_is_dropped_is_passed_on_and_not_counted() {
    let mut limiter = limiter(64);
    come(&mut limiter, 0..1, Lane::Writes, at(0));
    answer(&mut limiter, 0, &signals(200, None, Some(limits(0, 10, 5, 1))), at(0));
    assert_eq!(come(&mut limiter, 1..6, Lane::Writes, at(0)), NOBODY);
    limiter.handle_timeout(at(5_000));
    assert_eq!(wakes(&mut limiter), [1]);
    // It goes without having sent: the next one needs no new tokens, and so on.
    limiter.leave(CallId(1));
    limiter.leave(CallId(2));
    assert_eq!(wakes(&mut limiter), [3]);
    assert_eq!(limiter.enter(CallId(3), Lane::Writes, at(5_000)), Turn::Go);
    // This one has sent.
    limiter.leave(CallId(3));
    assert_eq!(wakes(&mut limiter), NOBODY);
    assert_eq!(limiter.poll_timeout(), Some(at(10_000)));
}

#[test]
fn a_turn_that_is_given_back_for_a_while_is_not_counted() {
    let mut limiter = limiter(64);
    come(&mut limiter, 0..1, Lane::Writes, at(0));
    answer(&mut limiter, 0, &signals(200, None, Some(limits(0, 10, 5, 1))), at(0));
    assert_eq!(come(&mut limiter, 1..4, Lane::Writes, at(0)), NOBODY);
    limiter.handle_timeout(at(5_000));
    assert_eq!(wakes(&mut limiter), [1]);
    limiter.hold(true);
    limiter.step_aside(CallId(1));
    limiter.handle_timeout(at(6_000));
    assert_eq!((wakes(&mut limiter), limiter.poll_timeout()), (Vec::new(), None));
    // It needs no new tokens; the next one does.
    limiter.hold(false);
    assert_eq!(wakes(&mut limiter), [1]);
    assert_eq!(limiter.poll_timeout(), Some(at(10_000)));
}

#[test]
fn a_turn_of_before_a_refusal_that_is_dropped_shortens_no_pause() {
    let mut limiter = limiter(8);
    assert_eq!(come(&mut limiter, 0..9, Lane::Reads, at(0)).len(), 7);
    limiter.leave(CallId(0));
    assert_eq!(wakes(&mut limiter), [7]);
    answer(&mut limiter, 1, &signals(429, None, None), at(100));
    limiter.leave(CallId(7));
    assert_eq!(limiter.poll_timeout(), Some(at(350)));
}

#[test]
fn a_turn_that_is_dropped_after_a_newer_statement_brings_no_tokens() {
    let mut limiter = limiter(8);
    assert_eq!(come(&mut limiter, 0..10, Lane::Reads, at(0)).len(), 7);
    limiter.leave(CallId(0));
    limiter.leave(CallId(1));
    assert_eq!(wakes(&mut limiter), [7, 8]);
    assert_eq!(limiter.enter(CallId(8), Lane::Reads, at(0)), Turn::Go);
    answer(&mut limiter, 8, &signals(200, None, Some(limits(0, 10, 5, 1))), at(0));
    limiter.leave(CallId(7));
    assert_eq!(limiter.poll_timeout(), Some(at(5_000)));
}

#[test]
fn a_wake_is_for_who_still_waits_for_it() {
    let mut limiter = limiter(1);
    come(&mut limiter, 0..3, Lane::Reads, at(0));
    limiter.leave(CallId(0));
    // Number 1 has its turn; it leaves, comes again behind number 2, and is named once.
    limiter.leave(CallId(1));
    assert_eq!(limiter.enter(CallId(1), Lane::Reads, at(0)), Turn::Wait);
    assert_eq!(limiter.enter(CallId(1), Lane::Reads, at(0)), Turn::Wait);
    limiter.leave(CallId(2));
    assert_eq!(wakes(&mut limiter), [1]);
    assert_eq!(limiter.enter(CallId(1), Lane::Reads, at(0)), Turn::Go);
    assert_eq!(limiter.enter(CallId(1), Lane::Reads, at(0)), Turn::Go);
    assert_eq!(limiter.state().reads.in_flight, 1);
    limiter.leave(CallId(1));
    limiter.leave(CallId(1));
    assert_eq!(limiter.state().reads.in_flight, 0);
}

#[test]
fn a_first_call_that_is_dropped_takes_no_timer_with_it() {
    let mut limiter = limiter(8);
    come(&mut limiter, 0..1, Lane::Reads, at(0));
    answer(&mut limiter, 0, &signals(429, Some(3), None), at(0));
    come(&mut limiter, 1..4, Lane::Reads, at(0));
    limiter.leave(CallId(1));
    assert_eq!(limiter.poll_timeout(), Some(at(3_000)));
    limiter.handle_timeout(at(3_000));
    assert_eq!(wakes(&mut limiter), [2]);
    limiter.leave(CallId(2));
    limiter.leave(CallId(3));
    assert_eq!(limiter.poll_timeout(), None);
}

#[test]
fn another_bound_lets_more_go_and_takes_nobodys_turn() {
    let mut limiter = limiter(1);
    come(&mut limiter, 0..4, Lane::Reads, at(0));
    limiter.resize(3);
    assert_eq!(wakes(&mut limiter), [1, 2]);
    limiter.resize(0);
    assert_eq!(limiter.in_flight(), 3);
    limiter.leave(CallId(0));
    limiter.leave(CallId(1));
    assert_eq!(wakes(&mut limiter), NOBODY);
    limiter.leave(CallId(2));
    assert_eq!(wakes(&mut limiter), [3]);
}
