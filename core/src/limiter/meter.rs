//! A token bucket, measured in time.

use std::time::Duration;

use crate::time::Mono;

/// A bucket that holds `depth` and of which each request takes `gap`, filled as time passes (the generic cell rate algorithm).
///
/// Tokens are given as the time in which they come back, so nothing is counted up, divided or rounded while requests go.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Meter {
    /// What a request takes.
    gap: Duration,
    /// What the bucket holds: never less than `gap`, or nothing would ever go.
    depth: Duration,
    /// When the bucket will be full.
    full: Mono,
}

impl Meter {
    pub(super) fn gap(&self) -> Duration {
        self.gap
    }

    /// From now on, the bucket holds `depth` and each request takes `gap` of it. What it lacks, it still lacks.
    pub(super) fn set(&mut self, gap: Duration, depth: Duration) {
        self.gap = gap;
        self.depth = depth.max(gap);
    }

    /// When the next request may go.
    pub(super) fn opens(&self) -> Mono {
        self.full - (self.depth - self.gap)
    }

    /// A request goes.
    pub(super) fn take(&mut self, now: Mono) {
        self.full = self.full.max(now) + self.gap;
    }

    /// A request for which was taken does not go after all.
    pub(super) fn give_back(&mut self) {
        self.full = self.full - self.gap;
    }

    /// The bucket lacks as much as comes back in `lack`.
    pub(super) fn level(&mut self, now: Mono, lack: Duration) {
        self.full = now + lack;
    }

    /// The same, where the bucket doesn't lack more already.
    pub(super) fn level_down(&mut self, now: Mono, lack: Duration) {
        self.full = self.full.max(now + lack);
    }

    /// The bucket lacks no more than that the next request may go in `most`.
    pub(super) fn opens_within(&mut self, now: Mono, most: Duration) {
        self.full = self.full.min(now + most + (self.depth - self.gap));
    }
}
