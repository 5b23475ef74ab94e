//! GOAWAY (RFC 9113 §6.8) while a request is under way, over HTTP/2; the blocking transport speaks HTTP/1.1 only.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tidal_core::FailureKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::client::{Adapter, Around, Client};
use crate::ends::{Ends, Kind};
use crate::play::ALBUM;
use crate::table::{NETWORK, application, run_over};
use crate::tls_server::TlsServer;

/// Types of frames (§6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;

/// Flags of the frames that are sent here.
const NONE: u8 = 0;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// `:status: 200`, the eighth field of the static table (RFC 7541, appendix A).
const STATUS_200: u8 = 0x88;

/// What a connection does with a request.
#[derive(Clone, Copy, Debug)]
enum Play {
    Answer,
    /// It says that the last stream it took is so many before this one, and closes.
    GoAway {
        before: u32,
    },
}

/// A frame (§4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A connection to its end.
async fn serve(mut stream: TlsStream<TcpStream>, next: impl Fn() -> Play) -> std::io::Result<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    stream.write_all(&frame(SETTINGS, NONE, 0, &[])).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let [l0, l1, l2, kind, flags, stream_id @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, l0, l1, l2]) as usize];
        stream.read_exact(&mut payload).await?;
        let id = u32::from_be_bytes(stream_id);
        match kind {
            SETTINGS if flags & ACK == 0 => stream.write_all(&frame(SETTINGS, ACK, 0, &[])).await?,
            // The request is whole.
            HEADERS | DATA if flags & END_STREAM != 0 => match next() {
                Play::Answer => {
                    stream.write_all(&frame(HEADERS, END_HEADERS, id, &[STATUS_200])).await?;
                    stream.write_all(&frame(DATA, END_STREAM, id, ALBUM.as_bytes())).await?;
                }
                Play::GoAway { before } => {
                    let last = id.saturating_sub(before).to_be_bytes();
                    let no_error = [0; 4];
                    stream.write_all(&frame(GOAWAY, NONE, 0, &[last, no_error].concat())).await?;
                    return stream.shutdown().await;
                }
            },
            _ => {}
        }
        stream.flush().await?;
    }
}

struct Row {
    name: &'static str,
    /// What is said of the request that is under way.
    before: u32,
    /// A connection that is in use already answers the first request.
    in_use: bool,
}

const ROWS: [Row; 4] = [
    Row { name: "beyond the last stream, on a new connection", before: 2, in_use: false },
    Row { name: "beyond the last stream, on one in use", before: 2, in_use: true },
    Row { name: "the last stream, on a new connection", before: 0, in_use: false },
    Row { name: "the last stream, on one in use", before: 0, in_use: true },
];

/// A conversation with a service whose connections go away with the request after the first, `times` of them.
fn meets(row: &Row, adapter: Adapter, times: usize, check: impl Fn(&Client) -> Result<(), String>) -> Result<(), String> {
    let Row { before, in_use, .. } = *row;
    let nth = Arc::<AtomicUsize>::default();
    let first = usize::from(in_use);
    let server = TlsServer::with(&[b"h2"], move |stream| {
        let nth = Arc::clone(&nth);
        async move {
            let next = || {
                let nth = nth.fetch_add(1, Ordering::SeqCst);
                if (first..first.saturating_add(times)).contains(&nth) { Play::GoAway { before } } else { Play::Answer }
            };
            // However it ends: the client may be gone.
            let _ = serve(stream, next).await;
        }
    });
    let config = application(&format!("{}/v2", server.url), &format!("{}/token", server.url));
    let client = Client::with(adapter, config, Around { trusts: Some(&server), ..Around::default() });
    if in_use {
        client.album("1").map_err(|error| format!("the one before: {error}"))?;
    }
    check(&client)?;
    if times == 1 {
        client.album("18").map_err(|error| format!("the one after: {error}"))?;
    }
    Ok(())
}

fn broken(tries: usize) -> Ends {
    Ends::Fails { kind: Kind::Transport(FailureKind::Broken), tries, retryable: true, says: &["localhost"] }
}

/// A read is sent again over another connection.
fn read(row: &Row, adapter: Adapter, times: usize, ends: &Ends) -> Result<(), String> {
    meets(row, adapter, times, |client| {
        let before = client.sent();
        let outcome = client.album("17");
        ends.check(&outcome, client.sent() - before)
    })
}

/// A change is not, and fails as a connection that broke: it may have been carried out.
fn change(row: &Row, adapter: Adapter) -> Result<(), String> {
    meets(row, adapter, 1, |client| {
        let before = client.sent();
        let outcome = client.change();
        broken(1).check(&outcome, client.sent() - before)
    })
}

#[test]
fn a_service_that_goes_away_costs_no_read_and_repeats_no_change() {
    run_over(
        &[Adapter::Hyper, Adapter::Isahc],
        &ROWS,
        |row| row.name,
        |row, adapter| {
            // What is beyond the last stream was not carried out (§6.8): curl sends it again by itself if it has no body.
            let by_itself = matches!(adapter, Adapter::Isahc) && row.before > 0;
            let once = Ends::Answered { tries: if by_itself { 1 } else { 2 } };
            read(row, adapter, 1, &once).map_err(|why| format!("a read, met once: {why}"))?;
            read(row, adapter, usize::MAX, &broken(1 + NETWORK)).map_err(|why| format!("a read, met always: {why}"))?;
            change(row, adapter).map_err(|why| format!("a change: {why}"))
        },
    );
}
