//! How much work it is, in looks at calls: never more than a few for each that comes, goes or is woken.

use super::*;

const CALLS: u64 = 100_000;

/// Which ones are dropped: about every second one, in no order.
fn dropped(id: u64) -> bool {
    (id.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) & 1 == 0
}

fn per_call(limiter: &Limiter, calls: u64) -> u64 {
    limiter.seats.looks.div_ceil(calls)
}

#[test]
fn a_hundred_thousand_that_wait_for_room_are_woken_in_order() {
    let mut limiter = limiter(64);
    let mut out = come(&mut limiter, 0..CALLS, Lane::Reads, at(0));
    assert_eq!((out.len(), limiter.state().reads.waiting), (56, 99_944));
    let mut last = 55;
    while let Some(id) = out.pop() {
        let before = limiter.seats.looks;
        limiter.leave(CallId(id));
        for woken in wakes(&mut limiter) {
            assert_eq!(woken, last + 1);
            last = woken;
            assert_eq!(limiter.enter(CallId(woken), Lane::Reads, at(1)), Turn::Go);
            out.push(woken);
        }
        assert!(limiter.seats.looks - before <= 8, "one step took {} looks", limiter.seats.looks - before);
    }
    assert_eq!(last, CALLS - 1);
    assert!(per_call(&limiter, CALLS) <= 10, "{} looks", limiter.seats.looks);
}

#[test]
fn those_that_are_dropped_meanwhile_cost_no_more() {
    let mut limiter = limiter(64);
    let mut out = come(&mut limiter, 0..CALLS, Lane::Writes, at(0));
    for id in (out.len() as u64..CALLS).rev().filter(|id| dropped(*id)) {
        let before = limiter.seats.looks;
        limiter.leave(CallId(id));
        assert!(limiter.seats.looks - before <= 4);
    }
    let mut expected = (out.len() as u64..CALLS).filter(|id| !dropped(*id));
    while let Some(id) = out.pop() {
        let before = limiter.seats.looks;
        limiter.leave(CallId(id));
        for woken in wakes(&mut limiter) {
            assert_eq!(Some(woken), expected.next());
            out.push(woken);
        }
        assert!(limiter.seats.looks - before <= 8);
    }
    assert_eq!(expected.next(), None);
    assert!(per_call(&limiter, CALLS) <= 10, "{} looks", limiter.seats.looks);
}

#[test]
fn those_that_step_aside_come_first_and_cost_as_little() {
    let mut limiter = limiter(64);
    come(&mut limiter, 0..CALLS, Lane::Reads, at(0));
    (0..56).for_each(|id| limiter.leave(CallId(id)));
    assert_eq!(wakes(&mut limiter), (56..112).collect::<Vec<_>>());
    limiter.hold(true);
    for id in (56..112).step_by(2).chain((28..56).rev().map(|n| 2 * n + 1)) {
        let before = limiter.seats.looks;
        limiter.step_aside(CallId(id));
        if id == 110 {
            limiter.leave(CallId(id));
        }
        assert!(limiter.seats.looks - before <= 2 * 56 + 8, "{} looks", limiter.seats.looks - before);
    }
    assert_eq!((limiter.state().reads.waiting, limiter.state().reads.in_flight), (99_943, 0));
    assert_eq!((limiter.poll_timeout(), wakes(&mut limiter)), (None, Vec::new()));
    let before = limiter.seats.looks;
    limiter.hold(false);
    assert_eq!(wakes(&mut limiter), (56..113).filter(|id| *id != 110).collect::<Vec<_>>());
    assert!(limiter.seats.looks - before <= 8 * 56);
}

#[test]
fn those_that_wait_for_a_closed_lane_cost_nothing_while_time_passes() {
    let mut limiter = limiter(64);
    come(&mut limiter, 0..1, Lane::Reads, at(0));
    answer(&mut limiter, 0, &signals(429, Some(60), None), at(0));
    come(&mut limiter, 1..CALLS + 1, Lane::Reads, at(0));
    let before = limiter.seats.looks;
    for millis in 0..60_000 {
        limiter.handle_timeout(at(millis));
        assert_eq!(limiter.poll_timeout(), Some(at(60_000)));
    }
    assert_eq!(limiter.seats.looks, before);
    limiter.handle_timeout(at(60_000));
    assert_eq!(wakes(&mut limiter), [1]);
    assert!(limiter.seats.looks - before <= 4);
}
