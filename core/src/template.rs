//! A request before the session adds what is its own: the address, the token, the defaults.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use url::Url;

use crate::error::Invalid;
use crate::message::set_header;
use crate::operation::{Operation, Place, Replay};
use crate::texts;

/// The media type of JSON:API.
pub(crate) const JSON_API: HeaderValue = HeaderValue::from_static("application/vnd.api+json");

/// What RFC 3986 §2.3 calls unreserved stays; everything else is escaped, a blank as `%20`.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Headers that the session sets, or that belong to the connection.
const RESERVED: [HeaderName; 6] = [
    header::AUTHORIZATION,
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::ACCEPT_ENCODING,
];

/// Parameters that the session fills in where a call leaves them out and the operation takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DefaultParameter {
    Country,
    Locale,
}

impl DefaultParameter {
    const fn name(self) -> &'static str {
        match self {
            Self::Country => "countryCode",
            Self::Locale => "locale",
        }
    }
}

/// Takes the arguments of a call and makes a request of them.
#[derive(Debug)]
pub struct RequestWriter {
    path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
    written: Vec<&'static str>,
    is_link: bool,
    fresh: bool,
}

impl RequestWriter {
    fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            written: Vec::new(),
            is_link: false,
            fresh: false,
        }
    }

    /// Puts `value` in place of `{name}` in the operation's path. `what` is what the error calls it (`album id`).
    ///
    /// # Errors
    /// If the value is empty, `.` or `..`, or holds control characters, or if the path has no such place.
    pub fn path(&mut self, name: &'static str, what: &'static str, value: &str) -> Result<(), Invalid> {
        if value.is_empty() {
            return Err(Invalid::new(what, "is empty; pass the id as the service gave it"));
        }
        if matches!(value, "." | "..") || value.chars().any(char::is_control) {
            return Err(Invalid::new(what, format!("{value:?} can't be part of a path; pass the id as the service gave it")));
        }
        let place = format!("{{{name}}}");
        let Some(at) = texts::find(&self.path, &place) else {
            return Err(Invalid::new(what, format!("the path {} has no place for it", self.path)));
        };
        let (before, after) = (&self.path[..at], &self.path[at + place.len()..]);
        self.path = format!("{before}{}{after}", utf8_percent_encode(value, ESCAPED));
        self.written.push(name);
        Ok(())
    }

    /// Takes path and query from a link of the service, as it stands. Whether it stays with the API's origin is checked before it is
    /// sent.
    ///
    /// # Errors
    /// If it is no link: neither a path nor an absolute address.
    pub(crate) fn link(&mut self, link: &str) -> Result<(), Invalid> {
        let is_path = link.starts_with('/') && !link.starts_with("//");
        if !(is_path || link.starts_with("https://") || link.starts_with("http://")) || link.bytes().any(|byte| byte == b'#') {
            return Err(Invalid::new("link", "the service's link is neither a path nor an address; it is not followed"));
        }
        self.path = link.to_owned();
        self.is_link = true;
        Ok(())
    }

    /// Has the service asked, whatever the cache holds; the answer is kept in its place.
    pub fn fresh(&mut self) {
        self.fresh = true;
    }

    /// Adds a query parameter. Several values of one name are sent as several parameters.
    pub fn query(&mut self, name: &str, value: &str) {
        append(&mut self.query, name, value);
    }

    /// Adds a header.
    ///
    /// # Errors
    /// If the name is none or is the session's own to set, or the value holds control characters.
    pub fn header(&mut self, name: &str, value: &str) -> Result<(), Invalid> {
        let parsed = HeaderName::try_from(name).map_err(|_| Invalid::new("header", format!("{name:?} is no header name")))?;
        if RESERVED.contains(&parsed) {
            return Err(Invalid::new("header", format!("{name} is set by the session or the transport")));
        }
        let value = HeaderValue::try_from(value).map_err(|_| {
            Invalid::new("header", format!("the value of {name} holds control characters; headers are one line"))
        })?;
        self.headers.append(parsed, value);
        Ok(())
    }

    /// Sets the body, and its media type unless that is set already.
    pub fn body(&mut self, body: impl Into<Bytes>) {
        self.body = body.into();
        if !self.headers.contains_key(header::CONTENT_TYPE) {
            set_header(&mut self.headers, header::CONTENT_TYPE, JSON_API);
        }
    }

    /// Sets a JSON body.
    ///
    /// # Errors
    /// If the value can't be written as JSON.
    pub fn json(&mut self, value: &impl Serialize) -> Result<(), Invalid> {
        let body = serde_json::to_vec(value).map_err(|e| Invalid::new("body", format!("can't be written as JSON: {e}")))?;
        self.body(body);
        Ok(())
    }
}

fn append(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        *query += "&";
    }
    // Writing to a String can't fail.
    let _ = write!(query, "{}={}", utf8_percent_encode(name, ESCAPED), utf8_percent_encode(value, ESCAPED));
}

/// A request without address, token and defaults: the same for every attempt.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) method: Method,
    path: String,
    query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) fresh: bool,
    defaults: Vec<DefaultParameter>,
}

impl Template {
    /// Writes the arguments of `endpoint` and checks what can be checked without a session.
    pub(crate) fn write(
        operation: &Operation,
        arguments: impl FnOnce(&mut RequestWriter) -> Result<(), Invalid>,
    ) -> Result<Self, Invalid> {
        let mut writer = RequestWriter::new(&operation.path);
        arguments(&mut writer)?;
        let complete = writer.is_link;
        if let Some(missing) = operation.parameters.iter().find(|p| !complete && p.required && !writer.has(p.place, p.name)) {
            return Err(Invalid::new(missing.name, format!("is required by {} {}", operation.method, operation.path)));
        }
        let defaults = [DefaultParameter::Country, DefaultParameter::Locale];
        let takes = |name| operation.parameters.iter().any(|p| p.place == Place::Query && p.name == name);
        let defaults =
            defaults.into_iter().filter(|d| !complete && takes(d.name()) && !writer.has(Place::Query, d.name())).collect();
        let RequestWriter { path, query, mut headers, body, fresh, .. } = writer;
        if !headers.contains_key(header::ACCEPT) {
            set_header(&mut headers, header::ACCEPT, JSON_API);
        }
        Ok(Self { method: operation.method.clone(), path, query, headers, body, fresh, defaults })
    }

    /// Sets the idempotency key, unless the caller gave one.
    pub(crate) fn idempotency_key(&mut self, replay: Replay, make: impl FnOnce() -> HeaderValue) {
        let name = HeaderName::from_static("idempotency-key");
        if replay == Replay::Keyed && !self.headers.contains_key(&name) {
            set_header(&mut self.headers, name, make());
        }
    }

    /// Fills in the parameters that were left out.
    pub(crate) fn fill(&mut self, value: impl Fn(DefaultParameter) -> Option<String>) {
        for parameter in std::mem::take(&mut self.defaults) {
            if let Some(value) = value(parameter) {
                append(&mut self.query, parameter.name(), &value);
            }
        }
    }

    /// The address of the request, below the API's address `base`.
    ///
    /// # Errors
    /// If a link of the service leaves the API.
    pub(crate) fn uri(&self, base: &Url) -> Result<Uri, Invalid> {
        let base_text = base.as_str().trim_end_matches('/');
        let mut uri = if self.path.starts_with('/') {
            // Links are relative to the base address; should one repeat its path, it is meant once.
            let repeated = base.path().trim_end_matches('/');
            let path = self.path.strip_prefix(repeated).filter(|rest| rest.starts_with('/')).unwrap_or(&self.path);
            format!("{base_text}{path}")
        } else {
            self.path.clone()
        };
        if !self.query.is_empty() {
            // A raw call may bring a path that has a query already.
            uri += if uri.bytes().any(|byte| byte == b'?') { "&" } else { "?" };
            uri.push_str(&self.query);
        }
        if !stays_within(&uri, base) {
            let why = format!("the path or link leaves the API at {base_text}; it is not followed, and no token is sent there");
            return Err(Invalid::new("link", why));
        }
        uri.parse().map_err(|e| Invalid::new("path", format!("makes no address: {e}")))
    }
}

/// Whether an absolute address is below `base`.
fn stays_within(uri: &str, base: &Url) -> bool {
    let below =
        |url: &Url| url.path().strip_prefix(base.path().trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'));
    Url::parse(uri)
        .is_ok_and(|url| url.origin() == base.origin() && url.username().is_empty() && url.password().is_none() && below(&url))
}

impl RequestWriter {
    fn has(&self, place: Place, name: &str) -> bool {
        match place {
            Place::Path => self.written.contains(&name),
            Place::Query => {
                let name = utf8_percent_encode(name, ESCAPED).to_string();
                let in_path = texts::cut(&self.path, '?').map_or("", |(_, query)| query);
                let is_in =
                    |query| texts::pieces(query, '&').any(|pair| texts::cut(pair, '=').is_some_and(|(key, _)| key == name));
                is_in(&self.query) || is_in(in_path)
            }
        }
    }
}
