//! Implicit grant (RFC 6749 §4.2): the browser brings the token back itself, in the fragment of the redirect URI.
//!
//! ```text
//! PendingImplicit --redirected--> ImplicitToken --grant--> Grant
//! ```
//! RFC 9700 §2.1.2 advises against it: use PKCE where the service lets you.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::begun;
use super::code::{LIFETIME, authorize_url};
use super::grant::Grant;
use super::redirect::{Expected, Parameters, RedirectFault, RedirectRefused};
use super::token::{TokenAnswer, is_sendable, lifetime};
use crate::config::Config;
use crate::document::Unknown;
use crate::document::loose::Value;
use crate::entropy::Entropy;
use crate::error::{Error, ErrorKind, Invalid};
use crate::flow::Flow;
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::time::{Now, Unix};

/// A sign-in that waits for the person. It can be serialised.
#[derive(Debug, Serialize, Deserialize)]
pub struct PendingImplicit {
    authorize_url: Secret,
    client_id: String,
    auth_url: String,
    redirect_uri: String,
    scopes: Scopes,
    state: Secret,
    expires_at: Unix,
}

impl PendingImplicit {
    #[inline]
    pub(crate) fn begin(config: &Config, entropy: &mut Entropy, now: Now) -> Result<Self, Invalid> {
        if config.flow != Flow::Implicit {
            return Err(Invalid::new("flow", format!("{} brings no token by redirect; the flow implicit does", config.flow)));
        }
        let state = Secret::new(entropy.token());
        let (url, redirect_uri) = authorize_url(config, "token", &state)?;
        Ok(Self {
            authorize_url: Secret::new(String::from(url)),
            client_id: config.client_id.clone(),
            auth_url: config.auth_url.as_str().to_owned(),
            redirect_uri,
            scopes: config.scopes.clone(),
            state,
            expires_at: now.unix + LIFETIME,
        })
    }

    /// Where the person's browser is to go.
    #[must_use]
    #[inline]
    pub fn authorize_url(&self) -> &str {
        self.authorize_url.expose()
    }

    /// Where the browser comes back to.
    #[must_use]
    #[inline]
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Takes the address to which the browser was sent, whole, with its fragment.
    ///
    /// # Errors
    /// As [`PendingSignIn::redirected`](super::PendingSignIn::redirected), or if the token can't be used.
    #[inline]
    pub fn redirected(self, redirect: &str, now: Now) -> Result<ImplicitToken, RedirectRefused<Self>> {
        let expected = Expected {
            redirect_uri: &self.redirect_uri,
            state: &self.state,
            expires_at: self.expires_at,
            in_fragment: true,
            wanted: "access_token",
        };
        match expected.check(redirect, now.unix).and_then(|parameters| answer(&parameters)) {
            Ok(answer) => Ok(ImplicitToken { pending: self, answer, now }),
            Err((fault, error)) => Err(RedirectRefused { pending: Box::new(self), fault, error }),
        }
    }
}

/// A token that the browser brought.
pub struct ImplicitToken {
    pending: PendingImplicit,
    answer: TokenAnswer,
    /// When it came: its lifetime counts from then on.
    now: Now,
}

impl fmt::Debug for ImplicitToken {
    /// What the browser brought may repeat a secret anywhere.
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImplicitToken").field("pending", &self.pending).finish_non_exhaustive()
    }
}

impl ImplicitToken {
    /// What a session adopts. `config` is that session's.
    ///
    /// # Errors
    /// If `config` is another client's than the one that began the sign-in, or has another authorization URL.
    #[inline]
    pub fn grant(self, config: &Config) -> Result<Grant, Invalid> {
        let Self { pending, answer, now } = self;
        let server = ("authorization URL", &config.auth_url, pending.auth_url.as_str());
        begun::check(config, &pending.client_id, Flow::Implicit, server)?;
        let mut config = config.clone();
        config.scopes = pending.scopes;
        config.redirect_uri = Some(pending.redirect_uri);
        Ok(Grant::from_answer(&config, answer, None, now))
    }
}

/// What the token endpoint would have said.
#[inline]
fn answer(parameters: &Parameters) -> Result<TokenAnswer, (RedirectFault, Error)> {
    let refuse = |message: &str| (RedirectFault::MissingCode, Error::of(ErrorKind::Redirect, message));
    let text = |name| parameters.find(name).map(|value| value.expose().to_owned());
    let access_token = parameters.find("access_token").cloned().filter(|token| is_sendable(token.expose()));
    let token_type = text("token_type").unwrap_or_else(|| "Bearer".to_owned());
    if !is_sendable(&token_type) {
        return Err(refuse("the address brings a token of a type that can't be sent"));
    }
    Ok(TokenAnswer {
        access_token: access_token.ok_or_else(|| refuse("the address brings a token that can't be sent"))?,
        token_type,
        lifetime: text("expires_in").and_then(|seconds| lifetime(&Value::Text(seconds))),
        refresh_token: None,
        scopes: text("scope").and_then(|scopes| scopes.parse().ok()),
        user: text("user_id"),
        extra: Unknown::default(),
    })
}
