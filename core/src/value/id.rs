//! Ids of resources.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Text;
use crate::Invalid;

/// A kind of thing that has ids.
pub trait Named {
    /// What it is called in messages: `album`, `user collection tracks`.
    const NAME: &'static str;
}

/// The id of an `M`: an id of an album is not accepted where an artist's is asked for.
///
/// Ids are opaque texts; most look like numbers, some like UUIDs, some like neither. Making one never fails; what can't be an id
/// is refused when a request is written ([`check`](Self::check)).
///
/// ```
/// use tidal_core::model::{Album, Artist};
/// use tidal_core::value::Id;
///
/// let album: Id<Album> = "251380836".into();
/// assert_eq!(album, Id::from(251_380_836));
/// assert_eq!(Id::<Artist>::from(" ").check().unwrap_err().to_string(), "artist id: contains a space; ids are opaque texts such as \"251380836\"");
/// ```
pub struct Id<M: ?Sized> {
    text: Text,
    of: PhantomData<fn() -> M>,
}

/// The longest id that is sent, in bytes. The longest that were seen have some 60.
const LONGEST: usize = 512;

impl<M: ?Sized> Id<M> {
    /// An id with this text.
    #[must_use]
    pub fn new(text: impl Into<Text>) -> Self {
        Self { text: text.into(), of: PhantomData }
    }

    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The id as a [`Text`].
    #[must_use]
    pub fn text(&self) -> &Text {
        &self.text
    }

    pub(crate) fn into_text(self) -> Text {
        self.text
    }

    pub(crate) fn text_mut(&mut self) -> &mut Text {
        &mut self.text
    }

    /// The same text as the id of another kind of thing.
    #[must_use]
    pub fn cast<N: ?Sized>(&self) -> Id<N> {
        Id::new(self.text.clone())
    }
}

impl<M: Named + ?Sized> Id<M> {
    /// Whether this can be an id at all.
    ///
    /// # Errors
    /// If it is empty, longer than 512 bytes, or contains spaces or control characters.
    pub fn check(&self) -> Result<(), Invalid> {
        check(&self.text, M::NAME)
    }
}

fn check(id: &str, name: &str) -> Result<(), Invalid> {
    let why = if id.is_empty() {
        "is empty".to_owned()
    } else if id.len() > LONGEST {
        format!("has {} bytes, at most {LONGEST} are sent", id.len())
    } else if id.chars().any(char::is_whitespace) {
        "contains a space".to_owned()
    } else if id.chars().any(char::is_control) {
        "contains a control character".to_owned()
    } else {
        return Ok(());
    };
    Err(Invalid::new(format!("{name} id"), format!("{why}; ids are opaque texts such as \"251380836\"")))
}

impl<M: ?Sized> Clone for Id<M> {
    fn clone(&self) -> Self {
        Self::new(self.text.clone())
    }
}

impl<M: ?Sized> Default for Id<M> {
    /// The empty id, which no request is written with.
    fn default() -> Self {
        Self::new(Text::default())
    }
}

impl<M: ?Sized> fmt::Debug for Id<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

impl<M: ?Sized> fmt::Display for Id<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.text, f)
    }
}

impl<M: ?Sized> PartialEq for Id<M> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<M: ?Sized> Eq for Id<M> {}

impl<M: ?Sized> PartialEq<str> for Id<M> {
    fn eq(&self, other: &str) -> bool {
        self.text == *other
    }
}

impl<M: ?Sized> PartialEq<&str> for Id<M> {
    fn eq(&self, other: &&str) -> bool {
        self.text == **other
    }
}

impl<M: ?Sized> PartialOrd for Id<M> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<M: ?Sized> Ord for Id<M> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl<M: ?Sized> Hash for Id<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<M: ?Sized> Borrow<str> for Id<M> {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl<M: ?Sized> AsRef<str> for Id<M> {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl<M: ?Sized> From<&Id<M>> for Id<M> {
    fn from(id: &Id<M>) -> Self {
        id.clone()
    }
}

impl<M: ?Sized> From<u64> for Id<M> {
    fn from(number: u64) -> Self {
        Self::new(number.to_string())
    }
}

impl<M: ?Sized> From<&str> for Id<M> {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl<M: ?Sized> From<String> for Id<M> {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl<M: ?Sized> From<&String> for Id<M> {
    fn from(text: &String) -> Self {
        Self::new(text)
    }
}

impl<M: ?Sized> From<Text> for Id<M> {
    fn from(text: Text) -> Self {
        Self::new(text)
    }
}

impl<M: ?Sized> From<&Text> for Id<M> {
    fn from(text: &Text) -> Self {
        Self::new(text)
    }
}

impl<M: ?Sized> Serialize for Id<M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text.serialize(serializer)
    }
}

impl<'de, M: ?Sized> Deserialize<'de> for Id<M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    struct Thing;
    impl Named for Thing {
        const NAME: &'static str = "thing";
    }

    #[test]
    fn what_cannot_be_an_id_is_refused_and_says_why() {
        for (text, why) in [
            ("", "is empty"),
            ("a b", "contains a space"),
            ("a\n", "contains a space"),
            ("a\u{7}", "contains a control character"),
            ("a\u{85}", "contains a space"),
        ] {
            let refused = Id::<Thing>::from(text).check().unwrap_err();
            assert_eq!(refused.what(), "thing id");
            assert!(refused.why().starts_with(why), "{text:?}: {refused}");
        }
        let long = "x".repeat(513);
        assert!(Id::<Thing>::from(long).check().unwrap_err().why().starts_with("has 513 bytes"));
    }

    #[test]
    fn any_other_text_is_an_id() {
        for text in ["1", "me", "2xpmpI1s9E0M2UVCf4wLbS", "0f6f1f28-3a5e-4f2e-9b5e-0a1b2c3d4e5f", "a/b?c=é", &"x".repeat(512)]
        {
            Id::<Thing>::from(text).check().unwrap();
        }
    }
}
