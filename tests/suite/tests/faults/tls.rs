//! Certificates that are not accepted, and handshakes that are refused.

use tidal_core::FailureKind;

use crate::client::{Adapter, Around, Client};
use crate::ends::{Ends, Kind};
use crate::server::Server;
use crate::table::{NETWORK, application, run};
use crate::tls_server::TlsServer;

/// Another try would meet the same: it fails at once.
fn at_once(says: &'static [&'static str]) -> Ends {
    Ends::Fails { kind: Kind::Transport(FailureKind::Tls), tries: 1, retryable: false, says }
}

/// Another try would meet the same certificate: it fails at once, and says what is wrong and what to do.
#[test]
fn a_certificate_that_is_not_trusted_is_no_matter_of_another_try() {
    run(
        &["an untrusted certificate"],
        |name| name,
        |_, adapter| {
            let server = TlsServer::start();
            let config = application(&format!("{}/v2", server.url), &format!("{}/token", server.url));
            let client = Client::new(adapter, config);
            let ends =
                at_once(&["localhost", "no authority that this client trusts", "give the transport the root certificate"]);
            ends.check(&client.album("17"), client.sent())?;
            if server.connections() == 1 { Ok(()) } else { Err(format!("{} connections", server.connections())) }
        },
    );
}

/// The same where the authority is trusted, and the certificate is for another name than the address has.
#[test]
fn a_certificate_for_another_name_is_no_matter_of_another_try() {
    run(
        &["a certificate for another name"],
        |name| name,
        |_, adapter| {
            let server = TlsServer::start();
            let url = server.url.replace("localhost", "127.0.0.1");
            let config = application(&format!("{url}/v2"), &format!("{url}/token"));
            let client = Client::with(adapter, config, Around { trusts: Some(&server), ..Around::default() });
            let ends = match adapter {
                // curl doesn't tell what is wrong with a certificate.
                Adapter::Isahc => {
                    at_once(&["127.0.0.1", "certificate is not accepted", "for another name", "Check the address"])
                }
                _ => at_once(&["127.0.0.1", "certificate is for another name", "check the address"]),
            };
            ends.check(&client.album("17"), client.sent())?;
            if server.connections() == 1 { Ok(()) } else { Err(format!("{} connections", server.connections())) }
        },
    );
}

/// A handshake that the service refuses fails at once, too, where the library tells it from a connection that broke.
#[test]
fn a_handshake_that_is_refused_is_no_matter_of_another_try() {
    /// A fatal alert, `handshake_failure` (RFC 8446 §6).
    const REFUSAL: &[u8] = b"\x15\x03\x03\0\x02\x02\x28";
    const SAYS: &[&str] = &["127.0.0.1", "the TLS handshake failed", "check the address"];
    run(
        &["a refused handshake"],
        |name| name,
        |_, adapter| {
            let server = Server::start(|connection| {
                connection.send(REFUSAL);
                connection.until_closed();
            });
            let url = |path| server.url(path).replace("http:", "https:");
            let client = Client::new(adapter, application(&url("/v2"), &url("/token")));
            let ends = match adapter {
                Adapter::Isahc => {
                    let kind = Kind::Transport(FailureKind::Connect);
                    Ends::Fails { kind, tries: 1 + NETWORK, retryable: true, says: SAYS }
                }
                _ => at_once(SAYS),
            };
            ends.check(&client.album("17"), client.sent())?;
            let met = server.connections();
            if met == client.sent() { Ok(()) } else { Err(format!("{met} connections")) }
        },
    );
}
