//! Text that must not be seen: tokens, client secrets, verifiers, codes.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::form_urlencoded;
use zeroize::Zeroizing;

/// A secret: redacted in `Debug`, without `Display`, wiped from memory when dropped. Clones share the text: it is
/// in memory once, and wiped with the last of them.
///
/// It serialises as plain text, because stores and pending sign-ins have to keep it; where that text goes is theirs to protect.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Arc::new(Zeroizing::new(text.into())))
    }

    /// The text itself. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The text without these secrets, wherever it repeats one: as it is, or as it looks in a form or an address.
pub(crate) fn blot<'a, 's>(text: &'a str, secrets: impl IntoIterator<Item = &'s Secret>) -> Cow<'a, str> {
    let mut forms: Vec<Zeroizing<String>> = Vec::new();
    for secret in secrets {
        forms.push(Zeroizing::new(secret.expose().to_owned()));
        forms.push(Zeroizing::new(form_urlencoded::byte_serialize(secret.expose().as_bytes()).collect()));
    }
    forms.retain(|form| !form.is_empty() && text.contains(form.as_str()));
    // One may be a part of another.
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    let blotted = |text: Cow<'a, str>, form: &Zeroizing<String>| Cow::Owned(text.replace(form.as_str(), "[redacted]"));
    forms.iter().fold(Cow::Borrowed(text), blotted)
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl PartialEq for Secret {
    /// Compares in a time that depends on the lengths only.
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.0.as_bytes(), other.0.as_bytes());
        a.len() == b.len() && a.iter().zip(b).fold(0, |diff, (x, y)| diff | (x ^ y)) == 0
    }
}

impl Eq for Secret {}
