//! What a failed TLS handshake means, and what to do about it.

use std::error::Error as StdError;
use std::io;

use rustls::{AlertDescription, CertificateError, Error};
use tidal_core::{Failure, FailureKind};

use crate::Bounds;

const UNTRUSTED: &str = "no authority that this client trusts stands behind its certificate, so something between may be reading along: \
     sign in to the network or leave its proxy, or give the transport the root certificate of the authority that is meant";
const OTHER_NAME: &str = "its certificate is for another name, so this is another server than the one asked for: check the address, and \
     whether the network wants a sign-in first";
const EXPIRED: &str = "its certificate has expired, by the clock of this machine: set the clock if it is wrong, or wait until the \
     service has a new certificate";
const NOT_YET: &str = "its certificate is not valid yet, by the clock of this machine: set the clock";
const BAD: &str = "its certificate can't be accepted: check what stands between this machine and the service";
const REFUSED: &str = "the TLS handshake failed: check the address and its port, what stands between this machine and the service, and \
     the client certificate if one is asked for";

/// What a peer says of itself rather than of the handshake: another try may fare better.
const PASSING: [AlertDescription; 5] = [
    AlertDescription::InternalError,
    AlertDescription::UserCanceled,
    AlertDescription::CloseNotify,
    AlertDescription::BadRecordMac,
    AlertDescription::RecordOverflow,
];

impl Bounds {
    /// The failure of a TLS handshake that `error` tells of, itself or by its causes; nothing if the handshake may succeed another time,
    /// or is not what failed.
    #[must_use]
    pub fn tls(&self, error: &(dyn StdError + 'static)) -> Option<Failure> {
        let error = find(error)?;
        let what = match error {
            Error::InvalidCertificate(why) => certificate(why),
            Error::AlertReceived(alert) if PASSING.contains(alert) => return None,
            Error::AlertReceived(_)
            | Error::NoCertificatesPresented
            | Error::NoApplicationProtocol
            | Error::PeerIncompatible(_)
            | Error::PeerMisbehaved(_)
            | Error::InvalidMessage(_)
            | Error::InappropriateMessage { .. }
            | Error::InappropriateHandshakeMessage { .. } => REFUSED,
            _ => return None,
        };
        Some(self.fail(FailureKind::Tls, format_args!("{what} ({error})")))
    }
}

fn find<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // An I/O error gives its cause's cause for its own.
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn certificate(why: &CertificateError) -> &'static str {
    match why {
        CertificateError::UnknownIssuer => UNTRUSTED,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => OTHER_NAME,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => EXPIRED,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => NOT_YET,
        _ => BAD,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use tidal_core::bytes::Bytes;
    use tidal_core::{Exchange, Mono};

    use super::*;

    fn bounds() -> Bounds {
        let request = http::Request::get("https://example.com/").body(Bytes::new()).unwrap();
        crate::admit(Exchange::new(request, Mono::from_origin(std::time::Duration::MAX), 10)).unwrap().1
    }

    #[test]
    fn what_is_wrong_with_a_certificate_is_told_with_what_to_do() {
        let told = |why| bounds().tls(&Error::InvalidCertificate(why)).unwrap();
        for (why, parts) in [
            (CertificateError::Expired, ["has expired", "set the clock"]),
            (CertificateError::NotValidYet, ["not valid yet", "set the clock"]),
            (CertificateError::NotValidForName, ["another name", "check the address"]),
            (CertificateError::UnknownIssuer, ["no authority", "root certificate"]),
            (CertificateError::Revoked, ["can't be accepted", "Revoked"]),
        ] {
            let failure = told(why);
            assert_eq!(failure.kind(), FailureKind::Tls);
            assert!(failure.message().starts_with("example.com: "), "{failure}");
            assert!(parts.iter().all(|part| failure.message().contains(part)), "{failure}");
        }
    }

    #[test]
    fn an_error_is_found_within_those_that_wrap_it() {
        let wrapped = io::Error::other(io::Error::other(Error::InvalidCertificate(CertificateError::Expired)));
        assert!(bounds().tls(&wrapped).is_some());
        for other in [io::Error::other("refused"), io::Error::other(Error::AlertReceived(AlertDescription::InternalError))] {
            assert!(bounds().tls(&other).is_none(), "{other}");
        }
    }
}
