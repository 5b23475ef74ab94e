//! How long and how much at most.

use std::time::Duration;

/// Bounds of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bounds {
    /// One attempt of a call, the body included. Default: 30 s.
    pub attempt: Duration,
    /// A whole call, waiting included. Default: 120 s.
    pub call: Duration,
    /// A request to the token endpoint. Default: 10 s.
    pub token: Duration,
    /// One use of the store. Default: 5 s; the stores wait less for their locks, so as to say themselves what is in the way.
    pub store: Duration,
    /// A sign-in by a person, where the application handles it. Default: 10 min.
    pub sign_in: Duration,
    /// A whole sign-out. Default: 60 s.
    pub sign_out: Duration,
    /// How long before its end a token is renewed. Default: 60 s.
    pub renew_before: Duration,
    /// Bytes of a decoded body. Default: 32 MiB.
    pub body: usize,
    /// Calls in flight. Default: 64.
    pub in_flight: usize,
    /// Calls that wait. Default: 131,072.
    pub waiting: usize,
    /// Events kept until they are taken. Default: 256.
    pub events: usize,
    /// Answers in the cache. Default: 16,384.
    pub cache_entries: usize,
    /// Bytes in the cache, where an answer counts as twice its body. Default: 64 MiB.
    pub cache_bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(30),
            call: Duration::from_secs(120),
            token: Duration::from_secs(10),
            store: Duration::from_secs(5),
            sign_in: Duration::from_secs(600),
            sign_out: Duration::from_secs(60),
            renew_before: Duration::from_secs(60),
            body: 32 << 20,
            in_flight: 64,
            waiting: 131_072,
            events: 256,
            cache_entries: 16_384,
            cache_bytes: 64 << 20,
        }
    }
}
