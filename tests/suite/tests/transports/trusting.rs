//! Transports that trust the certificate of a test's server.

use std::sync::Arc;

use crate::tls_server::TlsServer;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

pub(crate) fn hyper(server: &TlsServer) -> tidal_hyper::Hyper {
    let mut roots = RootCertStore::empty();
    roots.add(server.der.clone().into()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
    tidal_hyper::Hyper::with_tls(config.unwrap().with_root_certificates(roots).with_no_client_auth())
}

pub(crate) fn isahc(server: &TlsServer) -> tidal_isahc::Isahc {
    use tidal_isahc::isahc::tls::{TlsConfig, TrustStore};
    let roots = TrustStore::builder().certificate_from_pem(&server.pem).build();
    tidal_isahc::Isahc::with_tls(TlsConfig::builder().trust_store(roots).build()).unwrap()
}

pub(crate) fn blocking(server: &TlsServer) -> tidal_blocking::Ureq {
    use tidal_blocking::ureq::tls::{Certificate, RootCerts, TlsConfig};
    let roots = RootCerts::new_with_certs(&[Certificate::from_der(&server.der).to_owned()]);
    let provider = Arc::new(ring::default_provider());
    let config = TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(provider).build();
    tidal_blocking::Ureq::with_tls(config)
}
