//! An answer of the service that is no success.

use std::fmt;

use http::{HeaderMap, StatusCode};

use crate::document::ErrorBody;
use crate::secret::Secret;

/// The service answered, and refused.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Refusal {
    /// Status.
    pub status: StatusCode,
    /// The service's id of the request, where it gave one.
    pub request_id: Option<Box<str>>,
    /// What `Retry-After` says, as sent.
    pub retry_after: Option<Box<str>>,
    /// What the body says.
    pub body: ErrorBody,
}

impl Refusal {
    /// `secrets` are those of the request: should the service repeat one, it is taken out.
    pub(crate) fn new(status: StatusCode, headers: &HeaderMap, body: &[u8], secrets: &[&Secret]) -> Self {
        let mut body = ErrorBody::parse(body);
        body.blot(secrets);
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(Into::into);
        Self { status, request_id: request_id(headers), retry_after: text("retry-after"), body }
    }
}

/// The service's id of a request, under the names that gateways use for it.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<Box<str>> {
    ["x-request-id", "x-amzn-requestid", "x-amz-cf-id", "cf-ray", "x-tidal-trace-id"]
        .iter()
        .find_map(|name| headers.get(*name))
        .and_then(|value| value.to_str().ok())
        .map(Into::into)
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the service answered {}", self.status)?;
        let said = self.body.to_string();
        if !said.is_empty() {
            write!(f, ": {said}")?;
        }
        if let Some(after) = &self.retry_after {
            write!(f, " (retry after {after})")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " [request {id}]")?;
        }
        Ok(())
    }
}
