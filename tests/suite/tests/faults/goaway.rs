//! GOAWAY (RFC 9113 §6.8) or a refused stream (§8.7) while a request is under way, over HTTP/2; the blocking transport speaks HTTP/1.1 only.

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
const RST_STREAM: u8 = 3;
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
    Go(Away),
}

#[derive(Clone, Copy, Debug)]
enum Away {
    /// It says that the last stream it took is one before this one, and closes.
    Beyond,
    /// It says that this one is the last stream that it took, and closes.
    Last,
    /// It resets this stream with such an error (§7), and takes others.
    Reset(u8),
}

/// The service did nothing with the request.
const REFUSED_STREAM: u8 = 7;
const INTERNAL_ERROR: u8 = 2;

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
                Play::Go(Away::Reset(error)) => {
                    stream.write_all(&frame(RST_STREAM, NONE, id, &[0, 0, 0, error])).await?;
                }
                Play::Go(away) => {
                    let before = if matches!(away, Away::Beyond) { 2 } else { 0 };
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
    away: Away,
    /// A connection that is in use already answers the first request.
    in_use: bool,
}

const ROWS: [Row; 4] = [
    Row { name: "beyond the last stream, on a new connection", away: Away::Beyond, in_use: false },
    Row { name: "beyond the last stream, on one in use", away: Away::Beyond, in_use: true },
    Row { name: "the last stream, on a new connection", away: Away::Last, in_use: false },
    Row { name: "the last stream, on one in use", away: Away::Last, in_use: true },
];

const RESETS: [Row; 4] = [
    Row { name: "a refused stream, on a new connection", away: Away::Reset(REFUSED_STREAM), in_use: false },
    Row { name: "a refused stream, on one in use", away: Away::Reset(REFUSED_STREAM), in_use: true },
    Row { name: "a stream that is reset, on a new connection", away: Away::Reset(INTERNAL_ERROR), in_use: false },
    Row { name: "a stream that is reset, on one in use", away: Away::Reset(INTERNAL_ERROR), in_use: true },
];

impl Row {
    /// The service says that it did nothing with the request.
    fn is_not_begun(&self) -> bool {
        matches!(self.away, Away::Beyond | Away::Reset(REFUSED_STREAM))
    }
}

/// A conversation with a service whose connections go away with the request after the first, `times` of them.
fn meets(row: &Row, adapter: Adapter, times: usize, check: impl Fn(&Client) -> Result<(), String>) -> Result<(), String> {
    let Row { away, in_use, .. } = *row;
    let nth = Arc::<AtomicUsize>::default();
    let first = usize::from(in_use);
    let server = TlsServer::with(&[b"h2"], move |stream| {
        let nth = Arc::clone(&nth);
        async move {
            let next = || {
                let nth = nth.fetch_add(1, Ordering::SeqCst);
                if (first..first.saturating_add(times)).contains(&nth) { Play::Go(away) } else { Play::Answer }
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

/// Hyper tells what was not begun; curl does not.
fn fails(row: &Row, adapter: Adapter, tries: usize) -> Ends {
    let told = row.is_not_begun() && matches!(adapter, Adapter::Hyper);
    let kind = if told { FailureKind::Connect } else { FailureKind::Broken };
    Ends::Fails { kind: Kind::Transport(kind), tries, retryable: true, says: &["localhost"] }
}

/// A read is sent again over another connection.
fn read(row: &Row, adapter: Adapter, times: usize, ends: &Ends) -> Result<(), String> {
    meets(row, adapter, times, |client| {
        let before = client.sent();
        let outcome = client.album("17");
        ends.check(&outcome, client.sent() - before)
    })
}

/// A change is not. It fails as one that was not sent, where that can be told, and otherwise as a connection that broke: it may have been
/// carried out.
fn change(row: &Row, adapter: Adapter) -> Result<(), String> {
    meets(row, adapter, 1, |client| {
        let before = client.sent();
        let outcome = client.change();
        fails(row, adapter, 1).check(&outcome, client.sent() - before)
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
            let by_itself = matches!(adapter, Adapter::Isahc) && row.is_not_begun();
            reads_and_change(row, adapter, if by_itself { 1 } else { 2 })
        },
    );
}

#[test]
fn a_stream_that_is_reset_costs_no_read_and_repeats_no_change() {
    run_over(&[Adapter::Hyper], &RESETS, |row| row.name, |row, adapter| reads_and_change(row, adapter, 2));
}

fn reads_and_change(row: &Row, adapter: Adapter, tries: usize) -> Result<(), String> {
    read(row, adapter, 1, &Ends::Answered { tries }).map_err(|why| format!("a read, met once: {why}"))?;
    let always = fails(row, adapter, 1 + NETWORK);
    read(row, adapter, usize::MAX, &always).map_err(|why| format!("a read, met always: {why}"))?;
    change(row, adapter).map_err(|why| format!("a change: {why}"))
}
