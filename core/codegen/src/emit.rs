//! Writes what was read as Rust.

pub(crate) mod model;
pub(crate) mod operation;
pub(crate) mod payload;
pub(crate) mod registry;
pub(crate) mod sample;
