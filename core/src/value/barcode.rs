//! Barcodes of albums.

use std::fmt;
use std::str::FromStr;

use crate::Invalid;

/// The barcode of an album: 12 digits (UPC-A), 13 (EAN-13) or 14 (GTIN-14), the last of which checks the others.
///
/// Spaces and hyphens between digits are removed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Barcode(Box<str>);

impl Barcode {
    /// The barcode with these digits.
    ///
    /// # Errors
    /// If they are not 12 to 14 digits, or the check digit doesn't fit (GS1 General Specifications §7.9).
    #[inline]
    pub fn new(digits: &str) -> Result<Self, Invalid> {
        let barcode = Self::unverified(digits)?;
        let (stated, due) = barcode.check_digits();
        if stated == due {
            return Ok(barcode);
        }
        Err(Invalid::new("barcode", format!("{digits:?} ends in the check digit {stated}, but {due} belongs there: mistyped?")))
    }

    /// A barcode whose check digit is not looked at: there are labels that print wrong ones.
    ///
    /// # Errors
    /// If they are not 12 to 14 digits.
    #[inline]
    pub fn unverified(digits: &str) -> Result<Self, Invalid> {
        let bare: String = digits.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        if (12..=14).contains(&bare.len()) && bare.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self(bare.into()));
        }
        Err(Invalid::new("barcode", format!("{digits:?} is none: 12 to 14 digits, such as \"196589525444\"")))
    }

    /// The last digit, and what it should be.
    #[inline]
    fn check_digits(&self) -> (u32, u32) {
        let digit = |byte: u8| u32::from(byte - b'0');
        let mut from_right = self.0.bytes().rev().map(digit);
        let stated = from_right.next().unwrap_or_default();
        let sum: u32 = from_right.zip([3, 1].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
        (stated, (10 - sum % 10) % 10)
    }

    /// The digits.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Barcode {
    type Err = Invalid;

    #[inline]
    fn from_str(digits: &str) -> Result<Self, Invalid> {
        Self::new(digits)
    }
}

impl TryFrom<&str> for Barcode {
    type Error = Invalid;

    #[inline]
    fn try_from(digits: &str) -> Result<Self, Invalid> {
        Self::new(digits)
    }
}

impl fmt::Display for Barcode {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Barcode {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn twelve_to_fourteen_digits_with_their_check_digit() {
        for digits in ["196589525444", "4006381333931", "00602475093060", "0 36000 29145 2", "036000-291452"] {
            Barcode::new(digits).unwrap();
        }
        assert_eq!(Barcode::new("0 36000 29145 2").unwrap().as_str(), "036000291452");
    }

    #[test]
    fn a_wrong_check_digit_is_named() {
        let refused = Barcode::new("4006381333932").unwrap_err();
        assert!(refused.why().contains("check digit 2, but 1 belongs there"), "{refused}");
        assert_eq!(Barcode::unverified("4006381333932").unwrap().as_str(), "4006381333932");
    }

    #[test]
    fn other_lengths_and_characters_are_refused() {
        for digits in ["", "96385074", "400638133393100", "40063813339E1", "４００６３８１３３３９３１"] {
            assert!(Barcode::new(digits).is_err(), "{digits}");
        }
    }
}
