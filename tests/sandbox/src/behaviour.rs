//! The switches: how the sandbox behaves where the real service is known, or feared, to vary.

use std::time::Duration;

/// What a successful refresh does with the refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// A new one is answered and the old one is dead.
    Rotate,
    /// The answer repeats the old one, which stays good.
    Same,
    /// The answer carries none; the old one stays good.
    Omit,
}

/// A token bucket for each client, filled by the sandbox's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many tokens the bucket holds.
    pub capacity: u32,
    /// How many tokens come back each second.
    pub per_second: u32,
    /// How many tokens one request to the API costs.
    pub cost: u32,
}

/// Switches that can be changed while the sandbox runs, through
/// [`Control::behave`](crate::Control::behave).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Behaviour {
    /// How long access tokens live: 14,400 s, as seen.
    pub access_lifetime: Duration,
    /// How long authorization codes live: 5 minutes.
    pub code_lifetime: Duration,
    /// What a refresh does with the refresh token: [`Refresh::Rotate`].
    pub refresh: Refresh,
    /// Whether signing in gives a refresh token at all: yes.
    pub issue_refresh_token: bool,
    /// Whether using a rotated refresh token again ends everything that came from its sign-in: yes.
    pub reuse_revokes_family: bool,
    /// Whether answers are compressed for clients that accept gzip: yes.
    pub gzip: bool,
    /// Items on a page: 20.
    pub page_size: usize,
    /// Whether pages come short, and some empty, before the end: no.
    pub ragged_pages: bool,
    /// Whether `relationships` list only what was included, as the official document says, and not also links to
    /// the others, as seen: no.
    pub bare_relationships: bool,
    /// Whether mutations answer 204 with no body in place of 200 and 201: no.
    pub empty_mutations: bool,
    /// Whether what a collection already has is skipped (and named in `meta.skipped`), in place of refused with 409: no.
    pub skip_duplicates: bool,
    /// The limit on requests to the API: none.
    pub rate_limit: Option<RateLimit>,
    /// Whether the 429 of the rate limit carries `Retry-After`: yes.
    pub retry_after: bool,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            access_lifetime: Duration::from_secs(14_400),
            code_lifetime: Duration::from_secs(300),
            refresh: Refresh::Rotate,
            issue_refresh_token: true,
            reuse_revokes_family: true,
            gzip: true,
            page_size: 20,
            ragged_pages: false,
            bare_relationships: false,
            empty_mutations: false,
            skip_duplicates: false,
            rate_limit: None,
            retry_after: true,
        }
    }
}
