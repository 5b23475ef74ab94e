//! Authorization code with PKCE (RFC 6749 §4.1, RFC 7636, RFC 9700 §2.1.1).
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
use sha2::{Digest, Sha256};
use url::Url;

use super::grant::Grant;
use super::token::{TokenAnswer, TokenRefused, TokenRequest};
use crate::config::Config;
use crate::entropy::Entropy;
use crate::error::{Error, ErrorKind, Failure, Invalid};
use crate::flow::Flow;
use crate::message::{Exchange, Response};
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::time::{Now, Unix};

/// How long a person has for a sign-in.
const LIFETIME: Duration = Duration::from_secs(3600);

/// A sign-in that waits for the person. It serialises with its verifier in plain text: keep it as you keep a token.
#[derive(Debug, Serialize, Deserialize)]
pub struct PendingSignIn {
    authorize_url: Secret,
    client_id: String,
    redirect_uri: String,
    scopes: Scopes,
    state: Secret,
    verifier: Secret,
    expires_at: Unix,
}

impl PendingSignIn {
    /// Draws state and verifier, 256 bits each.
    pub(crate) fn begin(config: &Config, entropy: &mut Entropy, now: Now) -> Result<Self, Invalid> {
        if config.flow != Flow::Pkce {
            return Err(Invalid::new("flow", format!("{} needs no person to sign in; the flow pkce does", config.flow)));
        }
        config.check()?;
        let Some(redirect_uri) = config.redirect_uri.clone() else {
            return Err(Invalid::new("redirect URI", "is missing; a sign-in by PKCE needs the one registered for the client"));
        };
        let (state, verifier) = (Secret::new(entropy.token()), Secret::new(entropy.token()));
        let mut url = config.auth_url.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &config.client_id)
            .append_pair("redirect_uri", &redirect_uri)
            .append_pair("scope", &config.scopes.to_string())
            .append_pair("state", state.expose())
            .append_pair("code_challenge_method", "S256")
            .append_pair("code_challenge", &challenge(&verifier));
        Ok(Self {
            authorize_url: Secret::new(String::from(url)),
            client_id: config.client_id.clone(),
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

    /// Takes the address to which the browser was sent, whole.
    ///
    /// # Errors
    /// If it is not the redirect URI, lacks the state or has another one, reports an error such as `access_denied`, or lacks
    /// the code, or if the sign-in has expired. The pending sign-in is handed back, so that the person may try again.
    pub fn redirected(self, redirect: &str, now: Now) -> Result<CodeExchange, RedirectRefused> {
        match self.code(redirect, now.unix) {
            Ok(code) => Ok(CodeExchange { pending: self, code }),
            Err(error) => Err(RedirectRefused { pending: Box::new(self), error }),
        }
    }

    fn code(&self, redirect: &str, now: Unix) -> Result<Secret, Error> {
        let refuse = |message: &str| Err(Error::of(ErrorKind::Redirect, message));
        if now >= self.expires_at {
            return refuse("the sign-in took too long and has expired; begin a new one");
        }
        let redirect = redirect.trim().trim_matches(['"', '\'', '<', '>']);
        let (Ok(url), Ok(own)) = (Url::parse(redirect), Url::parse(&self.redirect_uri)) else {
            return refuse("this is no address; copy the whole line from the browser, from its scheme on");
        };
        let place = |url: &Url| (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port(), url.path().to_owned());
        if place(&url) != place(&own) {
            return Err(Error::of(ErrorKind::Redirect, format!("this address is not the redirect URI {}", self.redirect_uri)));
        }
        let field =
            |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| Secret::new(value.into_owned()));
        match field("state") {
            None => return refuse("the address lacks the state: it does not come from the sign-in page"),
            Some(state) if state != self.state => return refuse("the address belongs to another sign-in (its state differs)"),
            Some(_) => {}
        }
        if let Some(error) = field("error") {
            let description = field("error_description").map(|text| format!(": {}", text.expose())).unwrap_or_default();
            let said = format!("{}{description}", error.expose());
            let message =
                if error.expose() == "access_denied" { "the person declined" } else { "the sign-in page reports an error" };
            return Err(Error::of(ErrorKind::Redirect, format!("{message} ({})", printable(&said))));
        }
        match field("code") {
            Some(code) if !code.expose().is_empty() => Ok(code),
            _ => refuse("the address lacks the code"),
        }
    }
}

/// S256 of the verifier (RFC 7636 §4.2).
fn challenge(verifier: &Secret) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose()))
}

/// Foreign text for an error message: bounded, without control characters.
fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// The address was refused; the sign-in is still pending.
pub struct RedirectRefused {
    /// The sign-in, to try again with.
    pub pending: Box<PendingSignIn>,
    /// Why.
    pub error: Error,
}

impl fmt::Debug for RedirectRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl fmt::Display for RedirectRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for RedirectRefused {}

impl From<RedirectRefused> for Error {
    fn from(refused: RedirectRefused) -> Self {
        refused.error
    }
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
    /// If `config` is another client's than the one that began the sign-in.
    pub fn send(self, config: &Config, now: Now) -> Result<(Exchange, CodeAnswer), Invalid> {
        if config.client_id != self.pending.client_id {
            return Err(Invalid::new("client id", "is not the one that began this sign-in"));
        }
        let Self { pending, code } = self;
        let request = TokenRequest::Code { code: &code, verifier: &pending.verifier, redirect_uri: &pending.redirect_uri };
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
    verifier: Secret,
}

impl fmt::Debug for CodeAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeAnswer")
    }
}

impl CodeAnswer {
    /// Understands what came back.
    ///
    /// # Errors
    /// If it is no token. A code can be used once: begin a new sign-in.
    pub fn receive(self, reply: Result<Response, Failure>, now: Now) -> Result<Grant, Error> {
        let sent: Vec<&Secret> = [&self.code, &self.verifier].into_iter().chain(&self.config.client_secret).collect();
        match TokenAnswer::parse(reply, &sent, now.unix) {
            Ok(answer) => Ok(Grant::from_answer(&self.config, answer, None, now)),
            Err(TokenRefused::Rejected(refusal)) => {
                Err(Error::refused(ErrorKind::Redirect, "the code was refused, begin a new sign-in", refusal))
            }
            Err(TokenRefused::Configuration(error) | TokenRefused::Later(error, _)) => Err(error),
        }
    }
}
