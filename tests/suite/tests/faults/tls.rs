//! Certificates that are not accepted.

use tidal_core::FailureKind;

use crate::client::Client;
use crate::ends::{Ends, Kind};
use crate::table::{application, run};
use crate::tls_server::TlsServer;

/// Another try would meet the same certificate: it fails at once, and says what is wrong and what to do.
#[test]
fn a_certificate_that_is_not_trusted_is_no_matter_of_another_try() {
    let says: &[_] = &["localhost", "no authority that this client trusts", "give the transport the root certificate"];
    let ends = Ends::Fails { kind: Kind::Transport(FailureKind::Tls), tries: 1, retryable: false, says };
    run(
        &[("an untrusted certificate", ends)],
        |(name, _)| name,
        |(_, ends), adapter| {
            let server = TlsServer::start();
            let config = application(&format!("{}/v2", server.url), &format!("{}/token", server.url));
            let client = Client::new(adapter, config);
            ends.check(&client.album("17"), client.sent())?;
            if server.connections() == 1 { Ok(()) } else { Err(format!("{} connections", server.connections())) }
        },
    );
}
