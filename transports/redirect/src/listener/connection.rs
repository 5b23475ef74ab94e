//! One connection: a request, a page, the end.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use super::desk::{Answer, Desk};
use super::head::{Asked, judge};
use super::page::Page;

/// How much more is read from a connection that has had its page, so that it is not reset before it has read that.
const REST: u64 = 1024 * 1024;

/// Serves a connection to its end.
pub(super) fn serve(stream: TcpStream, desk: &Desk) -> io::Result<()> {
    let mut reader = Bounded { stream: &stream, until: Instant::now() + desk.limits.connection };
    let (answer, text) = match read_head(&mut reader, desk.limits.head)? {
        Received::Head(head) => match judge(&head, &desk.redirect) {
            Asked::Redirect(address) => (desk.visit(address), true),
            Asked::Page { page, text } => (page.into(), text),
        },
        Received::TooLarge => (Page::too_large().into(), true),
        Received::Nothing => return Ok(()),
    };
    let Answer { page, written } = answer;
    // all at once, into the socket's own buffer
    stream.set_write_timeout(Some(desk.limits.connection.max(Duration::from_millis(1))))?;
    let sent = (&stream).write_all(&page.response(text)).and_then(|()| stream.shutdown(Shutdown::Write));
    drop(written);
    sent?;
    io::copy(&mut reader.take(REST), &mut io::sink())?;
    Ok(())
}

enum Received {
    /// A whole head, with perhaps more behind it.
    Head(Vec<u8>),
    TooLarge,
    /// The connection ended first.
    Nothing,
}

fn read_head(reader: &mut impl Read, limit: usize) -> io::Result<Received> {
    let mut head = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = reader.read(&mut chunk)?;
        if read == 0 {
            return Ok(Received::Nothing);
        }
        // its end may lie across two reads
        let from = head.len().saturating_sub(2);
        head.extend_from_slice(&chunk[..read]);
        let news = &head[from..];
        if news.windows(3).any(|end| end == b"\n\r\n") || news.windows(2).any(|end| end == b"\n\n") {
            return Ok(Received::Head(head));
        }
        if head.len() > limit {
            return Ok(Received::TooLarge);
        }
    }
}

/// Reads until a moment, however slowly the other side sends.
struct Bounded<'a> {
    stream: &'a TcpStream,
    until: Instant,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        let mut stream = self.stream;
        stream.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Gives one byte at a time.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(&mut buffer[..1])
        }
    }

    #[test]
    fn a_head_ends_with_an_empty_line_however_it_arrives() {
        for (sent, head) in [
            ("GET / HTTP/1.1\r\nA: b\r\n\r\nmore", Some("GET / HTTP/1.1\r\nA: b\r\n\r\n")),
            ("GET / HTTP/1.1\nA: b\n\nmore", Some("GET / HTTP/1.1\nA: b\n\n")),
            ("GET / HTTP/1.1\nA: b\n\r\nmore", Some("GET / HTTP/1.1\nA: b\n\r\n")),
            ("GET / HTTP/1.1\r\nA: b\r\n", None),
            ("", None),
        ] {
            let got = match read_head(&mut Drip(sent.as_bytes()), 100).unwrap() {
                Received::Head(head) => Some(String::from_utf8(head).unwrap()),
                Received::Nothing => None,
                Received::TooLarge => panic!("{sent:?}"),
            };
            assert_eq!(got.as_deref(), head, "{sent:?}");
        }
        assert!(matches!(read_head(&mut Drip(&[b'a'; 200]), 100).unwrap(), Received::TooLarge));
    }
}
