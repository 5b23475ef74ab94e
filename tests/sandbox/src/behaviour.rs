//! The switches: how the sandbox behaves where the real service is known, or feared, to vary.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

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

/// Whose words the OAuth endpoints use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// TIDAL's: `deviceCode` and its kin in camelCase, errors with `status` and `sub_status`, tokens with `user_id` and
    /// `clientName`.
    Tidal,
    /// Those of RFC 6749 and RFC 8628, and nothing besides.
    Rfc,
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
    /// How long a device waits for its person: 5 minutes.
    pub device_lifetime: Duration,
    /// The time that must pass between two polls of a device, by the sandbox's clock: 5 s. A quicker one is answered
    /// with `slow_down`, and from then on it is 5 s more (RFC 8628 §3.5).
    pub device_interval: Duration,
    /// Whether the verification URIs of a device come without their scheme, as TIDAL's are said to: no.
    pub bare_verification_uri: bool,
    /// Whose words the OAuth endpoints use: [`Dialect::Tidal`].
    pub dialect: Dialect,
    /// Fields of successful token answers (and of the implicit grant's fragment) that are other than they should be:
    /// another value, or none for a field that is left out. Empty. See [`token_field`](Self::token_field).
    ///
    /// It changes the words only: a refresh token that is left out here was made all the same, and took the place of
    /// the old one. [`refresh`](Self::refresh) and [`issue_refresh_token`](Self::issue_refresh_token) don't make one.
    pub token_fields: BTreeMap<String, Option<Value>>,
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

impl Behaviour {
    /// Gives this field of token answers this value, whatever is right: `("expires_in", -1)`.
    pub fn token_field(&mut self, name: &str, value: impl Into<Value>) {
        self.token_fields.insert(name.to_owned(), Some(value.into()));
    }

    /// Leaves this field out of token answers.
    pub fn without_token_field(&mut self, name: &str) {
        self.token_fields.insert(name.to_owned(), None);
    }

    /// Does to an answer what the two above asked for.
    pub(crate) fn distort(&self, answer: &mut Value) {
        let Value::Object(fields) = answer else { return };
        for (name, value) in &self.token_fields {
            match value {
                Some(value) => fields.insert(name.clone(), value.clone()),
                None => fields.remove(name),
            };
        }
    }
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            access_lifetime: Duration::from_secs(14_400),
            code_lifetime: Duration::from_secs(300),
            device_lifetime: Duration::from_secs(300),
            device_interval: Duration::from_secs(5),
            bare_verification_uri: false,
            dialect: Dialect::Tidal,
            token_fields: BTreeMap::new(),
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
