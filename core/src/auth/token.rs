//! The token endpoint: requests to it and answers from it (RFC 6749 §4.1.3, §4.4.2, §5, §6).

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, header};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::endpoints;
use crate::config::{ClientAuthentication, Config};
use crate::document::Unknown;
use crate::document::loose::{self, Value};
use crate::error::{Error, ErrorKind, Failure, Refusal, no_json};
use crate::message::{Exchange, Response, set_header};
use crate::scope::Scopes;
use crate::secret::{Secret, form_encoded};
use crate::time::{Now, Unix};
use crate::value::Json;

/// What is asked of the token endpoint.
pub(crate) enum TokenRequest<'a> {
    ClientCredentials,
    Refresh(&'a Secret),
    Code { code: &'a Secret, verifier: Option<&'a Secret>, redirect_uri: &'a str },
    DeviceCode,
    Device(&'a Secret),
    Revoke(&'a Secret),
}

/// An answer of the token endpoint has some hundred bytes; this is plenty.
const MAX_BODY: usize = 256 << 10;

/// The field of a token answer that says how long the token lives.
pub(super) const EXPIRES_IN: &str = "expires_in";

/// No clock is trusted with more than this: ten years.
const MAX_LIFETIME: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

impl TokenRequest<'_> {
    /// The request as an exchange.
    pub(crate) fn exchange(&self, config: &Config, now: Now) -> Exchange {
        let mut form = form_urlencoded::Serializer::new(String::new());
        match self {
            Self::ClientCredentials => {
                form.append_pair("grant_type", "client_credentials");
            }
            Self::Refresh(token) => {
                form.append_pair("grant_type", "refresh_token").append_pair("refresh_token", token.expose());
            }
            Self::Code { code, verifier, redirect_uri } => {
                form.append_pair("grant_type", "authorization_code")
                    .append_pair("code", code.expose())
                    .append_pair("redirect_uri", redirect_uri);
                if let Some(verifier) = verifier {
                    form.append_pair("code_verifier", verifier.expose());
                }
            }
            Self::DeviceCode => {
                form.extend_pairs(config.scopes.as_parameter());
            }
            Self::Device(code) => {
                form.append_pair("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
                    .append_pair("device_code", code.expose());
            }
            Self::Revoke(token) => {
                form.append_pair("token", token.expose());
            }
        }
        let mut request = Request::new(Bytes::new());
        match (&config.client_secret, config.client_authentication) {
            (Some(secret), ClientAuthentication::Basic) => {
                set_header(request.headers_mut(), header::AUTHORIZATION, basic(&config.client_id, secret));
            }
            (Some(secret), ClientAuthentication::Body) => {
                form.append_pair("client_id", &config.client_id).append_pair("client_secret", secret.expose());
            }
            (None, _) => {
                form.append_pair("client_id", &config.client_id);
            }
        }
        *request.method_mut() = Method::POST;
        let (operation, url) = match (self, &config.revoke_url) {
            (Self::Revoke(_), Some(url)) => (&endpoints::REVOCATION, url),
            (Self::DeviceCode, _) => (&endpoints::DEVICE_AUTHORIZATION, &config.device_auth_url),
            _ => (&endpoints::TOKEN, &config.token_url),
        };
        *request.uri_mut() = uri(url);
        *request.body_mut() = form.finish().into();
        let headers = request.headers_mut();
        set_header(headers, header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        set_header(headers, header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Ok(agent) = HeaderValue::try_from(&config.user_agent) {
            set_header(headers, header::USER_AGENT, agent);
        }
        Exchange::new(request, now.mono + config.bounds.token, MAX_BODY).asking(operation)
    }
}

/// A `Url` holds only what a `Uri` may; should one ever not, the empty URI is refused by every transport.
fn uri(url: &Url) -> http::Uri {
    url.as_str().parse().unwrap_or_default()
}

/// What a request to the token endpoint tells of the client that is secret, in both of its forms.
#[inline(never)]
pub(crate) fn client_secrets(config: &Config) -> Vec<Secret> {
    match &config.client_secret {
        Some(secret) => vec![secret.clone(), credentials(&config.client_id, secret)],
        None => Vec::new(),
    }
}

/// The credentials of HTTP Basic, with both parts form-encoded first (RFC 6749 §2.3.1).
fn credentials(id: &str, secret: &Secret) -> Secret {
    let encode = |text: &str| Zeroizing::new(form_encoded(text));
    let pair = Secret::new(format!("{}:{}", *encode(id), *encode(secret.expose())));
    Secret::new(BASE64_STANDARD.encode(pair.expose()))
}

fn basic(id: &str, secret: &Secret) -> HeaderValue {
    let mut value = HeaderValue::try_from(format!("Basic {}", credentials(id, secret).expose()))
        .unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// A successful answer of the token endpoint.
#[derive(Debug)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: Secret,
    pub(crate) token_type: String,
    /// How long the token lives, where the answer says so. Never negative; more than ten years is cut, what is no number is as none.
    pub(crate) lifetime: Option<Duration>,
    pub(crate) refresh_token: Option<Secret>,
    /// `None` means as requested (RFC 6749 §5.1).
    pub(crate) scopes: Option<Scopes>,
    pub(crate) user: Option<String>,
    pub(crate) extra: Unknown,
}

/// Why the token endpoint gave no token.
#[derive(Debug)]
pub(crate) enum TokenRefused {
    /// The grant is dead: only a new sign-in helps.
    Rejected(Refusal),
    /// The client itself is refused.
    Configuration(Error),
    /// It may work later, at the earliest after the time that the service names.
    Later(Error, Option<Duration>),
}

impl TokenAnswer {
    /// Understands what came back. `sent` are the secrets of the request: should the service repeat one, it is blotted out.
    pub(crate) fn parse(reply: Result<Response, Failure>, sent: &[Secret], now: Unix) -> Result<Self, TokenRefused> {
        let response = Self::success(reply, sent, now)?;
        Self::from_body(response.body()).ok_or_else(|| {
            let mut message = "the token endpoint answered with success, but not with a token".to_owned();
            if let Some(what) = no_json(response.status(), response.headers(), response.body()) {
                message = format!("{message}: {what}");
            }
            TokenRefused::Later(Error::of(ErrorKind::TokenUnavailable, message), None)
        })
    }

    /// A successful answer.
    pub(super) fn success(reply: Result<Response, Failure>, sent: &[Secret], now: Unix) -> Result<Response, TokenRefused> {
        let response = reply.map_err(|failure| {
            TokenRefused::Later(Error::failed(ErrorKind::TokenUnavailable, "the token endpoint did not answer", failure), None)
        })?;
        if response.status().is_success() { Ok(response) } else { Err(refused(&response, sent, now)) }
    }

    fn from_body(body: &[u8]) -> Option<Self> {
        let mut fields = loose::object(body)?;
        let mut text = |name: &str| match fields.take(name) {
            Some(Value::Text(text)) if !text.is_empty() => Some(text),
            _ => None,
        };
        let access_token = Secret::new(text("access_token")?);
        let token_type = text("token_type").unwrap_or_else(|| "Bearer".to_owned());
        // Both are sent in one header.
        if !is_sendable(access_token.expose()) || !is_sendable(&token_type) {
            return None;
        }
        let refresh_token = text("refresh_token").map(Secret::new);
        let scopes = text("scope").and_then(|scope| scope.parse().ok());
        let lifetime = fields.take(EXPIRES_IN).as_ref().and_then(lifetime);
        let user = match fields.take("user_id") {
            Some(Value::Text(id) | Value::Number(id)) if !id.is_empty() => Some(id),
            _ => None,
        };
        // An id token speaks of the person: it is not needed again, and not kept.
        drop(fields.take("id_token"));
        let mut extra = fields.members();
        if let Some(lifetime) = lifetime {
            // Kept in its plain form: it says how much of its time a stored token has left.
            extra.set(EXPIRES_IN, Json::trusted(lifetime.as_secs().to_string().into()));
        }
        Some(Self { access_token, token_type, lifetime, refresh_token, scopes, user, extra })
    }
}

/// Whether it can be an access token or its type: printable ASCII (RFC 6749 appendix A.12), which a header carries as it is.
pub(crate) fn is_sendable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

pub(super) fn lifetime(value: &Value) -> Option<Duration> {
    let (Value::Number(text) | Value::Text(text)) = value else { return None };
    let seconds: f64 = text.trim().parse().ok()?;
    let seconds = if seconds.is_finite() { seconds } else { return None };
    Some(Duration::from_secs_f64(seconds.clamp(0.0, MAX_LIFETIME.as_secs_f64())))
}

fn refused(response: &Response, sent: &[Secret], now: Unix) -> TokenRefused {
    let code = loose::object(response.body())
        .and_then(|fields| fields.get("error").and_then(Value::text).map(str::to_owned))
        .unwrap_or_default();
    let refusal = Refusal::new(response.status(), response.headers(), response.body(), sent);
    let client_fault = matches!(response.status(), StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    if code == "invalid_grant" && client_fault && response.status() != StatusCode::FORBIDDEN {
        return TokenRefused::Rejected(refusal);
    }
    match advice(&code, &refusal).filter(|_| client_fault) {
        Some(advice) => TokenRefused::Configuration(Error::refused(ErrorKind::Configuration, advice, refusal)),
        None => {
            let after = crate::retry::retry_after(response.headers(), now);
            TokenRefused::Later(Error::refused(ErrorKind::TokenUnavailable, "no token just now", refusal), after)
        }
    }
}

/// What to do about an error of the configuration (RFC 6749 §5.2).
fn advice(code: &str, refusal: &Refusal) -> Option<&'static str> {
    const NO_FLOW: &str =
        "the service does not let this client use this flow; third parties may use pkce and client_credentials";
    Some(match code {
        "invalid_client" => {
            "the token endpoint refuses this client: check its id and its secret, and where it takes the secret \
             (client_authentication: in a header or in the body)"
        }
        "unauthorized_client" => NO_FLOW,
        // TIDAL's own word for it, where a code for a device is asked for.
        "invalid_request" if refusal.has_sub_code("1002") => NO_FLOW,
        "unsupported_grant_type" => {
            "the token endpoint does not know this flow: check its address (token_url), or use another flow"
        }
        "invalid_scope" => "a scope is unknown, or the client may not ask for it: check the scopes of the configuration",
        "invalid_request" => {
            "the token endpoint finds something wrong with the request: check its address (token_url, device_auth_url), \
             the redirect URI, and where it takes the secret (client_authentication)"
        }
        _ => return None,
    })
}
