//! When requests of a lane may go, as far as the service's limits are concerned.

use std::time::Duration;

use super::PAUSE_MAX;
use super::pace::Pace;
use super::signals::Signals;
use super::stated::Stated;
use crate::time::Mono;

/// All that is known of the limits of a lane. What was asked for, what was stated and what was found by trial hold at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Valve {
    /// What `Retry-After` asked for.
    pause: Mono,
    stated: Option<Stated>,
    pace: Pace,
    /// The number of the next request.
    next: u64,
    /// The first request that was sent after the last complaint: one burst that is refused is one complaint.
    heard: u64,
    /// The first request that was sent at the present pace: a clean answer to an older one says nothing of it.
    paced: u64,
}

impl Valve {
    pub(super) fn new() -> Self {
        Self { pause: Mono::ZERO, stated: None, pace: Pace::new(), next: 0, heard: 0, paced: 0 }
    }

    /// When the next request may go.
    pub(super) fn opens(&self) -> Mono {
        let stated = self.stated.map_or(Mono::ZERO, |stated| stated.meter.opens());
        self.pause.max(self.pace.meter.opens()).max(stated)
    }

    /// The time between requests in the long run.
    #[inline]
    pub(super) fn gap(&self) -> Duration {
        let stated = self.stated.map_or(Duration::ZERO, |stated| stated.meter.gap());
        self.pace.meter.gap().max(stated)
    }

    /// A request goes. Its number.
    pub(super) fn take(&mut self, now: Mono) -> u64 {
        self.pace.meter.take(now);
        if let Some(stated) = &mut self.stated {
            stated.meter.take(now);
        }
        self.next += 1;
        self.next - 1
    }

    /// Request number `number` does not go after all. What was taken for it before the last news is no longer counted.
    pub(super) fn give_back(&mut self, number: u64) {
        if number >= self.heard {
            self.pace.meter.give_back();
        }
        if let Some(stated) = &mut self.stated {
            stated.give_back(number);
        }
    }

    /// Takes the answer to request number `number`, while `others` are unanswered.
    pub(super) fn learn(&mut self, number: u64, others: usize, signals: &Signals, now: Mono) {
        // Of those that are unanswered, at most so many were sent after this one.
        let sent_since = usize::try_from(self.next.saturating_sub(number + 1)).unwrap_or(usize::MAX);
        Stated::learn(&mut self.stated, signals.limits.as_ref(), number, others.min(sent_since), now);
        if signals.ask_to_slow_down() {
            self.pause = self.pause.max(now + signals.retry_after.unwrap_or_default().min(PAUSE_MAX));
            if number >= self.heard {
                self.pace.slow_down(now);
                (self.heard, self.paced) = (self.next, self.next);
            }
        } else if signals.are_clean() && number >= self.paced {
            self.pace.speed_up();
            self.paced = self.next;
        }
    }
}
