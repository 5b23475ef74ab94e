//! JSON that no type describes.

use std::fmt;

use serde::de::DeserializeOwned;

use super::Text;
use crate::document::is_json;
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
        self.0.starts_with('"').then(|| self.parse().ok()).flatten()
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
