//! Texts with a meaning.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::Deref;

use super::{Barcode, Country, Isrc, Text};
use crate::Invalid;

/// What a text can mean.
pub trait FromText: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// If the text isn't one.
    fn from_text(text: &str) -> Result<Self, Invalid>;
}

/// A text that the service means as a `T`: it derefs to the text that came, and is parsed by whoever asks.
///
/// ```
/// use std::time::Duration;
/// use tidal_core::value::Typed;
///
/// let length = Typed::<Duration>::new("PT4M12S");
/// assert_eq!(length.value(), Some(Duration::from_secs(252)));
/// assert_eq!(&*length, "PT4M12S");
/// assert_eq!(Typed::<Duration>::new("four minutes").value(), None);
/// ```
pub struct Typed<T> {
    text: Text,
    means: PhantomData<fn() -> T>,
}

impl<T> Typed<T> {
    /// A text as it is.
    #[must_use]
    pub fn new(text: impl Into<Text>) -> Self {
        Self { text: text.into(), means: PhantomData }
    }

    /// The text that came.
    #[must_use]
    pub fn text(&self) -> &Text {
        &self.text
    }
}

impl<T: FromText> Typed<T> {
    /// What the text means.
    ///
    /// # Errors
    /// If it can't be read so.
    pub fn parse(&self) -> Result<T, Invalid> {
        T::from_text(&self.text)
    }

    /// What the text means, if it can be read so.
    #[must_use]
    pub fn value(&self) -> Option<T> {
        self.parse().ok()
    }
}

impl<T> Clone for Typed<T> {
    fn clone(&self) -> Self {
        Self::new(self.text.clone())
    }
}

impl<T> Deref for Typed<T> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl<T> fmt::Display for Typed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl<T> fmt::Debug for Typed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl<T> PartialEq for Typed<T> {
    /// Compares the texts.
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<T> Eq for Typed<T> {}

impl<T> PartialEq<str> for Typed<T> {
    fn eq(&self, other: &str) -> bool {
        self.text == *other
    }
}

impl<T> PartialEq<&str> for Typed<T> {
    fn eq(&self, other: &&str) -> bool {
        self.text == **other
    }
}

impl<T> Hash for Typed<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<T> From<&str> for Typed<T> {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl<T> From<String> for Typed<T> {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl<T> From<Text> for Typed<T> {
    fn from(text: Text) -> Self {
        Self::new(text)
    }
}

macro_rules! written {
    ($($type:ty),+) => {
        $(impl From<$type> for Typed<$type> {
            #[inline]
            fn from(value: $type) -> Self {
                Self::new(value.to_string())
            }
        })+
    };
}

written!(jiff::Timestamp, jiff::civil::Date, url::Url, Country, Isrc, Barcode);

impl From<std::time::Duration> for Typed<std::time::Duration> {
    #[inline]
    fn from(value: std::time::Duration) -> Self {
        Self::new(super::duration::write(value))
    }
}

/// The refusal of a text that comes from elsewhere: what was expected, and the parser's own words.
fn refused(what: &'static str, text: &str, why: impl fmt::Display) -> Invalid {
    let shown: String = text.chars().take(64).collect();
    Invalid::new(what, format!("{shown:?} is none: {why}"))
}

impl FromText for std::time::Duration {
    /// An ISO 8601 duration: `PT4M12S`, `PT149H25M35S`.
    #[inline]
    fn from_text(text: &str) -> Result<Self, Invalid> {
        super::duration::parse(text).ok_or_else(|| refused("duration", text, "expected ISO 8601, such as \"PT4M12S\""))
    }
}

impl FromText for jiff::Timestamp {
    /// An ISO 8601 date and time with an offset: `2024-11-22T10:00:00Z`, with any number of fractional digits up to nine.
    #[inline]
    fn from_text(text: &str) -> Result<Self, Invalid> {
        text.parse().map_err(|why| refused("date and time", text, why))
    }
}

impl FromText for jiff::civil::Date {
    /// An ISO 8601 date: `2024-11-22`. A time behind it is passed over.
    #[inline]
    fn from_text(text: &str) -> Result<Self, Invalid> {
        let date = crate::texts::cut(text, 'T').map_or(text, |(date, _)| date);
        date.parse().map_err(|why| refused("date", text, why))
    }
}

impl FromText for url::Url {
    #[inline]
    fn from_text(text: &str) -> Result<Self, Invalid> {
        text.parse().map_err(|why| refused("URL", text, why))
    }
}

impl FromText for Country {
    /// Two capital letters, assigned or not.
    #[inline]
    fn from_text(text: &str) -> Result<Self, Invalid> {
        Self::unlisted(text)
    }
}

impl FromText for Isrc {
    #[inline]
    fn from_text(text: &str) -> Result<Self, Invalid> {
        Self::new(text)
    }
}

impl FromText for Barcode {
    /// 12 to 14 digits, whatever the check digit.
    #[inline]
    fn from_text(text: &str) -> Result<Self, Invalid> {
        Self::unverified(text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::{Timestamp, civil};

    #[test]
    fn times_are_read_with_0_3_and_6_fractional_digits() {
        for (text, nanos) in [
            ("2024-11-22T10:00:00Z", 0),
            ("2024-11-22T10:00:00.125Z", 125_000_000),
            ("2024-11-22T12:00:00.125001+02:00", 125_001_000),
        ] {
            let time = Typed::<Timestamp>::new(text).parse().unwrap();
            assert_eq!(time.as_second(), 1_732_269_600);
            assert_eq!(time.subsec_nanosecond(), nanos);
        }
        assert_eq!(Typed::<Timestamp>::new("2024-11-22T10:00:00.000+0000").parse().unwrap().as_second(), 1_732_269_600);
        assert!(Typed::<Timestamp>::new("yesterday").parse().unwrap_err().to_string().contains("yesterday"));
    }

    #[test]
    fn dates_are_read_with_and_without_a_time() {
        for text in ["2018-04-13", "2018-04-13T00:00:00.000+0000", "2018-04-13T00:00:00Z"] {
            assert_eq!(Typed::<civil::Date>::new(text).value(), Some(civil::date(2018, 4, 13)));
        }
        assert_eq!(Typed::<civil::Date>::new("2018-02-30").value(), None);
    }

    #[test]
    fn codes_from_the_service_are_read_leniently() {
        assert_eq!(Typed::<Barcode>::new("4006381333932").value().unwrap().as_str(), "4006381333932");
        assert_eq!(Typed::<Country>::new("XK").value().unwrap().as_str(), "XK");
    }
}
