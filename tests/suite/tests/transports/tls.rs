//! TLS, and HTTP/2 which comes with it. The tree of this test holds two rustls providers, so none of them is a default.

use std::time::Duration;

use http::{Method, Version};
use tidal_core::{Failure, FailureKind, Response};

use crate::contract::{exchange, fails, get, request, send_body};
use crate::server::Server;
use crate::tls_server::TlsServer;
use crate::trusting;
use crate::waiting::{Send, blocking, waiting};

/// How far a library tells what is wrong with TLS.
struct Tells {
    untrusted: &'static [&'static str],
    other_name: &'static [&'static str],
    /// What a handshake ends in that the server refuses.
    refused: FailureKind,
}

const RUSTLS: Tells = Tells {
    untrusted: &["localhost", "no authority that this client trusts", "root certificate", "UnknownIssuer"],
    other_name: &["127.0.0.1", "certificate is for another name", "check the address", "not valid for name"],
    refused: FailureKind::Tls,
};

/// curl does not tell what is wrong with a certificate, nor a handshake that was refused from a connection that broke.
const CURL: Tells = Tells {
    untrusted: &["localhost", "certificate is not accepted", "root certificate"],
    other_name: &["127.0.0.1", "certificate is not accepted", "Check the address"],
    refused: FailureKind::Connect,
};

/// Fatal alerts, each a record of its own (RFC 8446 §6).
const HANDSHAKE_FAILURE: &[u8] = b"\x15\x03\x03\0\x02\x02\x28";
const INTERNAL_ERROR: &[u8] = b"\x15\x03\x03\0\x02\x02\x50";
const UNRECOGNIZED_NAME: &[u8] = b"\x15\x03\x03\0\x02\x02\x70";

fn says(outcome: Result<Response, Failure>, kind: FailureKind, parts: &[&str]) {
    let failure = outcome.unwrap_err();
    assert_eq!(failure.kind(), kind, "{failure}");
    assert!(parts.iter().all(|part| failure.message().contains(part)), "{failure}");
}

/// The outcome where the server says this, in place of its part of the handshake.
fn shakes_hands(send: &Send, bytes: &'static [u8]) -> Result<Response, Failure> {
    let server = Server::start(|connection| {
        connection.send(bytes);
        if !bytes.is_empty() {
            connection.until_closed();
        }
    });
    get(send, &server.url("/").replace("http:", "https:"))
}

fn handshakes(send: &Send, tells: &Tells) {
    // No TLS at all; no common parameters; no certificate for that name.
    for bytes in [b"HTTP/1.1 400 Bad Request\r\n\r\n", HANDSHAKE_FAILURE, UNRECOGNIZED_NAME] {
        says(shakes_hands(send, bytes), tells.refused, &["127.0.0.1", "the TLS handshake failed", "check the address"]);
    }
    // A fault of the server's own, and a connection that ends: the next try may fare better.
    for bytes in [INTERNAL_ERROR, b""] {
        let failure = shakes_hands(send, bytes).unwrap_err();
        assert!([FailureKind::Connect, FailureKind::Broken].contains(&failure.kind()), "{failure}");
    }
}

/// What a transport does over TLS, in the newest version of HTTP that it speaks.
fn speaks(trusting: fn(&TlsServer) -> Send, default: fn() -> Send, version: Version, tells: &Tells) {
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

    // A server that goes away answers what it has begun, and what follows goes over another connection. A request that crosses its
    // leave may break: calls send reads again.
    assert_eq!(&get(&send, &url("/leave")).unwrap().body()[..], b"GET ");
    for _ in 0..1000 {
        match get(&send, &url("/")) {
            Ok(response) => assert_eq!(&response.body()[..], b"GET "),
            Err(failure) => assert_eq!(failure.kind(), FailureKind::Broken),
        }
        if server.connections() > 1 {
            break;
        }
    }
    assert_eq!(&get(&send, &url("/")).unwrap().body()[..], b"GET ");
    assert_eq!(server.connections(), 2);

    let endless = exchange(request(Method::GET, &url("/endless"), ""), Duration::from_secs(60), 1_000_000);
    fails(send(endless), FailureKind::TooLarge);
    fails(get(&send, &url("/broken")), FailureKind::Broken);

    says(get(&default(), &url("/")), FailureKind::Tls, tells.untrusted);
    says(get(&send, &url("/").replace("localhost", "127.0.0.1")), FailureKind::Tls, tells.other_name);
    handshakes(&send, tells);
}

#[test]
fn hyper_speaks_http_2() {
    speaks(|server| waiting(trusting::hyper(server)), crate::hyper, Version::HTTP_2, &RUSTLS);
}

#[test]
fn isahc_speaks_http_2() {
    speaks(|server| waiting(trusting::isahc(server)), crate::isahc, Version::HTTP_2, &CURL);
}

#[test]
fn blocking_speaks_http_1() {
    speaks(|server| blocking(trusting::blocking(server)), crate::blocking, Version::HTTP_11, &RUSTLS);
}
