//! A pace that is found by trial, where the service asks for less and doesn't say how much.

use std::time::Duration;

use super::meter::Meter;
use crate::time::Mono;

/// Requests in 1,000,000 s.
type Rate = u32;

/// The pace after the first complaint: four a second.
const START: Rate = 4_000_000;
/// The slowest pace: one in 16 s.
const SLOWEST: Rate = 62_500;
/// A pace so quick that it is none.
const NONE: Rate = 256_000_000;

/// A pace: no limit, until the service complains; then [`START`], and half of what was too quick each time that it complains again.
/// One request goes at a time, without bursts.
///
/// Clean answers make it quicker: in steps of 1/64 of the pace that was too quick, so that this one is tried again after some 32 of
/// them; beyond it by an eighth at a time, until there is no limit again. That takes fewer than 100 steps from anywhere. Each step
/// waits for an answer to a request that was sent at the last one's pace, or many answers in flight would overshoot by far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    rate: Rate,
    /// The pace at which the service complained last.
    bad: Rate,
    pub(super) meter: Meter,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { rate: NONE, bad: NONE, meter: Meter::default() }
    }

    fn is_none(&self) -> bool {
        self.rate >= NONE
    }

    /// The service has complained of requests at this pace: no more of them for the time between two at the new one.
    pub(super) fn slow_down(&mut self, now: Mono) {
        (self.bad, self.rate) = if self.is_none() { (START, START) } else { (self.rate, (self.rate / 2).max(SLOWEST)) };
        self.set(self.rate);
        self.meter.level_down(now, self.meter.gap());
    }

    /// The service has taken a request that was sent at this pace.
    pub(super) fn speed_up(&mut self) {
        if self.is_none() {
            return;
        }
        let step = if self.rate < self.bad { self.bad / 64 } else { self.rate / 8 };
        self.set(self.rate + step);
        if self.is_none() {
            *self = Self::new();
        }
    }

    fn set(&mut self, rate: Rate) {
        self.rate = rate;
        let gap = Duration::from_secs(1_000_000) / rate;
        self.meter.set(gap, gap);
    }
}
