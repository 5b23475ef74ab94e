//! The authorize endpoint: what an application asks a person for, and the redirect that takes the answer back.

use http::{Method, StatusCode};
use jiff::Timestamp;
use url::Url;

use super::ledger::{Code, Grant, later};
use super::{SCOPES, page, pkce};
use crate::answer::Answer;
use crate::options::Client;
use crate::request::{self, Request, field};
use crate::state::State;

/// A well-formed request for consent.
pub(super) struct Ask {
    pub(super) client: String,
    redirect_uri: String,
    pub(super) scopes: Vec<String>,
    state: String,
    challenge: String,
}

/// Why nobody is asked.
pub(crate) enum NoAsk {
    /// The redirect cannot be trusted: the person is told, and stays here.
    Stay(&'static str),
    /// The application is told.
    Back(String),
}

/// What the person says.
#[derive(Clone, Copy)]
pub(crate) enum Decision {
    Approve(u64),
    Deny,
}

/// What the parameters must all be, once the redirect URI is trusted.
fn complaint(pairs: &[(String, String)]) -> Option<(&'static str, &'static str)> {
    let get = |name| field(pairs, name).unwrap_or_default();
    let mut names: Vec<_> = pairs.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Some(("invalid_request", "A parameter was given twice"));
    }
    if get("response_type") != "code" {
        return Some(("unsupported_response_type", "response_type is not code"));
    }
    if get("code_challenge_method") != "S256" {
        return Some(("invalid_request", "code_challenge_method is not S256"));
    }
    if !pkce::is_challenge(get("code_challenge")) {
        return Some(("invalid_request", "code_challenge is no SHA-256"));
    }
    if get("state").is_empty() {
        return Some(("invalid_request", "state is missing"));
    }
    let mut scopes = get("scope").split_ascii_whitespace();
    if !scopes.all(|scope| SCOPES.contains(&scope)) {
        return Some(("invalid_scope", "A scope is unknown or not for third parties"));
    }
    None
}

impl Ask {
    fn read(pairs: &[(String, String)], clients: &[Client]) -> Result<Self, NoAsk> {
        let get = |name| field(pairs, name).unwrap_or_default();
        let client =
            clients.iter().find(|client| client.id == get("client_id")).ok_or(NoAsk::Stay("This application is not known."))?;
        let redirect_uri = get("redirect_uri");
        if !client.redirects.allow(redirect_uri) {
            return Err(NoAsk::Stay("The application has not registered this redirect URI."));
        }
        if let Some((error, description)) = complaint(pairs) {
            let fields = [("error", error), ("error_description", description), ("state", get("state"))];
            return Err(NoAsk::Back(back(redirect_uri, &fields)));
        }
        Ok(Self {
            client: client.id.clone(),
            redirect_uri: redirect_uri.to_owned(),
            scopes: get("scope").split_ascii_whitespace().map(str::to_owned).collect(),
            state: get("state").to_owned(),
            challenge: get("code_challenge").to_owned(),
        })
    }
}

/// The redirect URI with more in its query. Empty values are left out.
fn back(redirect_uri: &str, fields: &[(&str, &str)]) -> String {
    let Ok(mut url) = Url::parse(redirect_uri) else {
        return redirect_uri.to_owned();
    };
    let fields = fields.iter().filter(|(_, value)| !value.is_empty());
    url.query_pairs_mut().extend_pairs(fields);
    url.into()
}

/// The decision of a person about the request in `query`, as the URL that it redirects to.
pub(crate) fn decide(state: &mut State, query: &str, decision: Decision, now: Timestamp) -> Result<String, NoAsk> {
    let ask = Ask::read(&request::pairs(query.as_bytes()), &state.clients)?;
    settle(state, ask, decision, now)
}

fn settle(state: &mut State, ask: Ask, decision: Decision, now: Timestamp) -> Result<String, NoAsk> {
    let user = match decision {
        Decision::Approve(user) => user,
        Decision::Deny => {
            let fields =
                [("error", "access_denied"), ("error_description", "The person said no"), ("state", ask.state.as_str())];
            return Ok(back(&ask.redirect_uri, &fields));
        }
    };
    if !state.users.iter().any(|known| known.id == user) {
        return Err(NoAsk::Stay("There is no such person."));
    }
    let family = state.ledger.new_family();
    let code = state.ledger.add_code(Code {
        grant: Grant { client: ask.client, user: Some(user), scopes: ask.scopes, family },
        redirect_uri: ask.redirect_uri.clone(),
        challenge: ask.challenge,
        expires: later(now, state.behaviour.code_lifetime),
        used: false,
    });
    let fields = [("code", code.as_str()), ("state", ask.state.as_str())];
    Ok(back(&ask.redirect_uri, &fields))
}

/// GET shows the page, POST is its form.
pub(crate) fn answer(state: &mut State, request: &Request, now: Timestamp) -> Answer {
    let result = match request.method {
        Method::GET => Ask::read(&request.query(), &state.clients)
            .map(|ask| Answer::html(StatusCode::OK, page::consent(&ask, &request.query(), &state.users))),
        Method::POST => decided(state, request, now).map(|url| Answer::redirect(&url)),
        _ => return super::method_not_allowed("GET, POST"),
    };
    result.unwrap_or_else(|refused| match refused {
        NoAsk::Stay(why) => Answer::html(StatusCode::BAD_REQUEST, page::refusal(why)),
        NoAsk::Back(url) => Answer::redirect(&url),
    })
}

fn decided(state: &mut State, request: &Request, now: Timestamp) -> Result<String, NoAsk> {
    let mut form = request.form();
    let mut take = |name: &str| {
        let index = form.iter().position(|(key, _)| key == name)?;
        Some(form.swap_remove(index).1)
    };
    let decision = match (take("decision").as_deref(), take("user")) {
        (Some("approve"), Some(user)) => {
            let user = user.parse();
            Decision::Approve(user.map_err(|_| NoAsk::Stay("There is no such person."))?)
        }
        (Some("deny"), _) => Decision::Deny,
        _ => return Err(NoAsk::Stay("The form was not filled in.")),
    };
    let ask = Ask::read(&form, &state.clients)?;
    settle(state, ask, decision, now)
}
