//! The limiter against a service that keeps a bucket, with or without saying so.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// What a run came to.
#[derive(Debug)]
struct Outcome {
    millis: u64,
    refused: u64,
    /// Refused after the first second.
    refused_late: u64,
}

struct Service {
    /// In thousandths of a token.
    tokens: u64,
    burst: u64,
    cost: u64,
    replenish: u64,
    speaks: bool,
    seen: u64,
}

impl Service {
    fn answer(&mut self, now: u64) -> Signals {
        self.tokens = (self.tokens + (now - self.seen) * self.replenish).min(self.burst * 1000);
        self.seen = now;
        let taken = self.tokens >= self.cost * 1000;
        if taken {
            self.tokens -= self.cost * 1000;
        }
        let number = |value: u64| u32::try_from(value).unwrap();
        let said = limits(number(self.tokens / 1000), number(self.burst), number(self.cost), number(self.replenish));
        signals(if taken { 200 } else { 429 }, None, self.speaks.then_some(said))
    }
}

/// All calls come at once; what is refused comes again. An answer takes 100 ms, and the service decides after 50.
fn run(mut service: Service, calls: u64) -> Outcome {
    let mut limiter = limiter(64);
    let mut outcome = Outcome { millis: 0, refused: 0, refused_late: 0 };
    let (mut arrive, mut return_) = (BTreeSet::new(), BTreeSet::<(u64, u64, u64)>::new());
    let mut said = BTreeMap::new();
    let mut left = calls;
    let mut order = 0;
    let mut send = |arrive: &mut BTreeSet<_>, id: u64, now: u64| {
        order += 1;
        arrive.insert((now + 50, order, id));
    };
    for id in come(&mut limiter, 0..calls, Lane::Writes, at(0)) {
        send(&mut arrive, id, 0);
    }
    while left > 0 {
        let timeout = limiter.poll_timeout().map(|at| u64::try_from(at.since_origin().as_nanos().div_ceil(1_000_000)).unwrap());
        let next = [arrive.first().map(|(at, ..)| *at), return_.first().map(|(at, ..)| *at), timeout];
        let now = next.into_iter().flatten().min().expect("somebody waits for nothing");
        while arrive.first().is_some_and(|(at, ..)| *at <= now) {
            let (at, order, id) = arrive.pop_first().unwrap();
            said.insert(id, service.answer(at));
            return_.insert((at + 50, order, id));
        }
        while return_.first().is_some_and(|(at, ..)| *at <= now) {
            let (_, _, id) = return_.pop_first().unwrap();
            let signals = said.remove(&id).unwrap();
            answer(&mut limiter, id, &signals, at(now));
            if signals.status.is_success() {
                left -= 1;
            } else {
                outcome.refused += 1;
                outcome.refused_late += u64::from(now > 1_000);
                if limiter.enter(CallId(id), Lane::Writes, at(now)) == Turn::Go {
                    send(&mut arrive, id, now);
                }
            }
        }
        limiter.handle_timeout(at(now));
        for id in wakes(&mut limiter) {
            assert_eq!(limiter.enter(CallId(id), Lane::Writes, at(now)), Turn::Go);
            send(&mut arrive, id, now);
        }
        outcome.millis = now;
    }
    outcome
}

#[test]
fn a_bucket_that_is_stated_is_used_to_the_full_without_refusals() {
    // As seen in 2025: two at once, then one in five seconds.
    let service = Service { tokens: 10_000, burst: 10, cost: 5, replenish: 1, speaks: true, seen: 0 };
    let outcome = run(service, 40);
    // All went at once, before anything was known; 38 are left then.
    assert_eq!(outcome.refused - outcome.refused_late, 38, "{outcome:?}");
    assert!(outcome.refused_late <= 2, "{outcome:?}");
    assert!((190_000..196_000).contains(&outcome.millis), "{outcome:?}");
}

#[test]
fn a_bucket_that_is_not_stated_is_found() {
    for replenish in [1, 4, 20, 100] {
        let service = Service { tokens: 5_000, burst: 5, cost: 1, replenish, speaks: false, seen: 0 };
        let outcome = run(service, 2_000);
        let least = (2_000 - 5) * 1000 / replenish;
        assert!(outcome.refused_late <= 100, "{replenish}/s: {outcome:?}");
        assert!(outcome.millis < least * 3 / 2, "{replenish}/s: {outcome:?}, at best {least} ms");
    }
}

#[test]
fn without_limits_nothing_waits_but_for_room() {
    let service = Service { tokens: 1_000_000, burst: 1_000, cost: 1, replenish: 1_000, speaks: false, seen: 0 };
    let outcome = run(service, 560);
    assert_eq!((outcome.millis, outcome.refused), (1_000, 0));
}
