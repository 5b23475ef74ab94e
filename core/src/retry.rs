//! Retries: which failures are worth another try, how often, and after how long a pause.
//!
//! Reads are tried again, and changes that carry an idempotency key, under the same key. Other changes are sent once: nobody knows whether
//! the one that failed was carried out. What a 401 brings about is no retry and counts as none.

mod after;

use std::time::Duration;

use http::StatusCode;

use crate::error::{Error, FailureKind};

pub(crate) use after::{made, retry_after};

/// How often calls are tried again, for each class of failure. The time bound of the whole call
/// ([`Bounds::call`](crate::config::Bounds::call)) is theirs too: what would wait beyond it fails at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retries {
    /// No connection came about, or it broke. Default: 10 tries more, from 1 s to 16 s apart.
    pub network: Backoff,
    /// An attempt took longer than [`Bounds::attempt`](crate::config::Bounds::attempt). Default: 3 tries more, from 8 s to 32 s apart.
    pub timeout: Backoff,
    /// The service answered 429, 500, 502, 503 or 504, or 409 for a change that it is still busy with. Default: 3 tries more, from
    /// 0.5 s to 16 s apart. Where the answer has a `Retry-After`, that is waited.
    pub status: Backoff,
}

/// A budget of tries, and the pauses between them. Each pause is twice the last one, up to `cap`; a random part of up to a fifth is taken
/// off it, so that many callers don't come back at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backoff {
    /// How many tries follow the first one.
    pub retries: u32,
    /// The first pause.
    pub base: Duration,
    /// The longest pause.
    pub cap: Duration,
}

impl Backoff {
    /// So many tries more, with pauses from `base` to `cap`.
    #[must_use]
    pub const fn new(retries: u32, base: Duration, cap: Duration) -> Self {
        Self { retries, base, cap }
    }

    /// The pause before try number `done + 2`, without its random part; nothing if the budget is spent.
    pub(crate) fn pause(&self, done: u32) -> Option<Duration> {
        let doubled = || self.base.saturating_mul(1_u32.checked_shl(done).unwrap_or(u32::MAX));
        (done < self.retries).then(|| doubled().min(self.cap))
    }
}

impl Retries {
    /// No retries.
    pub const NONE: Self = {
        let none = Backoff::new(0, Duration::ZERO, Duration::ZERO);
        Self { network: none, timeout: none, status: none }
    };

    pub(crate) fn of(&self, class: Class) -> &Backoff {
        match class {
            Class::Network => &self.network,
            Class::Timeout => &self.timeout,
            Class::Status => &self.status,
        }
    }
}

impl Default for Retries {
    /// What the service's own clients do.
    fn default() -> Self {
        Self {
            network: Backoff::new(10, Duration::from_secs(1), Duration::from_secs(16)),
            timeout: Backoff::new(3, Duration::from_secs(8), Duration::from_secs(32)),
            status: Backoff::new(3, Duration::from_millis(500), Duration::from_secs(16)),
        }
    }
}

/// The classes of failures, each with a budget of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Network,
    Timeout,
    Status,
}

impl Class {
    /// The class of an attempt's error; nothing if another try would end the same way.
    pub(crate) fn of(error: &Error) -> Option<Self> {
        if let Some(failure) = error.failure() {
            return match failure.kind() {
                FailureKind::Connect | FailureKind::Broken => Some(Self::Network),
                FailureKind::Timeout => Some(Self::Timeout),
                _ => None,
            };
        }
        let refusal = error.refusal()?;
        let busy = || refusal.has_code("IDEMPOTENT_REQUEST_IN_PROGRESS");
        match refusal.status {
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::INTERNAL_SERVER_ERROR
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Some(Self::Status),
            StatusCode::CONFLICT if busy() => Some(Self::Status),
            _ => None,
        }
    }
}

/// What a call has used of its budgets.
#[derive(Debug, Default)]
pub(crate) struct Spent {
    network: u32,
    timeout: u32,
    status: u32,
}

impl Spent {
    /// How many tries of this class were made.
    pub(crate) fn of(&mut self, class: Class) -> &mut u32 {
        match class {
            Class::Network => &mut self.network,
            Class::Timeout => &mut self.timeout,
            Class::Status => &mut self.status,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn pauses_double_up_to_their_cap_and_end_with_the_budget() {
        let network = Retries::default().network;
        let pauses: Vec<_> = (0..11).map_while(|done| network.pause(done)).map(|pause| pause.as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 16, 16, 16, 16, 16]);
        let long = Backoff::new(u32::MAX, Duration::from_secs(1), Duration::MAX);
        assert_eq!(long.pause(31).unwrap().as_secs(), 1 << 31);
        assert_eq!(long.pause(4000).unwrap().as_secs(), u64::from(u32::MAX));
        assert_eq!(Retries::NONE.status.pause(0), None);
    }
}
