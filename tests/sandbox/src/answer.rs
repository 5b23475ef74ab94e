//! What the sandbox answers: status, headers and the whole body.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

/// The media type of the API, both ways.
pub(crate) const JSON_API: &str = "application/vnd.api+json";

#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// How many blanks follow the body.
    pub(crate) blanks: u64,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, media_type: &str, body: impl Into<Bytes>) -> Self {
        Self::empty(status).with(header::CONTENT_TYPE, media_type).carrying(body)
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new(), blanks: 0 }
    }

    /// A document of the API.
    pub(crate) fn document(status: StatusCode, document: &impl Serialize) -> Self {
        Self::new(status, JSON_API, json(document))
    }

    /// An answer of the token endpoint, which must not be kept anywhere (RFC 6749 §5.1).
    pub(crate) fn oauth(status: StatusCode, value: &impl Serialize) -> Self {
        Self::new(status, "application/json", json(value))
            .with(header::CACHE_CONTROL, "no-store")
            .with(header::PRAGMA, "no-cache")
    }

    /// A page, with what it may load and where its forms may lead.
    pub(crate) fn html(status: StatusCode, page: String, policy: &str) -> Self {
        Self::new(status, "text/html; charset=utf-8", page)
            .with(header::CACHE_CONTROL, "no-store")
            .with(header::CONTENT_SECURITY_POLICY, policy)
            .with(header::REFERRER_POLICY, "no-referrer")
            .with(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
    }

    pub(crate) fn redirect(status: StatusCode, to: &str) -> Self {
        Self::empty(status).with(header::LOCATION, to).with(header::CACHE_CONTROL, "no-store")
    }

    /// Sets a header; a value that HTTP does not allow is left out.
    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    pub(crate) fn carrying(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    // Only a map with keys that are no strings can fail here, and there is none.
    serde_json::to_vec(value).unwrap_or_default()
}
