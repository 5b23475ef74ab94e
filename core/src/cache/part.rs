//! What can be cleared by itself.

use super::tag::Tag;
use crate::request::Op;

/// A part of the cache.
///
/// ```
/// use tidal_core::api::GetAlbum;
/// use tidal_core::cache::Part;
///
/// let parts = [Part::All, Part::of::<GetAlbum>(), Part::Group("albums"), Part::Resource("albums", "46369321")];
/// assert_eq!(parts[1], Part::Operation("/albums/{id}"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part<'a> {
    /// All of it.
    All,
    /// The answers of one operation, by its path with the names of its parameters: `/albums/{id}`.
    Operation(&'a str),
    /// The answers of all operations below a first path segment: `albums`.
    Group(&'a str),
    /// The answers that may hold one resource, by type and id: those about it, the listings of its type, and those that include others
    /// or belong to another.
    Resource(&'a str, &'a str),
}

impl Part<'_> {
    /// The answers of one operation.
    #[must_use]
    pub fn of<O: Op>() -> Self {
        Part::Operation(&O::OPERATION.path)
    }

    /// `None` for all.
    #[inline]
    pub(crate) fn tags(self) -> Option<Vec<Tag>> {
        match self {
            Self::All => None,
            Self::Operation(path) => Some(vec![Tag::operation(path)]),
            Self::Group(name) => Some(vec![Tag::group(name)]),
            Self::Resource(kind, id) => Some(vec![Tag::resource(kind, id), Tag::listing(kind), Tag::mixed()]),
        }
    }
}
