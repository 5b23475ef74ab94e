//! Countries.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Invalid;

/// The codes that ISO 3166-1 assigns.
const ASSIGNED: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT \
    BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH \
    ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT \
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS \
    LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI \
    NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG \
    SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG \
    UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// A country by its ISO 3166-1 alpha-2 code, such as `GB`.
///
/// ```
/// use tidal_core::value::Country;
///
/// assert_eq!(Country::new("NO")?.as_str(), "NO");
/// assert_eq!(Country::new("UK").unwrap_err().to_string(), "country: \"UK\" is not assigned; the United Kingdom is \"GB\"");
/// # Ok::<(), tidal_core::Invalid>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

impl Country {
    /// The country with this code.
    ///
    /// # Errors
    /// If it is no code that ISO 3166-1 assigns, in capital letters. `UK` is none: it is `GB`.
    pub fn new(code: &str) -> Result<Self, Invalid> {
        let country = Self::unlisted(code)?;
        let hint = match code {
            "UK" => "the United Kingdom is \"GB\"",
            "EL" => "Greece is \"GR\"",
            _ if crate::texts::pieces(ASSIGNED, ' ').any(|assigned| assigned == code) => return Ok(country),
            _ => "ISO 3166-1 alpha-2 lists the codes",
        };
        Err(Invalid::new("country", format!("\"{code}\" is not assigned; {hint}")))
    }

    /// A country by a code that ISO 3166-1 doesn't assign, or didn't when this was written (such as `XK` for Kosovo).
    ///
    /// # Errors
    /// If it is not two capital letters, or `UK`.
    pub fn unlisted(code: &str) -> Result<Self, Invalid> {
        let why = match code.as_bytes() {
            b"UK" => "\"UK\" is not assigned; the United Kingdom is \"GB\"".to_owned(),
            &[a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => return Ok(Self([a, b])),
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                format!("\"{code}\" must be in capital letters: \"{}\"", code.to_ascii_uppercase())
            }
            _ => format!("{code:?} is no ISO 3166-1 alpha-2 code: two letters, such as \"GB\""),
        };
        Err(Invalid::new("country", why))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Country {
    type Err = Invalid;

    fn from_str(code: &str) -> Result<Self, Invalid> {
        Self::new(code)
    }
}

impl TryFrom<&str> for Country {
    type Error = Invalid;

    fn try_from(code: &str) -> Result<Self, Invalid> {
        Self::new(code)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Country {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::unlisted(&code).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn assigned_codes_are_taken_as_they_are() {
        assert_eq!(ASSIGNED.split(' ').count(), 249);
        for code in ASSIGNED.split(' ') {
            assert_eq!(Country::new(code).unwrap().as_str(), code);
        }
    }

    #[test]
    fn others_are_refused_with_what_would_be_right() {
        for (code, hint) in [
            ("UK", "\"GB\""),
            ("gb", "capital letters: \"GB\""),
            ("GBR", "two letters"),
            ("", "two letters"),
            ("ZZ", "not assigned"),
            ("G\n", "two letters"),
            ("é", "two letters"),
        ] {
            let refused = Country::new(code).unwrap_err();
            assert!(refused.why().contains(hint), "{refused}");
        }
        assert_eq!(Country::unlisted("XK").unwrap().as_str(), "XK");
        assert!(Country::unlisted("UK").is_err());
    }
}
