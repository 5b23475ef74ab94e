//! The clocks of this machine.

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tidal_core::runtime::Clock;
use tidal_core::{Mono, Now, Unix};

/// The origin of all monotonic readings of this process.
static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The system's clocks: [`Instant`] since an origin that is the same in the whole process, and [`SystemTime`].
///
/// The transports on this crate read deadlines by it, so a runtime that is combined with one of them has to read it too.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl SystemClock {
    /// The monotonic reading now.
    #[must_use]
    pub fn read() -> Mono {
        Mono::from_origin(ORIGIN.elapsed())
    }

    /// The time from now to `until`, or zero if that has passed; a day at most, so that no timer overflows.
    #[must_use]
    pub fn left(until: Mono) -> Duration {
        until.since(Self::read()).min(Duration::from_secs(24 * 60 * 60))
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Now {
        let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
        };
        Now { mono: Self::read(), unix: Unix::from_millis(millis) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_never_go_back() {
        let (first, second) = (SystemClock.now(), SystemClock.now());
        assert!(second.mono >= first.mono);
    }

    #[test]
    fn the_unix_reading_is_a_present_day() {
        assert!(SystemClock.now().unix > Unix::from_secs(1_700_000_000));
    }

    #[test]
    fn what_has_passed_leaves_nothing_and_the_far_future_a_day() {
        assert_eq!(SystemClock::left(Mono::ZERO), Duration::ZERO);
        assert_eq!(SystemClock::left(Mono::from_origin(Duration::MAX)), Duration::from_secs(86_400));
    }
}
