//! A raw call: any method, path, query and body, through the same session.

use std::borrow::Cow;

use bytes::Bytes;
use http::Method;

use crate::endpoint::Endpoint;
use crate::error::{DecodeError, Invalid};
use crate::message::Head;
use crate::operation::{Operation, Replay};
use crate::template::RequestWriter;

/// A request that is put together at run time. It is signed in, bounded and retried like any other, and its answer comes as it is.
///
/// ```
/// use tidal_core::Raw;
///
/// let raw = Raw::get("/albums/251380836").query("countryCode", "US").query("include", "artists");
/// assert!(tidal_core::Call::new(&raw).is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct Raw {
    operation: Operation,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Option<Bytes>,
}

/// The answer to a [`Raw`] request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RawAnswer {
    /// Status and headers.
    pub head: Head,
    /// The body, decoded from its content encoding.
    pub body: Bytes,
}

impl Raw {
    /// A request with `method` for `path` below the API's address. The path begins with `/`; it may have a query.
    #[must_use]
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        let replay = if method.is_safe() { Replay::Read } else { Replay::Once };
        let operation = Operation::bare(method, Cow::Owned(path.into()), replay);
        Self { operation, query: Vec::new(), headers: Vec::new(), body: None }
    }

    /// A GET request.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body; its media type is that of JSON:API unless a header says otherwise.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sends a change under an `Idempotency-Key`: for operations that take one.
    #[must_use]
    #[inline]
    pub fn keyed(mut self) -> Self {
        if self.operation.replay == Replay::Once {
            self.operation.replay = Replay::Keyed;
        }
        self
    }
}

impl Endpoint for Raw {
    type Output = RawAnswer;

    #[inline]
    fn operation(&self) -> &Operation {
        &self.operation
    }

    #[inline]
    fn write(&self, to: &mut RequestWriter) -> Result<(), Invalid> {
        let path = &self.operation.path;
        let dots = path.split(['/', '?']).any(|segment| segment == "..");
        if !path.starts_with('/') || path.starts_with("//") || dots || path.contains(['{', '}', '#']) {
            let why = format!("{path:?} is no path below the API's address; it begins with one / and is written out");
            return Err(Invalid::new("path", why));
        }
        for (name, value) in &self.headers {
            to.header(name, value)?;
        }
        for (name, value) in &self.query {
            to.query(name, value);
        }
        if let Some(body) = &self.body {
            to.body(body.clone());
        }
        Ok(())
    }

    #[inline]
    fn decode(head: &Head, body: Bytes) -> Result<RawAnswer, DecodeError> {
        Ok(RawAnswer { head: head.clone(), body })
    }
}
