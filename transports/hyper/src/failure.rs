//! Which kind of failure an error of hyper is.

use std::error::Error;
use std::io;

use hyper_util::client::legacy;
use tidal_core::{Failure, FailureKind};
use tidal_transport::{Bounds, describe};

/// The failure of a request that brought no head of an answer.
pub(crate) fn of_request(bounds: &Bounds, error: &legacy::Error) -> Failure {
    if let Some(failure) = bounds.tls(error) {
        return failure;
    }
    let kind = if error.is_connect() || was_not_begun(error) { FailureKind::Connect } else { kind(error) };
    bounds.fail(kind, describe(error))
}

/// Whether the service says that it did nothing with the request, over HTTP/2: by a reset that refuses the stream, or because the stream
/// is beyond the last one that a GOAWAY names (RFC 9113 §8.7). `h2` ends streams up to that one in another way, when the connection closes.
fn was_not_begun(error: &legacy::Error) -> bool {
    let says_so = |error: &h2::Error| {
        error.is_remote() && (error.is_go_away() || (error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM)))
    };
    let causes = std::iter::successors(error.source(), |error: &&(dyn Error + 'static)| (*error).source());
    causes.filter_map(|error| error.downcast_ref::<h2::Error>()).any(says_so)
}

/// The failure of a body that did not come to its end.
pub(crate) fn of_body(bounds: &Bounds, error: &hyper::Error) -> Failure {
    bounds.fail(kind(error), describe(error))
}

/// Answers that are no HTTP are told from connections that broke; in doubt it broke.
fn kind(error: &(dyn Error + 'static)) -> FailureKind {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse) {
            return FailureKind::Protocol;
        }
        // What is wrong with a chunked body comes as an I/O error that no socket makes.
        let invalid = |error: &io::Error| matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput);
        if error.downcast_ref::<io::Error>().is_some_and(invalid) {
            return FailureKind::Protocol;
        }
        next = error.source();
    }
    FailureKind::Broken
}
