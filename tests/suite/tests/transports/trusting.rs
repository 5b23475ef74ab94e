//! Transports that trust the certificate of a test's server.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use tidal_core::transport::BlockingTransport;

use crate::tls_server::TlsServer;
use crate::waiting::{Send, waiting};

/// A certificate in both of its usual forms.
#[derive(Clone)]
pub(crate) struct Certificate {
    pub(crate) der: Vec<u8>,
    pub(crate) pem: String,
}

pub(crate) fn hyper_transport(trust: &Certificate) -> tidal_hyper::Hyper {
    let mut roots = RootCertStore::empty();
    roots.add(trust.der.clone().into()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
    tidal_hyper::Hyper::with_tls(config.unwrap().with_root_certificates(roots).with_no_client_auth())
}

pub(crate) fn isahc_transport(trust: &Certificate) -> tidal_isahc::Isahc {
    use tidal_isahc::isahc::tls::{TlsConfig, TrustStore};
    let roots = TrustStore::builder().certificate_from_pem(&trust.pem).build();
    tidal_isahc::Isahc::with_tls(TlsConfig::builder().trust_store(roots).build()).unwrap()
}

pub(crate) fn blocking_transport(trust: &Certificate) -> tidal_blocking::Ureq {
    use tidal_blocking::ureq::tls::{self, RootCerts, TlsConfig};
    let roots = RootCerts::new_with_certs(&[tls::Certificate::from_der(&trust.der).to_owned()]);
    let provider = Arc::new(ring::default_provider());
    let config = TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(provider).build();
    tidal_blocking::Ureq::with_tls(config)
}

pub(crate) fn hyper(server: &TlsServer) -> Send {
    waiting(hyper_transport(&server.certificate))
}

pub(crate) fn isahc(server: &TlsServer) -> Send {
    waiting(isahc_transport(&server.certificate))
}

pub(crate) fn blocking(server: &TlsServer) -> Send {
    let transport = blocking_transport(&server.certificate);
    Box::new(move |exchange| transport.send(exchange))
}
