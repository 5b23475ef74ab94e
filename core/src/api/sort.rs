//! Orders of listings.

use std::borrow::Cow;

use super::argument::Argument;

/// A key to sort by, and its direction. A key alone sorts upwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sort<K> {
    /// What to sort by.
    pub key: K,
    /// Whether the largest comes first.
    pub descending: bool,
}

impl<K> From<K> for Sort<K> {
    fn from(key: K) -> Self {
        Self { key, descending: false }
    }
}

/// What can be sorted by.
pub(super) trait Key {
    /// As it is sent.
    fn text(&self) -> &'static str;
}

impl<K: Key> Argument for Sort<K> {
    fn text(&self) -> Cow<'_, str> {
        let key = self.key.text();
        if self.descending { format!("-{key}").into() } else { key.into() }
    }
}

/// Makes an enumeration of keys.
macro_rules! sort_key {
    ($(#[$doc:meta])* $name:ident { $($(#[$more:meta])* $key:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$more])* $key,)+
        }

        impl $name {
            /// With the largest first.
            #[must_use]
            pub fn descending(self) -> $crate::api::Sort<Self> {
                $crate::api::Sort { key: self, descending: true }
            }
        }

        impl $crate::api::sort::Key for $name {
            #[inline]
            fn text(&self) -> &'static str {
                match self {
                    $(Self::$key => $text,)+
                }
            }
        }
    };
}
pub(super) use sort_key;
