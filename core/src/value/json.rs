//! JSON that no type describes.

use std::fmt;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};

use super::Text;
use crate::document::{Reader, is_json};
use crate::{DecodeError, Invalid};

/// The text of a JSON value that is kept as it came, because no type is known for it.
///
/// It is well-formed and nests at most 128 levels.
#[derive(Clone, PartialEq, Eq)]
pub struct Json(Text);

impl Json {
    /// A JSON text, checked.
    ///
    /// # Errors
    /// If it is no JSON, or nested more than 128 levels deep.
    pub fn new(text: impl Into<Text>) -> Result<Self, Invalid> {
        let text = text.into();
        is_json(&text).map_err(|wrong: DecodeError| Invalid::new("JSON", wrong.to_string()))?;
        Ok(Self(text))
    }

    /// Takes `text` for JSON that was checked already.
    pub(crate) fn trusted(text: Text) -> Self {
        Self(text)
    }

    /// JSON's `null`.
    #[must_use]
    pub fn null() -> Self {
        Self(Text::from("null"))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &Text {
        &self.0
    }

    /// The value as a `T`.
    ///
    /// # Errors
    /// If it isn't one, or holds what `T` can't (a number out of range, a lone surrogate).
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(self.0.as_bytes())
    }

    /// The value, if it is a JSON string.
    #[must_use]
    pub fn to_text(&self) -> Option<Text> {
        Reader::of(self).text().ok()
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Json {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Json {
    /// As the value that it is, whatever the format.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value: serde_json::Value = self.as_str().parse().map_err(ser::Error::custom)?;
        value.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Self::new(value.to_string()).map_err(D::Error::custom)
    }
}
