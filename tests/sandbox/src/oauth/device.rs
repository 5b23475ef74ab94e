//! Devices without a browser (RFC 8628): codes for them, and what their polls are answered.
//!
//! ```text
//!   device ──▶ pending ──person approves──▶ approved ──poll──▶ spent
//!                 ├──────person denies────▶ denied
//!                 └──────────time─────────▶ expired
//! ```

use std::time::Duration;

use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::caller::{Caller, Form, read_form, required};
use super::decision::{Decision, NOBODY};
use super::ledger::{Grant, later};
use super::token::{self, person};
use super::{OauthError, scopes};
use crate::answer::Answer;
use crate::behaviour::Dialect;
use crate::options::Flow;
use crate::request::Request;
use crate::state::State;
use crate::urls;

pub(crate) struct Device {
    /// Its user is whoever approves.
    pub(super) grant: Grant,
    pub(super) user_code: String,
    expires: Timestamp,
    interval: Duration,
    polled: Option<Timestamp>,
    outcome: Outcome,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Pending,
    Approved,
    Denied,
    Spent,
}

/// What polls that are too quick add to the interval (RFC 8628 §3.5).
const SLOWER: Duration = Duration::from_secs(5);

/// Why the device page does not go on.
pub(super) const NO_DEVICE: &str = "No device is waiting for this code. It may have expired, or been used.";

pub(crate) fn answer(state: &mut State, request: &Request, now: Timestamp) -> Answer {
    if request.method != Method::POST {
        return super::method_not_allowed("POST", state.behaviour.dialect);
    }
    match begin(state, request, now) {
        Ok(value) => Answer::oauth(StatusCode::OK, &value),
        Err(error) => error.answer(state.behaviour.dialect),
    }
}

fn begin(state: &mut State, request: &Request, now: Timestamp) -> Result<Value, OauthError> {
    let form = read_form(request)?;
    let caller = Caller::of(request, &form, &state.clients)?;
    caller.may(Flow::Device).map_err(|refused| match state.behaviour.dialect {
        // as seen from the service
        Dialect::Tidal => OauthError::new("invalid_request", "Client is not a Limited Input Device client", 1002),
        Dialect::Rfc => refused,
    })?;
    let scopes = scopes(&form).ok_or(OauthError::new("invalid_scope", super::NO_SCOPE, 0))?;
    let lifetime = state.behaviour.device_lifetime;
    let interval = state.behaviour.device_interval;
    let family = state.ledger.new_family();
    let user_code = state.ledger.new_user_code();
    let device_code = state.ledger.add_device(Device {
        grant: Grant { client: caller.id, user: None, scopes, family },
        user_code: user_code.clone(),
        expires: later(now, lifetime),
        interval,
        polled: None,
        outcome: Outcome::Pending,
    });
    let mut uri = urls::at(state.address, urls::LINK);
    if state.behaviour.bare_verification_uri {
        uri = uri.split_off("http://".len());
    }
    let complete = format!("{uri}?user_code={user_code}");
    Ok(match state.behaviour.dialect {
        Dialect::Tidal => json!({
            "deviceCode": device_code, "userCode": user_code, "verificationUri": uri, "verificationUriComplete": complete,
            "expiresIn": lifetime.as_secs(), "interval": interval.as_secs(),
        }),
        Dialect::Rfc => json!({
            "device_code": device_code, "user_code": user_code, "verification_uri": uri, "verification_uri_complete": complete,
            "expires_in": lifetime.as_secs(), "interval": interval.as_secs(),
        }),
    })
}

/// A poll at the token endpoint.
pub(super) fn poll(state: &mut State, caller: &Caller, form: &Form, now: Timestamp) -> Result<Value, OauthError> {
    caller.may(Flow::Device)?;
    let text = required(form, "device_code")?;
    let dead = || OauthError::grant("The device code is not valid", 1005);
    let device = state.ledger.devices.get_mut(text).ok_or_else(dead)?;
    if device.grant.client != caller.id || device.outcome == Outcome::Spent {
        return Err(dead());
    }
    if now >= device.expires {
        return Err(OauthError::new("expired_token", "The device code has expired", 0));
    }
    let last = device.polled.replace(now);
    let interval = SignedDuration::try_from(device.interval).unwrap_or(SignedDuration::MAX);
    if last.is_some_and(|last| now.duration_since(last) < interval) {
        device.interval = device.interval.saturating_add(SLOWER);
        return Err(OauthError::new("slow_down", "The device polls too often", 0));
    }
    match device.outcome {
        Outcome::Approved => device.outcome = Outcome::Spent,
        Outcome::Denied => return Err(OauthError::new("access_denied", "The person said no", 0)),
        _ => return Err(OauthError::new("authorization_pending", "The person has not decided yet", 1002)),
    }
    let grant = device.grant.clone();
    let refresh = token::new_refresh(state, &grant);
    Ok(person(state, grant, refresh, now))
}

impl Device {
    pub(super) fn waits_at(&self, now: Timestamp) -> bool {
        self.outcome == Outcome::Pending && now < self.expires
    }
}

/// The decision of a person who entered a code.
pub(crate) fn decide(state: &mut State, user_code: &str, decision: Decision, now: Timestamp) -> Result<(), &'static str> {
    let users = &state.users;
    let device = state.ledger.waiting(user_code, now).ok_or(NO_DEVICE)?;
    match decision {
        Decision::Approve(user) if users.iter().any(|known| known.id == user) => {
            device.grant.user = Some(user);
            device.outcome = Outcome::Approved;
        }
        Decision::Approve(_) => return Err(NOBODY),
        Decision::Deny => device.outcome = Outcome::Denied,
    }
    Ok(())
}
