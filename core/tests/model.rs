//! A session in a model of its world: calls, replies, faults, dropped callers, time that jumps, sign-outs, other processes, in
//! whatever order. `MODEL_CASES` says how many histories (20,000 by default), `MODEL_SEED` which ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, unreachable_pub, reason = "a test")]

mod model {
    pub(crate) mod api;
    pub(crate) mod calls;
    pub(crate) mod check;
    pub(crate) mod end;
    pub(crate) mod jobs;
    pub(crate) mod kept;
    pub(crate) mod lanes;
    pub(crate) mod ops;
    pub(crate) mod server;
    pub(crate) mod store;
    pub(crate) mod tries;
    pub(crate) mod world;
}

use std::cell::Cell;

use model::end::live;
use model::ops::{Op, Setup};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestCaseError, TestError, TestRunner};

/// A history of up to `longest` things that happen.
fn history(person: bool, things: BoxedStrategy<[u8; 3]>, longest: usize) -> impl Strategy<Value = (Setup, Vec<Op>)> {
    let setup = (any::<u8>(), any::<u8>(), 0..5u8, 0..4u8, 0..6u8);
    let setup = setup
        .prop_map(move |(bits, rare, stored, in_flight, waiting)| Setup::of(person, [bits, rare, stored, in_flight, waiting]));
    (setup, prop::collection::vec(things.prop_map(Op::of), 1..longest))
}

/// What happens where a signed-in person's calls come thick and fast, as the first of the bytes that choose it: nearly all of it begins
/// calls, polls and answers them; now and then time passes, a call is dropped, the cache is cleared, somebody signs out or in.
const TRAFFIC: [u8; 33] = [
    0, 0, 0, 30, 30, 30, 30, 30, 30, 30, 30, 30, 70, 70, 70, 95, 105, 105, 105, 105, 105, 105, 105, 105, 130, 173, 195, 195,
    210, 27, 29, 215, 222,
];

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn run(person: bool, things: BoxedStrategy<[u8; 3]>, share: u64) {
    let config = Config {
        cases: u32::try_from(number("MODEL_CASES", 20_000) * share / 100).unwrap(),
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(number("MODEL_SEED", 1)),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    let (lived, failed) = (Cell::new(0), Cell::new(None));
    let outcome = TestRunner::new(config).run(&history(person, things, 90), |(setup, ops)| {
        lived.set(lived.get() + 1);
        let Some(broken) = live(setup, &ops, false).1.into_iter().next() else { return Ok(()) };
        failed.set(failed.get().or(Some(lived.get())));
        Err(TestCaseError::fail(broken))
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(reason, (setup, ops))) => {
            let trace = std::panic::catch_unwind(|| live(setup, &ops, true).0.join("\n")).unwrap_or_default();
            panic!("history {}: {reason}\n{setup:?}\n{ops:?}\n{trace}", failed.get().unwrap_or_default());
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_person() {
    run(true, any::<[u8; 3]>().boxed(), 50);
}

#[test]
fn an_application() {
    run(false, any::<[u8; 3]>().boxed(), 10);
}

#[test]
fn a_person_with_many_calls() {
    run(true, (prop::sample::select(&TRAFFIC[..]), any::<u8>(), any::<u8>()).prop_map(|(what, a, b)| [what, a, b]).boxed(), 40);
}
