//! What a change does to one attribute.

use super::Text;

/// What a change does to one attribute: leaves it, clears it, or sets it.
///
/// `None` as a `Patch` clears and `Some` sets; what is not mentioned is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Leaves it as it is: the attribute is not sent.
    #[default]
    Keep,
    /// Clears it: `null` is sent.
    Clear,
    /// Sets it to this value.
    Set(T),
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

impl From<&str> for Patch<Text> {
    fn from(value: &str) -> Self {
        Self::Set(value.into())
    }
}

impl From<String> for Patch<Text> {
    fn from(value: String) -> Self {
        Self::Set(value.into())
    }
}

impl<T> From<Option<T>> for Patch<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }
}
