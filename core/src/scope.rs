//! Scopes: what a token allows.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use crate::error::Invalid;
use crate::order::order;
use crate::texts;
use crate::value::open::open_enum;

/// Scopes that the service reserves for its own clients: a third party that asks for one is refused.
pub const INTERNAL: [&str; 2] = ["r_usr", "w_usr"];

open_enum! {
    /// A scope, as the API's document lists it. Two of them are [reserved](INTERNAL).
    Scope {
        /// What a user collected, to read.
        CollectionRead = "collection.read",
        /// What a user collected, to change.
        CollectionWrite = "collection.write",
        /// What a user may do, such as stream or use add-ons.
        EntitlementsRead = "entitlements.read",
        /// Playing, and controlling what plays.
        Playback = "playback",
        /// A user's playlists, to read.
        PlaylistsRead = "playlists.read",
        /// A user's playlists, to change.
        PlaylistsWrite = "playlists.write",
        /// All of a user's data, to read. Reserved.
        RUsr = "r_usr",
        /// What is recommended to a user.
        RecommendationsRead = "recommendations.read",
        /// Search results made for a user.
        SearchRead = "search.read",
        /// What such results are made from, such as the history.
        SearchWrite = "search.write",
        /// A user's account, such as country and e-mail address.
        UserRead = "user.read",
        /// A user's data, to change. Reserved.
        WUsr = "w_usr",
    }
}

/// A set of scopes (RFC 6749 §3.3), ordered by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(#[serde(deserialize_with = "in_order")] Vec<Box<str>>);

fn in_order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Box<str>>, D::Error> {
    Vec::<Box<str>>::deserialize(deserializer).map(|names| Scopes::of(names).0)
}

impl Scopes {
    /// No scopes.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The set of these names.
    fn of(names: Vec<Box<str>>) -> Self {
        let sorted = order(names.len(), &|a, b| names[a].cmp(&names[b]));
        let mut set = Vec::<Box<str>>::with_capacity(names.len());
        for name in sorted.into_iter().map(|at| &names[at]) {
            if set.last() != Some(name) {
                set.push(name.clone());
            }
        }
        Self(set)
    }

    /// Whether `scope` is among them.
    #[must_use]
    #[inline(never)]
    pub fn contains(&self, scope: &str) -> bool {
        self.0.iter().any(|known| **known == *scope)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How they are asked for. An empty list is no list (RFC 6749 §3.3): none is sent then.
    pub(crate) fn as_parameter(&self) -> Option<(&'static str, String)> {
        (!self.is_empty()).then(|| ("scope", self.to_string()))
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// The scopes of `self` that `other` lacks.
    #[must_use]
    pub fn missing_in(&self, other: &Self) -> Self {
        let mut missing = Vec::new();
        for scope in &self.0 {
            if !other.contains(scope) {
                missing.push(scope.clone());
            }
        }
        Self(missing)
    }

    /// All scopes that third parties may ask for.
    #[must_use]
    #[inline]
    pub fn public() -> Self {
        let mut public = Vec::new();
        for scope in Scope::KNOWN {
            if !INTERNAL.contains(&scope.as_str()) {
                public.push(scope.as_str().into());
            }
        }
        Self::of(public)
    }

    /// The public scopes that match one of these: a category (`collection`), an access (`read`), or any other part of a name.
    /// All of them if nothing is given.
    ///
    /// # Errors
    /// If one of them matches no scope.
    pub fn resolve<'a>(matches: impl IntoIterator<Item = &'a str>) -> Result<Self, Invalid> {
        let public = Self::public();
        let (mut any, mut found) = (false, Vec::new());
        for part in matches {
            any = true;
            let before = found.len();
            for scope in &public.0 {
                if !part.is_empty() && texts::contains(scope, part) {
                    found.push(scope.clone());
                }
            }
            if found.len() == before {
                return Err(Invalid::new("scopes", format!("{part:?} is part of no scope; there are {public}")));
            }
        }
        Ok(if any { Self::of(found) } else { public })
    }

    /// Takes each name, checked.
    ///
    /// # Errors
    /// If a name holds what RFC 6749 §3.3 doesn't allow: blanks, quotes, backslashes, anything but visible ASCII.
    pub fn try_from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, Invalid> {
        let mut scopes = Vec::new();
        for name in names {
            let fits = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            if name.is_empty() || !name.bytes().all(fits) {
                let message = format!("{name:?} is no scope: names are visible ASCII without quotes");
                return Err(Invalid::new("scopes", message));
            }
            scopes.push(name.into());
        }
        Ok(Self::of(scopes))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self::of(scopes.into_iter().map(|scope| scope.as_str().into()).collect())
    }
}

impl fmt::Display for Scopes {
    /// Joined by blanks, as OAuth 2 sends them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope)?;
        }
        Ok(())
    }
}

impl FromStr for Scopes {
    type Err = Invalid;

    /// Scopes separated by blanks.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::try_from_names(text.split_ascii_whitespace())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_in_order_and_without_repetition_however_it_came() {
        let named = Scopes::try_from_names(["b", "a", "b"]).unwrap();
        let stored: Scopes = serde_json::from_str(r#"["b","b","a"]"#).unwrap();
        assert_eq!(named.to_string(), "a b");
        assert_eq!(stored, named);
        assert_eq!(named.missing_in(&"b".parse().unwrap()).to_string(), "a");
    }
}
