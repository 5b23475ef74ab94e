//! A token endpoint that answers with a gibibyte: the client stops reading at its bound, says so, and keeps little of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "faults/client.rs"]
#[allow(dead_code, reason = "a part of it is used")]
mod client;
#[path = "faults/counting.rs"]
mod counting;
#[path = "transports/gzip.rs"]
mod gzip;
#[path = "transports/server.rs"]
mod server;
#[path = "faults/shifted.rs"]
#[allow(dead_code, reason = "a part of it is used")]
mod shifted;
#[path = "transports/tls_server.rs"]
#[allow(dead_code, reason = "a part of it is used")]
mod tls_server;
#[path = "transports/trusting.rs"]
#[allow(dead_code, reason = "a part of it is used")]
mod trusting;
#[path = "transports/waiting.rs"]
#[allow(dead_code, reason = "a part of it is used")]
mod waiting;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tidal_core::{Config, ErrorKind, FailureKind};

use crate::client::{Adapter, Client};
use crate::gzip::gzip;
use crate::server::Server;

const GIB: usize = 1 << 30;
const PIECE: usize = 1 << 16;

/// More than the buffers of two sockets, and far from a gibibyte.
const LITTLE: usize = 64 << 20;

/// How the answer comes.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// With its length in its head.
    Stated,
    /// In chunks.
    Chunked,
    /// In chunks that inflate a thousandfold.
    Packed,
}

impl Form {
    fn head(self) -> String {
        let how = match self {
            Self::Stated => format!("Content-Length: {GIB}"),
            Self::Chunked => "Transfer-Encoding: chunked".to_owned(),
            Self::Packed => "Transfer-Encoding: chunked\r\nContent-Encoding: gzip".to_owned(),
        };
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{how}\r\n\r\n")
    }

    /// A piece on the wire, and how many bytes of the answer it is.
    fn piece(self) -> (Vec<u8>, usize) {
        let chunk = |data: &[u8]| [format!("{:x}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat();
        let blanks = |length| vec![b' '; length];
        match self {
            Self::Stated => (blanks(PIECE), PIECE),
            Self::Chunked => (chunk(&blanks(PIECE)), PIECE),
            Self::Packed => (chunk(&gzip(&blanks(1 << 24))), 1 << 24),
        }
    }
}

/// A token endpoint, and how many bytes of its answer were taken from it.
fn endpoint(form: Form) -> (Server, Arc<AtomicUsize>) {
    let taken = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&taken);
    let (piece, length) = form.piece();
    let server = Server::start(move |connection| {
        while connection.request().is_some() {
            connection.send(form.head().as_bytes());
            for _ in 0..GIB / length {
                if !connection.send(&piece) {
                    return;
                }
                count.fetch_add(length, Ordering::SeqCst);
            }
        }
    });
    (server, taken)
}

/// The most memory that this process has had so far, in bytes, where the system tells.
fn most_memory() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<usize>().ok().map(|kilobytes| kilobytes << 10)
}

#[test]
fn it_ends_in_an_error_that_says_so_and_costs_little_memory() {
    for form in [Form::Stated, Form::Chunked, Form::Packed] {
        for adapter in Adapter::ALL {
            let (server, taken) = endpoint(form);
            let mut config = Config::client_credentials("app", "secret").unwrap();
            config.base_url = server.url("/v2").parse().unwrap();
            config.token_url = server.url("/token").parse().unwrap();
            config.store_tokens = false;
            let before = most_memory();
            let error = Client::new(adapter, config).album("1").unwrap_err();
            let after = most_memory();
            assert_eq!(error.kind(), ErrorKind::TokenUnavailable, "{form:?}, {adapter:?}: {error}");
            assert_eq!(error.failure().unwrap().kind(), FailureKind::TooLarge, "{form:?}, {adapter:?}: {error}");
            assert_eq!(server.seen().len(), 1, "{form:?}, {adapter:?}");
            if !matches!(form, Form::Packed) {
                let taken = taken.load(Ordering::SeqCst);
                assert!(taken < LITTLE, "{form:?}, {adapter:?}: {taken} bytes were taken");
            }
            // The kernel's count is of whole batches, and may go back a little.
            match before.zip(after).map(|(before, after)| after.saturating_sub(before)) {
                Some(more) => assert!(more < LITTLE, "{form:?}, {adapter:?}: {more} bytes"),
                None => println!("skipped: memory of a long token answer, since this system doesn't tell it"),
            }
        }
    }
}
