//! How long an answer asks to wait.

use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, HeaderName, RETRY_AFTER};
use jiff::ToSpan;
use jiff::civil::DateTime;
use jiff::fmt::strtime::{self, BrokenDownTime};
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
    let parsed = parsed.or_else(|| two_digits(strtime::parse("%A, %d-%b-%y %H:%M:%S GMT", text).ok()?, now))?;
    let timestamp = TimeZone::UTC.to_timestamp(parsed).ok()?;
    Some(Unix::from_millis(timestamp.as_millisecond()))
}

/// The date with a year of two digits: the last such year that has this day and lies no more than 50 years ahead (RFC 9110 §5.6.7).
fn two_digits(mut parsed: BrokenDownTime, now: Unix) -> Option<DateTime> {
    let now = TimeZone::UTC.to_datetime(jiff::Timestamp::from_millisecond(now.as_millis()).ok()?);
    let latest = now.checked_add(50.years()).ok()?;
    let digits = parsed.year()?.rem_euclid(100);
    // The day of the week is that of the year meant, which is known only afterwards.
    let weekday = parsed.weekday();
    parsed.set_weekday(None);
    let century = latest.year() - latest.year().rem_euclid(100);
    let found = [century, century - 100].into_iter().find_map(|century| {
        parsed.set_year(Some(century + digits)).ok()?;
        parsed.to_datetime().ok().filter(|date| *date <= latest)
    })?;
    weekday.is_none_or(|day| day == found.weekday()).then_some(found)
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
    #[test]
    fn two_digits_mean_the_last_such_year_that_is_no_more_than_fifty_ahead() {
        // 2026-03-01T12:00:00Z, and 2060-03-01T12:00:00Z
        let (at, later) = (Unix::from_secs(1_772_366_400), Unix::from_secs(2_845_368_000));
        let cases = [
            ("Thursday, 01-Jan-70 00:00:00 GMT", at, None),
            ("Wednesday, 01-Jan-70 00:00:00 GMT", at, Some("2070-01-01T00:00:00Z")),
            ("Sunday, 01-Mar-76 12:00:00 GMT", at, Some("2076-03-01T12:00:00Z")),
            // A second more is too far ahead, and so are months more in the same year.
            ("Monday, 01-Mar-76 12:00:01 GMT", at, Some("1976-03-01T12:00:01Z")),
            ("Friday, 31-Dec-76 23:59:59 GMT", at, Some("1976-12-31T23:59:59Z")),
            ("Sunday, 06-Nov-94 08:49:37 GMT", at, Some("1994-11-06T08:49:37Z")),
            ("Monday, 01-Mar-26 12:00:00 GMT", at, None),
            // 2100 has no such day, 2000 has; 2104 has.
            ("Tuesday, 29-Feb-00 12:00:00 GMT", later, Some("2000-02-29T12:00:00Z")),
            ("Friday, 29-Feb-04 12:00:00 GMT", later, Some("2104-02-29T12:00:00Z")),
            ("Monday, 29-Feb-76 12:00:00 GMT", at, None),
            ("Saturday, 29-Feb-76 12:00:00 GMT", at, Some("2076-02-29T12:00:00Z")),
            ("Tuesday, 29-Feb-01 12:00:00 GMT", at, None),
        ];
        for (text, now, expected) in cases {
            assert_eq!(date(text, now), expected.map(|time| time.parse().unwrap()), "{text}");
        }
    }
}
