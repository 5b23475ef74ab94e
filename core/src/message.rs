//! HTTP messages as the core hands them out and takes them in: the `http` crate's types over [`Bytes`].

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::operation::Operation;
use crate::time::Mono;

/// The parts of an answer before its body.
#[derive(Clone)]
#[non_exhaustive]
pub struct Head {
    /// Status.
    pub status: StatusCode,
    /// Headers. The transport has removed `Content-Encoding` and `Content-Length` where it decoded the body.
    pub headers: HeaderMap,
}

impl Head {
    /// A head with these parts.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap) -> Self {
        Self { status, headers }
    }
}

impl fmt::Debug for Head {
    /// The status and the names of the headers, not their values.
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head").field("status", &self.status).field("headers", &self.headers.keys().collect::<Vec<_>>()).finish()
    }
}

/// An answer: head and whole body, decoded from its content encoding.
pub type Response = http::Response<Bytes>;

/// One request for a transport to carry out, with its bounds.
#[non_exhaustive]
pub struct Exchange {
    /// What to send. Its URI is absolute.
    pub request: http::Request<Bytes>,
    /// When to give up, the body included. The core gives up then too, whatever the transport does.
    pub deadline: Mono,
    /// How many bytes the decoded body may have at most.
    pub max_body: usize,
    operation: Option<&'static Operation>,
}

impl Exchange {
    /// An exchange with these parts.
    #[must_use]
    pub fn new(request: http::Request<Bytes>, deadline: Mono, max_body: usize) -> Self {
        Self { request, deadline, max_body, operation: None }
    }

    pub(crate) const fn asking(mut self, operation: &'static Operation) -> Self {
        self.operation = Some(operation);
        self
    }

    /// What it asks, if it belongs to no call. That of a request to an endpoint of the authorization server has its name for a path:
    /// `token`, `revocation` or `device_authorization`.
    #[must_use]
    pub const fn operation(&self) -> Option<&'static Operation> {
        self.operation
    }
}

impl fmt::Debug for Exchange {
    /// Method, scheme, host and path: no query, headers or body, which may hold secrets.
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let uri = self.request.uri();
        f.debug_struct("Exchange")
            .field("method", self.request.method())
            .field("host", &uri.host())
            .field("path", &uri.path())
            .field("deadline", &self.deadline)
            .field("max_body", &self.max_body)
            .finish()
    }
}

/// Sets a header. Compiled once: what puts something into a map of headers is long.
#[inline(never)]
pub(crate) fn set_header(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.insert(name, value);
}
