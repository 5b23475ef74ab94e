//! The sandbox as a plain HTTP client sees it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod api;
mod client;
mod device;
mod faults;
mod flows;
mod limits;
mod mutations;
mod oauth;
mod pages;
mod program;
mod revocation;
mod token_answers;
