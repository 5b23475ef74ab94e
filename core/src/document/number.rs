//! Numbers that fields can hold, without loss.

use super::fault::Why;

/// The largest integer up to which every integer is an `f64`.
const EXACT: i64 = 1 << 53;

/// An integer, if the text of a number is one that fits.
pub(super) fn int(text: &str, is_whole: bool) -> Result<i64, Why> {
    if is_whole {
        return text.parse().map_err(|_| Why::Unfit("the integer needs more than 64 bits"));
    }
    let value = nearest(text)?;
    if value.fract() == 0.0 && value.abs() <= EXACT as f64 {
        Ok(value as i64)
    } else {
        Err(Why::Unfit("the number is no integer"))
    }
}

/// The nearest `f64`, unless the number is out of range or an integer that would change.
pub(super) fn float(text: &str, is_whole: bool) -> Result<f64, Why> {
    let value = nearest(text)?;
    if is_whole && text.len() > 15 && value.to_string() != text {
        return Err(Why::Unfit("the integer has more digits than can be kept"));
    }
    Ok(value)
}

fn nearest(text: &str) -> Result<f64, Why> {
    let value: f64 = text.parse().unwrap_or(f64::NAN);
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let vanished = value == 0.0 && mantissa.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    if value.is_finite() && !vanished { Ok(value) } else { Err(Why::Unfit("the number is out of range")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_may_be_written_as_fractions() {
        for (text, value) in [("3.0", 3), ("3e2", 300), ("-0.0", 0), ("9007199254740992.0", EXACT)] {
            assert_eq!(int(text, false), Ok(value), "{text}");
        }
        assert_eq!(int("9223372036854775807", true), Ok(i64::MAX));
        assert_eq!(int("-0", true), Ok(0));
        for text in ["3.5", "1e400", "1e-400", "9007199254740994.0", "-1e300"] {
            assert!(int(text, false).is_err(), "{text}");
        }
        assert!(int("9223372036854775808", true).is_err());
    }

    #[test]
    fn floats_are_kept_or_refused_but_never_changed() {
        assert_eq!(float("0.06987412795496134", false), Ok(0.06987412795496134));
        assert_eq!(float("7", true), Ok(7.0));
        assert_eq!(float("18014398509481984", true), Ok(18014398509481984.0));
        assert_eq!(float("-18014398509481984", true), Ok(-18014398509481984.0));
        assert!(float("9007199254740993", true).is_err());
        assert!(float("100000000000000000000000000000000000001", true).is_err());
        assert!(float("1e400", false).is_err());
        assert!(float("-0.01e-400", false).is_err());
        assert_eq!(float("0e-400", false), Ok(0.0));
    }
}
