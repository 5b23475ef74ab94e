//! Who calls an endpoint that is not for people, and how that is proven (RFC 6749 §2.3).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header;

use super::OauthError;
use crate::options::{Client, Flow};
use crate::request::{Request, field, pairs};

pub(super) type Form = [(String, String)];

/// The fields of the body, each at most once (RFC 6749 §3.2).
pub(super) fn read_form(request: &Request) -> Result<Vec<(String, String)>, OauthError> {
    if request.media_type().as_deref() != Some("application/x-www-form-urlencoded") {
        return Err(OauthError::request("The body is not form-urlencoded"));
    }
    let form = request.form();
    if super::repeats(&form) {
        return Err(OauthError::request("A parameter was given twice"));
    }
    Ok(form)
}

/// A field that has a value; an empty one counts as left out (RFC 6749 §3.2).
pub(super) fn given<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    field(form, name).filter(|value| !value.is_empty())
}

pub(super) fn required<'a>(form: &'a Form, name: &str) -> Result<&'a str, OauthError> {
    given(form, name).ok_or(OauthError::request("A parameter is missing"))
}

/// The client that asks, and whether it proved who it is.
pub(super) struct Caller {
    pub(super) id: String,
    proven: bool,
    flows: Vec<Flow>,
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
            None => (required(form, "client_id")?.to_owned(), given(form, "client_secret").map(str::to_owned)),
        };
        let known = clients.iter().find(|client| client.id == id);
        let client = known.ok_or(OauthError::client(basic.is_some()))?;
        if secret.as_ref().is_some_and(|given| *given != client.secret) {
            return Err(OauthError::client(basic.is_some()));
        }
        let proven = secret.is_some_and(|secret| !secret.is_empty());
        Ok(Self { id, proven, flows: client.flows.clone() })
    }

    pub(super) fn may(&self, flow: Flow) -> Result<(), OauthError> {
        let refused = OauthError::new("unauthorized_client", "The client may not use this flow", 0);
        self.flows.contains(&flow).then_some(()).ok_or(refused)
    }

    /// Refuses one that did not prove who it is.
    pub(super) fn proven(&self) -> Result<(), OauthError> {
        self.proven.then_some(()).ok_or(OauthError::client(false))
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
