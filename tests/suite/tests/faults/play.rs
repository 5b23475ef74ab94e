//! What the service does with a request, byte by byte.

use crate::gzip::gzip;
use crate::server::Connection;

/// What comes back.
#[derive(Clone, Debug)]
pub(crate) enum Play {
    /// These bytes; the connection is kept.
    Answer(Vec<u8>),
    /// These bytes, and the end of the connection.
    Close(Vec<u8>),
    /// These bytes, as far as they get before the connection is reset.
    Reset(Vec<u8>),
    /// These bytes, and then silence for as long as the client stays.
    Stall(Vec<u8>),
    /// The first bytes, and then the others again and again for as long as the client stays.
    Flood(Vec<u8>, Vec<u8>),
}

impl Play {
    /// Does it; whether the connection can take another request.
    pub(crate) fn on(&self, connection: &mut Connection) -> bool {
        match self {
            Self::Answer(bytes) => return connection.send(bytes),
            Self::Close(bytes) => drop(connection.send(bytes)),
            Self::Reset(bytes) => {
                connection.send(bytes);
                connection.reset();
            }
            Self::Stall(bytes) => {
                connection.send(bytes);
                connection.until_closed();
            }
            Self::Flood(head, piece) => {
                connection.send(head);
                connection.send_until_closed(piece);
            }
        }
        false
    }
}

/// The album that every call asks for.
pub(crate) const ALBUM: &str = r#"{"data":{"id":"17","type":"albums","attributes":{"title":"Harvest"}}}"#;

/// An answer of this status, with these headers, each with its line end, and a body of stated length.
pub(crate) fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// The album.
pub(crate) fn album() -> Play {
    Play::Answer(answer("200 OK", "", ALBUM))
}

/// A gzip member that inflates a thousandfold, again and again.
pub(crate) fn bomb() -> Play {
    let member = gzip(&vec![b' '; 1 << 20]);
    let piece = [format!("{:x}\r\n", member.len()).as_bytes(), &member, b"\r\n"].concat();
    let head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n";
    Play::Flood(head.into(), piece)
}
