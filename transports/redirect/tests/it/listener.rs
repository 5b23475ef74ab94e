//! The listener, by raw sockets.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv6Addr, Shutdown, TcpListener, TcpStream};
use std::time::Duration;

use tidal_core::url::Url;
use tidal_redirect::{BindError, Limits, Listener, Reason, Refusal};

use crate::support::{At, LONG, Waiting, begin, code, go_on, raw, read_page, waiting};

const ANY: &str = "http://127.0.0.1:0/callback";

fn wait_at(uri: &str) -> Waiting {
    waiting(Listener::bind(uri).unwrap(), At(1), LONG)
}

fn wait_within(limits: Limits) -> Waiting {
    waiting(Listener::bind_within(ANY, limits).unwrap(), At(1), LONG)
}

/// Nothing that came before has done any harm.
fn still_takes_the_code(waiting: Waiting) {
    assert_eq!(waiting.come_back(&waiting.state).status, 200);
    assert_eq!(code(waiting.outcome().1.unwrap()), "the-code");
}

/// Whether the listener closes a connection on which nothing was sent.
fn is_closed(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(LONG)).unwrap();
    match stream.read(&mut [0]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

fn has_ipv6() -> bool {
    TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok()
}

#[test]
fn the_browser_comes_back_and_sees_a_page() {
    let waiting = wait_at(ANY);
    let page = waiting.come_back(&waiting.state);
    assert_eq!(page.status, 200);
    assert!(page.body.contains("You can close this window"), "{}", page.body);
    for line in [
        "Content-Type: text/html; charset=utf-8",
        "Cache-Control: no-store",
        "Referrer-Policy: no-referrer",
        "X-Content-Type-Options: nosniff",
        "X-Frame-Options: DENY",
        "Cross-Origin-Resource-Policy: same-origin",
        "Connection: close",
    ] {
        assert!(page.head.lines().any(|given| given == line), "{line}: {}", page.head);
    }
    let policy = page.head.lines().find(|line| line.starts_with("Content-Security-Policy: ")).unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
    for banned in ["<script", "http:", "https:", "src=", "href=", "the-code", waiting.state.as_str()] {
        assert!(!page.body.contains(banned), "{banned}: {}", page.body);
    }
    assert_eq!(code(waiting.outcome().1.unwrap()), "the-code");
}

#[test]
fn any_free_port_is_named_in_the_redirect_uri() {
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        if host == "[::1]" && !has_ipv6() {
            eprintln!("skipped: any_free_port_is_named_in_the_redirect_uri for ::1, which this machine has not");
            continue;
        }
        let listener = Listener::bind(&format!("http://{host}:0/callback")).unwrap();
        let url = Url::parse(listener.redirect_uri()).unwrap();
        assert_eq!((url.host_str(), url.path()), (Some(host), "/callback"));
        assert_ne!(url.port(), Some(0));
        still_takes_the_code(waiting(listener, At(1), LONG));
    }
}

#[test]
fn a_given_uri_stays_as_it_is_and_its_port_is_free_again_afterwards() {
    // another program may take the port in between
    let listener = (0..10).find_map(|_| {
        let any = Listener::bind("http://localhost:0/").unwrap();
        // no slash after the port: the authorization server compares texts
        let uri = any.redirect_uri().trim_end_matches('/').to_owned();
        drop(any);
        let listener = Listener::bind(&uri).ok()?;
        assert_eq!(listener.redirect_uri(), uri);
        Some(listener)
    });
    let waiting = waiting(listener.expect("a port is free again"), At(1), LONG);
    assert_eq!(waiting.get(&format!("/?code=a&state={}", waiting.state), &[]).status, 200);
    assert_eq!(code(waiting.outcome().1.unwrap()), "a");
}

#[test]
fn localhost_listens_on_both_protocols() {
    if !has_ipv6() {
        eprintln!("skipped: localhost_listens_on_both_protocols: this machine has no ::1");
        return;
    }
    for ip in ["127.0.0.1", "::1"] {
        let mut waiting = wait_at("http://localhost:0/callback");
        waiting.address.set_ip(ip.parse().unwrap());
        still_takes_the_code(waiting);
    }
    // another program that holds one of them would get the code
    let taken = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    match Listener::bind(&format!("http://localhost:{port}/callback")).err() {
        Some(BindError::Bind { address, source }) => {
            assert_eq!((address, source.kind()), (taken.local_addr().unwrap(), ErrorKind::AddrInUse));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_taken_port_and_a_foreign_uri_are_errors() {
    let first = Listener::bind(ANY).unwrap();
    let error = Listener::bind(first.redirect_uri()).err().unwrap();
    assert!(error.to_string().starts_with("can't listen on 127.0.0.1:"), "{error}");
    let error = Listener::bind("https://example.com/callback").err().unwrap();
    assert!(matches!(error, BindError::Invalid(_)), "{error}");
}

#[test]
fn the_page_is_there_before_the_wait_is_over() {
    // the program may end at once
    for query in ["code=c", "error=access_denied"].repeat(20) {
        let waiting = wait_at(ANY);
        let mut stream = TcpStream::connect(waiting.address).unwrap();
        let target = format!("/callback?{query}&state={}", waiting.state);
        write!(stream, "GET {target} HTTP/1.1\r\nHost: {}\r\n\r\n", waiting.host).unwrap();
        let _listener = waiting.outcome();
        stream.set_nonblocking(true).unwrap();
        assert!(read_page(stream).body.ends_with("</html>\n"), "{query}");
    }
}

#[test]
fn what_is_not_the_browser_coming_back_is_refused() {
    let waiting = wait_at(ANY);
    let back = format!("/callback?code=c&state={}", waiting.state);
    let table: &[(&str, &str, &[&str], u16)] = &[
        ("GET", "/", &[], 404),
        ("GET", "/favicon.ico", &[], 404),
        ("GET", "/callback/?code=c", &[], 404),
        ("POST", "/elsewhere", &[], 404),
        ("POST", &back, &["Content-Length: 0"], 405),
        ("OPTIONS", &back, &["Origin: https://evil.example"], 405),
        ("PUT", &back, &[], 405),
        ("GET", &back, &["Sec-Purpose: prefetch"], 503),
        ("GET", &back, &["Sec-Purpose: prefetch;prerender"], 503),
        ("GET", &back, &["Purpose: prefetch"], 503),
        ("GET", &back, &["X-Moz: prefetch"], 503),
        ("GET", &back, &["Sec-Fetch-Dest: script", "Sec-Fetch-Mode: no-cors"], 403),
        ("GET", &back, &["Sec-Fetch-Dest: iframe", "Sec-Fetch-Mode: navigate"], 403),
        ("GET", &back, &["Sec-Fetch-Dest: empty", "Sec-Fetch-Mode: cors"], 403),
        ("GET", "http://127.0.0.1/callback", &[], 404),
        ("GET", &back, &["Host: 127.0.0.1"], 400),
        ("GET", &back, &["no header"], 400),
        ("HEAD", &back, &[], 200),
    ];
    for (method, target, headers, status) in table {
        let page = waiting.request(method, target, headers);
        assert_eq!(page.status, *status, "{method} {target} {headers:?}: {}", page.head);
        assert_eq!(page.body.is_empty(), *method == "HEAD", "{method} {target}");
        assert_eq!(page.head.contains("\r\nAllow: GET, HEAD\r\n"), *status == 405, "{}", page.head);
    }
    let page = waiting.get(&back, &["Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Site: cross-site"]);
    assert_eq!(page.status, 200);
    assert_eq!(code(waiting.outcome().1.unwrap()), "c");
}

#[test]
fn another_host_is_refused() {
    let waiting = wait_at(ANY);
    let port = waiting.address.port();
    for host in ["evil.example".to_owned(), format!("evil.example:{port}"), format!("localhost:{port}"), "127.0.0.1".to_owned()]
    {
        let text = format!("GET /callback?code=c&state={} HTTP/1.1\r\nHost: {host}\r\n\r\n", waiting.state);
        assert_eq!(raw(waiting.address, &text).status, 421, "{host}");
    }
    let without = format!("GET /callback?code=c&state={} HTTP/1.1\r\n\r\n", waiting.state);
    assert_eq!(raw(waiting.address, &without).status, 400);
    still_takes_the_code(waiting);
}

#[test]
fn a_second_code_is_told_that_it_is_done() {
    let waiting = wait_at(ANY);
    let address = waiting.address;
    let request = format!("GET /callback?code=c&state={} HTTP/1.1\r\nHost: {}\r\n\r\n", waiting.state, waiting.host);
    let first = waiting.come_back(&waiting.state);
    let (listener, ended) = waiting.outcome();
    let second = raw(address, &request);
    assert_eq!((first.status, second.status), (200, 409));
    assert!(second.body.contains("completed already"), "{}", second.body);
    assert_eq!(code(ended.unwrap()), "the-code");

    // the same listener takes the next sign-in, for which the first one's code is a foreign one
    let again = waiting_for_another(listener);
    assert_eq!(raw(address, &request).status, 400);
    still_takes_the_code(again);
}

fn waiting_for_another(listener: Listener) -> Waiting {
    use tidal_core::runtime::Clock;
    let config = tidal_core::Config::pkce("client", listener.redirect_uri()).unwrap();
    let pending = tidal_core::Session::new(config, [8; 32]).begin_sign_in(At(0).now()).unwrap();
    go_on(listener, pending, At(1), LONG)
}

#[test]
fn nobody_is_told_anything_while_none_is_waited_for() {
    let listener = Listener::bind(ANY).unwrap();
    let url = Url::parse(listener.redirect_uri()).unwrap();
    let host = format!("127.0.0.1:{}", url.port().unwrap());
    let page = raw(host.parse().unwrap(), &format!("GET /callback?code=c HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    assert_eq!(page.status, 503);
}

#[test]
fn foreign_text_is_shown_as_text() {
    let waiting = wait_at(ANY);
    let said = "%3Cscript%3Ealert(1)%3C/script%3E%22";
    let page = waiting.get(&format!("/callback?error=e&error_description={said}&state={}", waiting.state), &[]);
    assert!(page.body.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;"), "{}", page.body);
    assert!(!page.body.contains("<script"), "{}", page.body);
    assert_eq!(waiting.outcome().1.unwrap_err().refusal(), Some(Refusal::Reported));
}

#[test]
fn silent_and_slow_connections_block_nobody() {
    let waiting = wait_at(ANY);
    let silent: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(waiting.address).unwrap()).collect();
    let mut half = TcpStream::connect(waiting.address).unwrap();
    half.write_all(b"GET /callback?co").unwrap();
    still_takes_the_code(waiting);
    drop((silent, half));
}

#[test]
fn the_oldest_connection_makes_room() {
    let waiting = wait_within(Limits { connections: 2, connection: LONG, ..Limits::default() });
    let mut silent: Vec<TcpStream> = (0..4).map(|_| TcpStream::connect(waiting.address).unwrap()).collect();
    // they are accepted in order, so that the first two have been pushed out
    for stream in &mut silent[..2] {
        assert!(is_closed(stream));
    }
    still_takes_the_code(waiting);
}

#[test]
fn a_connection_has_a_bounded_time() {
    let waiting = wait_within(Limits { connection: Duration::from_millis(1), ..Limits::default() });
    let mut silent = TcpStream::connect(waiting.address).unwrap();
    assert!(is_closed(&mut silent));
    waiting.canceller.cancel();
    assert!(matches!(waiting.outcome().1.unwrap_err().reason, Reason::Cancelled));
}

#[test]
fn a_request_has_a_bounded_size() {
    let waiting = wait_within(Limits { head: 4096, ..Limits::default() });
    let long = "a".repeat(900_000);
    assert_eq!(waiting.get(&format!("/callback?code={long}&state={}", waiting.state), &[]).status, 431);
    let many: Vec<&str> = vec!["A: b"; 200];
    assert_eq!(waiting.get("/callback", &many).status, 431);
    still_takes_the_code(waiting);
}

#[test]
fn what_is_no_http_is_refused() {
    let waiting = wait_at(ANY);
    for garbage in ["\u{16}\u{3}\u{1}\n\n", "hello\r\n\r\n", "GET /callback\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        assert_eq!(raw(waiting.address, garbage).status, 400, "{garbage:?}");
    }
    still_takes_the_code(waiting);
}

#[test]
fn a_request_may_come_in_pieces() {
    let waiting = wait_at(ANY);
    let request = format!("GET /callback?code=c&state={} HTTP/1.1\r\nHost: {}\r\n\r\n", waiting.state, waiting.host);
    let mut stream = TcpStream::connect(waiting.address).unwrap();
    stream.set_nodelay(true).unwrap();
    for byte in request.as_bytes() {
        stream.write_all(&[*byte]).unwrap();
    }
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_page(stream).status, 200);
    assert_eq!(code(waiting.outcome().1.unwrap()), "c");
}

#[test]
fn the_wait_ends_in_time_and_goes_on_later() {
    for timeout in [Duration::ZERO, Duration::from_millis(1)] {
        let (listener, ended) = waiting(Listener::bind(ANY).unwrap(), At(1), timeout).outcome();
        let unfinished = ended.unwrap_err();
        assert!(matches!(unfinished.reason, Reason::TimedOut), "{unfinished}");
        still_takes_the_code(go_on(listener, *unfinished.pending, At(1), LONG));
    }
}

#[test]
fn the_wait_can_be_cancelled_before_and_after_it_begins() {
    let mut listener = Listener::bind(ANY).unwrap();
    listener.canceller().cancel();
    let pending = begin(listener.redirect_uri());
    let unfinished = listener.wait(pending, LONG, &At(1)).unwrap_err();
    assert!(matches!(unfinished.reason, Reason::Cancelled), "{unfinished}");

    let waiting = go_on(listener, *unfinished.pending, At(1), LONG);
    // answered by the wait, which has begun
    assert_eq!(waiting.come_back("x").status, 400);
    waiting.canceller.cancel();
    let (listener, ended) = waiting.outcome();
    let unfinished = ended.unwrap_err();
    assert!(matches!(unfinished.reason, Reason::Cancelled), "{unfinished}");
    still_takes_the_code(go_on(listener, *unfinished.pending, At(1), LONG));
}

#[test]
fn a_sign_in_for_another_redirect_uri_is_handed_back() {
    let mut listener = Listener::bind(ANY).unwrap();
    let unfinished = listener.wait(begin("http://127.0.0.1:1/callback"), LONG, &At(1)).unwrap_err();
    assert!(matches!(unfinished.reason, Reason::OtherRedirectUri), "{unfinished}");
    assert_eq!(unfinished.pending.redirect_uri(), "http://127.0.0.1:1/callback");
}
