//! What a finished sign-in hands to the session.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, header};

use super::token::{EXPIRES_IN, TokenAnswer};
use crate::account::{AccountKey, Record};
use crate::config::{Config, Tokens};
use crate::document::loose::{self, Value};
use crate::error::{Failure, Invalid};
use crate::message::{Exchange, Response, set_header};
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::time::{Mono, Now};
use crate::value::Json;

/// An answer of the own-user operation has some hundred bytes.
const MAX_USER: usize = 256 << 10;

/// Tokens from a finished sign-in, or given by hand. A [`Session`](crate::Session) adopts it.
#[derive(Clone, Debug)]
pub struct Grant {
    pub(crate) record: Record,
    /// When the access token expires by the monotonic clock, if that is known.
    pub(crate) expires: Option<Mono>,
    /// It is an answer of the token endpoint.
    pub(crate) issued: bool,
    /// Who this is, as the token answer or the service said since, where the account has no name yet.
    pub(crate) user: Option<String>,
}

impl Grant {
    /// Tokens that were got elsewhere, for the flow and client of `config`. The account that comes of them remembers them by a fingerprint,
    /// by which [`Session::offer`](crate::Session::offer) knows it again.
    ///
    /// # Errors
    /// If the flow is none, if a token is empty or can't be sent in a header, or if a refresh token is given for a flow that has none.
    #[inline]
    pub fn from_tokens(config: &Config, tokens: Tokens, now: Now) -> Result<Self, Invalid> {
        config.check_tokens(&tokens)?;
        let mut record = Record::new(config.key(None), tokens.access_token, now.unix);
        record.token_type = tokens.token_type;
        record.refresh_token = tokens.refresh_token;
        record.descend_from(Some(Json::trusted(format!("\"{}\"", record.fingerprint()).into())));
        record.name_unknown();
        record.expires_at = tokens.expires_at;
        record.scopes = requested(config);
        record.redirect_uri.clone_from(&config.redirect_uri);
        record.client_secret = kept_secret(config);
        Ok(Self::from_record(record, now))
    }

    /// The request that asks who this is, where neither the token answer nor the configuration says: the operation
    /// `GET /users/{id}` for `me`. It needs the scope `user.read`. Another client's configuration has none: its service may be another.
    #[must_use]
    #[inline]
    pub fn identify(&self, config: &Config, now: Now) -> Option<Exchange> {
        if !self.record.key.is_nameless() || !self.is_of(config) {
            return None;
        }
        let mut request = http::Request::new(Bytes::new());
        *request.uri_mut() = format!("{}/users/me", config.base_url.as_str().trim_end_matches('/')).parse().ok()?;
        let headers = request.headers_mut();
        set_header(headers, header::AUTHORIZATION, self.header()?);
        set_header(headers, header::ACCEPT, crate::template::JSON_API);
        set_header(headers, header::USER_AGENT, HeaderValue::try_from(&config.user_agent).ok()?);
        Some(Exchange::new(request, now.mono + config.bounds.token, MAX_USER).asking(super::endpoints::OWN_USER))
    }

    /// Takes the outcome of that request. Without an id, the account gets a name of its own when the session adopts it.
    #[must_use]
    #[inline]
    pub fn identified(mut self, reply: Result<Response, Failure>) -> Self {
        self.record.key.user = told_user(reply);
        self
    }

    /// How the access token is sent (RFC 6750 §2.1).
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let Record { token_type, access_token, .. } = &self.record;
        // `bearer` and `Bearer` are the same scheme (RFC 9110 §11.1); some gateways know the second only.
        let scheme = if token_type.eq_ignore_ascii_case("bearer") { "Bearer" } else { token_type };
        let mut header = HeaderValue::try_from(format!("{scheme} {}", access_token.expose())).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// Whether it is the configuration's client's, by its flow.
    pub(crate) fn is_of(&self, config: &Config) -> bool {
        (self.record.key.client_id.as_str(), self.record.key.flow) == (config.client_id.as_str(), config.flow)
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
        let key = before.map_or_else(|| config.key(answer.user.clone()), |record| record.key.clone());
        let mut record = Record::new(key, answer.access_token, now.unix);
        record.token_type = answer.token_type;
        record.refresh_token = answer.refresh_token.or_else(|| before.and_then(|record| record.refresh_token.clone()));
        // Without `scope` in the answer, the scopes are those asked for (RFC 6749 §5.1), or those had before (§6).
        record.scopes =
            answer.scopes.unwrap_or_else(|| before.map_or_else(|| requested(config), |record| record.scopes.clone()));
        record.expires_at = answer.lifetime.map(|lifetime| now.unix + lifetime);
        record.extra = answer.extra;
        record.descend_from(before.and_then(Record::descent).cloned());
        record.follow(before.and_then(Record::precedent).cloned());
        record.redirect_uri = before.map_or_else(|| config.redirect_uri.clone(), |record| record.redirect_uri.clone());
        record.added_at = before.map_or(now.unix, |record| record.added_at);
        record.client_secret = kept_secret(config).or_else(|| before.and_then(|record| still_kept(record, config)));
        let expires = answer.lifetime.map(|lifetime| now.mono + lifetime);
        Self { record, expires, issued: true, user: answer.user }
    }

    /// What a stored account gives.
    pub(crate) fn from_record(record: Record, now: Now) -> Self {
        let expires = record.expires_at.map(|at| now.mono + at.since(now.unix));
        Self { record, expires, issued: false, user: None }
    }

    /// How long before its end it is renewed: `usual`, but no more than a quarter of its time, and not at all where only a person could
    /// renew it.
    pub(crate) fn margin(&self, usual: Duration) -> Duration {
        if self.record.key.flow.has_person() && self.record.refresh_token.is_none() {
            return Duration::ZERO;
        }
        let whole = self.record.extra.get(EXPIRES_IN).and_then(|json| loose::value(json.as_str().as_bytes()));
        let whole = whole.as_ref().and_then(super::token::lifetime);
        whole.map_or(usual, |whole| usual.min(whole / 4))
    }

    /// How long it lives from `now` on, if that is known; zero if it is over.
    pub(crate) fn lifetime(&self, now: Now) -> Option<Duration> {
        let by_mono = self.expires.map(|at| at.since(now.mono));
        let by_unix = self.record.expires_at.map(|at| at.since(now.unix));
        match (by_mono, by_unix) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }
}

/// Who the answer of the own-user operation says this is.
pub(crate) fn told_user(reply: Result<Response, Failure>) -> Option<String> {
    let body = reply.ok().filter(|response| response.status().is_success()).map(Response::into_body);
    let document = body.and_then(|body| loose::value(&body))?;
    let id = document.get("data").and_then(|data| data.get("id")).and_then(Value::text);
    id.filter(|id| !id.is_empty()).map(str::to_owned)
}

fn requested(config: &Config) -> Scopes {
    if config.flow.has_person() { config.scopes.clone() } else { Scopes::new() }
}

fn kept_secret(config: &Config) -> Option<Secret> {
    config.client_secret.clone().filter(|_| config.keep_client_secret)
}

/// The secret that a sign-in had stored. It stays until the next one, unless it is the client's no more.
fn still_kept(record: &Record, config: &Config) -> Option<Secret> {
    let used = config.client_secret.as_ref();
    record.client_secret.clone().filter(|kept| used.is_none_or(|used| used == kept))
}
