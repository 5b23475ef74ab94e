//! Both ways back, from the outside.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod listener;
mod outcomes;
mod paste;
mod support;
