//! What a finished sign-in hands to the session.

use std::time::Duration;

use super::token::TokenAnswer;
use crate::account::{AccountKey, Record};
use crate::config::Config;
use crate::error::Invalid;
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::time::{Mono, Now, Unix};

/// Tokens from a finished sign-in, or given by hand. A [`Session`](crate::Session) adopts it.
#[derive(Clone, Debug)]
pub struct Grant {
    pub(crate) record: Record,
    /// When the access token expires by the monotonic clock, if that is known.
    pub(crate) expires: Option<Mono>,
    /// It is an answer of the token endpoint.
    pub(crate) issued: bool,
}

impl Grant {
    /// An access token that was got elsewhere, for the flow and client of `config`.
    ///
    /// # Errors
    /// If the flow is none, if a token is empty or can't be sent in a header, or if a refresh token is given for a flow that has none.
    pub fn from_tokens(
        config: &Config,
        access_token: impl Into<Secret>,
        refresh_token: Option<Secret>,
        expires_at: Option<Unix>,
        now: Now,
    ) -> Result<Self, Invalid> {
        let access_token = access_token.into();
        if config.flow == crate::Flow::None {
            return Err(Invalid::new("access token", "the flow none carries no token; choose another flow"));
        }
        if refresh_token.is_some() && !config.flow.has_person() {
            return Err(Invalid::new("refresh token", format!("the flow {} has none; leave it out", config.flow)));
        }
        if access_token.expose().is_empty() || http::HeaderValue::try_from(access_token.expose()).is_err() {
            return Err(Invalid::new("access token", "is empty or holds control characters; pass it as the service gave it"));
        }
        let mut record = Record::new(config.key(None), access_token, now.unix);
        record.refresh_token = refresh_token;
        record.expires_at = expires_at;
        record.scopes = config.scopes.clone();
        record.redirect_uri.clone_from(&config.redirect_uri);
        record.client_secret = kept_secret(config);
        let expires = expires_at.map(|at| now.mono + at.since(now.unix));
        Ok(Self { record, expires, issued: false })
    }

    /// Which account this is.
    #[must_use]
    pub fn key(&self) -> &AccountKey {
        &self.record.key
    }

    /// The scopes granted.
    #[must_use]
    pub fn scopes(&self) -> &Scopes {
        &self.record.scopes
    }

    /// The grant that a token answer makes; `before` is what it renews.
    pub(crate) fn from_answer(config: &Config, answer: TokenAnswer, before: Option<&Record>, now: Now) -> Self {
        let key = before.map_or_else(|| config.key(answer.user), |record| record.key.clone());
        let mut record = Record::new(key, answer.access_token, now.unix);
        record.token_type = answer.token_type;
        record.refresh_token = answer.refresh_token.or_else(|| before.and_then(|record| record.refresh_token.clone()));
        // Without `scope` in the answer, the scopes are those asked for (RFC 6749 §5.1), or those had before (§6).
        record.scopes =
            answer.scopes.unwrap_or_else(|| before.map_or_else(|| requested(config), |record| record.scopes.clone()));
        record.expires_at = answer.lifetime.map(|lifetime| now.unix + lifetime);
        record.extra = answer.extra;
        record.redirect_uri = before.map_or_else(|| config.redirect_uri.clone(), |record| record.redirect_uri.clone());
        record.added_at = before.map_or(now.unix, |record| record.added_at);
        record.client_secret = kept_secret(config);
        Self { record, expires: answer.lifetime.map(|lifetime| now.mono + lifetime), issued: true }
    }

    /// What a stored account gives.
    pub(crate) fn from_record(record: Record, now: Now) -> Self {
        let expires = record.expires_at.map(|at| now.mono + at.since(now.unix));
        Self { record, expires, issued: false }
    }

    /// How long it lives from `now` on, if that is known; zero if it is over.
    pub(crate) fn lifetime(&self, now: Now) -> Option<Duration> {
        let by_mono = self.expires.map(|at| at.since(now.mono));
        let by_unix = self.record.expires_at.map(|at| at.since(now.unix));
        by_mono.into_iter().chain(by_unix).min()
    }
}

fn requested(config: &Config) -> Scopes {
    if config.flow.has_person() { config.scopes.clone() } else { Scopes::new() }
}

fn kept_secret(config: &Config) -> Option<Secret> {
    config.client_secret.clone().filter(|_| config.keep_client_secret)
}
