//! OAuth 2 as TIDAL speaks it: consent, tokens, revocation.
//!
//! ```text
//!   authorize ──consent──▶ code ──exchange (PKCE)──▶ access + refresh ──refresh──▶ access + refresh' …
//!   device ──consent──▶ approved ──poll──────────────▶      "           │               │ old one used again
//!                           │ code used again                           │               │
//!                           └──────────── the whole family is revoked ◀─┴───────────────┘
//! ```

pub(crate) mod authorize;
mod caller;
pub(crate) mod decision;
pub(crate) mod device;
pub(crate) mod ledger;
pub(crate) mod link;
mod page;
mod pkce;
pub(crate) mod revoke;
pub(crate) mod token;

use http::{StatusCode, header};
use serde_json::json;

use crate::answer::Answer;
use crate::behaviour::Dialect;
use crate::request::field;

/// The scopes that a third party may ask for, and what they are to a person.
pub(crate) const SCOPES: &[(&str, &str)] = &[
    ("collection.read", "See your collection"),
    ("collection.write", "Change your collection"),
    ("entitlements.read", "See what your subscription includes"),
    ("playback", "Play for you"),
    ("playlists.read", "See your playlists"),
    ("playlists.write", "Change your playlists"),
    ("recommendations.read", "See what is recommended to you"),
    ("search.read", "Search for you"),
    ("search.write", "Change your recent searches"),
    ("user.read", "See who you are"),
];

const NO_SCOPE: &str = "A scope is unknown or not for third parties";

/// The scopes that are asked for; none if one of them may not be.
fn scopes(pairs: &[(String, String)]) -> Option<Vec<String>> {
    let wanted = field(pairs, "scope").unwrap_or_default().split_ascii_whitespace();
    let known = |wanted| SCOPES.iter().any(|(scope, _)| *scope == wanted);
    wanted.map(|scope| known(scope).then(|| scope.to_owned())).collect()
}

/// Whether a parameter was given more than once (RFC 6749 §3.1).
fn repeats(pairs: &[(String, String)]) -> bool {
    let mut names: Vec<_> = pairs.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
}

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

    fn answer(self, dialect: Dialect) -> Answer {
        let mut value = json!({ "error": self.error, "error_description": self.description });
        if dialect == Dialect::Tidal {
            value["status"] = self.status.as_u16().into();
            value["sub_status"] = self.sub_status.into();
        }
        let answer = Answer::oauth(self.status, &value);
        if self.challenge { answer.with(header::WWW_AUTHENTICATE, "Basic realm=\"tidal-sandbox\"") } else { answer }
    }
}

/// 405 of an OAuth endpoint.
fn method_not_allowed(allow: &str, dialect: Dialect) -> Answer {
    let error = OauthError { status: StatusCode::METHOD_NOT_ALLOWED, ..OauthError::request("Method not allowed") };
    error.answer(dialect).with(header::ALLOW, allow)
}
