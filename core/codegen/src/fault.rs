//! What stops the generator.

use std::fmt;

/// Something that can't be expressed, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The place: a JSON pointer (RFC 6901) into the document, or a table and a line of it.
    pub place: String,
    /// What is wrong there.
    pub why: String,
}

impl Fault {
    pub(crate) fn new(place: impl Into<String>, why: impl Into<String>) -> Self {
        Self { place: place.into(), why: why.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.why)
    }
}

impl std::error::Error for Fault {}

pub(crate) type Result<T, E = Fault> = std::result::Result<T, E>;
