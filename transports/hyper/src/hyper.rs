//! The transport.

use std::fmt;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use rustls::crypto::ring;
use tidal_core::bytes::Bytes;
use tidal_core::transport::{BoxFuture, Transport};
use tidal_core::{Exchange, Failure, FailureKind, Response};
use tidal_transport::{Bounds, Incoming, admit};

use crate::failure::{of_body, of_request};

/// A transport on hyper.
///
/// Cloning is cheap, and clones share their connections. Its futures have to be polled within a tokio runtime that has I/O and
/// time enabled; deadlines are read on [`SystemClock`](crate::SystemClock), as [`TokioRuntime`](crate::TokioRuntime) does. Dropping a
/// future closes its connection (HTTP/1.1) or resets its stream (HTTP/2).
#[derive(Clone)]
pub struct Hyper {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl Hyper {
    /// A transport that trusts Mozilla's roots.
    ///
    /// # Errors
    /// [`FailureKind::Unsupported`] if TLS can't be set up.
    pub fn new() -> Result<Self, Failure> {
        let tls = HttpsConnectorBuilder::new().with_provider_and_webpki_roots(Arc::new(ring::default_provider()));
        let tls = tls.map_err(|error| Failure::new(FailureKind::Unsupported, format!("TLS can't be set up: {error}")))?;
        Ok(Self::build(tls.https_or_http().enable_all_versions().wrap_connector(tcp())))
    }

    /// A transport with a TLS configuration of one's own: other roots, a client certificate, another provider. Its ALPN list is
    /// replaced.
    #[must_use]
    pub fn with_tls(mut config: ClientConfig) -> Self {
        config.alpn_protocols.clear();
        let tls = HttpsConnectorBuilder::new().with_tls_config(config);
        Self::build(tls.https_or_http().enable_all_versions().wrap_connector(tcp()))
    }

    fn build(connector: HttpsConnector<HttpConnector>) -> Self {
        let client =
            Client::builder(TokioExecutor::new()).timer(TokioTimer::new()).pool_timer(TokioTimer::new()).build(connector);
        Self { client }
    }

    async fn exchange(self, request: http::Request<Bytes>, bounds: Bounds) -> Result<Response, Failure> {
        let response = self.client.request(request.map(Full::new)).await.map_err(|error| of_request(&bounds, &error))?;
        let (parts, mut body) = response.into_parts();
        let mut answer = Incoming::new(parts, bounds.clone())?;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| of_body(&bounds, &error))?;
            if let Some(data) = frame.data_ref() {
                answer.push(data)?;
            }
        }
        answer.finish()
    }
}

/// TCP with small packets sent at once; `https` addresses pass too, for the layer above.
fn tcp() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp
}

impl Transport for Hyper {
    type Future = BoxFuture<Result<Response, Failure>>;

    fn send(&self, exchange: Exchange) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let (request, bounds) = admit(exchange)?;
            let within = tokio::time::timeout(bounds.left(), this.exchange(request, bounds.clone()));
            within.await.unwrap_or_else(|_| Err(bounds.timed_out()))
        })
    }
}

impl fmt::Debug for Hyper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hyper").finish_non_exhaustive()
    }
}
