//! International Standard Recording Codes.

use std::fmt;
use std::str::FromStr;

use crate::Invalid;

/// The code of a recording (ISO 3901): two letters, three letters or digits, seven digits.
///
/// Hyphens and spaces between the parts are removed, letters made capital: `us-um7-24-00548` is `USUM72400548`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Isrc([u8; 12]);

impl Isrc {
    /// The recording with this code.
    ///
    /// # Errors
    /// If it hasn't the form of one.
    #[inline]
    pub fn new(code: &str) -> Result<Self, Invalid> {
        let refused = || {
            Invalid::new(
                "ISRC",
                format!("{code:?} is none: two letters, three letters or digits, seven digits, such as \"USUM72400548\""),
            )
        };
        let mut out = [0; 12];
        let mut len = 0;
        for byte in code.bytes().filter(|byte| !matches!(byte, b'-' | b' ')) {
            let fits = match len {
                0..2 => byte.is_ascii_alphabetic(),
                2..5 => byte.is_ascii_alphanumeric(),
                _ => byte.is_ascii_digit(),
            };
            let place = out.get_mut(len).filter(|_| fits).ok_or_else(refused)?;
            *place = byte.to_ascii_uppercase();
            len += 1;
        }
        if len == out.len() { Ok(Self(out)) } else { Err(refused()) }
    }

    /// The code: twelve characters, no hyphens.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Isrc {
    type Err = Invalid;

    #[inline]
    fn from_str(code: &str) -> Result<Self, Invalid> {
        Self::new(code)
    }
}

impl TryFrom<&str> for Isrc {
    type Error = Invalid;

    #[inline]
    fn try_from(code: &str) -> Result<Self, Invalid> {
        Self::new(code)
    }
}

impl fmt::Display for Isrc {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Isrc {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn hyphens_go_and_letters_are_made_capital() {
        assert_eq!(Isrc::new("us-um7-24-00548").unwrap().as_str(), "USUM72400548");
        assert_eq!(Isrc::new("QZ1234567890").unwrap().to_string(), "QZ1234567890");
    }

    #[test]
    fn other_forms_are_refused() {
        for code in ["", "USUM7240054", "USUM724005480", "U1UM72400548", "USUM7240054A", "US_UM72400548", "USUMé240054"] {
            assert!(Isrc::new(code).is_err(), "{code}");
        }
    }
}
