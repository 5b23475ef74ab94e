//! The bucket that the service says it keeps.

use std::time::Duration;

use super::PAUSE_MAX;
use super::meter::Meter;
use crate::answer::Limits;
use crate::time::Mono;

/// After so many answers that say nothing of a bucket, there is none.
const SILENCE: u32 = 16;
/// The longest time between two requests that is believed.
const GAP_MAX: Duration = Duration::from_secs(60);

/// The bucket as the last answers described it, with the requests taken off that the service hadn't counted yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stated {
    pub(super) meter: Meter,
    /// The number of the newest request whose answer told the level.
    newest: u64,
    silent: u32,
}

impl Stated {
    /// Takes what the answer to request number `number` says. `later` requests were sent after it and aren't answered yet.
    pub(super) fn learn(stated: &mut Option<Self>, limits: Option<&Limits>, number: u64, later: usize, now: Mono) {
        let Some((limits, burst, replenish)) = limits.and_then(usable) else {
            if let Some(known) = stated {
                known.silent += 1;
                if known.silent >= SILENCE {
                    *stated = None;
                }
            }
            return;
        };
        let known = stated.get_or_insert(Self { meter: Meter::default(), newest: 0, silent: 0 });
        known.silent = 0;
        // One that costs more than the bucket holds would never go; one that costs nothing isn't counted.
        let cost = u64::from(limits.requested.unwrap_or(1)).min(burst);
        let fills = |tokens: u64| Duration::from_secs(tokens) / replenish;
        known.meter.set(fills(cost).min(GAP_MAX), fills(burst));
        if let Some(remaining) = limits.remaining {
            let uncounted = cost.saturating_mul(u64::try_from(later).unwrap_or(u64::MAX));
            let lack = fills(burst.saturating_sub(u64::from(remaining)).saturating_add(uncounted));
            // An older request's answer doesn't know of the newer ones.
            if number >= known.newest {
                known.newest = number;
                known.meter.level(now, lack);
            } else {
                known.meter.level_down(now, lack);
            }
        }
        // Also where another bucket, much larger, was stated before.
        known.meter.opens_within(now, PAUSE_MAX);
    }

    /// Request number `number` does not go after all. Only requests newer than the last answer were counted here.
    pub(super) fn give_back(&mut self, number: u64) {
        if number > self.newest {
            self.meter.give_back();
        }
    }
}

/// What describes a bucket that fills; nothing else is of use.
fn usable(limits: &Limits) -> Option<(&Limits, u64, u32)> {
    Some((limits, limits.burst?.into(), limits.replenish.filter(|replenish| *replenish > 0)?))
}
