//! Device authorization (RFC 8628): the person enters a code on another device while this one asks whether they have.
//!
//! ```text
//! DeviceAnswer --receive--> PendingDevice --ask--> DevicePoll --receive--> Grant
//!                                ▲                     │ not yet
//!                                └─────────────────────┘
//! ```

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::begun;
use super::grant::Grant;
use super::token::{TokenAnswer, TokenRefused, TokenRequest, client_secrets};
use crate::config::Config;
use crate::document::loose;
use crate::error::{Error, ErrorKind, Failure, Invalid};
use crate::flow::Flow;
use crate::message::{Exchange, Response};
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::texts;
use crate::time::{Mono, Now, Unix};

/// How often to ask where the service doesn't say (RFC 8628 §3.2).
const INTERVAL: Duration = Duration::from_secs(5);
/// How much slower after `slow_down` (RFC 8628 §3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// How long codes live where the service doesn't say.
const LIFETIME: Duration = Duration::from_secs(300);
/// The longest pause between two questions that this side makes of its own accord.
const LONGEST: Duration = Duration::from_secs(60);

/// The request for a code is on its way.
pub struct DeviceAnswer {
    config: Config,
}

/// Begins a sign-in on another device: the request for a code.
#[inline]
pub(crate) fn begin(config: &Config, now: Now) -> Result<(Exchange, DeviceAnswer), Invalid> {
    if config.flow != Flow::Device {
        let why = format!("{} shows no code to enter elsewhere; the flow device does", config.flow);
        return Err(Invalid::new("flow", why));
    }
    config.check()?;
    let exchange = TokenRequest::DeviceCode.exchange(config, now);
    Ok((exchange, DeviceAnswer { config: config.clone() }))
}

impl DeviceAnswer {
    /// Understands what came back: TIDAL's own names or those of RFC 8628 §3.2.
    ///
    /// # Errors
    /// If the service doesn't let this client use this flow, or can't be reached.
    #[inline]
    pub fn receive(self, reply: Result<Response, Failure>, now: Now) -> Result<PendingDevice, Error> {
        let refused = match TokenAnswer::success(reply, &client_secrets(&self.config), now.unix) {
            Ok(response) => return self.pending(response.body(), now),
            Err(refused) => refused,
        };
        Err(match refused {
            TokenRefused::Rejected(refusal) => Error::refused(ErrorKind::Configuration, "no code for a device", refusal),
            TokenRefused::Configuration(error) | TokenRefused::Later(error, _) => error,
        })
    }

    #[inline]
    fn pending(&self, body: &[u8], now: Now) -> Result<PendingDevice, Error> {
        let mut fields = loose::object(body).unwrap_or_default();
        let mut take = |names: [&str; 2]| names.iter().find_map(|name| fields.take(name));
        let mut text = |names| take(names).and_then(|value| value.text().map(str::to_owned)).filter(|text| !text.is_empty());
        let code = text(["device_code", "deviceCode"]);
        let user_code = text(["user_code", "userCode"]);
        let address = text(["verification_uri", "verificationUri"]);
        let complete = text(["verification_uri_complete", "verificationUriComplete"]);
        let mut seconds = |names, default| take(names).as_ref().and_then(super::token::lifetime).unwrap_or(default);
        let lifetime = seconds(["expires_in", "expiresIn"], LIFETIME);
        let interval = seconds(["interval", "interval"], INTERVAL).max(Duration::from_secs(1));
        let (Some(code), Some(user_code), Some(address)) = (code, user_code, address) else {
            let message = "the service answered with success, but not with a code for the person";
            return Err(Error::of(ErrorKind::TokenUnavailable, message));
        };
        let expires_at = now.unix + lifetime;
        Ok(PendingDevice {
            client_id: self.config.client_id.clone(),
            token_url: self.config.token_url.as_str().to_owned(),
            scopes: self.config.scopes.clone(),
            code: code.into(),
            user_code,
            verification_uri: with_scheme(address),
            verification_uri_complete: complete.map(with_scheme),
            expires_at,
            interval,
            ask_at: now.mono + interval.min(lifetime),
        })
    }
}

/// Some services leave the scheme out.
#[inline]
fn with_scheme(address: String) -> String {
    if texts::contains(&address, "://") { address } else { format!("https://{address}") }
}

impl fmt::Debug for DeviceAnswer {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceAnswer")
    }
}

/// A sign-in that waits for the person. It serialises with its device code in plain text: keep it as you keep a token. `Debug` shows
/// neither that nor what the person enters.
#[derive(Serialize, Deserialize)]
pub struct PendingDevice {
    client_id: String,
    token_url: String,
    scopes: Scopes,
    code: Secret,
    user_code: String,
    verification_uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verification_uri_complete: Option<String>,
    expires_at: Unix,
    interval: Duration,
    /// By this process's clock: another one may ask at once.
    #[serde(skip)]
    ask_at: Mono,
}

impl PendingDevice {
    /// What the person enters.
    #[must_use]
    #[inline]
    pub fn user_code(&self) -> &str {
        &self.user_code
    }

    /// Where they enter it.
    #[must_use]
    #[inline]
    pub fn verification_uri(&self) -> &str {
        &self.verification_uri
    }

    /// An address that has the code in it, for a link or a picture of one, if the service gave one.
    #[must_use]
    #[inline]
    pub fn verification_uri_complete(&self) -> Option<&str> {
        self.verification_uri_complete.as_deref()
    }

    /// When the code ends.
    #[must_use]
    #[inline]
    pub fn expires_at(&self) -> Unix {
        self.expires_at
    }

    /// All that the person is shown.
    #[must_use]
    #[inline]
    pub fn prompt(&self) -> DevicePrompt {
        DevicePrompt {
            user_code: self.user_code.clone(),
            verification_uri: self.verification_uri.clone(),
            verification_uri_complete: self.verification_uri_complete.clone(),
            expires_at: self.expires_at,
        }
    }

    /// When to ask next, not before.
    #[must_use]
    #[inline]
    pub fn ask_at(&self) -> Mono {
        self.ask_at
    }

    /// The question whether the person has signed in. `config` is that of the session which will adopt the grant.
    ///
    /// # Errors
    /// If the code has expired, or `config` is another client's than the one that began the sign-in, or has another token URL.
    #[inline]
    pub fn ask(self, config: &Config, now: Now) -> Result<(Exchange, DevicePoll), Error> {
        begun::check(config, &self.client_id, Flow::Device, ("token URL", &config.token_url, &self.token_url))?;
        if now.unix >= self.expires_at {
            return Err(expired());
        }
        let exchange = TokenRequest::Device(&self.code).exchange(config, now);
        let mut config = config.clone();
        config.scopes.clone_from(&self.scopes);
        Ok((exchange, DevicePoll { config, pending: self }))
    }

    #[inline]
    fn later(mut self, interval: Duration, now: Now) -> Self {
        self.interval = interval;
        // When the code ends there is nothing more to wait for.
        self.ask_at = now.mono + interval.min(self.expires_at.since(now.unix));
        self
    }
}

impl fmt::Debug for PendingDevice {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingDevice")
            .field("client_id", &self.client_id)
            .field("token_url", &self.token_url)
            .field("scopes", &self.scopes)
            .field("verification_uri", &self.verification_uri)
            .field("expires_at", &self.expires_at)
            .field("interval", &self.interval)
            .field("ask_at", &self.ask_at)
            .finish_non_exhaustive()
    }
}

#[inline]
fn expired() -> Error {
    Error::of(ErrorKind::Redirect, "the sign-in took too long and its code has expired; begin a new one")
}

/// What a person is shown who signs in on another device. `Debug` does not show the code: whoever reads it in a log could take part.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DevicePrompt {
    /// What they enter.
    pub user_code: String,
    /// Where they enter it.
    pub verification_uri: String,
    /// An address that has the code in it, for a link or a picture of one, if the service gave one.
    pub verification_uri_complete: Option<String>,
    /// When the code ends, by the local clock.
    pub expires_at: Unix,
}

impl fmt::Debug for DevicePrompt {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevicePrompt")
            .field("verification_uri", &self.verification_uri)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A question on its way.
pub struct DevicePoll {
    config: Config,
    pending: PendingDevice,
}

/// What came of a question.
#[derive(Debug)]
pub enum DeviceOutcome {
    /// The person has signed in.
    Granted(Box<Grant>),
    /// Not yet: ask again.
    Pending(PendingDevice),
}

impl DevicePoll {
    /// Understands what came back. While the service can't be reached, the sign-in stays pending and is asked for less often.
    ///
    /// # Errors
    /// If the person declined, the code has expired, or the service refuses the client.
    #[inline]
    pub fn receive(self, reply: Result<Response, Failure>, now: Now) -> Result<DeviceOutcome, Error> {
        let Self { config, pending } = self;
        let mut sent = client_secrets(&config);
        sent.push(pending.code.clone());
        // Whoever reads these in a log could take part.
        sent.push(pending.user_code.as_str().into());
        let address = pending.verification_uri_complete.as_deref();
        sent.extend(address.map(|address| Secret::from(address.strip_prefix("https://").unwrap_or(address))));
        let (error, after) = match TokenAnswer::parse(reply, &sent, now.unix) {
            Ok(answer) => return Ok(DeviceOutcome::Granted(Box::new(Grant::from_answer(&config, answer, None, now)))),
            Err(TokenRefused::Rejected(refusal)) => {
                return Err(Error::refused(ErrorKind::Redirect, "the code was refused, begin a new sign-in", refusal));
            }
            Err(TokenRefused::Configuration(error)) => return Err(error),
            Err(TokenRefused::Later(error, after)) => (error, after),
        };
        let interval = pending.interval;
        let refusal = error.refusal();
        let says = |code: &str| refusal.is_some_and(|refusal| refusal.has_code(code));
        if says("authorization_pending") || refusal.is_some_and(|refusal| refusal.has_sub_code("1002")) {
            return Ok(DeviceOutcome::Pending(pending.later(interval, now)));
        }
        if says("slow_down") {
            return Ok(DeviceOutcome::Pending(pending.later(interval + SLOWER, now)));
        }
        if says("access_denied") {
            return Err(Error::of(ErrorKind::Redirect, "the person declined"));
        }
        if says("expired_token") || now.unix >= pending.expires_at {
            return Err(expired());
        }
        // Out of reach or overloaded: RFC 8628 §3.5 asks for exponential backoff.
        let slower = interval.saturating_mul(2).min(LONGEST).max(interval).max(after.unwrap_or_default());
        Ok(DeviceOutcome::Pending(pending.later(slower, now)))
    }
}

impl fmt::Debug for DevicePoll {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DevicePoll")
    }
}
