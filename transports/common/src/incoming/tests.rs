#![allow(clippy::unwrap_used)]

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use tidal_core::bytes::Bytes;
use tidal_core::{Exchange, Failure, FailureKind, Response};

use super::Incoming;
use crate::{SystemClock, admit};

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// Receives `body` in chunks of `step` bytes.
fn receive(encoding: &[&str], body: &[u8], step: usize, max: usize) -> Result<Response, Failure> {
    let request = http::Request::get("https://example.com/").body(Bytes::new()).unwrap();
    let deadline = SystemClock::read() + Duration::from_secs(60);
    let (_, bounds) = admit(Exchange::new(request, deadline, max)).unwrap();
    let mut head = http::Response::builder().header(CONTENT_LENGTH, body.len()).header("x-kept", "1");
    for value in encoding {
        head = head.header(CONTENT_ENCODING, *value);
    }
    let mut answer = Incoming::new(head.body(()).unwrap().into_parts().0, bounds)?;
    for chunk in body.chunks(step) {
        answer.push(chunk)?;
    }
    answer.finish()
}

fn kind(outcome: Result<Response, Failure>) -> FailureKind {
    outcome.unwrap_err().kind()
}

#[test]
fn plain_bodies_pass_with_their_headers() {
    for encoding in [&[][..], &["identity"], &[""]] {
        let response = receive(encoding, b"hello", 2, 5).unwrap();
        assert_eq!(response.body(), "hello");
        assert_eq!(response.headers()[CONTENT_LENGTH], "5");
        assert!(!response.headers().contains_key(CONTENT_ENCODING));
    }
}

#[test]
fn gzip_is_decoded_however_it_is_cut_and_its_headers_go() {
    let body = gzip(b"hello hello hello hello");
    for step in [1, 7, body.len()] {
        for encoding in [&["gzip"][..], &["X-GZip"], &["identity, gzip"], &["identity", "gzip"]] {
            let response = receive(encoding, &body, step, 23).unwrap();
            assert_eq!(response.body(), "hello hello hello hello");
            assert_eq!(response.headers().keys().collect::<Vec<_>>(), ["x-kept"]);
        }
    }
}

#[test]
fn members_follow_each_other() {
    let body = [gzip(b"one "), gzip(b"two")].concat();
    assert_eq!(receive(&["gzip"], &body, 3, 100).unwrap().body(), "one two");
}

#[test]
fn nothing_is_nothing_in_any_encoding() {
    assert_eq!(receive(&["gzip"], b"", 1, 0).unwrap().body(), "");
    assert_eq!(receive(&["gzip"], &gzip(b""), 1, 0).unwrap().body(), "");
}

#[test]
fn the_bound_is_on_the_decoded_bytes() {
    assert_eq!(kind(receive(&[], b"hello!", 2, 5)), FailureKind::TooLarge);
    assert_eq!(kind(receive(&["gzip"], &gzip(b"hello!"), 4, 5)), FailureKind::TooLarge);
    assert_eq!(receive(&["gzip"], &gzip(b"hello"), 4, 5).unwrap().body(), "hello");
}

#[test]
fn a_bomb_ends_early() {
    let bomb = gzip(&vec![0; 4_000_000]);
    let request = http::Request::get("https://example.com/").body(Bytes::new()).unwrap();
    let deadline = SystemClock::read() + Duration::from_secs(60);
    let (_, bounds) = admit(Exchange::new(request, deadline, 1000)).unwrap();
    let head = http::Response::builder().header(CONTENT_ENCODING, "gzip").body(()).unwrap();
    let mut answer = Incoming::new(head.into_parts().0, bounds).unwrap();
    let taken = bomb.chunks(100).take_while(|chunk| answer.push(chunk).is_ok()).count();
    assert!(taken <= 2, "{taken} chunks of {} were taken", bomb.len() / 100);
}

#[test]
fn damage_is_named() {
    let whole = gzip(b"hello hello hello hello");
    let mut flipped = whole.clone();
    let checksum = whole.len() - 8;
    flipped[checksum] ^= 1;
    let trailing = [whole.as_slice(), b"!"].concat();
    for body in [&b"no gzip at all"[..], &flipped, &trailing] {
        let failure = receive(&["gzip"], body, 4, 100).unwrap_err();
        assert_eq!(failure.kind(), FailureKind::Protocol, "{failure}");
    }
    for cut in 1..whole.len() {
        assert_eq!(kind(receive(&["gzip"], &whole[..cut], 4, 100)), FailureKind::Protocol, "cut at {cut}");
    }
}

#[test]
fn what_was_not_asked_for_is_refused() {
    for encoding in [&["br"][..], &["gzip, gzip"], &["gzip", "br"], &["deflate"]] {
        assert_eq!(kind(receive(encoding, b"", 1, 10)), FailureKind::Protocol);
    }
}
