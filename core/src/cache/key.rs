//! What tells one read from another.

use std::any::TypeId;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::entropy::HashKeys;

/// Canonical bytes and what they are decoded as, compared whole: two reads that differ in anything have different ones.
#[derive(Clone, Debug, Eq)]
pub(crate) struct Key {
    endpoint: TypeId,
    parts: Arc<[u8]>,
}

impl Key {
    /// Of the endpoint's type and the parts that matter, in a fixed order: principal, method, target, headers. Each goes in with its
    /// length, so that no two lists of parts make the same key.
    pub(crate) fn new(endpoint: TypeId, parts: &[&[u8]]) -> Self {
        let mut bytes = Vec::with_capacity(256);
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
            bytes.extend_from_slice(part);
        }
        Self { endpoint, parts: bytes.into() }
    }

    pub(super) fn len(&self) -> usize {
        self.parts.len()
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        super::step();
        self.endpoint == other.endpoint && self.parts == other.parts
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.endpoint.hash(state);
        self.parts.hash(state);
    }
}

/// Places by key, compiled once for all who keep something by keys.
pub(crate) struct Index(HashMap<Key, usize, HashKeys>);

impl Index {
    pub(crate) fn new(keys: HashKeys) -> Self {
        Self(HashMap::with_hasher(keys))
    }

    pub(crate) fn get(&self, key: &Key) -> Option<usize> {
        self.0.get(key).copied()
    }

    pub(crate) fn insert(&mut self, key: Key, place: usize) {
        self.0.insert(key, place);
    }

    pub(crate) fn remove(&mut self, key: &Key) {
        self.0.remove(key);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
