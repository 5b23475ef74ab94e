//! Authorization code, with PKCE and without (RFC 6749 §4.1, RFC 7636, RFC 9700 §2.1.1).
//!
//! ```text
//! PendingSignIn --redirected--> CodeExchange --send--> CodeAnswer --receive--> Grant
//! ```
//! Each step consumes the last, so only the valid next step compiles. A [`PendingSignIn`] can be serialised: the person may come
//! back in another process.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use url::Url;

use super::begun;
use super::grant::Grant;
use super::redirect::{Expected, RedirectFault, RedirectRefused};
use super::token::{TokenAnswer, TokenRefused, TokenRequest, client_secrets};
use crate::config::Config;
use crate::entropy::{Entropy, sha256};
use crate::error::{Error, ErrorKind, Failure, Invalid};
use crate::flow::Flow;
use crate::message::{Exchange, Response};
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::time::{Now, Unix};

/// How long a person has for a sign-in.
pub(super) const LIFETIME: Duration = Duration::from_secs(3600);

/// A sign-in that waits for the person. It serialises with its verifier in plain text: keep it as you keep a token.
#[derive(Debug, Serialize, Deserialize)]
pub struct PendingSignIn {
    flow: Flow,
    authorize_url: Secret,
    client_id: String,
    token_url: String,
    redirect_uri: String,
    scopes: Scopes,
    state: Secret,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verifier: Option<Secret>,
    expires_at: Unix,
}

impl PendingSignIn {
    /// Draws state and verifier, 256 bits each.
    #[inline]
    pub(crate) fn begin(config: &Config, entropy: &mut Entropy, now: Now) -> Result<Self, Invalid> {
        if !matches!(config.flow, Flow::Pkce | Flow::AuthorizationCode) {
            let why = format!("{} brings no code; the flows pkce and auth_code do", config.flow);
            return Err(Invalid::new("flow", why));
        }
        let state = Secret::new(entropy.token());
        let verifier = (config.flow == Flow::Pkce).then(|| Secret::new(entropy.token()));
        let (mut url, redirect_uri) = authorize_url(config, "code", &state)?;
        if let Some(verifier) = &verifier {
            url.query_pairs_mut()
                .append_pair("code_challenge_method", "S256")
                .append_pair("code_challenge", &challenge(verifier));
        }
        Ok(Self {
            flow: config.flow,
            authorize_url: Secret::new(String::from(url)),
            client_id: config.client_id.clone(),
            token_url: config.token_url.as_str().to_owned(),
            redirect_uri,
            scopes: config.scopes.clone(),
            state,
            verifier,
            expires_at: now.unix + LIFETIME,
        })
    }

    /// Where the person's browser is to go.
    #[must_use]
    pub fn authorize_url(&self) -> &str {
        self.authorize_url.expose()
    }

    /// Where the browser comes back to.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// What is wrong with an address, without taking it.
    ///
    /// # Errors
    /// See [`RedirectFault`].
    #[inline]
    pub fn check(&self, redirect: &str, now: Now) -> Result<(), RedirectFault> {
        self.expected().check(redirect, now.unix).map(|_| ()).map_err(|(fault, _)| fault)
    }

    /// Takes the address to which the browser was sent, whole.
    ///
    /// # Errors
    /// If it is not the redirect URI, lacks the state or has another one, reports an error such as `access_denied`, or lacks
    /// the code, or if the sign-in has expired. The pending sign-in is handed back, so that the person may try again.
    #[inline]
    pub fn redirected(self, redirect: &str, now: Now) -> Result<CodeExchange, RedirectRefused<Self>> {
        let code = self.expected().check(redirect, now.unix).map(|parameters| parameters.find("code").cloned());
        match code {
            Ok(code) => Ok(CodeExchange { pending: self, code: code.unwrap_or_else(|| Secret::new("")) }),
            Err((fault, error)) => Err(RedirectRefused { pending: Box::new(self), fault, error }),
        }
    }

    #[inline]
    fn expected(&self) -> Expected<'_> {
        Expected {
            redirect_uri: &self.redirect_uri,
            state: &self.state,
            expires_at: self.expires_at,
            in_fragment: false,
            wanted: "code",
        }
    }
}

/// The authorization request (RFC 6749 §4.1.1, §4.2.1), and the redirect URI in it.
#[inline]
pub(super) fn authorize_url(config: &Config, response_type: &str, state: &Secret) -> Result<(Url, String), Invalid> {
    config.check()?;
    let Some(redirect_uri) = config.redirect_uri.clone() else {
        return Err(Invalid::new("redirect URI", "is missing; this flow needs the one registered for the client"));
    };
    let mut url = config.auth_url.clone();
    url.query_pairs_mut()
        .append_pair("response_type", response_type)
        .append_pair("client_id", &config.client_id)
        .append_pair("redirect_uri", &redirect_uri)
        .extend_pairs(config.scopes.as_parameter())
        .append_pair("state", state.expose());
    Ok((url, redirect_uri))
}

/// S256 of the verifier (RFC 7636 §4.2).
#[inline]
fn challenge(verifier: &Secret) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(sha256(verifier.expose().as_bytes()))
}

/// A code, to be exchanged for tokens.
#[derive(Debug)]
pub struct CodeExchange {
    pending: PendingSignIn,
    code: Secret,
}

impl CodeExchange {
    /// The request to the token endpoint. `config` is that of the session which will adopt the grant.
    ///
    /// # Errors
    /// If `config` is another client's than the one that began the sign-in, or has another token URL.
    #[inline]
    pub fn send(self, config: &Config, now: Now) -> Result<(Exchange, CodeAnswer), Invalid> {
        let Self { pending, code } = self;
        let server = ("token URL", &config.token_url, pending.token_url.as_str());
        begun::check(config, &pending.client_id, pending.flow, server)?;
        let verifier = pending.verifier.as_ref();
        let request = TokenRequest::Code { code: &code, verifier, redirect_uri: &pending.redirect_uri };
        let exchange = request.exchange(config, now);
        let mut config = config.clone();
        config.scopes.clone_from(&pending.scopes);
        config.redirect_uri = Some(pending.redirect_uri.clone());
        Ok((exchange, CodeAnswer { config, code, verifier: pending.verifier }))
    }
}

/// A code on its way to the token endpoint.
pub struct CodeAnswer {
    config: Config,
    code: Secret,
    verifier: Option<Secret>,
}

impl fmt::Debug for CodeAnswer {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeAnswer")
    }
}

impl CodeAnswer {
    /// Understands what came back.
    ///
    /// # Errors
    /// If it is no token. A code can be used once: begin a new sign-in.
    #[inline]
    pub fn receive(self, reply: Result<Response, Failure>, now: Now) -> Result<Grant, Error> {
        let mut sent = client_secrets(&self.config);
        sent.push(self.code);
        sent.extend(self.verifier);
        match TokenAnswer::parse(reply, &sent, now.unix) {
            Ok(answer) => Ok(Grant::from_answer(&self.config, answer, None, now)),
            Err(TokenRefused::Rejected(refusal)) => {
                Err(Error::refused(ErrorKind::Redirect, "the code was refused, begin a new sign-in", refusal))
            }
            Err(TokenRefused::Configuration(error) | TokenRefused::Later(error, _)) => Err(error),
        }
    }
}
