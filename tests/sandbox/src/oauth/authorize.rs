//! The authorize endpoint: what an application asks a person for, and the redirect that takes the answer back.

use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::decision::{Decision, NOBODY, Step};
use super::ledger::{Code, Grant, later};
use super::page::{self, Form};
use super::{NO_SCOPE, pkce, repeats, scopes};
use crate::answer::Answer;
use crate::behaviour::Dialect;
use crate::options::{Client, Flow};
use crate::request::{self, Request, field};
use crate::state::State;
use crate::urls;

/// The parameters that it knows. They travel through the forms, and are checked each time that they come back.
const PARAMETERS: &[&str] =
    &["response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"];

/// A well-formed request for consent.
struct Ask {
    client: String,
    redirect_uri: String,
    scopes: Vec<String>,
    state: String,
    wanted: Wanted,
}

enum Wanted {
    /// A code, with the challenge of PKCE or without.
    Code(Option<String>),
    /// A token at once: the implicit grant.
    Token,
}

/// Why nobody is asked.
pub(crate) enum NoAsk {
    /// The redirect cannot be trusted: the person is told, and stays here.
    Stay(&'static str),
    /// The application is told.
    Back(String),
}

type Complaint = (&'static str, &'static str);

/// What is asked for, once the redirect URI is trusted; or what is wrong with it.
fn wanted(pairs: &[(String, String)], client: &Client) -> Result<Wanted, Complaint> {
    let get = |name| field(pairs, name).unwrap_or_default();
    let may = |flow, otherwise| client.may(flow).then_some(()).ok_or(("unauthorized_client", otherwise));
    let (challenge, method) = (get("code_challenge"), get("code_challenge_method"));
    match get("response_type") {
        "token" => may(Flow::Implicit, "The client may not use the implicit grant").map(|()| Wanted::Token),
        "code" if challenge.is_empty() && method.is_empty() => {
            may(Flow::Code, "The client may not use codes without PKCE").map(|()| Wanted::Code(None))
        }
        "code" if method != "S256" => Err(("invalid_request", "code_challenge_method is not S256")),
        "code" if !pkce::is_challenge(challenge) => Err(("invalid_request", "code_challenge is no SHA-256")),
        "code" => may(Flow::Pkce, "The client may not use PKCE").map(|()| Wanted::Code(Some(challenge.to_owned()))),
        _ => Err(("unsupported_response_type", "response_type is neither code nor token")),
    }
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
        Self::judge(pairs, client).map_err(|(error, description)| {
            let fields = json!({ "error": error, "error_description": description, "state": get("state") });
            NoAsk::Back(back(redirect_uri, &fields, get("response_type") == "token"))
        })
    }

    fn judge(pairs: &[(String, String)], client: &Client) -> Result<Self, Complaint> {
        let get = |name| field(pairs, name).unwrap_or_default();
        if repeats(pairs) {
            return Err(("invalid_request", "A parameter was given twice"));
        }
        let wanted = wanted(pairs, client)?;
        if get("state").is_empty() {
            return Err(("invalid_request", "state is missing"));
        }
        Ok(Self {
            client: client.id.clone(),
            redirect_uri: get("redirect_uri").to_owned(),
            scopes: scopes(pairs).ok_or(("invalid_scope", NO_SCOPE))?,
            state: get("state").to_owned(),
            wanted,
        })
    }

    /// The redirect that tells the application.
    fn back(&self, mut fields: Value) -> String {
        fields["state"] = self.state.as_str().into();
        back(&self.redirect_uri, &fields, matches!(self.wanted, Wanted::Token))
    }
}

/// The redirect URI with these fields in its query, or for the implicit grant in its fragment (RFC 6749 §4.2.2).
fn back(redirect_uri: &str, fields: &Value, fragment: bool) -> String {
    let Ok(mut url) = Url::parse(redirect_uri) else {
        return redirect_uri.to_owned();
    };
    let fields = fields.as_object().into_iter().flatten().map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (name, text)
    });
    let fields = fields.filter(|(name, text)| name.as_str() != "state" || !text.is_empty());
    if fragment {
        let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        url.set_fragment(Some(&text));
    } else {
        url.query_pairs_mut().extend_pairs(fields);
    }
    url.into()
}

/// The decision of a person about the request in `query`, as the URL that it redirects to.
pub(crate) fn decide(state: &mut State, query: &str, decision: Decision, now: Timestamp) -> Result<String, NoAsk> {
    let ask = Ask::read(&request::pairs(query.as_bytes()), &state.clients)?;
    settle(state, &ask, decision, now)
}

fn settle(state: &mut State, ask: &Ask, decision: Decision, now: Timestamp) -> Result<String, NoAsk> {
    let user = match decision {
        Decision::Approve(user) => user,
        Decision::Deny => {
            return Ok(ask.back(json!({ "error": "access_denied", "error_description": "The person said no" })));
        }
    };
    if !state.users.iter().any(|known| known.id == user) {
        return Err(NoAsk::Stay(NOBODY));
    }
    let family = state.ledger.new_family();
    let grant = Grant { client: ask.client.clone(), user: Some(user), scopes: ask.scopes.clone(), family };
    let fields = match &ask.wanted {
        Wanted::Code(challenge) => {
            let code = state.ledger.add_code(Code {
                grant,
                redirect_uri: ask.redirect_uri.clone(),
                challenge: challenge.clone(),
                expires: later(now, state.behaviour.code_lifetime),
                used: false,
            });
            json!({ "code": code })
        }
        Wanted::Token => {
            let lifetime = state.behaviour.access_lifetime;
            let access = state.ledger.add_access(grant, later(now, lifetime));
            let mut fields = json!({
                "access_token": access, "token_type": "Bearer", "expires_in": lifetime.as_secs(), "scope": ask.scopes.join(" "),
            });
            state.behaviour.distort(&mut fields);
            fields
        }
    };
    Ok(ask.back(fields))
}

/// GET asks who the person is; POST is what follows.
pub(crate) fn answer(state: &mut State, request: &Request, now: Timestamp) -> Answer {
    let (form, status) = match request.method {
        Method::GET => (request.query(), StatusCode::FOUND),
        // RFC 9700 §4.12: never to be repeated with what was sent here
        Method::POST => (request.form(), StatusCode::SEE_OTHER),
        _ => return super::method_not_allowed("GET, POST", Dialect::Tidal),
    };
    // An address that says who the person is, or what they decided, has no say in it.
    let (own, said): (Vec<_>, Vec<_>) = form.into_iter().partition(|(name, _)| !["user", "decision"].contains(&name.as_str()));
    let said = if request.method == Method::POST { said } else { Vec::new() };
    follow(state, &own, &said, now).unwrap_or_else(|refused| match refused {
        NoAsk::Stay(why) => page::refusal(why),
        NoAsk::Back(url) => Answer::redirect(status, &url),
    })
}

/// The page that comes next, or the redirect at the end.
fn follow(state: &mut State, own: &[(String, String)], said: &[(String, String)], now: Timestamp) -> Result<Answer, NoAsk> {
    let ask = Ask::read(own, &state.clients)?;
    let hidden: Vec<_> = own.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let hidden: Vec<_> = hidden.into_iter().filter(|(name, _)| PARAMETERS.contains(name)).collect();
    let page = Form { action: urls::AUTHORIZE, hidden: &hidden, leads_to: Some(&ask.redirect_uri) };
    match Step::of(said, &state.users).map_err(NoAsk::Stay)? {
        Step::SignIn => Ok(page.sign_in(&state.users)),
        Step::Consent(user) => Ok(page.consent(&ask.client, &ask.scopes, user)),
        Step::Decided(decision) => settle(state, &ask, decision, now).map(|url| Answer::redirect(StatusCode::SEE_OTHER, &url)),
    }
}
