//! Ways into what is not public, for the fuzz targets alone: no part of the interface.

mod cache;
mod limiter;

use std::time::Duration;

use http::HeaderMap;

pub use cache::{FuzzedCache, FuzzedRead};
pub use limiter::FuzzedLimiter;

use crate::time::Unix;

/// What an answer's `Retry-After` asks for, as retries read it.
#[must_use]
#[inline]
pub fn retry_after(headers: &HeaderMap, now: Unix) -> Option<Duration> {
    crate::retry::retry_after(headers, now)
}
