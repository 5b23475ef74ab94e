//! The sandbox as a plain HTTP client sees it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod api;
mod client;
mod faults;
mod limits;
mod mutations;
mod oauth;
mod program;
