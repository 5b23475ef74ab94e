//! ISO 8601 durations.

use std::time::Duration;

use crate::texts::cut;

/// Reads `P[nW][nD][T[nH][nM][n[.n]S]]`; a day has 24 hours. Years and months have no fixed length and are not read.
#[inline]
pub(super) fn parse(text: &str) -> Option<Duration> {
    let text = text.strip_prefix('P')?;
    let (days, time) = cut(text, 'T').map_or((text, None), |(days, time)| (days, Some(time)));
    let day = add(Duration::ZERO, days, &[('W', 604_800), ('D', 86_400)])?;
    let whole = match time {
        None => day,
        Some("") => return None,
        Some(time) => add(day, time, &[('H', 3600), ('M', 60), ('S', 1)])?,
    };
    (!text.is_empty()).then_some(whole)
}

/// The duration as `PT[nH][nM][n[.n]S]`.
#[inline]
pub(super) fn write(duration: Duration) -> String {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = "PT".to_owned();
    for (count, unit) in [(hours, 'H'), (minutes, 'M')] {
        if count > 0 {
            text += &format!("{count}{unit}");
        }
    }
    if nanos > 0 {
        text += format!("{seconds}.{nanos:09}").trim_end_matches('0');
        text += "S";
    } else if seconds > 0 || duration.is_zero() || text == "PT" {
        text += &format!("{seconds}S");
    }
    text
}

/// Adds up the parts of `text`, whose units come in the order of `units`, each at most once.
#[inline]
fn add(mut sum: Duration, mut text: &str, units: &[(char, u64)]) -> Option<Duration> {
    let mut units = units.iter();
    while !text.is_empty() {
        let end = text.find(|c: char| c.is_ascii_alphabetic())?;
        let (number, rest) = text.split_at(end);
        let mut rest = rest.chars();
        let unit = rest.next()?;
        text = rest.as_str();
        let seconds = units.find_map(|&(name, seconds)| (name == unit).then_some(seconds))?;
        sum = sum.checked_add(if unit == 'S' {
            fraction(number)?
        } else {
            Duration::from_secs(digits(number)?.checked_mul(seconds)?)
        })?;
    }
    Some(sum)
}

#[inline]
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Seconds with up to nine fractional digits that count, after a point or a comma.
#[inline]
fn fraction(text: &str) -> Option<Duration> {
    let Some((whole, part)) = text.split_once(['.', ',']) else { return digits(text).map(Duration::from_secs) };
    digits(part)?;
    let nanos = digits(&format!("{part:0<9}")[..9])?;
    Some(Duration::new(digits(whole)?, u32::try_from(nanos).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_sends_is_read() {
        for (text, millis) in [
            ("PT149H25M35S", 537_935_000),
            ("PT6M", 360_000),
            ("PT2H16S", 7_216_000),
            ("PT3M28S", 208_000),
            ("PT0S", 0),
            ("P1DT1S", 86_401_000),
            ("P2W", 1_209_600_000),
            ("PT1.5S", 1500),
            ("PT0,0010000009S", 1),
        ] {
            assert_eq!(parse(text).map(|d| d.as_millis()), Some(millis), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for (millis, text) in
            [(0, "PT0S"), (1500, "PT1.5S"), (360_000, "PT6M"), (537_935_000, "PT149H25M35S"), (7_216_000, "PT2H16S")]
        {
            let duration = Duration::from_millis(millis);
            assert_eq!(write(duration), text);
            assert_eq!(parse(text), Some(duration));
        }
        let odd = Duration::new(61, 1);
        assert_eq!(parse(&write(odd)), Some(odd));
    }

    #[test]
    fn what_is_none_is_not_read() {
        for text in [
            "",
            "P",
            "PT",
            "P1DT",
            "4:12",
            "PT-1S",
            "PT1",
            "PTS",
            "PT1S1M",
            "PT1M1M",
            "P1Y",
            "P1M",
            "PT1.S",
            "PT.5S",
            "PT1.5M",
            "pt1s",
            "PT+1S",
            "PTé",
            "PT1é",
            "PT99999999999999999999S",
            "PT18446744073709551615H",
            "PT1S ",
            "PT1.éS",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
