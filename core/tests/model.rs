//! A session in a model of its world: calls, replies, faults, dropped callers, time that jumps, sign-outs, other processes, in
//! whatever order. `MODEL_CASES` says how many histories (20,000 by default), `MODEL_SEED` which ones.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods, unreachable_pub, reason = "a test")]

mod model {
    pub(crate) mod check;
    pub(crate) mod end;
    pub(crate) mod jobs;
    pub(crate) mod ops;
    pub(crate) mod server;
    pub(crate) mod store;
    pub(crate) mod world;
}

use model::ops::{self, Op, Setup};
use model::world::World;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestCaseError, TestError, TestRunner};

/// Lives a history through; what it told, and what did not hold.
fn live(setup: Setup, ops: &[Op], trace: bool) -> (Vec<String>, Vec<String>) {
    let mut world = World::new(setup);
    world.trace = trace.then(Vec::new);
    for op in ops {
        world.act(*op);
        if !world.ledger.broken.is_empty() {
            break;
        }
    }
    if world.ledger.broken.is_empty() {
        world.end();
    }
    (world.trace.unwrap_or_default(), world.ledger.broken)
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn run(person: bool, share: u64) {
    let config = Config {
        cases: u32::try_from(number("MODEL_CASES", 20_000) * share / 100).unwrap(),
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(number("MODEL_SEED", 1)),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    };
    let outcome =
        TestRunner::new(config).run(&ops::history(person, 90), |(setup, ops)| match live(setup, &ops, false).1.first() {
            None => Ok(()),
            Some(broken) => Err(TestCaseError::fail(broken.clone())),
        });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(reason, (setup, ops))) => {
            let trace = std::panic::catch_unwind(|| live(setup, &ops, true).0.join("\n")).unwrap_or_default();
            panic!("{reason}\n{setup:?}\n{ops:?}\n{trace}");
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_person() {
    run(true, 80);
}

#[test]
fn an_application() {
    run(false, 20);
}
