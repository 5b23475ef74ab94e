//! Resource types.
//!
//! Each is a struct with plain fields: its id, its attributes, its relationships behind typed accessors. An attribute that the
//! service left out is `None`, a list that it left out is empty. Enumerations, codes and times never fail a document: see
//! [`value`](crate::value).

mod artwork_files;
mod copyright;
mod generated;
mod main_artists;

pub use generated::*;

use std::fmt;

use crate::document::{Resource, debug, same};
use crate::value::Text;

impl fmt::Debug for AnyResource {
    /// The name of the type and the JSON text.
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug(f, self.parts().parts().name, self)
    }
}

impl PartialEq for AnyResource {
    /// Whether both encode to the same JSON text.
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        same(self, other)
    }
}

impl AnyResource {
    /// The type's name in documents, such as `albums`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.parts().parts().kind
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &Text {
        self.parts().parts().id
    }

    /// The resource, if it is a `T`.
    #[must_use]
    pub fn get<T: Resource>(&self) -> Option<&T> {
        T::pick(self)
    }
}
