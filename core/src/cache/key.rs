//! What tells one read from another.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Canonical bytes, compared whole: two reads that differ in anything have different ones.
#[derive(Clone, Debug, Eq)]
pub(crate) struct Key(Arc<[u8]>);

impl Key {
    /// Of the parts that matter, in a fixed order: principal (client, account, scopes), type of the endpoint, target, headers. Each
    /// goes in with its length, so that no two lists of parts make the same key.
    pub(crate) fn new<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part);
        }
        Self(bytes.into())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        super::step();
        self.0 == other.0
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
