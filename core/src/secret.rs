//! Text that must not be seen: tokens, client secrets, verifiers, codes.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::order::order;
use crate::texts;

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
pub(crate) fn blot<'a>(text: &'a str, secrets: &[Secret]) -> Cow<'a, str> {
    let mut forms: Vec<Secret> = Vec::new();
    for secret in secrets {
        for form in [secret.clone(), Secret::new(form_encoded(secret.expose()))] {
            let blots = !form.expose().is_empty() && texts::contains(text, form.expose());
            // Twice, a short one would be found in what took its place.
            if blots && !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    let mut blotted = Cow::Borrowed(text);
    // One may be a part of another: the longest first.
    for at in order(forms.len(), &|a, b| forms[b].expose().len().cmp(&forms[a].expose().len())) {
        blotted = Cow::Owned(texts::replace(&blotted, forms[at].expose(), "[redacted]"));
    }
    blotted
}

/// As it looks in a form or in the query of an address.
pub(crate) fn form_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
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
    #[inline]
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
    #[inline(never)]
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.0.as_bytes(), other.0.as_bytes());
        a.len() == b.len() && a.iter().zip(b).fold(0, |diff, (x, y)| diff | (x ^ y)) == 0
    }
}

impl Eq for Secret {}
