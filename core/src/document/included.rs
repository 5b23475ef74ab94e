//! Included resources, found by type and id.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use super::reader::{Read, Reader};
use crate::document::Resource;
use crate::model::AnyResource;
use crate::value::Id;

/// The resources that came with a document's primary data.
///
/// What a relationship names may be missing here: it was not asked for, or is not available in the country.
///
/// Clones share them.
#[derive(Clone, Default)]
pub struct Included {
    /// None for an empty list. Behind a trait, so that what frees resources of every type is compiled once, not wherever a document
    /// is let go.
    kept: Option<Arc<dyn Keep>>,
}

trait Keep: Send + Sync + UnwindSafe + RefUnwindSafe {
    fn kept(&self) -> &Kept;
}

struct Kept {
    resources: Vec<AnyResource>,
    /// Open addressing: places in `resources`, one more; 0 is free. Its length is a power of two, more than half of it free.
    index: Vec<u32>,
}

impl Keep for Kept {
    fn kept(&self) -> &Kept {
        self
    }
}

impl Included {
    /// The resource of type `kind` with this id, in constant time.
    #[must_use]
    pub fn get(&self, kind: &str, id: &str) -> Option<&AnyResource> {
        let kept = self.kept.as_ref()?.kept();
        let place = kept.index.get(kept.slot(kind, id)?)?.checked_sub(1)?;
        kept.resources.get(place as usize)
    }

    /// The `T` with this id, in constant time.
    #[must_use]
    pub fn find<T: Resource>(&self, id: &Id<T>) -> Option<&T> {
        T::pick(self.get(T::KIND, id.as_str())?)
    }

    /// All of them, in the order in which they came.
    pub fn iter(&self) -> std::slice::Iter<'_, AnyResource> {
        self.as_slice().iter()
    }

    /// Those of type `T`, in the order in which they came.
    pub fn all<T: Resource>(&self) -> impl Iterator<Item = &T> {
        self.iter().filter_map(T::pick)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_none()
    }

    pub(super) fn as_slice(&self) -> &[AnyResource] {
        self.kept.as_ref().map_or(&[], |kept| &kept.kept().resources)
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Read<Self> {
        Ok(AnyResource::read_all(reader)?.unwrap_or_default().into())
    }
}

impl Kept {
    fn new(resources: Vec<AnyResource>) -> Self {
        let mut kept = Self { resources, index: Vec::new() };
        kept.reindex();
        kept
    }

    /// The slot that holds the resource, or the free one where it would be; none before the first.
    fn slot(&self, kind: &str, id: &str) -> Option<usize> {
        let mask = self.index.len().checked_sub(1)?;
        let mut slot = hash(kind, id) & mask;
        loop {
            let Some(place) = self.index.get(slot)?.checked_sub(1) else { return Some(slot) };
            let parts = self.resources.get(place as usize)?.parts();
            if &**parts.id_text() == id && parts.kind() == kind {
                return Some(slot);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Indexes all resources anew. Of two with the same type and id, the first is found.
    fn reindex(&mut self) {
        self.index = vec![0; (self.resources.len() * 2 + 1).next_power_of_two()];
        for place in 0..self.resources.len() {
            let parts = self.resources[place].parts();
            let Some(slot) = self.slot(parts.kind(), parts.id_text()) else { continue };
            let next = u32::try_from(place + 1).unwrap_or(0);
            if let Some(free @ 0) = self.index.get_mut(slot) {
                *free = next;
            }
        }
    }
}

/// FNV-1a over both texts.
fn hash(kind: &str, id: &str) -> usize {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in id.bytes().chain([b'/']).chain(kind.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    // The low bits of an FNV hash are its weakest.
    (hash ^ hash >> 32) as usize
}

impl From<Vec<AnyResource>> for Included {
    fn from(resources: Vec<AnyResource>) -> Self {
        if resources.is_empty() {
            return Self::default();
        }
        Self { kept: Some(Arc::new(Kept::new(resources))) }
    }
}

impl FromIterator<AnyResource> for Included {
    fn from_iter<I: IntoIterator<Item = AnyResource>>(resources: I) -> Self {
        resources.into_iter().collect::<Vec<_>>().into()
    }
}

impl<'a> IntoIterator for &'a Included {
    type Item = &'a AnyResource;
    type IntoIter = std::slice::Iter<'a, AnyResource>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Included {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl fmt::Debug for Included {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}
