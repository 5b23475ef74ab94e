//! Whether an exchange may be sent, and the words in which it fails.

use std::error::Error;
use std::fmt::{Display, Write};
use std::time::Duration;

use http::Method;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, HeaderValue};
use tidal_core::bytes::Bytes;
use tidal_core::transport::is_allowed;
use tidal_core::{Exchange, Failure, FailureKind, Mono};

use crate::SystemClock;

/// The bounds of an exchange that was admitted, and whom it goes to.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// How many bytes the decoded body may have at most.
    pub max_body: usize,
    deadline: Mono,
    host: String,
}

/// Checks that `exchange` may be sent, and makes its request ready: it asks for gzip, which [`Incoming`](crate::Incoming) decodes,
/// and states an empty body where one is expected (RFC 9110 §8.6).
///
/// # Errors
/// [`FailureKind::Unsupported`] if the address is not allowed, [`FailureKind::Timeout`] if its deadline has passed.
pub fn admit(exchange: Exchange) -> Result<(http::Request<Bytes>, Bounds), Failure> {
    let Exchange { mut request, deadline, max_body, .. } = exchange;
    is_allowed(request.uri())?;
    let bounds = Bounds { max_body, deadline, host: request.uri().host().unwrap_or_default().to_owned() };
    if bounds.left().is_zero() {
        return Err(bounds.timed_out());
    }
    request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    // Libraries print headers when they trace, and HTTP/2 keeps them in a table: not this one.
    if let Some(value) = request.headers_mut().get_mut(AUTHORIZATION) {
        value.set_sensitive(true);
    }
    // Libraries say nothing of a body that is not there, though the standard wants it for these, and some servers insist.
    if request.body().is_empty() && [Method::POST, Method::PUT, Method::PATCH].contains(request.method()) {
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    Ok((request, bounds))
}

impl Bounds {
    /// How much time there is.
    #[must_use]
    pub fn left(&self) -> Duration {
        SystemClock::left(self.deadline)
    }

    /// A failure that names the host and says `why`, which must hold neither query, header nor body.
    pub fn fail(&self, kind: FailureKind, why: impl Display) -> Failure {
        Failure::new(kind, format!("{}: {why}", self.host))
    }

    /// The failure of an exchange whose deadline passed.
    #[must_use]
    pub fn timed_out(&self) -> Failure {
        self.fail(FailureKind::Timeout, "no whole answer within the time allowed")
    }
}

/// What an error and its causes say, one after the other, each once.
#[must_use]
pub fn describe(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut last = text.clone();
    let mut cause = error.source();
    while let Some(error) = cause {
        let this = error.to_string();
        if !last.contains(&this) {
            // Writing to a String can't fail.
            let _ = write!(text, ": {this}");
            last = this;
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn exchange(uri: &str, deadline: Mono) -> Exchange {
        let request = http::Request::get(uri).header(AUTHORIZATION, "Bearer hunter2").body(Bytes::new()).unwrap();
        Exchange::new(request, deadline, 10)
    }

    fn later() -> Mono {
        SystemClock::read() + Duration::from_secs(60)
    }

    #[test]
    fn what_is_admitted_asks_for_gzip_and_hides_its_authorization() {
        let (request, bounds) = admit(exchange("https://example.com/?q=1", later())).unwrap();
        assert_eq!(request.headers()[ACCEPT_ENCODING], "gzip");
        assert_eq!(format!("{:?}", request.headers()[AUTHORIZATION]), "Sensitive");
        assert_eq!(bounds.max_body, 10);
        assert!(!bounds.left().is_zero());
    }

    #[test]
    fn plain_http_is_for_loopback() {
        let failure = admit(exchange("http://example.com/", later())).unwrap_err();
        assert_eq!(failure.kind(), FailureKind::Unsupported);
        admit(exchange("http://127.0.0.1:1/", later())).unwrap();
    }

    #[test]
    fn a_deadline_that_has_passed_fails_at_once() {
        let failure = admit(exchange("https://example.com/secret?q=secret", Mono::ZERO)).unwrap_err();
        assert_eq!(failure.kind(), FailureKind::Timeout);
        assert_eq!(failure.message(), "example.com: no whole answer within the time allowed");
    }

    #[test]
    fn causes_are_told_once() {
        let inner = std::io::Error::other("refused");
        let outer = std::io::Error::other(inner);
        assert_eq!(describe(&outer), "refused");
    }
}
