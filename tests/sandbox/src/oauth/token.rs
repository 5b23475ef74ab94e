//! The token endpoint: client credentials, authorization code with PKCE or without, device, refresh.

use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::caller::{Caller, Form, given, read_form, required};
use super::ledger::{Grant, Life, later};
use super::{OauthError, device, pkce};
use crate::answer::Answer;
use crate::behaviour::{Dialect, Refresh};
use crate::options::Flow;
use crate::request::Request;
use crate::state::State;

pub(crate) fn answer(state: &mut State, request: &Request, now: Timestamp) -> Answer {
    if request.method != Method::POST {
        return super::method_not_allowed("POST", state.behaviour.dialect);
    }
    match exchange(state, request, now) {
        Ok(mut value) => {
            state.behaviour.distort(&mut value);
            Answer::oauth(StatusCode::OK, &value)
        }
        Err(error) => error.answer(state.behaviour.dialect),
    }
}

fn exchange(state: &mut State, request: &Request, now: Timestamp) -> Result<Value, OauthError> {
    let form = read_form(request)?;
    let caller = Caller::of(request, &form, &state.clients)?;
    match required(&form, "grant_type")? {
        "client_credentials" => client_credentials(state, &caller, now),
        "authorization_code" => authorization_code(state, &caller, &form, now),
        "refresh_token" => refresh(state, &caller, &form, now),
        "urn:ietf:params:oauth:grant-type:device_code" => device::poll(state, &caller, &form, now),
        _ => Err(OauthError::new("unsupported_grant_type", "grant_type is not supported", 0)),
    }
}

fn client_credentials(state: &mut State, caller: &Caller, now: Timestamp) -> Result<Value, OauthError> {
    caller.proven()?;
    caller.may(Flow::ClientCredentials)?;
    let lifetime = state.behaviour.access_lifetime;
    let grant = Grant { client: caller.id.clone(), user: None, scopes: Vec::new(), family: state.ledger.new_family() };
    let access = state.ledger.add_access(grant, later(now, lifetime));
    Ok(json!({
        "access_token": access, "expires_in": lifetime.as_secs(), "token_type": "Bearer", "scope": "",
    }))
}

fn authorization_code(state: &mut State, caller: &Caller, form: &Form, now: Timestamp) -> Result<Value, OauthError> {
    let redirect_uri = required(form, "redirect_uri")?;
    let dead = || OauthError::grant("The code is not valid", 1005);
    let text = required(form, "code")?;
    let code = state.ledger.codes.get_mut(text).ok_or_else(dead)?;
    let family = code.grant.family;
    if code.grant.client != caller.id || now >= code.expires {
        return Err(dead());
    }
    if code.used {
        state.ledger.revoke_family(family);
        return Err(dead());
    }
    if code.redirect_uri != redirect_uri {
        return Err(OauthError::grant("The redirect URI does not match", 11_102));
    }
    let matches = match &code.challenge {
        Some(challenge) => {
            let verifier = required(form, "code_verifier")?;
            pkce::is_verifier(verifier) && pkce::matches(challenge, verifier)
        }
        None => {
            caller.proven()?;
            // RFC 9700 §2.1.1: a verifier without a challenge is somebody else's code.
            given(form, "code_verifier").is_none()
        }
    };
    // One guess: a code whose verifier is wrong may be in the wrong hands.
    code.used = true;
    if !matches {
        return Err(OauthError::grant("The code verifier does not match", 1005));
    }
    let grant = code.grant.clone();
    let refresh = new_refresh(state, &grant);
    Ok(person(state, grant, refresh, now))
}

/// The refresh token of a new sign-in, if there is to be one.
pub(super) fn new_refresh(state: &mut State, grant: &Grant) -> Option<String> {
    state.behaviour.issue_refresh_token.then(|| state.ledger.add_refresh(grant.clone()))
}

fn refresh(state: &mut State, caller: &Caller, form: &Form, now: Timestamp) -> Result<Value, OauthError> {
    let text = required(form, "refresh_token")?;
    let dead = || OauthError::grant("Token has invalid payload", 1005);
    let token = state.ledger.refresh.get_mut(text).ok_or_else(dead)?;
    if token.grant.client != caller.id {
        return Err(dead());
    }
    if token.life != Life::Live {
        let family = token.grant.family;
        if token.life == Life::Rotated && state.behaviour.reuse_revokes_family {
            state.ledger.revoke_family(family);
        }
        return Err(dead());
    }
    let mut grant = token.grant.clone();
    if let Some(scope) = given(form, "scope") {
        let wanted: Vec<String> = scope.split_ascii_whitespace().map(str::to_owned).collect();
        if !wanted.iter().all(|scope| grant.scopes.contains(scope)) {
            return Err(OauthError::new("invalid_scope", "A scope was not granted", 11_004));
        }
        grant.scopes = wanted;
    }
    let answered = match state.behaviour.refresh {
        Refresh::Omit => None,
        Refresh::Same => Some(text.to_owned()),
        Refresh::Rotate => {
            token.life = Life::Rotated;
            // A narrower access token does not narrow what was granted.
            let granted = token.grant.clone();
            Some(state.ledger.add_refresh(granted))
        }
    };
    Ok(person(state, grant, answered, now))
}

/// The answer to one who acts for a person.
pub(super) fn person(state: &mut State, grant: Grant, refresh: Option<String>, now: Timestamp) -> Value {
    let lifetime = state.behaviour.access_lifetime;
    let (user, scope, client) = (grant.user, grant.scopes.join(" "), grant.client.clone());
    let access = state.ledger.add_access(grant, later(now, lifetime));
    let mut answer = json!({
        "access_token": access,
        "expires_in": lifetime.as_secs(),
        "token_type": "Bearer",
        "scope": scope,
    });
    if state.behaviour.dialect == Dialect::Tidal {
        answer["user_id"] = user.into();
        answer["clientName"] = client.into();
    }
    if let Some(refresh) = refresh {
        answer["refresh_token"] = refresh.into();
    }
    answer
}
