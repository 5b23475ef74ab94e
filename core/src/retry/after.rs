//! How long an answer asks to wait.

use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, HeaderName, RETRY_AFTER};
use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use crate::time::Unix;

/// What `Retry-After` asks for (RFC 9110 §10.2.3): seconds, or a date, in any of the three forms of §5.6.7. A date is measured from the
/// answer's own `Date`, if it has one, so that a clock that is wrong does no harm. Nothing if it can't be read.
pub(crate) fn retry_after(headers: &HeaderMap, now: Unix) -> Option<Duration> {
    let text = text(headers, &RETRY_AFTER)?;
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are a very long time.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let until = date(text, now)?;
    let from = self::text(headers, &DATE).and_then(|text| date(text, now)).unwrap_or(now);
    Some(until.since(from))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// When an answer was made, by its `Date` (RFC 9110 §6.6.1).
pub(crate) fn made(headers: &HeaderMap, now: Unix) -> Option<Unix> {
    date(text(headers, &DATE)?, now)
}

/// An HTTP date.
fn date(text: &str, now: Unix) -> Option<Unix> {
    let civil = |form| strtime::parse(form, text).and_then(|parsed| parsed.to_datetime());
    let parsed = civil("%a, %d %b %Y %H:%M:%S GMT").or_else(|_| civil("%a %b %e %H:%M:%S %Y")).ok();
    let parsed = parsed.or_else(|| civil("%A, %d-%b-%y %H:%M:%S GMT").ok().map(|parsed| this_century(parsed, now)))?;
    let timestamp = TimeZone::UTC.to_timestamp(parsed).ok()?;
    Some(Unix::from_millis(timestamp.as_millisecond()))
}

/// A year of two digits that seems to lie more than 50 years ahead is the last one with these digits (RFC 9110 §5.6.7).
fn this_century(date: DateTime, now: Unix) -> DateTime {
    let year: i16 =
        jiff::Timestamp::from_millisecond(now.as_millis()).map_or(1970, |now| TimeZone::UTC.to_datetime(now).year());
    let mut wanted = year - year.rem_euclid(100) + date.year().rem_euclid(100);
    if wanted > year + 50 {
        wanted -= 100;
    }
    date.with().year(wanted).build().unwrap_or(date)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn after(pairs: &[(&'static str, &str)]) -> Option<Duration> {
        let headers = pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect();
        // 2026-03-01T12:00:00Z
        retry_after(&headers, Unix::from_secs(1_772_366_400))
    }

    #[test]
    fn seconds_and_dates_in_all_their_forms() {
        let cases = [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 01 Mar 2026 12:01:00 GMT", Some(60)),
            ("Sunday, 01-Mar-26 12:01:00 GMT", Some(60)),
            ("Sun Mar  1 12:01:00 2026", Some(60)),
            // It is past.
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(0)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(0)),
            ("Sun, 01 Mar 9999 12:01:00 CET", None),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ];
        for (value, expected) in cases {
            assert_eq!(after(&[("retry-after", value)]), expected.map(Duration::from_secs), "{value:?}");
        }
        assert_eq!(after(&[]), None);
    }

    #[test]
    fn a_date_is_measured_from_the_answers_own() {
        // The local clock is an hour behind.
        let headers = [("retry-after", "Sun, 01 Mar 2026 13:00:30 GMT"), ("date", "Sun, 01 Mar 2026 13:00:00 GMT")];
        assert_eq!(after(&headers), Some(Duration::from_secs(30)));
    }
}
