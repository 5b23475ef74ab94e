//! What the limiter knows, for people to look at.

use std::time::Duration;

use crate::time::Mono;

/// What the limiter of a session knows of one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LaneState {
    /// Calls that wait for their turn.
    pub waiting: usize,
    /// Calls that may send, or have sent and have no answer yet.
    pub in_flight: usize,
    /// The time between requests in the long run; zero while there is no limit.
    pub gap: Duration,
    /// No request goes before this time. Nothing if one may go now, as far as the service's limits are concerned.
    pub closed_until: Option<Mono>,
}

/// What the limiter of a session knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimiterState {
    /// Requests that change nothing.
    pub reads: LaneState,
    /// All others.
    pub writes: LaneState,
}
