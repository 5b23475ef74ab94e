//! OAuth 2 as TIDAL speaks it: consent, tokens, revocation.
//!
//! ```text
//!   authorize ──consent──▶ code ──exchange (PKCE)──▶ access + refresh ──refresh──▶ access + refresh' …
//!                           │ used again                                  │ old one used again
//!                           └────────── the whole family is revoked ◀─────┘
//! ```

pub(crate) mod authorize;
pub(crate) mod ledger;
mod page;
mod pkce;
pub(crate) mod revoke;
pub(crate) mod token;

use http::{StatusCode, header};
use serde_json::json;

use crate::answer::Answer;

/// The scopes that a third party may ask for.
pub(crate) const SCOPES: &[&str] = &[
    "collection.read",
    "collection.write",
    "entitlements.read",
    "playback",
    "playlists.read",
    "playlists.write",
    "recommendations.read",
    "search.read",
    "search.write",
    "user.read",
];

/// An error in the form of the token endpoint.
#[derive(Debug)]
pub(crate) struct OauthError {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
    sub_status: u32,
    challenge: bool,
}

impl OauthError {
    /// 400 with a sub-status that is not known from the service.
    fn request(description: &'static str) -> Self {
        Self::new("invalid_request", description, 0)
    }

    fn grant(description: &'static str, sub_status: u32) -> Self {
        Self::new("invalid_grant", description, sub_status)
    }

    fn new(error: &'static str, description: &'static str, sub_status: u32) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, description, sub_status, challenge: false }
    }

    /// 401; to a client that tried HTTP Basic, with the challenge that RFC 6749 §5.2 demands.
    fn client(challenge: bool) -> Self {
        Self { status: StatusCode::UNAUTHORIZED, challenge, ..Self::new("invalid_client", "Client authentication failed", 0) }
    }
}

impl From<OauthError> for Answer {
    fn from(error: OauthError) -> Self {
        let value = json!({
            "error": error.error,
            "error_description": error.description,
            "status": error.status.as_u16(),
            "sub_status": error.sub_status,
        });
        let answer = Self::oauth(error.status, &value);
        if error.challenge { answer.with(header::WWW_AUTHENTICATE, "Basic realm=\"tidal-sandbox\"") } else { answer }
    }
}

/// 405 of an OAuth endpoint.
pub(crate) fn method_not_allowed(allow: &str) -> Answer {
    let error = OauthError { status: StatusCode::METHOD_NOT_ALLOWED, ..OauthError::request("Method not allowed") };
    Answer::from(error).with(header::ALLOW, allow)
}
