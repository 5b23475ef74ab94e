//! Lists that may be absent.

use std::fmt;
use std::ops::Deref;

/// A list that derefs to a slice. One that the service left out is empty too, and [`is_absent`](Self::is_absent).
///
/// ```
/// use tidal_core::value::List;
///
/// let none = List::<u8>::default();
/// assert!(none.is_empty() && none.is_absent());
/// let empty = List::<u8>::from(vec![]);
/// assert!(empty.is_empty() && !empty.is_absent());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct List<T>(pub(crate) Option<Vec<T>>);

impl<T> List<T> {
    /// Whether there was no list at all.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.0.is_none()
    }

    /// Appends `item`.
    pub fn push(&mut self, item: T) {
        self.0.get_or_insert_default().push(item);
    }
}

impl<T> Default for List<T> {
    /// An absent list.
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> Self {
        Self(Some(items))
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(Some(items.into_iter().collect()))
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.unwrap_or_default().into_iter()
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
