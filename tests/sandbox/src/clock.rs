//! The sandbox's time: the machine's own, or one that stands still until a test moves it.
//!
//! Everything that expires (tokens, codes, idempotency keys, the rate limit) looks here and nowhere else.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// A clock that can be moved. Clones share the same time.
#[derive(Clone)]
pub struct Clock(Arc<Mutex<Reading>>);

enum Reading {
    Real { ahead: Duration },
    Manual(SystemTime),
}

impl Clock {
    /// The machine's time; [`advance`](Self::advance) puts it ahead.
    #[must_use]
    pub fn real() -> Self {
        Self::new(Reading::Real { ahead: Duration::ZERO })
    }

    /// A clock that stands at `at` until it is moved.
    #[must_use]
    pub fn manual(at: SystemTime) -> Self {
        Self::new(Reading::Manual(at))
    }

    fn new(reading: Reading) -> Self {
        Self(Arc::new(Mutex::new(reading)))
    }

    /// The time that the sandbox believes in.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Reading::Real { ahead } => SystemTime::now() + *ahead,
            Reading::Manual(at) => *at,
        }
    }

    /// Moves the time forward.
    pub fn advance(&self, by: Duration) {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Reading::Real { ahead } => *ahead += by,
            Reading::Manual(at) => *at += by,
        }
    }

    /// Stops the clock at a time, which may lie in its past.
    pub fn set(&self, at: SystemTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Reading::Manual(at);
    }

    /// Seconds since 1970 in whole milliseconds, the form that the service writes.
    pub(crate) fn timestamp(&self) -> Timestamp {
        let since = self.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let manual = matches!(*self.0.lock().unwrap_or_else(PoisonError::into_inner), Reading::Manual(_));
        f.debug_struct("Clock").field("now", &self.timestamp().to_string()).field("manual", &manual).finish()
    }
}
