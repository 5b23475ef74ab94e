//! Text from the service.

use std::borrow::{Borrow, Cow};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, Range};
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A body that texts are slices of.
pub(crate) type Body = Arc<String>;

static EMPTY: LazyLock<Body> = LazyLock::new(Body::default);

/// A text that is cheap to clone: it derefs to `str`, compares with it and prints like it.
///
/// A text in a decoded document is a slice of the document's body and keeps all of it in memory. To keep a few texts for long
/// after their document is gone, [`detach`](Self::detach) them.
#[derive(Clone)]
pub struct Text {
    body: Body,
    start: u32,
    len: u32,
}

impl Text {
    /// A text of its own, which keeps no body alive.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let mut text: String = text.into();
        // Four GiB in one text: cut at a character, since a place in a body has 32 bits.
        let mut limit = text.len().min(u32::MAX as usize);
        while !text.is_char_boundary(limit) {
            limit -= 1;
        }
        text.truncate(limit);
        let len = u32::try_from(text.len()).unwrap_or(u32::MAX);
        Self { body: Arc::new(text), start: 0, len }
    }

    /// The slice of `body` at `range`. It reads as empty if it doesn't lie within, between characters.
    #[inline]
    pub(crate) fn slice(body: &Body, range: Range<usize>) -> Self {
        match (u32::try_from(range.start), u32::try_from(range.len())) {
            (Ok(start), Ok(len)) => Self { body: Arc::clone(body), start, len },
            _ => Self::default(),
        }
    }

    /// The body that this is a slice of, and where.
    pub(crate) fn place(&self) -> (&Body, Range<usize>) {
        let start = self.start as usize;
        (&self.body, start..start + self.len as usize)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let (body, range) = self.place();
        body.get(range).unwrap_or_default()
    }

    /// The text as a `String`.
    #[must_use]
    pub fn into_string(self) -> String {
        self.as_str().to_owned()
    }

    /// The same text with memory of its own, so that it no longer keeps its document's body alive.
    #[must_use]
    #[inline]
    pub fn detach(&self) -> Self {
        if self.len as usize == self.body.capacity() { self.clone() } else { Self::new(self.as_str()) }
    }
}

impl Default for Text {
    /// The empty text.
    fn default() -> Self {
        Self { body: Arc::clone(&EMPTY), start: 0, len: 0 }
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Text {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.len as usize == other.len() && self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self == *other
    }
}

impl PartialEq<String> for Text {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<Text> for str {
    fn eq(&self, other: &Text) -> bool {
        self == other.as_str()
    }
}

impl PartialEq<Text> for &str {
    fn eq(&self, other: &Text) -> bool {
        *self == other.as_str()
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other)
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        Self::new(text.as_str())
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Self {
        Self::new(text)
    }
}

impl From<&Text> for Text {
    fn from(text: &Text) -> Self {
        text.clone()
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.into_string()
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_is_what_it_covers_and_detaching_frees_the_body() {
        let body = Body::new("{\"title\":\"4:44\"}".to_owned());
        let text = Text::slice(&body, 10..14);
        assert_eq!(text, "4:44");
        assert_eq!(Arc::strong_count(&body), 2);
        let own = text.detach();
        drop(text);
        assert_eq!(Arc::strong_count(&body), 1);
        assert_eq!(own, "4:44");
        assert_eq!(own.into_string(), "4:44");
    }

    #[test]
    fn a_slice_that_splits_a_character_or_lies_outside_is_empty() {
        let body = Body::new("aé".to_owned());
        assert_eq!(Text::slice(&body, 2..3).as_str(), "");
        assert_eq!(Text::slice(&body, 1..9).as_str(), "");
        assert_eq!(Text::slice(&body, 1..3), "é");
    }

    #[test]
    fn an_optional_text_takes_two_words() {
        assert_eq!(size_of::<Option<Text>>(), 16);
    }
}
