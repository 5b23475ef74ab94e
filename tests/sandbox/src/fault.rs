//! Faults: what goes wrong, for which requests, and how often.
//!
//! Rules are looked at in the order in which they were injected. Those that only slow a request down, or expire
//! tokens, are applied and the search goes on; the first that answers or cuts ends it.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode, header};
use serde_json::json;

use crate::answer::Answer;
use crate::gate::Gate;
use crate::refusal::Refusal;
use crate::request::Request;

/// The parts of the sandbox that a fault can be kept to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The page where a person gives consent.
    Authorize,
    /// The token endpoint.
    Token,
    /// Where a device asks for its codes.
    Device,
    /// The page where a person enters a device's code.
    Link,
    /// The revocation endpoint.
    Revoke,
    /// Everything below `/v2`.
    Api,
}

impl Endpoint {
    pub(crate) fn of(path: &str) -> Option<Self> {
        match path {
            crate::urls::AUTHORIZE => Some(Self::Authorize),
            crate::urls::TOKEN => Some(Self::Token),
            crate::urls::DEVICE => Some(Self::Device),
            crate::urls::LINK => Some(Self::Link),
            crate::urls::REVOKE => Some(Self::Revoke),
            _ if path == crate::urls::API => Some(Self::Api),
            _ => path.strip_prefix(crate::urls::API).filter(|rest| rest.starts_with('/')).map(|_| Self::Api),
        }
    }
}

/// Where a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Before the request has any effect.
    BeforeWork,
    /// After the request had its effect, before a byte of the answer.
    BeforeAnswer,
    /// After the headers and half of the body.
    InBody,
}

/// One rule: a fault, the requests that it is for (all, if nothing is said) and how many of them (one).
#[derive(Clone, Debug)]
pub struct Fault {
    what: What,
    endpoint: Option<Endpoint>,
    method: Option<Method>,
    path: Option<String>,
    skip: usize,
    left: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// The error of this status that the endpoint itself would write.
    Status(StatusCode, Option<String>),
    Body(StatusCode, &'static str, Bytes),
    Unauthorized,
    BrokenJson,
    Instead(&'static str, Bytes),
    Long(u64),
    Cut(Cut),
    Delay(Duration),
    Hold(Gate),
    HoldAnswer(Gate),
    ExpireTokens,
}

impl Fault {
    /// An error of this status, in the form that the endpoint gives its errors. A status that HTTP does not know
    /// becomes 500.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::new(What::Status(code(status), None))
    }

    /// 429, with `Retry-After` as given (seconds, or a date) or without.
    #[must_use]
    pub fn too_many_requests(retry_after: Option<&str>) -> Self {
        let wait = retry_after.map(str::to_owned);
        Self::new(What::Status(StatusCode::TOO_MANY_REQUESTS, wait))
    }

    /// An answer made by hand.
    #[must_use]
    pub fn answer(status: u16, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self::new(What::Body(code(status), media_type, body.into()))
    }

    /// What a gateway in between answers: a page for people.
    #[must_use]
    pub fn html(status: u16) -> Self {
        const PAGE: &str = "<html><head><title>Bad gateway</title></head><body>Sorry.</body></html>";
        Self::answer(status, "text/html", PAGE)
    }

    /// The work is done and the right answer sent, but its JSON ends in the middle.
    #[must_use]
    pub fn broken_json() -> Self {
        Self::new(What::BrokenJson)
    }

    /// The work is done, but this is what is sent for an answer, under the right one's status.
    #[must_use]
    pub fn instead(media_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self::new(What::Instead(media_type, body.into()))
    }

    /// The work is done, and the right answer sent; then blanks, until the body has `bytes` bytes. It is written as
    /// it is read, without `Content-Length`.
    #[must_use]
    pub fn long(bytes: u64) -> Self {
        Self::new(What::Long(bytes))
    }

    /// 401, as if the token had expired, whatever it is.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(What::Unauthorized)
    }

    /// The connection is cut.
    #[must_use]
    pub fn cut(at: Cut) -> Self {
        Self::new(What::Cut(at))
    }

    /// The request waits so long (in real time) before it is worked on.
    #[must_use]
    pub fn delay(by: Duration) -> Self {
        Self::new(What::Delay(by))
    }

    /// The request waits at a gate before it is worked on.
    #[must_use]
    pub fn hold(gate: &Gate) -> Self {
        Self::new(What::Hold(gate.clone()))
    }

    /// The request has its effect, and its answer waits at a gate.
    #[must_use]
    pub fn hold_answer(gate: &Gate) -> Self {
        Self::new(What::HoldAnswer(gate.clone()))
    }

    /// When the request arrives, all access tokens expire; then it is worked on.
    #[must_use]
    pub fn expire_tokens() -> Self {
        Self::new(What::ExpireTokens)
    }

    fn new(what: What) -> Self {
        Self { what, endpoint: None, method: None, path: None, skip: 0, left: Some(1) }
    }

    /// Only requests to this endpoint.
    #[must_use]
    pub fn on(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// Only requests with this method.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// Only requests whose path, `/v2` included, begins so.
    #[must_use]
    pub fn path(mut self, prefix: &str) -> Self {
        self.path = Some(prefix.to_owned());
        self
    }

    /// Spares the first `count` requests that it would be for.
    #[must_use]
    pub fn after(mut self, count: usize) -> Self {
        self.skip = count;
        self
    }

    /// Is used up after so many requests.
    #[must_use]
    pub fn times(mut self, count: usize) -> Self {
        self.left = Some(count);
        self
    }

    /// Is never used up.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.left = None;
        self
    }

    fn is_for(&self, request: &Request) -> bool {
        let endpoint = Endpoint::of(&request.path);
        self.endpoint.is_none_or(|wanted| endpoint == Some(wanted))
            && self.method.as_ref().is_none_or(|m| *m == request.method)
            && self.path.as_ref().is_none_or(|prefix| request.path.starts_with(prefix.as_str()))
    }

    /// Whether this request is hit; counts it.
    fn take(&mut self, request: &Request) -> bool {
        if self.left == Some(0) || !self.is_for(request) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        if let Some(left) = &mut self.left {
            *left -= 1;
        }
        true
    }
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

impl What {
    fn ends_the_search(&self) -> bool {
        !matches!(self, Self::Delay(_) | Self::Hold(_) | Self::HoldAnswer(_) | Self::ExpireTokens)
    }
}

/// The rules that are waiting for a request.
#[derive(Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn inject(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn pending(&self) -> usize {
        self.0.len()
    }

    /// What happens to this request, in order.
    pub(crate) fn draw(&mut self, request: &Request) -> Vec<What> {
        let mut drawn = Vec::new();
        for fault in &mut self.0 {
            if fault.take(request) {
                drawn.push(fault.what.clone());
                if fault.what.ends_the_search() {
                    break;
                }
            }
        }
        self.0.retain(|fault| fault.left != Some(0));
        drawn
    }
}

/// An error of a status in the words of the endpoint that gives it.
pub(crate) fn error(status: StatusCode, endpoint: Option<Endpoint>) -> Answer {
    let reason = status.canonical_reason().unwrap_or("Unknown");
    match endpoint {
        Some(Endpoint::Token | Endpoint::Device | Endpoint::Revoke) => {
            let error = match status {
                StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
                status if status.is_server_error() => "server_error",
                StatusCode::UNAUTHORIZED => "invalid_client",
                _ => "invalid_request",
            };
            let value = json!({
                "error": error, "error_description": reason, "status": status.as_u16(), "sub_status": 0,
            });
            Answer::oauth(status, &value)
        }
        _ if status == StatusCode::UNAUTHORIZED => Refusal::unauthorized().into(),
        _ => Refusal::new(status, reason).into(),
    }
}

/// The same error with `Retry-After`.
pub(crate) fn error_after(status: StatusCode, endpoint: Option<Endpoint>, retry_after: Option<&str>) -> Answer {
    let answer = error(status, endpoint);
    match retry_after {
        Some(value) => answer.with(header::RETRY_AFTER, value),
        None => answer,
    }
}
