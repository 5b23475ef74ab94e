//! A session in a model of its world: calls, replies, faults, dropped callers, time that jumps, sign-outs, other processes, in
//! whatever order. `MODEL_CASES` says how many histories (20,000 by default), `MODEL_SEED` which ones.
//!
//! The model knows what it told the session and what the session did. It shares no state with it: what it counts, it counts from
//! requests, jobs, replies and outcomes. This is what has to hold after each step:
//!
//! | | checked in |
//! | --- | --- |
//! | At most one token request for an account is in flight. | `World::rivals`, `Ledger::exchanges` |
//! | No call is sent with a token older than one that is known, or that was refused. | `Ledger::sends` |
//! | After a sign-out that has succeeded no token of before is sent, stored still, or stored late. | `Ledger::sends`, `Ledger::has_signed_out`, `Ledger::saves` |
//! | A refresh token is not used again once its successor is known, and a token only renewed if it is old or refused. | `Ledger::exchanges` |
//! | The newest tokens are stored in the end. | `World::nothing_is_lost` |
//! | A failure ends those who waited for it, and nobody else. | `Ledger::fails`, `Kept::fails` |
//! | Who waits, waits for something that goes on, and not beyond its time; in the end nobody is left. | `World::nobody_is_forgotten`, `Tries::waits`, `World::end` |
//! | A change without a key is sent once, 401 aside; one with a key under the same key each time. | `Tries::sends` |
//! | Failures are tried again as often as the budget of their class says, not sooner than the pause, and not less often. | `Tries` |
//! | A call ends as it was answered last; its first 401 ends nothing, and what comes late says nothing. | `Tries::succeeds`, `Tries::fails`, `Ledger::fails` |
//! | A kept answer is younger than its class says, by either clock. | `Kept::answers` |
//! | A kept or shared answer was asked for after the last change of what it holds was sent, and after it ended. | `Kept::answers` |
//! | It was asked for by the same principal. A call that wants a fresh answer gets its own. | `Kept::answers` |
//! | A read that follows another is not sent, unless that one has gone without an answer for it. | `Kept::sends` |
//! | What is kept is within the bounds in entries and bytes. | `Kept::stays_in_bounds` |
//! | Only so many calls are in flight, of both lanes and of one, and none is sent while its lane is closed. | `Lanes::sends` |
//! | Only so many calls wait; one more ends at once, with an error of its own. | `World::ended` |
//! | Turns come back: in the end as many calls as ever can be sent at once. | `World::all_permits_are_there` |
//! | No error or event holds a token. | `Ledger::fails`, `Ledger::hears` |
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
    pub(crate) mod passing;
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

/// What happens where a person's account comes and goes while the store fails: jobs hang and fail, time goes on, tokens that are given at
/// each start get a name and lose it, somebody signs out, and what was given up lands late.
const TROUBLE: [u8; 32] = [
    0, 0, 0, 0, 0, 30, 30, 70, 130, 130, 130, 130, 172, 172, 172, 172, 173, 173, 173, 195, 202, 202, 202, 215, 215, 222, 230,
    248, 248, 248, 251, 251,
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
    run(true, any::<[u8; 3]>().boxed(), 40);
}

#[test]
fn an_application() {
    run(false, any::<[u8; 3]>().boxed(), 10);
}

fn of(things: &'static [u8]) -> BoxedStrategy<[u8; 3]> {
    (prop::sample::select(things), any::<u8>(), any::<u8>()).prop_map(|(what, a, b)| [what, a, b]).boxed()
}

#[test]
fn a_person_with_many_calls() {
    run(true, of(&TRAFFIC), 25);
}

#[test]
fn a_person_whose_store_fails() {
    run(true, of(&TROUBLE), 25);
}
