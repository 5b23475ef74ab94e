//! An answer of the service that is no success.

use std::fmt;

use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};

use crate::document::ErrorBody;
use crate::secret::{Secret, blot};

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
    codes: Codes,
}

/// The codes of a body as they were sent. A secret may be so short that it is a part of one, which what is shown then lacks.
#[derive(Clone)]
struct Codes {
    codes: Vec<Secret>,
    sub_code: Option<Secret>,
}

impl Codes {
    fn of(body: &ErrorBody) -> Self {
        let mut codes = Vec::new();
        for error in &body.errors {
            codes.extend(error.code.as_deref().map(Secret::from));
        }
        Self { codes, sub_code: body.sub_code().map(|code| Secret::new(&**code)) }
    }
}

impl fmt::Debug for Codes {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Refusal {
    /// `secrets` are those of the request: should the service repeat one, it is taken out.
    pub(crate) fn new(status: StatusCode, headers: &HeaderMap, body: &[u8], secrets: &[Secret]) -> Self {
        let clean = |text: &str| Box::from(blot(text, secrets));
        let retry_after = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(clean);
        let request_id = request_id(headers, secrets);
        let said = ErrorBody::read(body);
        let codes = Codes::of(&said);
        Self { status, request_id, retry_after, body: said.fit_to_show(secrets), codes }
    }

    /// Whether one of the errors has this code, as it was sent.
    #[inline(never)]
    pub(crate) fn has_code(&self, code: &str) -> bool {
        self.codes.codes.iter().any(|known| known.expose() == code)
    }

    /// Whether the first finer code is this one, as it was sent.
    pub(crate) fn has_sub_code(&self, code: &str) -> bool {
        self.codes.sub_code.as_ref().is_some_and(|known| known.expose() == code)
    }
}

/// The service's id of a request, under the names that gateways use for it, without the secrets of the request.
pub(crate) fn request_id(headers: &HeaderMap, secrets: &[Secret]) -> Option<Box<str>> {
    ["x-request-id", "x-amzn-requestid", "x-amz-cf-id", "cf-ray", "x-tidal-trace-id"]
        .iter()
        .find_map(|name| headers.get(*name))
        .and_then(|value| value.to_str().ok())
        .map(|id| Box::from(blot(id, secrets)))
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_secret_that_a_header_repeats_is_taken_out() {
        for name in ["x-request-id", "retry-after"] {
            let mut headers = HeaderMap::new();
            headers.insert(name, "for-the-token-7".parse().unwrap());
            let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, &headers, b"", &[Secret::new("the-token")]);
            let said = format!("{refusal} {refusal:?}");
            assert!(said.contains("for-[redacted]-7") && !said.contains("the-token"), "{said}");
        }
    }
}
