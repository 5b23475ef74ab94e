//! What every transport does.

use std::thread;
use std::time::Duration;

use http::header::{AUTHORIZATION, HeaderMap, USER_AGENT};
use http::{Method, Request, StatusCode};
use tidal_core::bytes::Bytes;
use tidal_core::{Exchange, Failure, FailureKind, Response};
use tidal_hyper::SystemClock;

use crate::gzip::gzip;
use crate::server::Server;
use crate::waiting::Send;

/// In every request's query and headers, and in no failure's message.
const SECRET: &str = "hunter2";
const PLENTY: usize = 10_000_000;

pub(crate) fn request(method: Method, url: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    let url = format!("{url}?code={SECRET}");
    let request = Request::builder().method(method).uri(url).header(USER_AGENT, "suite/1.0 (x)");
    request.header(AUTHORIZATION, format!("Bearer {SECRET}")).body(body.into()).unwrap()
}

pub(crate) fn exchange(request: Request<Bytes>, within: Duration, max_body: usize) -> Exchange {
    Exchange::new(request, SystemClock::read() + within, max_body)
}

fn get_up_to(send: &Send, url: &str, max_body: usize) -> Result<Response, Failure> {
    send(exchange(request(Method::GET, url, ""), Duration::from_secs(60), max_body))
}

pub(crate) fn get(send: &Send, url: &str) -> Result<Response, Failure> {
    get_up_to(send, url, PLENTY)
}

pub(crate) fn send_body(send: &Send, method: Method, url: &str, body: impl Into<Bytes>) -> Result<Response, Failure> {
    send(exchange(request(method, url, body), Duration::from_secs(60), PLENTY))
}

pub(crate) fn fails(outcome: Result<Response, Failure>, kind: FailureKind) {
    let failure = outcome.expect_err("this can't be answered");
    assert_eq!(failure.kind(), kind, "{failure}");
    assert!(!failure.message().contains(SECRET), "{failure}");
    assert!(!format!("{failure:?}").contains(SECRET), "{failure:?}");
    assert!(failure.message().len() > 20, "{failure}");
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, value.parse().unwrap());
    }
    headers
}

fn chunk(data: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat()
}

/// An answer with a body of a stated length.
fn ok(more: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{more}Content-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

pub(crate) fn what_is_sent_and_what_comes_back(send: &Send) {
    let server = Server::answering(ok("X-Twice: a\r\nX-Twice: b\r\nX-Empty:\r\n", b"hello"));
    let response = get(send, &server.url("/a%20b/c")).unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.body(), "hello");
    let expected = [("x-twice", "a"), ("x-twice", "b"), ("x-empty", ""), ("content-length", "5")];
    assert_eq!(response.headers(), &headers(&expected));

    let seen = server.only();
    assert_eq!(seen.line, format!("GET /a%20b/c?code={SECRET}"));
    assert_eq!(seen.header("user-agent"), ["suite/1.0 (x)"]);
    assert_eq!(seen.header("authorization"), [format!("Bearer {SECRET}")]);
    assert_eq!(seen.header("accept-encoding"), ["gzip"]);
    assert_eq!(seen.header("host").len(), 1);
    for absent in ["content-length", "transfer-encoding", "expect", "upgrade", "http2-settings", "referer", "cookie"] {
        assert!(seen.header(absent).is_empty(), "{seen:?}");
    }
}

pub(crate) fn any_method_has_a_body(send: &Send) {
    let large = "x".repeat(3_000_000);
    for method in ["POST", "PUT", "PATCH", "DELETE", "GET", "REPORT"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        for body in ["{}", &large] {
            let server = Server::answering(ok("", b"done"));
            let response = send_body(send, method.clone(), &server.url("/"), body.to_owned()).unwrap();
            assert_eq!(response.body(), "done");
            let seen = server.only();
            assert!(seen.line.starts_with(method.as_str()), "{}", seen.line);
            assert!(seen.body == body.as_bytes(), "{method}: {} bytes of {}", seen.body.len(), body.len());
            assert_eq!(seen.header("content-length"), [body.len().to_string()]);
            assert!(seen.header("transfer-encoding").is_empty() && seen.header("expect").is_empty());
        }
    }
}

pub(crate) fn what_creates_states_that_it_has_no_body(send: &Send) {
    for method in [Method::POST, Method::PUT, Method::PATCH] {
        let server = Server::answering(ok("", b"done"));
        send_body(send, method, &server.url("/"), "").unwrap();
        assert_eq!(server.only().header("content-length"), ["0"]);
    }
    let server = Server::answering(ok("", b"done"));
    send_body(send, Method::DELETE, &server.url("/"), "").unwrap();
    assert_eq!(server.only().body, b"");
}

pub(crate) fn refusals_are_answers(send: &Send) {
    for status in [400, 401, 404, 407, 409, 422, 429, 500, 503] {
        let more = "WWW-Authenticate: Bearer realm=\"x\"\r\nProxy-Authenticate: Basic\r\nRetry-After: 1\r\n";
        let server =
            Server::answering(format!("HTTP/1.1 {status} Because\r\n{more}Content-Length: 2\r\n\r\n{{}}").into_bytes());
        let response = get(send, &server.url("/")).unwrap();
        assert_eq!((response.status().as_u16(), &response.body()[..]), (status, &b"{}"[..]));
        assert_eq!(response.headers()["retry-after"], "1");
        assert_eq!(server.seen().len(), 1);
    }
}

pub(crate) fn redirects_are_answers(send: &Send) {
    let elsewhere = Server::answering(ok("", b"elsewhere"));
    for status in [300, 301, 302, 303, 307, 308] {
        for method in [Method::GET, Method::POST] {
            let to = elsewhere.url("/");
            let head = format!("HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 5\r\n\r\nmoved");
            let server = Server::answering(head.into_bytes());
            let response = send_body(send, method, &server.url("/"), "x").unwrap();
            assert_eq!((response.status().as_u16(), &response.body()[..]), (status, &b"moved"[..]));
            assert_eq!(response.headers()["location"], to);
            assert_eq!(server.seen().len(), 1);
        }
    }
    assert_eq!(elsewhere.connections(), 0);
}

pub(crate) fn answers_without_a_body_end(send: &Send) {
    for head in [
        "204 No Content\r\n",
        "304 Not Modified\r\nETag: x\r\nContent-Length: 5\r\n",
        "200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n",
    ] {
        let server = Server::answering(format!("HTTP/1.1 {head}\r\n").into_bytes());
        let response = get(send, &server.url("/")).unwrap();
        assert_eq!(response.body(), "", "{head}");
        get(send, &server.url("/")).unwrap();
    }
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    assert_eq!(send_body(send, Method::HEAD, &server.url("/"), "").unwrap().body(), "");
}

pub(crate) fn interim_answers_are_passed_over(send: &Send) {
    let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    let server = Server::answering([interim.as_bytes(), &ok("", b"final")].concat());
    for method in [Method::GET, Method::POST] {
        let response = send_body(send, method, &server.url("/"), "x").unwrap();
        assert_eq!(response.body(), "final");
        assert!(!response.headers().contains_key("link"));
    }
}

pub(crate) fn bodies_end_as_their_framing_says(send: &Send) {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunked = format!("{head}2;ext=1\r\nhe\r\n3\r\nllo\r\n0\r\nX-Trailer: 1\r\n\r\n").into_bytes();
    let server = Server::start(move |connection| {
        while connection.request().is_some() {
            connection.dribble(&chunked);
        }
    });
    assert_eq!(get(send, &server.url("/")).unwrap().body(), "hello");
    assert_eq!(get(send, &server.url("/")).unwrap().body(), "hello");
    let server = Server::closing("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end");
    assert_eq!(get(send, &server.url("/")).unwrap().body(), "until the end");
}

pub(crate) fn gzip_is_decoded_and_its_headers_go(send: &Send) {
    let body = gzip(&b"hello ".repeat(1000));
    let server = Server::answering(ok("Content-Encoding: gzip\r\nX-Kept: 1\r\n", &body));
    let response = get(send, &server.url("/")).unwrap();
    assert!(response.body() == &b"hello ".repeat(1000)[..]);
    assert_eq!(response.headers(), &headers(&[("x-kept", "1")]));

    let head = b"HTTP/1.1 200 OK\r\ncontent-encoding: GZIP\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunks: Vec<u8> = body.chunks(7).flat_map(chunk).collect();
    let server = Server::answering([&head[..], &chunks, b"0\r\n\r\n"].concat());
    let response = get(send, &server.url("/")).unwrap();
    assert!(response.body() == &b"hello ".repeat(1000)[..]);
    assert!(!response.headers().contains_key("content-encoding"));
}

pub(crate) fn damaged_encodings_are_no_answers(send: &Send) {
    let body = gzip(b"hello hello hello");
    for (encoding, body) in
        [("gzip", &body[..body.len() - 1]), ("gzip", &body[..5]), ("gzip", b"plain"), ("br", b"?"), ("zstd", b"?")]
    {
        let server = Server::answering(ok(&format!("Content-Encoding: {encoding}\r\n"), body));
        fails(get(send, &server.url("/")), FailureKind::Protocol);
    }
}

pub(crate) fn the_bound_counts_decoded_bytes(send: &Send) {
    let (plain, zipped) = (ok("", b"hello"), ok("Content-Encoding: gzip\r\n", &gzip(b"hello")));
    for bytes in [plain, zipped] {
        let server = Server::answering(bytes);
        assert_eq!(get_up_to(send, &server.url("/"), 5).unwrap().body(), "hello");
        fails(get_up_to(send, &server.url("/"), 4), FailureKind::TooLarge);
        fails(get_up_to(send, &server.url("/"), 0), FailureKind::TooLarge);
    }
}

pub(crate) fn what_is_too_large_ends_while_it_streams(send: &Send) {
    let zeros = chunk(&[0; 1 << 14]);
    // One member after the other, without end: each inflates a thousandfold.
    let bomb = chunk(&gzip(&vec![0; 1 << 20]));
    for (encoding, piece) in [("identity", zeros), ("gzip", bomb)] {
        let (gone, is_gone) = std::sync::mpsc::channel();
        let server = Server::start(move |connection| {
            connection.request().unwrap();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nTransfer-Encoding: chunked\r\n\r\n");
            connection.send(head.as_bytes());
            connection.send_until_closed(&piece);
            gone.send(()).unwrap();
        });
        fails(get_up_to(send, &server.url("/"), 100_000), FailureKind::TooLarge);
        is_gone.recv().expect("the connection is given up");
    }
}

pub(crate) fn refused_connections_are_told(send: &Send) {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    fails(get(send, &format!("http://{nobody}/")), FailureKind::Connect);
}

pub(crate) fn broken_connections_are_told(send: &Send) {
    let head = "HTTP/1.1 200 OK\r\n";
    for bytes in [
        String::new(),
        "HTTP/1.1 2".to_owned(),
        "HTTP/1.1 200 OK\r\n".to_owned(),
        format!("{head}Content-Le"),
        format!("{head}X-Kept: 1\r\nContent-Length: 5"),
        format!("{head}Content-Length: 5\r\n"),
        format!("{head}Content-Length: 5\r\n\r\n"),
        format!("{head}Content-Length: 5\r\n\r\nhell"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n5\r\nhell"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
    ] {
        for method in [Method::GET, Method::POST] {
            let server = Server::closing(bytes.clone());
            fails(send_body(send, method, &server.url("/"), "x"), FailureKind::Broken);
            assert_eq!(server.seen().len(), 1, "{bytes:?}");
        }
    }
}

pub(crate) fn what_is_no_http_is_told(send: &Send) {
    let head = "HTTP/1.1 200 OK\r\n";
    for bytes in [
        "SSH-2.0-OpenSSH_9.9 is what this is\r\n\r\n".to_owned(),
        format!("{head}Content-Length: five\r\n\r\nhello"),
        format!("{head}no colon here\r\nContent-Length: 5\r\n\r\nhello"),
    ] {
        let server = Server::stalling(bytes.clone());
        fails(get(send, &server.url("/")), FailureKind::Protocol);
    }
    // curl does not tell this from a connection that broke.
    let server = Server::stalling(format!("{head}Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n"));
    let failure = get(send, &server.url("/")).unwrap_err();
    assert!([FailureKind::Protocol, FailureKind::Broken].contains(&failure.kind()), "{failure}");
}

pub(crate) fn the_deadline_holds_for_the_whole_answer(send: &Send) {
    for bytes in ["", "HTTP/1.1 200 OK\r\nX-Half:", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"] {
        let server = Server::stalling(bytes);
        let exchange = exchange(request(Method::POST, &server.url("/"), "x"), Duration::from_millis(300), PLENTY);
        fails(send(exchange), FailureKind::Timeout);
        assert_eq!(server.seen().len(), 1);
    }
}

pub(crate) fn a_deadline_that_has_passed_sends_nothing(send: &Send) {
    let server = Server::answering(ok("", b"hello"));
    fails(send(exchange(request(Method::GET, &server.url("/"), ""), Duration::ZERO, PLENTY)), FailureKind::Timeout);
    assert_eq!(server.connections(), 0);
}

pub(crate) fn plain_http_is_for_loopback(send: &Send) {
    for url in ["http://example.com/", "http://192.0.2.1/", "ftp://localhost/"] {
        fails(get(send, url), FailureKind::Unsupported);
    }
}

pub(crate) fn connections_are_kept(send: &Send) {
    let server = Server::answering(ok("Content-Encoding: gzip\r\n", &gzip(b"hello")));
    for method in [Method::GET, Method::POST, Method::DELETE, Method::GET].into_iter().cycle().take(16) {
        assert_eq!(send_body(send, method, &server.url("/"), "x").unwrap().body(), "hello");
    }
    assert_eq!(server.seen().len(), 16);
    // hyper gives a connection back a moment after the answer, so that the next request may come too early for it.
    assert!(server.connections() <= 8, "{} connections", server.connections());
}

pub(crate) fn what_may_have_been_done_is_not_sent_again(send: &Send) {
    for method in [Method::POST, Method::PATCH] {
        let server = Server::start(|connection| {
            // Answers reads; takes the first of all others, and breaks.
            while let Some(seen) = connection.request() {
                if !seen.line.starts_with("GET") {
                    return connection.close();
                }
                connection.send(&ok("", b"hello"));
            }
        });
        get(send, &server.url("/")).unwrap();
        fails(send_body(send, method, &server.url("/"), "x"), FailureKind::Broken);
        assert_eq!(server.seen().len(), 2);
    }
}

pub(crate) fn many_at_once(send: &Send) {
    let server = Server::start(|connection| {
        while let Some(seen) = connection.request() {
            connection.send(&ok("", &seen.body));
        }
    });
    thread::scope(|scope| {
        for number in 0..32 {
            let server = &server;
            scope.spawn(move || {
                for round in 0..4 {
                    let body = format!("{number} {round}");
                    let response = send_body(send, Method::POST, &server.url("/"), body.clone()).unwrap();
                    assert_eq!(response.body(), body.as_bytes());
                }
            });
        }
    });
    assert_eq!(server.seen().len(), 128);
}

/// One test for each function above.
macro_rules! instantiate {
    ($make:path) => {
        $crate::contract::instantiate!($make:
            what_is_sent_and_what_comes_back any_method_has_a_body what_creates_states_that_it_has_no_body refusals_are_answers
            redirects_are_answers answers_without_a_body_end interim_answers_are_passed_over bodies_end_as_their_framing_says
            gzip_is_decoded_and_its_headers_go damaged_encodings_are_no_answers the_bound_counts_decoded_bytes
            what_is_too_large_ends_while_it_streams refused_connections_are_told broken_connections_are_told
            what_is_no_http_is_told the_deadline_holds_for_the_whole_answer a_deadline_that_has_passed_sends_nothing
            plain_http_is_for_loopback connections_are_kept what_may_have_been_done_is_not_sent_again many_at_once
        );
    };
    ($make:path: $($case:ident)*) => { $(
        #[test]
        fn $case() {
            $crate::contract::$case(&$make());
        }
    )* };
}
pub(crate) use instantiate;
