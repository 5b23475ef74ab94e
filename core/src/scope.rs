//! Scopes: what a token allows.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Invalid;

/// Scopes that the service reserves for its own clients: a third party that asks for one is refused.
pub const INTERNAL: [&str; 2] = ["r_usr", "w_usr"];

/// A set of scopes (RFC 6749 §3.3), ordered by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(BTreeSet<Box<str>>);

impl Scopes {
    /// No scopes.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeSet::new())
    }

    /// Whether `scope` is among them.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.0.contains(scope)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// The scopes of `self` that `other` lacks.
    #[must_use]
    pub fn missing_in(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).cloned().collect())
    }

    /// Takes each name, checked.
    ///
    /// # Errors
    /// If a name holds what RFC 6749 §3.3 doesn't allow: blanks, quotes, backslashes, anything but visible ASCII.
    pub fn try_from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, Invalid> {
        names
            .into_iter()
            .map(|name| {
                let fits = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
                if !name.is_empty() && name.bytes().all(fits) {
                    Ok(name.into())
                } else {
                    Err(Invalid::new("scopes", format!("{name:?} is no scope: names are visible ASCII without quotes")))
                }
            })
            .collect::<Result<_, _>>()
            .map(Self)
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
