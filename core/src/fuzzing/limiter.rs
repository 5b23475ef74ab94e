//! The limiter, with numbers for calls. Even ones read, odd ones write.

use http::{HeaderMap, Method, StatusCode};

use crate::answer::Limits;
use crate::entropy::Entropy;
use crate::limiter::{Lane, Limiter, LimiterState, Signals, Turn};
use crate::session::CallId;
use crate::time::{Mono, Unix};

/// A limiter.
pub struct FuzzedLimiter(Limiter);

impl FuzzedLimiter {
    /// One that lets so many calls go at once.
    #[must_use]
    #[inline]
    pub fn new(in_flight_max: usize) -> Self {
        Self(Limiter::new(in_flight_max, Entropy::new([7; 32]).hash_keys()))
    }

    /// A call comes. Whether it may go.
    #[inline]
    pub fn enter(&mut self, id: u64, now: Mono) -> bool {
        let method = if id.is_multiple_of(2) { Method::GET } else { Method::POST };
        self.0.enter(CallId(id), Lane::of(&method), now) == Turn::Go
    }

    /// A call's answer comes.
    #[inline]
    pub fn learn(&mut self, id: u64, status: StatusCode, headers: &HeaderMap, now: Mono) {
        let retry_after = super::retry_after(headers, Unix::from_secs(1_800_000_000));
        self.0.learn(CallId(id), &Signals { status, retry_after, limits: Limits::of(headers) }, now);
    }

    /// A call leaves.
    #[inline]
    pub fn leave(&mut self, id: u64) {
        self.0.leave(CallId(id));
    }

    /// A call whose turn has come can't send yet.
    #[inline]
    pub fn step_aside(&mut self, id: u64) {
        self.0.step_aside(CallId(id));
    }

    /// Nobody in a queue gets a turn, or they do again.
    #[inline]
    pub fn hold(&mut self, held: bool) {
        self.0.hold(held);
    }

    /// Another bound.
    #[inline]
    pub fn resize(&mut self, in_flight_max: usize) {
        self.0.resize(in_flight_max);
    }

    /// Whose turn has come.
    #[inline]
    pub fn poll_wake(&mut self) -> Option<u64> {
        self.0.poll_wake().map(|id| id.0)
    }

    /// When the next turn may come.
    #[must_use]
    #[inline]
    pub fn poll_timeout(&self) -> Option<Mono> {
        self.0.poll_timeout()
    }

    /// Time has passed.
    #[inline]
    pub fn handle_timeout(&mut self, now: Mono) {
        self.0.handle_timeout(now);
    }

    /// What is known.
    #[must_use]
    #[inline]
    pub fn state(&self) -> LimiterState {
        self.0.state()
    }
}
