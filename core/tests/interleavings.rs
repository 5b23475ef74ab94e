//! The parts that both shells share between threads, under a scheduler that tries out interleavings.
//!
//! Needs `--cfg shuttle` (`.ci/run` has the command). A thread that nobody wakes is found as a deadlock where no time passes; where it
//! does, it passes only when every thread is parked, so what a wake should have ended ends too late.
#![cfg(shuttle)]
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test, and a shell of its own")]

#[path = "interleavings/futures.rs"]
mod futures;
#[path = "interleavings/threads.rs"]
mod threads;
#[path = "interleavings/world.rs"]
mod world;
