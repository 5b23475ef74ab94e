//! Which kind of failure an error of isahc is.

use std::error::Error as _;
use std::io;

use isahc::error::{Error, ErrorKind};
use tidal_core::{Failure, FailureKind};
use tidal_transport::Bounds;

/// isahc lets go of what curl says of a certificate beyond that it is not accepted.
const UNACCEPTED: &str = "its certificate is not accepted: no authority that this client trusts stands behind it, or it is for another name, \
     or its time is over or not yet come. Check the address and the clock of this machine; sign in to the network or leave its proxy; or \
     give the transport the root certificate of the authority that is meant";

/// curl does not tell a handshake that was refused from a connection that broke within one.
const NO_HANDSHAKE: &str = "the TLS handshake failed, or the connection broke within it: check the address and its port, and what stands \
     between this machine and the service";

/// The failure of a request that brought no whole answer.
pub(crate) fn of_request(bounds: &Bounds, error: &Error) -> Failure {
    // isahc's kinds are coarser than ours: it calls a connection that broke before the answer a violation of the protocol.
    match error.source().and_then(|source| source.downcast_ref::<curl::Error>()) {
        Some(error) => of_curl(bounds, error),
        None => match error.kind() {
            ErrorKind::Timeout => bounds.timed_out(),
            ErrorKind::ProtocolViolation => bounds.fail(FailureKind::Protocol, error.kind()),
            kind => bounds.fail(FailureKind::Broken, kind),
        },
    }
}

/// The failure of a body that did not come to its end.
pub(crate) fn of_body(bounds: &Bounds, error: &io::Error) -> Failure {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(error) => of_request(bounds, error),
        None => bounds.fail(FailureKind::Broken, error.kind()),
    }
}

fn of_curl(bounds: &Bounds, error: &curl::Error) -> Failure {
    if error.is_operation_timedout() {
        return bounds.timed_out();
    }
    if error.is_peer_failed_verification() {
        return bounds.fail(FailureKind::Tls, UNACCEPTED);
    }
    if is_tls(error) {
        return bounds.fail(FailureKind::Tls, error.description());
    }
    if error.is_ssl_connect_error() {
        return bounds.fail(FailureKind::Connect, NO_HANDSHAKE);
    }
    if error.is_couldnt_resolve_host() || error.is_couldnt_connect() {
        return bounds.fail(FailureKind::Connect, error.description());
    }
    bounds.fail(if is_protocol(error) { FailureKind::Protocol } else { FailureKind::Broken }, error.description())
}

/// Whether TLS can't be had with these certificates and settings.
fn is_tls(error: &curl::Error) -> bool {
    error.is_ssl_certproblem()
        || error.is_ssl_cipher()
        || error.is_ssl_cacert_badfile()
        || error.is_ssl_issuer_error()
        || error.is_ssl_engine_initfailed()
}

/// Whether the answer is no HTTP. A write fails where isahc can't read a header.
fn is_protocol(error: &curl::Error) -> bool {
    const WEIRD_SERVER_REPLY: u32 = 8;
    error.is_unsupported_protocol()
        || error.is_write_error()
        || error.is_bad_content_encoding()
        || error.code() == WEIRD_SERVER_REPLY
}
