//! Answers that are no success.

use tidal_core::FailureKind;

use crate::client::{Adapter, Client};
use crate::ends::{Ends, Kind};
use crate::play::{Play, album, answer};
use crate::service::Service;
use crate::table::{NETWORK, STATUS, application, run};

/// An answer, and how a call ends that meets it once, and one that meets it each time.
struct Row {
    name: String,
    play: Play,
    once: Ends,
    always: Ends,
}

const BODY: &str = r#"{"errors":[{"code":"OF_THE_TEST","detail":"said by the test"}]}"#;

/// The service may think otherwise the next time.
fn passes(status: &str, headers: &str) -> Row {
    let always = Ends::Fails { kind: kind(status), tries: 1 + STATUS, retryable: true, says: &["said by the test"] };
    Row { name: format!("{status} {headers}"), play: play(status, headers), once: Ends::Answered { tries: 2 }, always }
}

/// The service would say it again: it fails at once.
fn stays(status: &str) -> Row {
    let ends = Ends::Fails { kind: kind(status), tries: 1, retryable: false, says: &["said by the test"] };
    Row { name: status.to_owned(), play: play(status, ""), once: ends.clone(), always: ends }
}

fn play(status: &str, headers: &str) -> Play {
    Play::Answer(answer(status, headers, BODY))
}

fn kind(status: &str) -> Kind {
    Kind::Refused(status[..3].parse().unwrap())
}

fn rows() -> Vec<Row> {
    let mut rows = vec![
        stays("400 Bad Request"),
        stays("402 Payment Required"),
        stays("403 Forbidden"),
        stays("404 Not Found"),
        stays("405 Method Not Allowed"),
        stays("406 Not Acceptable"),
        stays("409 Conflict"),
        stays("410 Gone"),
        stays("412 Precondition Failed"),
        stays("415 Unsupported Media Type"),
        stays("422 Unprocessable Content"),
        stays("451 Unavailable For Legal Reasons"),
        stays("501 Not Implemented"),
        passes("429 Too Many Requests", ""),
        passes("429 Too Many Requests", "Retry-After: 0\r\n"),
        passes("500 Internal Server Error", ""),
        passes("502 Bad Gateway", ""),
        passes("503 Service Unavailable", ""),
        passes("503 Service Unavailable", "Retry-After: 0\r\n"),
        passes("504 Gateway Timeout", ""),
    ];
    // A pause that is longer than the call may take is not begun.
    let says: &[_] = &["asks for a pause that is longer than", "retry after 86400"];
    let ends = Ends::Fails { kind: Kind::Refused(429), tries: 1, retryable: true, says };
    rows.push(Row {
        name: "429 with Retry-After of a day".to_owned(),
        play: play("429 Too Many Requests", "Retry-After: 86400\r\n"),
        once: ends.clone(),
        always: ends,
    });
    rows
}

fn meets(row: &Row, adapter: Adapter, always: bool) -> Result<(), String> {
    let play = row.play.clone();
    let service = Service::start(move |nth| if always || nth == 1 { play.clone() } else { album() });
    let client = Client::new(adapter, application(&service.url("/v2"), &service.url("/token")));
    let ends = if always { &row.always } else { &row.once };
    ends.check(&client.album("17"), client.sent())?;
    if service.met() == client.sent() { Ok(()) } else { Err(format!("the service met {} requests", service.met())) }
}

#[test]
fn each_status_ends_as_a_user_would_want() {
    run(
        &rows(),
        |row| &row.name,
        |row, adapter| {
            meets(row, adapter, false).map_err(|why| format!("met once: {why}"))?;
            meets(row, adapter, true).map_err(|why| format!("met always: {why}"))
        },
    );
}

/// Not followed: the other host sees no request, and so no token.
#[test]
fn a_redirect_to_another_host_is_not_followed() {
    let statuses = ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"];
    run(
        &statuses,
        |status| status,
        |status, adapter| {
            let other = Service::start(|_| album());
            let answer = answer(status, &format!("Location: {}\r\n", other.url("/v2/albums/17")), "");
            let service = Service::start(move |_| Play::Answer(answer.clone()));
            let client = Client::new(adapter, application(&service.url("/v2"), &service.url("/token")));
            let ends = Ends::Fails { kind: kind(status), tries: 1, retryable: false, says: &["the service answered 30"] };
            ends.check(&client.album("17"), client.sent())?;
            if other.met() == 0 { Ok(()) } else { Err("the other host met a request".to_owned()) }
        },
    );
}

#[test]
fn a_refused_connection_is_tried_again() {
    run(
        &["refused"],
        |name| name,
        |_, adapter| {
            let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            let client = Client::new(adapter, application(&format!("http://{nobody}/v2"), &format!("http://{nobody}/token")));
            let kind = Kind::Transport(FailureKind::Connect);
            let ends = Ends::Fails { kind, tries: 1 + NETWORK, retryable: true, says: &["127.0.0.1"] };
            ends.check(&client.album("17"), client.sent())
        },
    );
}

/// It answers a request to change protocols, which there was none of (RFC 9110 §15.2.2): a fault that another try would meet again.
/// curl passes over it and waits for the answer itself, so that to isahc it looks like a connection that was closed.
#[test]
fn an_answer_that_switches_protocols_is_none() {
    const SWITCH: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n";
    run(
        &["101"],
        |name| name,
        |_, adapter| {
            let service = Service::start(|_| Play::Close(SWITCH.to_vec()));
            let client = Client::new(adapter, application(&service.url("/v2"), &service.url("/token")));
            let (kind, tries, says): (_, _, &[_]) = match adapter {
                Adapter::Isahc => (FailureKind::Broken, 1 + NETWORK, &["127.0.0.1"]),
                _ => (FailureKind::Protocol, 1, &["127.0.0.1", "switches to another protocol"]),
            };
            let retryable = kind == FailureKind::Broken;
            Ends::Fails { kind: Kind::Transport(kind), tries, retryable, says }.check(&client.album("17"), client.sent())
        },
    );
}
