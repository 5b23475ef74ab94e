//! The token endpoint: client credentials, authorization code with PKCE, refresh.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode, header};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::ledger::{Grant, Life, later};
use super::{OauthError, pkce};
use crate::answer::Answer;
use crate::behaviour::Refresh;
use crate::options::Client;
use crate::request::{Request, field, pairs};
use crate::state::State;

type Form = [(String, String)];

pub(crate) fn answer(state: &mut State, request: &Request, now: Timestamp) -> Answer {
    if request.method != Method::POST {
        return super::method_not_allowed("POST");
    }
    match exchange(state, request, now) {
        Ok(value) => Answer::oauth(StatusCode::OK, &value),
        Err(error) => error.into(),
    }
}

fn exchange(state: &mut State, request: &Request, now: Timestamp) -> Result<Value, OauthError> {
    let form = read_form(request)?;
    let caller = Caller::of(request, &form, &state.clients)?;
    match required(&form, "grant_type")? {
        "client_credentials" => client_credentials(state, &caller, now),
        "authorization_code" => authorization_code(state, &caller, &form, now),
        "refresh_token" => refresh(state, &caller, &form, now),
        _ => Err(OauthError::new("unsupported_grant_type", "grant_type is not supported", 0)),
    }
}

/// The fields of the body, each at most once (RFC 6749 §3.2).
pub(super) fn read_form(request: &Request) -> Result<Vec<(String, String)>, OauthError> {
    if request.media_type().as_deref() != Some("application/x-www-form-urlencoded") {
        return Err(OauthError::request("The body is not form-urlencoded"));
    }
    let form = request.form();
    let mut names: Vec<_> = form.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(OauthError::request("A parameter was given twice"));
    }
    Ok(form)
}

pub(super) fn required<'a>(form: &'a Form, name: &str) -> Result<&'a str, OauthError> {
    field(form, name).filter(|value| !value.is_empty()).ok_or(OauthError::request("A parameter is missing"))
}

/// The client that asks, and whether it proved who it is.
pub(super) struct Caller {
    pub(super) id: String,
    proven: bool,
}

impl Caller {
    pub(super) fn of(request: &Request, form: &Form, clients: &[Client]) -> Result<Self, OauthError> {
        let basic = request.header(header::AUTHORIZATION);
        let (id, secret) = match basic {
            Some(value) => {
                if field(form, "client_secret").is_some() {
                    return Err(OauthError::request("Two ways of client authentication"));
                }
                let (id, secret) = decode_basic(value).ok_or(OauthError::client(true))?;
                if field(form, "client_id").is_some_and(|other| other != id) {
                    return Err(OauthError::request("Two different client ids"));
                }
                (id, Some(secret))
            }
            None => (required(form, "client_id")?.to_owned(), field(form, "client_secret").map(str::to_owned)),
        };
        let known = clients.iter().find(|client| client.id == id);
        let client = known.ok_or(OauthError::client(basic.is_some()))?;
        if secret.as_ref().is_some_and(|given| *given != client.secret) {
            return Err(OauthError::client(basic.is_some()));
        }
        let proven = secret.is_some();
        Ok(Self { id, proven })
    }
}

/// Both parts are form-urlencoded before they are joined (RFC 6749 §2.3.1).
fn decode_basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    let text = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(encoded.trim()).ok())??;
    let text = String::from_utf8(text).ok()?;
    let (id, secret) = text.split_once(':')?;
    let plain = |part: &str| {
        let mut pairs = pairs(format!("x={part}").as_bytes());
        pairs.pop().map(|(_, value)| value)
    };
    Some((plain(id)?, plain(secret)?))
}

fn client_credentials(state: &mut State, caller: &Caller, now: Timestamp) -> Result<Value, OauthError> {
    if !caller.proven {
        return Err(OauthError::client(false));
    }
    let lifetime = state.behaviour.access_lifetime;
    let grant = Grant { client: caller.id.clone(), user: None, scopes: Vec::new(), family: state.ledger.new_family() };
    let access = state.ledger.add_access(grant, later(now, lifetime));
    Ok(json!({
        "access_token": access, "expires_in": lifetime.as_secs(), "token_type": "Bearer", "scope": "",
    }))
}

fn authorization_code(state: &mut State, caller: &Caller, form: &Form, now: Timestamp) -> Result<Value, OauthError> {
    let verifier = required(form, "code_verifier")?;
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
    // One guess: a code whose verifier is wrong may be in the wrong hands.
    code.used = true;
    if !pkce::is_verifier(verifier) || !pkce::matches(&code.challenge, verifier) {
        return Err(OauthError::grant("The code verifier does not match", 1005));
    }
    let grant = code.grant.clone();
    let refresh = state.behaviour.issue_refresh_token;
    let refresh = refresh.then(|| state.ledger.add_refresh(grant.clone()));
    Ok(person(state, grant, refresh, now))
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
    if let Some(scope) = field(form, "scope") {
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
fn person(state: &mut State, grant: Grant, refresh: Option<String>, now: Timestamp) -> Value {
    let lifetime = state.behaviour.access_lifetime;
    let (user, scope, client) = (grant.user, grant.scopes.join(" "), grant.client.clone());
    let access = state.ledger.add_access(grant, later(now, lifetime));
    let mut answer = json!({
        "access_token": access,
        "expires_in": lifetime.as_secs(),
        "token_type": "Bearer",
        "scope": scope,
        "user_id": user,
        "clientName": client,
    });
    if let (Some(refresh), Value::Object(fields)) = (refresh, &mut answer) {
        fields.insert("refresh_token".into(), refresh.into());
    }
    answer
}
