//! The token that calls carry, and when it is no longer fit.

use std::time::Duration;

use http::HeaderValue;

use crate::account::Record;
use crate::auth::Grant;
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::time::{Mono, Now, Unix};

/// Counts the tokens of a session, and its sign-outs. A greater epoch is the newer one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Epoch(pub(crate) u64);

/// An access token as calls see it.
pub(crate) struct Token {
    pub(crate) epoch: Epoch,
    pub(crate) header: HeaderValue,
    pub(crate) access: Secret,
    pub(crate) scopes: Scopes,
    /// It was issued to this session, rather than found in a store or given by hand.
    pub(crate) issued: bool,
    /// From when on it is renewed, and from when on it is over, by both clocks.
    renew_at: Moment,
    over_at: Moment,
}

/// A moment by each clock, as far as known. It has come when either clock says so.
#[derive(Clone, Copy, Debug, Default)]
struct Moment {
    mono: Option<Mono>,
    unix: Option<Unix>,
}

impl Moment {
    fn has_come(self, now: Now) -> bool {
        self.mono.is_some_and(|at| now.mono >= at) || self.unix.is_some_and(|at| now.unix >= at)
    }

    fn earlier(self, by: Duration) -> Self {
        Self { mono: self.mono.map(|at| at - by), unix: self.unix.map(|at| at - by) }
    }
}

impl Token {
    /// `None` if the token can't be sent in a header.
    pub(crate) fn new(grant: &Grant, epoch: Epoch, renew_before: Duration) -> Option<Self> {
        let Record { access_token, scopes, expires_at, .. } = &grant.record;
        let header = grant.header()?;
        let over_at = Moment { mono: grant.expires, unix: *expires_at };
        let margin = grant.margin(renew_before);
        Some(Self {
            epoch,
            header,
            access: access_token.clone(),
            scopes: scopes.clone(),
            issued: grant.issued,
            renew_at: over_at.earlier(margin),
            over_at,
        })
    }

    /// The same token, dated so many milliseconds later.
    pub(crate) fn dated_later(&self, millis: i64) -> Self {
        let later = |moment: Moment| {
            let unix = moment.unix.map(|at| Unix::from_millis(at.as_millis().saturating_add(millis)));
            Moment { unix, ..moment }
        };
        let Self { epoch, issued, .. } = *self;
        let (header, access, scopes) = (self.header.clone(), self.access.clone(), self.scopes.clone());
        Self { epoch, header, access, scopes, issued, renew_at: later(self.renew_at), over_at: later(self.over_at) }
    }

    /// Whether it may be sent without a thought.
    pub(crate) fn is_fresh(&self, now: Now) -> bool {
        !self.renew_at.has_come(now)
    }

    /// Whether the service would refuse it.
    pub(crate) fn is_over(&self, now: Now) -> bool {
        self.over_at.has_come(now)
    }
}
