//! TLS, and HTTP/2 which comes with it. The tree of this test holds two rustls providers, so none of them is a default.

use std::time::Duration;

use http::{Method, Version};
use tidal_core::FailureKind;

use crate::contract::{exchange, fails, get, request, send_body};
use crate::tls_server::TlsServer;
use crate::trusting::{blocking, hyper, isahc};
use crate::waiting::Send;

/// What a transport does over TLS, in the newest version of HTTP that it speaks.
fn speaks(trusting: fn(&TlsServer) -> Send, default: fn() -> Send, version: Version) {
    let server = TlsServer::start();
    let send = trusting(&server);
    let url = |path: &str| format!("{}{path}", server.url);

    let response = get(&send, &url("/")).unwrap();
    assert_eq!((response.version(), &response.body()[..]), (version, &b"GET "[..]));
    let response = get(&send, &url("/gzip")).unwrap();
    assert!(response.body() == &b"hello ".repeat(1000)[..]);
    assert!(!response.headers().contains_key("content-encoding"));
    let large = "x".repeat(300_000);
    for method in [Method::POST, Method::PATCH, Method::DELETE] {
        let response = send_body(&send, method.clone(), &url("/"), large.clone()).unwrap();
        assert!(response.body() == format!("{method} {large}").as_bytes());
    }
    assert_eq!(server.connections(), 1);

    let endless = exchange(request(Method::GET, &url("/endless"), ""), Duration::from_secs(60), 1_000_000);
    fails(send(endless), FailureKind::TooLarge);
    fails(get(&send, &url("/broken")), FailureKind::Broken);

    fails(get(&default(), &url("/")), FailureKind::Connect);
    // The certificate is for another name.
    fails(get(&send, &url("/").replace("localhost", "127.0.0.1")), FailureKind::Connect);
}

#[test]
fn hyper_speaks_http_2() {
    speaks(hyper, crate::hyper, Version::HTTP_2);
}

#[test]
fn isahc_speaks_http_2() {
    speaks(isahc, crate::isahc, Version::HTTP_2);
}

#[test]
fn blocking_speaks_http_1() {
    speaks(blocking, crate::blocking, Version::HTTP_11);
}
