//! The locks and threads of the shells: the standard library's. With `--cfg shuttle` they are those of a scheduler that tries out
//! interleavings, for `tests/interleavings.rs`.

#[cfg(not(shuttle))]
pub(crate) use std::{
    sync::{Mutex, MutexGuard},
    thread::{self, Thread},
};

#[cfg(shuttle)]
pub(crate) use shuttle::{
    sync::{Mutex, MutexGuard},
    thread::{self, Thread},
};
