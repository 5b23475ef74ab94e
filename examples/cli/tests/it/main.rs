//! The tool as its users have it: the built program against a local TIDAL.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod accounts;
mod browser;
mod call;
mod describe;
mod import;
mod sign_in;
mod token;
mod tool;
