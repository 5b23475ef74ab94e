//! What a call ends with.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use http::{HeaderMap, StatusCode};

/// A decoded answer, shared, and how it came. It derefs to the value.
pub struct Answer<T> {
    /// The decoded document.
    pub value: Arc<T>,
    /// How it came.
    pub how: How,
}

/// How an answer came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct How {
    /// Its status.
    pub status: StatusCode,
    /// How many requests it took, the last one included; zero for one from the cache.
    pub attempts: u32,
    /// Whether it came from the cache.
    pub cached: bool,
    /// Whether it answers the request of another call, that was under way and the same.
    pub joined: bool,
    /// The service's id of the request, where it gave one.
    pub request_id: Option<Box<str>>,
    /// What the service said of its limits, where it did.
    pub limits: Option<Limits>,
}

/// What `x-ratelimit-*` headers said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Tokens left.
    pub remaining: Option<u32>,
    /// Tokens that this request cost.
    pub requested: Option<u32>,
    /// Tokens that the bucket holds.
    pub burst: Option<u32>,
    /// Tokens that come back each second.
    pub replenish: Option<u32>,
}

impl Limits {
    /// What an answer's headers say, if they say anything.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<i64>().ok()?.try_into().ok();
        let limits = Self {
            remaining: number("x-ratelimit-remaining"),
            requested: number("x-ratelimit-requested-tokens"),
            burst: number("x-ratelimit-burst-capacity"),
            replenish: number("x-ratelimit-replenish-rate"),
        };
        (limits != Self::default()).then_some(limits)
    }
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Clone for Answer<T> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value), how: self.how.clone() }
    }
}

impl<T: fmt::Debug> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("value", &self.value).field("how", &self.how).finish()
    }
}
