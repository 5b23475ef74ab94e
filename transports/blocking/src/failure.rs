//! Which kind of failure an error of ureq is.

use std::io;

use tidal_core::{Failure, FailureKind};
use tidal_transport::Bounds;
use ureq::Error;

/// The failure of a request that brought no head of an answer.
pub(crate) fn of_request(bounds: &Bounds, error: Error) -> Failure {
    let tls = match &error {
        Error::Io(error) => bounds.tls(error),
        Error::Rustls(error) => bounds.tls(error),
        _ => None,
    };
    if let Some(failure) = tls {
        return failure;
    }
    let kind = match &error {
        Error::Timeout(_) => return bounds.timed_out(),
        // ureq puts the whole address, query included, into the text of these.
        Error::BadUri(_) | Error::RequireHttpsOnly(_) => {
            return bounds.fail(FailureKind::Unsupported, "the request has an address that can't be used");
        }
        Error::HostNotFound | Error::ConnectionFailed | Error::Tls(_) | Error::TlsRequired | Error::Rustls(_) => {
            FailureKind::Connect
        }
        Error::Io(error) if is_connect(error) => FailureKind::Connect,
        Error::Protocol(_) | Error::LargeResponseHeader(..) | Error::Http(_) => FailureKind::Protocol,
        _ => FailureKind::Broken,
    };
    bounds.fail(kind, error)
}

/// The failure of a body that did not come to its end.
pub(crate) fn of_body(bounds: &Bounds, error: io::Error) -> Failure {
    match Error::from(error) {
        Error::Timeout(_) => bounds.timed_out(),
        error @ Error::Protocol(_) => bounds.fail(FailureKind::Protocol, error),
        error => bounds.fail(FailureKind::Broken, error),
    }
}

/// Whether this error comes from making a connection. What says nothing of that may have come later.
fn is_connect(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable
    )
}
