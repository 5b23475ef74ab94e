//! Time as an argument: the core reads no clock.
//!
//! Every entry point that needs the time takes a [`Now`]: a monotonic reading, by which durations are measured, and a Unix
//! reading, by which expiry dates and leases that outlive the process are judged. Both are needed: a machine that was suspended
//! stops the one, a person who sets the date moves the other.

use std::ops::{Add, Sub};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::error::Invalid;

/// A reading of a monotonic clock: the time since an origin of the clock's own choice.
///
/// Readings of different clocks can't be compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mono(Duration);

impl Mono {
    /// The clock's origin.
    pub const ZERO: Self = Self(Duration::ZERO);

    /// A reading that lies `since` after the clock's origin.
    #[must_use]
    pub const fn from_origin(since: Duration) -> Self {
        Self(since)
    }

    /// The time since the clock's origin.
    #[must_use]
    pub const fn since_origin(self) -> Duration {
        self.0
    }

    /// The time from `earlier` to this reading, or zero if `earlier` is the later one.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Mono {
    type Output = Self;

    fn add(self, rhs: Duration) -> Self {
        Self(self.0.saturating_add(rhs))
    }
}

impl Sub<Duration> for Mono {
    type Output = Self;

    fn sub(self, rhs: Duration) -> Self {
        Self(self.0.saturating_sub(rhs))
    }
}

/// A Unix time in milliseconds. It is what stores keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unix(i64);

impl Unix {
    /// The time `millis` milliseconds after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// The time `secs` seconds after 1970-01-01T00:00:00Z; saturates.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The time from `earlier` to this one, or zero if `earlier` is the later one.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        u64::try_from(self.0.saturating_sub(earlier.0)).map_or(Duration::ZERO, Duration::from_millis)
    }
}

impl FromStr for Unix {
    type Err = Invalid;

    /// Reads ISO 8601: `2026-11-25T19:00:00Z`, with a zone.
    #[inline]
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let time = text.trim().parse::<jiff::Timestamp>();
        let why = |_| Invalid::new("time", format!("{text:?} is no ISO 8601 time with a zone, such as 2026-11-25T19:00:00Z"));
        time.map(|time| Self(time.as_millisecond())).map_err(why)
    }
}

impl From<jiff::Timestamp> for Unix {
    fn from(time: jiff::Timestamp) -> Self {
        Self(time.as_millisecond())
    }
}

impl From<SystemTime> for Unix {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => Self(0) + since,
            Err(before) => Self(0) - before.duration(),
        }
    }
}

impl Add<Duration> for Unix {
    type Output = Self;

    fn add(self, rhs: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(rhs.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Unix {
    type Output = Self;

    fn sub(self, rhs: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(rhs.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// What the clocks say at the moment of a call into the core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Measures durations and deadlines within this process.
    pub mono: Mono,
    /// Judges what was stored or stated as a date.
    pub unix: Unix,
}

impl Add<Duration> for Now {
    type Output = Self;

    /// Both clocks, `rhs` later.
    fn add(self, rhs: Duration) -> Self {
        Self { mono: self.mono + rhs, unix: self.unix + rhs }
    }
}
