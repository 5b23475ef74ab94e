//! The transport.

use std::io::{ErrorKind, Read};
use std::sync::Arc;

use rustls::crypto::ring;
use tidal_core::bytes::Bytes;
use tidal_core::transport::BlockingTransport;
use tidal_core::{Exchange, Failure, Response};
use tidal_transport::{Bounds, Incoming, admit};
use ureq::Agent;
use ureq::config::AutoHeaderValue;
use ureq::tls::TlsConfig;

use crate::failure::{of_body, of_request};

/// How many connections are kept for later.
const IDLE: usize = 64;

/// A transport on ureq.
///
/// Cloning is cheap, and clones share their connections. Deadlines are read on [`SystemClock`](crate::SystemClock).
#[derive(Clone, Debug)]
pub struct Ureq {
    agent: Agent,
}

impl Ureq {
    /// A transport that trusts Mozilla's roots.
    #[must_use]
    pub fn new() -> Self {
        let provider = Arc::new(ring::default_provider());
        Self::with_tls(TlsConfig::builder().unversioned_rustls_crypto_provider(provider).build())
    }

    /// A transport with a TLS configuration of one's own: other roots, a client certificate. It has to name a provider of rustls.
    #[must_use]
    pub fn with_tls(config: TlsConfig) -> Self {
        let config = Agent::config_builder()
            .tls_config(config)
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .user_agent(AutoHeaderValue::None)
            .max_idle_connections(IDLE)
            .max_idle_connections_per_host(IDLE)
            .build();
        Self { agent: config.into() }
    }

    fn call(&self, request: http::Request<Bytes>, bounds: &Bounds) -> Result<http::Response<ureq::Body>, ureq::Error> {
        let (parts, body) = request.into_parts();
        if body.is_empty() {
            let request = http::Request::from_parts(parts, ());
            return self.agent.run(self.agent.configure_request(request).timeout_global(Some(bounds.left())).build());
        }
        let request = http::Request::from_parts(parts, &body[..]);
        self.agent.run(self.agent.configure_request(request).timeout_global(Some(bounds.left())).build())
    }
}

impl Default for Ureq {
    fn default() -> Self {
        Self::new()
    }
}

impl BlockingTransport for Ureq {
    fn send(&self, exchange: Exchange) -> Result<Response, Failure> {
        let (request, bounds) = admit(exchange)?;
        let (parts, body) = self.call(request, &bounds).map_err(|error| of_request(&bounds, error))?.into_parts();
        let mut answer = Incoming::new(parts, bounds.clone())?;
        let mut body = body.into_reader();
        let mut chunk = vec![0; 16 * 1024];
        loop {
            match body.read(&mut chunk) {
                Ok(0) => return answer.finish(),
                Ok(length) => answer.push(&chunk[..length])?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(of_body(&bounds, error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    fn a_client_can_be_made() {
        crate::client(crate::Config::anonymous(), tidal_store_memory::MemoryStore::new()).unwrap();
    }
}
