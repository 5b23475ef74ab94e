//! The answer as it comes in: decoded, and bounded while it streams.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;
use http::StatusCode;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use tidal_core::{Failure, FailureKind, Response};

use crate::Bounds;

/// An answer that is coming in, chunk by chunk as the connection gives them.
///
/// The body is decoded as it comes, and ends in [`FailureKind::TooLarge`] as soon as its decoded size exceeds the bound: a small
/// body that would inflate without end does not get to.
pub struct Incoming {
    parts: http::response::Parts,
    body: Coding,
    bounds: Bounds,
}

enum Coding {
    Identity(Bounded),
    Gzip { decoder: Box<MultiGzDecoder<Bounded>>, any: bool },
}

impl Incoming {
    /// An answer with this head and, so far, no body.
    ///
    /// # Errors
    /// [`FailureKind::Protocol`] if the body is encoded in a way that was not asked for, or the connection is given over to another
    /// protocol, which is never asked for (RFC 9110 §15.2.2).
    pub fn new(mut parts: http::response::Parts, bounds: Bounds) -> Result<Self, Failure> {
        if parts.status == StatusCode::SWITCHING_PROTOCOLS {
            return Err(bounds.fail(FailureKind::Protocol, "the answer switches to another protocol, which was not asked for"));
        }
        let into = Bounded { bytes: Vec::new(), max: bounds.max_body, exceeded: false };
        let body = if is_gzip(&parts.headers).map_err(|why| bounds.fail(FailureKind::Protocol, why))? {
            parts.headers.remove(CONTENT_LENGTH);
            Coding::Gzip { decoder: Box::new(MultiGzDecoder::new(into)), any: false }
        } else {
            Coding::Identity(into)
        };
        parts.headers.remove(CONTENT_ENCODING);
        Ok(Self { parts, body, bounds })
    }

    /// Takes the next piece of the body, as it was sent.
    ///
    /// # Errors
    /// [`FailureKind::TooLarge`] past the bound, [`FailureKind::Protocol`] if the encoding is damaged.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Failure> {
        let outcome = match &mut self.body {
            Coding::Identity(body) => body.write_all(chunk),
            Coding::Gzip { decoder, any } => {
                *any |= !chunk.is_empty();
                decoder.write_all(chunk)
            }
        };
        outcome.map_err(|error| self.failure(&error))
    }

    /// The whole answer. Called when the body has come to its proper end.
    ///
    /// # Errors
    /// [`FailureKind::Protocol`] if the encoding ends before its end, [`FailureKind::TooLarge`] if what it held back is too much.
    pub fn finish(mut self) -> Result<Response, Failure> {
        // An encoding of nothing is nothing: answers to HEAD name an encoding, and 204 may.
        if let Coding::Gzip { decoder, any: true } = &mut self.body
            && let Err(error) = decoder.try_finish()
        {
            return Err(self.failure(&error));
        }
        let bytes = match self.body {
            Coding::Identity(body) => body.bytes,
            Coding::Gzip { mut decoder, .. } => std::mem::take(&mut decoder.get_mut().bytes),
        };
        let mut response = Response::new(bytes.into());
        *response.status_mut() = self.parts.status;
        *response.version_mut() = self.parts.version;
        *response.headers_mut() = self.parts.headers;
        Ok(response)
    }

    fn failure(&self, error: &io::Error) -> Failure {
        let exceeded = match &self.body {
            Coding::Identity(body) => body.exceeded,
            Coding::Gzip { decoder, .. } => decoder.get_ref().exceeded,
        };
        if exceeded {
            self.bounds.fail(FailureKind::TooLarge, format_args!("the answer has more than {} bytes", self.bounds.max_body))
        } else {
            self.bounds.fail(FailureKind::Protocol, format_args!("the answer's gzip encoding is damaged: {error}"))
        }
    }
}

/// Whether these headers announce gzip. Anything else but `identity` was not asked for.
fn is_gzip(headers: &HeaderMap) -> Result<bool, &'static str> {
    let mut gzip = false;
    for value in headers.get_all(CONTENT_ENCODING) {
        let value = value.to_str().map_err(|_| "the answer's content encoding has no readable name")?;
        for coding in value.split(',').map(str::trim) {
            match coding.to_ascii_lowercase().as_str() {
                "" | "identity" => {}
                "gzip" | "x-gzip" if !gzip => gzip = true,
                _ => return Err("the answer is in a content encoding that was not asked for"),
            }
        }
    }
    Ok(gzip)
}

/// Bytes up to a bound.
struct Bounded {
    bytes: Vec<u8>,
    max: usize,
    exceeded: bool,
}

impl Write for Bounded {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if data.len() > self.max - self.bytes.len() {
            self.exceeded = true;
            return Err(io::Error::other("too large"));
        }
        self.bytes.extend_from_slice(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
