//! Lanes: reads and writes apart.

use http::Method;

/// What is limited together.
///
/// The service counts reads and writes in buckets of their own: reads at four a second run clean where five quick deletes don't.
/// So each lane has its own queue and pace, and what one is told doesn't hold the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Lane {
    /// Requests that change nothing (RFC 9110 §9.2.1).
    Reads,
    /// All others.
    Writes,
}

impl Lane {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Reads, Self::Writes];

    /// The lane of requests with this method.
    pub(crate) fn of(method: &Method) -> Self {
        if method.is_safe() { Self::Reads } else { Self::Writes }
    }

    /// The other lane.
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Reads => Self::Writes,
            Self::Writes => Self::Reads,
        }
    }
}
