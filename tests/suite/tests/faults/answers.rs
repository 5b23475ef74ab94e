//! What goes wrong between a request to the API and its answer.

use std::time::Duration;

use tidal_core::{ErrorKind, FailureKind};

use crate::client::{Adapter, Client};
use crate::ends::{Ends, Kind};
use crate::gzip::gzip;
use crate::play::{ALBUM, Play, album, answer, bomb};
use crate::service::Service;
use crate::table::{NETWORK, TIMEOUT, application, run};

/// A fault of the API, and how a call ends that meets it once, and one that meets it each time.
struct Row {
    name: &'static str,
    play: Play,
    once: Ends,
    always: Ends,
    /// The bound on each attempt, for the two of them, where that is what ends the attempt.
    attempt: Option<[Duration; 2]>,
}

/// The connection broke: the next try is answered.
fn breaks(name: &'static str, play: Play) -> Row {
    let always =
        Ends::Fails { kind: Kind::Transport(FailureKind::Broken), tries: 1 + NETWORK, retryable: true, says: &["127.0.0.1"] };
    Row { name, play, once: Ends::Answered { tries: 2 }, always, attempt: None }
}

/// No whole answer in time: the next try is answered.
fn stalls(name: &'static str, play: Play) -> Row {
    let always = Ends::Fails {
        kind: Kind::Transport(FailureKind::Timeout),
        tries: 1 + TIMEOUT,
        retryable: true,
        says: &["no whole answer within"],
    };
    // The one that is answered has time enough on a busy machine.
    let attempt = Some([Duration::from_millis(1500), Duration::from_millis(200)]);
    Row { name, play, once: Ends::Answered { tries: 2 }, always, attempt }
}

/// Another try would end the same way: it fails at once, and says why.
fn fails(name: &'static str, play: Play, kind: Kind, says: &'static [&'static str]) -> Row {
    let ends = Ends::Fails { kind, tries: 1, retryable: false, says };
    Row { name, play, once: ends.clone(), always: ends, attempt: None }
}

/// It is no fault at all.
fn passes(name: &'static str, play: Play) -> Row {
    Row { name, play, once: Ends::Answered { tries: 1 }, always: Ends::Answered { tries: 1 }, attempt: None }
}

const GZIP: &str = "Content-Encoding: gzip\r\n";
const DECODE: Kind = Kind::Other(ErrorKind::Decode);
const PROTOCOL: Kind = Kind::Transport(FailureKind::Protocol);

fn rows() -> Vec<Row> {
    use Play::{Answer, Close, Reset, Stall};
    let whole = answer("200 OK", "", ALBUM);
    let half = || whole[..whole.len() - 20].to_vec();
    let long = || answer("200 OK", "", ALBUM.to_owned() + " ").split_last().unwrap().1.to_vec();
    let short = || answer("200 OK", "", &ALBUM[..ALBUM.len() - 7]).into_iter().chain(*b"rvest\"}}}").collect();
    let zipped = gzip(ALBUM.as_bytes());
    let head = || whole[..whole.len() - ALBUM.len()].to_vec();
    vec![
        breaks("reset before the headers", Reset(Vec::new())),
        breaks("reset during the headers", Reset(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec())),
        breaks("reset after the headers", Reset(head())),
        breaks("closed before the headers", Close(Vec::new())),
        breaks("closed during the headers", Close(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec())),
        breaks("closed after the headers", Close(head())),
        breaks("half a body", Close(half())),
        breaks("a length that is too long, and the end", Close(long())),
        stalls("a length that is too long, and silence", Stall(long())),
        fails("a length that is too short", Answer(short()), DECODE, &["not understood", "at byte"]),
        fails("two lengths", Answer(answer("200 OK", "Content-Length: 3\r\n", ALBUM)), PROTOCOL, &["127.0.0.1"]),
        stalls("no headers", Stall(Vec::new())),
        stalls("stalled headers", Stall(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec())),
        stalls("stalled body", Stall(half())),
        fails("no HTTP", Stall(b"SSH-2.0-OpenSSH_9.9 is what this is\r\n\r\n".to_vec()), PROTOCOL, &["127.0.0.1"]),
        fails("bad gzip", Answer(answer("200 OK", GZIP, "no gzip")), PROTOCOL, &["gzip", "damaged"]),
        fails("half a gzip", Answer(answer("200 OK", GZIP, &zipped[..zipped.len() / 2])), PROTOCOL, &["gzip", "damaged"]),
        fails(
            "an encoding nobody asked for",
            Answer(answer("200 OK", "Content-Encoding: br\r\n", ALBUM)),
            PROTOCOL,
            &["encoding"],
        ),
        fails("a gzip bomb", bomb(), Kind::Transport(FailureKind::TooLarge), &["more than 100000 bytes"]),
        fails("bad JSON", Answer(answer("200 OK", "", r#"{"data":{"id":"17",}"#)), DECODE, &["not understood", "at byte"]),
        fails("half of the JSON", Answer(answer("200 OK", "", &ALBUM[..40])), DECODE, &["not understood", "at byte"]),
        fails("other JSON", Answer(answer("200 OK", "", r#"{"status":"ok"}"#)), DECODE, &["not understood", "data"]),
        fails(
            "HTML",
            Answer(answer("200 OK", "Content-Type: text/html\r\n", "<html><title>Sign in to the WLAN</title>")),
            DECODE,
            &["not understood: the answer is HTML, not JSON (200 OK, text/html)", "a proxy"],
        ),
        fails("empty", Answer(answer("200 OK", "", "")), DECODE, &["the answer is empty (200 OK, no content type)"]),
        fails(
            "204",
            Answer(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()),
            DECODE,
            &["the answer is empty (204 No Content, no content type)"],
        ),
        passes(
            "1xx before the answer",
            Answer([&b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"[..], &whole].concat()),
        ),
        stalls("1xx and no answer", Stall(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec())),
        passes("gzip", Answer(answer("200 OK", GZIP, &zipped))),
    ]
}

/// One conversation: a call, and what it ended in.
fn meets(row: &Row, adapter: Adapter, always: bool) -> Result<(), String> {
    let play = row.play.clone();
    let service = Service::start(move |nth| if always || nth == 1 { play.clone() } else { album() });
    let mut config = application(&service.url("/v2"), &service.url("/token"));
    if let Some(attempt) = row.attempt {
        config.bounds.attempt = attempt[usize::from(always)];
    }
    let client = Client::new(adapter, config);
    let outcome = client.album("17");
    let ends = if always { &row.always } else { &row.once };
    ends.check(&outcome, client.sent())?;
    if service.met() != client.sent() {
        return Err(format!("the service met {} requests of {}", service.met(), client.sent()));
    }
    // What came over leaves nothing behind that the next call would stumble on.
    if !always && client.album("17").as_deref().ok() != Some("Harvest") {
        return Err("the call after it fails".to_owned());
    }
    Ok(())
}

#[test]
fn each_fault_of_an_answer_ends_as_a_user_would_want() {
    run(
        &rows(),
        |row| row.name,
        |row, adapter| {
            meets(row, adapter, false).map_err(|why| format!("met once: {why}"))?;
            meets(row, adapter, true).map_err(|why| format!("met always: {why}"))
        },
    );
}
