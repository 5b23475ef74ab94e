//! How long an answer asks to wait.

use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, HeaderName, RETRY_AFTER};

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
#[inline(never)]
pub(crate) fn made(headers: &HeaderMap, now: Unix) -> Option<Unix> {
    date(text(headers, &DATE)?, now)
}

/// An HTTP date (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`, or one of the two old forms, `Sunday, 06-Nov-94 08:49:37 GMT` and
/// `Sun Nov  6 08:49:37 1994`. Read by hand: what reads dates of every form would be compiled for it.
fn date(text: &str, now: Unix) -> Option<Unix> {
    let mut rest = text;
    let mut next = || word(&mut rest);
    let weekday = next()?;
    let second = next()?;
    let (day, month, year, time) = if second.starts_with(|first: char| first.is_ascii_digit()) {
        let (month, year, time) = (next()?, next()?, next()?);
        if next()? != "GMT" {
            return None;
        }
        (second, month, year, time)
    } else {
        let (day, time, year) = (next()?, next()?, next()?);
        (day, second, year, time)
    };
    if next().is_some() {
        return None;
    }
    // Some write names in capitals.
    let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))? + 1;
    let (day, time) = (number(day, 1, 2)?, seconds(time)?);
    let year = match year.len() {
        2 => of_two_digits(number(year, 2, 2)?, month, day, time, now)?,
        _ => number(year, 4, 4)?,
    };
    let days = days(year, month, day);
    // 1970-01-01 was a Thursday.
    let is = DAYS[(days + 4).rem_euclid(7) as usize];
    let is_so = exists(year, month, day) && (weekday.eq_ignore_ascii_case(is) || weekday.eq_ignore_ascii_case(&is[..3]));
    is_so.then(|| Unix::from_secs(days * 86_400 + time))
}

/// The next word of a date. Cut off the rest by one function, which is compiled once.
#[inline(never)]
fn word<'a>(rest: &mut &'a str) -> Option<&'a str> {
    const BETWEEN: [char; 3] = [' ', ',', '-'];
    let from = rest.trim_start_matches(BETWEEN);
    let end = from.find(BETWEEN).unwrap_or(from.len());
    let (word, behind) = from.split_at(end);
    *rest = behind;
    (!word.is_empty()).then_some(word)
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A number of `least` to `most` digits.
fn number(text: &str, least: usize, most: usize) -> Option<i64> {
    let fits = (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.bytes().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

/// The seconds of `08:49:37`.
fn seconds(text: &str) -> Option<i64> {
    let mut parts = crate::texts::pieces(text, ':');
    let mut part = |below| parts.next().and_then(|part| number(part, 2, 2)).filter(|part| *part < below);
    // A leap second counts as the one before it.
    let (hours, minutes, seconds) = (part(24)?, part(60)?, part(61)?.min(59));
    parts.next().is_none().then_some(hours * 3600 + minutes * 60 + seconds)
}

/// Whether the Gregorian calendar has this day.
fn exists(year: i64, month: usize, day: i64) -> bool {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let long = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=long).contains(&day)
}

/// The days from 1970-01-01 to this one. What is no day of its month is one of the next.
fn days(year: i64, month: usize, day: i64) -> i64 {
    // Years that begin with March have their leap day at the end.
    let (year, month) = if month > 2 { (year, month as i64 - 3) } else { (year - 1, month as i64 + 9) };
    let before = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    before + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// The year that two digits mean: the last such year that has this day and in which it lies no more than 50 years ahead (RFC 9110
/// §5.6.7).
fn of_two_digits(digits: i64, month: usize, day: i64, time: i64, now: Unix) -> Option<i64> {
    let now = now.as_millis().div_euclid(1000);
    let today = now.div_euclid(86_400);
    // At most a year too late: the mean year has 365.2425 days.
    let this_year = 1971 + today * 400 / 146_097;
    let last = this_year + 50 - (this_year + 50 - digits).rem_euclid(100);
    let is_meant = |year: &i64| exists(*year, month, day) && days(year - 50, month, day) * 86_400 + time <= now;
    [last, last - 100].into_iter().find(is_meant)
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
    fn every_day_is_read_as_jiff_writes_it() {
        let mut at: jiff::Timestamp = "1899-12-30T08:49:37Z".parse().unwrap();
        while at.as_second() < 8_000_000_000 {
            for form in ["%a, %d %b %Y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"] {
                let text = at.strftime(form).to_string();
                assert_eq!(date(&text, Unix::default()), Some(at.into()), "{text}");
            }
            let text = at.strftime("%A, %d-%b-%y %H:%M:%S GMT").to_string();
            assert_eq!(date(&text, at.into()), Some(at.into()), "{text}");
            at += jiff::SignedDuration::from_hours(24 * 11 + 1);
        }
    }

    #[test]
    fn names_in_capitals_are_read() {
        let at = "1994-11-06T08:49:37Z".parse().unwrap();
        assert_eq!(date("SUN, 06 nOV 1994 08:49:37 GMT", Unix::default()), Some(at));
    }

    #[test]
    fn what_is_no_date_is_not_read() {
        for text in [
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 GMT GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Now 1994 08:49:37 GMT",
            "Sun, 006 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 994 08:49:37 GMT",
            "Fri, 31 Nov 1994 08:49:37 GMT",
            "Wed, 29 Feb 1995 08:49:37 GMT",
            "Thu, 00 Nov 1994 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994 GMT",
            "é, é é é é é",
        ] {
            assert_eq!(date(text, Unix::default()), None, "{text}");
        }
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
