//! A session with an arbitrary history, held against the reference model of `core/tests/model`: the same things happen as there, but in
//! an order that coverage chooses.
//!
//! Six bytes say how the history begins, and three each what happens next.
#![no_main]
#![allow(unreachable_pub, dead_code, reason = "the model is that of a test")]

#[path = "../../core/tests/model"]
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

use libfuzzer_sys::fuzz_target;
use model::end::live;
use model::ops::{Op, Setup};

/// How many things happen at most.
const LONGEST: usize = 200;

fuzz_target!(|data: &[u8]| {
    let [person, a, b, c, d, e, ops @ ..] = data else { return };
    let setup = Setup::of(person % 4 != 0, [*a, *b, *c, *d, *e]);
    let (ops, _) = ops.as_chunks::<3>();
    let ops: Vec<Op> = ops.iter().take(LONGEST).map(|op| Op::of(*op)).collect();
    let (_, broken) = live(setup, &ops, false);
    if let Some(broken) = broken.first() {
        let trace = live(setup, &ops, true).0.join("\n");
        panic!("{broken}\n{setup:?}\n{trace}");
    }
});
