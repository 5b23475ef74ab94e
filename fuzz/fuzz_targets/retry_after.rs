//! `Retry-After` and `Date`, in whatever form, of an answer that asks for patience.
//!
//! Digits are so many seconds, whatever their number; a date in the form of our time is what another library reads; and a call that
//! meets the answer either waits no longer than its bound or fails at once.
#![no_main]
#![allow(dead_code, reason = "each target uses a part of the support")]

mod support;

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use support::{at, call, response, sent, session};
use tidal_core::fuzzing::retry_after;
use tidal_core::http::{HeaderMap, HeaderValue, header};
use tidal_core::jiff::fmt::rfc2822::DateTimeParser;
use tidal_core::{Raw, Retries, Step};

/// The bound on a whole call, by default.
const CALL: Duration = Duration::from_secs(120);

fuzz_target!(|data: &[u8]| {
    let [status, texts @ ..] = data else { return };
    let (after, date) = match texts.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&texts[..end], Some(&texts[end + 1..])),
        None => (texts, None),
    };
    let Ok(after) = HeaderValue::from_bytes(after) else { return };
    let mut headers = HeaderMap::new();
    headers.insert(header::RETRY_AFTER, after.clone());
    if let Some(date) = date.and_then(|date| HeaderValue::from_bytes(date).ok()) {
        headers.insert(header::DATE, date);
    }

    let asked = retry_after(&headers, at(0).unix);
    let text = after.to_str().map(str::trim).unwrap_or_default();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = text.bytes().fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
        assert_eq!(asked, Some(Duration::from_secs(seconds)));
    } else {
        let today = headers.get(header::DATE).is_none();
        if let Some(until) = imf(text).filter(|_| today) {
            let wanted = u64::try_from(until - at(0).unix.as_millis() / 1000).unwrap_or(0);
            assert_eq!(asked, Some(Duration::from_secs(wanted)), "{text:?}");
        }
        // No year has five digits.
        assert!(asked.is_none_or(|asked| asked < Duration::from_secs(20_000 * 366 * 24 * 3600)));
    }
    waits(*status, headers, asked);
});

/// Seconds since 1970 of a date in the form that is written today (RFC 9110 §5.6.7), spelled exactly so.
fn imf(text: &str) -> Option<i64> {
    let is = |(byte, wanted): (u8, &u8)| match wanted {
        b'a' => byte.is_ascii_alphabetic(),
        b'0' => byte.is_ascii_digit(),
        _ => byte == *wanted,
    };
    let shape = b"aaa, 00 aaa 0000 00:00:00 GMT";
    // The other reader takes a leap second for the one before.
    if text.len() != shape.len() || !text.bytes().zip(shape).all(is) || &text[23..25] == "60" {
        return None;
    }
    Some(DateTimeParser::new().parse_timestamp(text).ok()?.as_second())
}

/// A call that is tried again, where that makes sense.
fn waits(status: u8, headers: HeaderMap, asked: Option<Duration>) {
    let status = [429, 503, 500, 504][usize::from(status % 4)];
    let mut session = session("https://api.example/v2", Retries::default());
    let mut call = call(&Raw::get("/albums/1")).expect("it can be written");
    let attempt = sent(&mut call, &mut session).expect("there is a token");
    call.receive(attempt.id, Ok(response(status, headers, b"")), at(0));
    match call.poll(&mut session, at(0)) {
        Step::Wait(ticket) => {
            let pause = ticket.until.since(at(0).mono);
            assert!(pause <= CALL, "it waits for {pause:?}");
            assert!(asked.is_none_or(|asked| asked <= CALL), "it waits though {asked:?} are asked for");
            assert!(asked.is_none_or(|asked| pause >= asked), "it comes back before {asked:?}: {pause:?}");
        }
        Step::Done(outcome) => {
            assert!(asked.is_some_and(|asked| asked >= Duration::from_secs(60)), "it gives up after {asked:?}");
            assert!(!outcome.expect_err("it was refused").to_string().is_empty());
        }
        Step::Send(_) => panic!("it is sent again at once"),
    }
}
