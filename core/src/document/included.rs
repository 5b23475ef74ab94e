//! Included resources, found by type and id.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use super::reader::{Read, Reader};
use super::table::read_items;
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
    /// None for an empty list.
    kept: Option<Arc<Kept>>,
}

#[derive(Default)]
struct Kept {
    /// Behind a trait, so that what frees resources of every type is compiled once, where the types are listed: not here, and not
    /// wherever a document is let go. A list of resources would have it compiled once more.
    rows: Vec<Box<dyn Row>>,
    len: usize,
    /// Open addressing: places, one more; 0 is free. Its length is a power of two, more than half of it free.
    index: Vec<u32>,
}

/// Room for a few resources.
pub(crate) trait Row: Send + Sync + UnwindSafe + RefUnwindSafe {
    fn get(&self, place: usize) -> Option<&AnyResource>;
    fn room(&mut self, place: usize) -> &mut Option<AnyResource>;
    fn read(&mut self, place: usize, reader: &mut Reader<'_>) -> Read<()>;
}

/// How many resources are in a row.
pub(crate) const ROW: usize = 16;

impl Included {
    /// The resource of type `kind` with this id, in constant time.
    #[must_use]
    pub fn get(&self, kind: &str, id: &str) -> Option<&AnyResource> {
        let kept = self.kept.as_ref()?;
        let place = kept.index.get(kept.slot(kind, id)?)?.checked_sub(1)?;
        kept.get(place as usize)
    }

    /// The `T` with this id, in constant time.
    #[must_use]
    pub fn find<T: Resource>(&self, id: &Id<T>) -> Option<&T> {
        T::pick(self.get(T::KIND, id.as_str())?)
    }

    /// All of them, in the order in which they came.
    pub fn iter(&self) -> IncludedIter<'_> {
        IncludedIter { kept: self.kept.as_deref(), place: 0 }
    }

    /// Those of type `T`, in the order in which they came.
    pub fn all<T: Resource>(&self) -> impl Iterator<Item = &T> {
        self.iter().filter_map(T::pick)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept.as_ref().map_or(0, |kept| kept.len)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_none()
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let mut kept = Kept::default();
        read_items(reader, &mut |reader| {
            let (row, place) = kept.next();
            row.read(place, reader)?;
            kept.len += 1;
            Ok(())
        })?;
        Ok(kept.finish())
    }
}

impl Kept {
    fn get(&self, place: usize) -> Option<&AnyResource> {
        self.rows.get(place / ROW)?.get(place % ROW)
    }

    /// Where the next one has its place.
    fn next(&mut self) -> (&mut dyn Row, usize) {
        let (row, place) = (self.len / ROW, self.len % ROW);
        if row == self.rows.len() {
            self.rows.push(AnyResource::row());
        }
        (&mut *self.rows[row], place)
    }

    fn next_room(&mut self) -> &mut Option<AnyResource> {
        let (row, place) = self.next();
        row.room(place)
    }

    fn finish(mut self) -> Included {
        if self.len == 0 {
            return Included::default();
        }
        self.rows.shrink_to_fit();
        self.reindex();
        Included { kept: Some(Arc::new(self)) }
    }

    /// The slot that holds the resource, or the free one where it would be; none before the first.
    fn slot(&self, kind: &str, id: &str) -> Option<usize> {
        let mask = self.index.len().checked_sub(1)?;
        let mut slot = hash(kind, id) & mask;
        loop {
            let Some(place) = self.index.get(slot)?.checked_sub(1) else { return Some(slot) };
            let known = self.get(place as usize)?.parts().parts();
            if &**known.id == id && known.kind == kind {
                return Some(slot);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Indexes all resources anew. Of two with the same type and id, the first is found.
    fn reindex(&mut self) {
        self.index = vec![0; (self.len * 2 + 1).next_power_of_two()];
        for place in 0..self.len {
            let Some(resource) = self.get(place).map(|resource| resource.parts().parts()) else { continue };
            let Some(slot) = self.slot(resource.kind, resource.id) else { continue };
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
    #[inline]
    fn from(resources: Vec<AnyResource>) -> Self {
        resources.into_iter().collect()
    }
}

impl FromIterator<AnyResource> for Included {
    fn from_iter<I: IntoIterator<Item = AnyResource>>(resources: I) -> Self {
        let mut kept = Kept::default();
        for resource in resources {
            *kept.next_room() = Some(resource);
            kept.len += 1;
        }
        kept.finish()
    }
}

/// The resources that came with a document's primary data, in the order in which they came.
#[derive(Clone)]
pub struct IncludedIter<'a> {
    kept: Option<&'a Kept>,
    place: usize,
}

impl<'a> Iterator for IncludedIter<'a> {
    type Item = &'a AnyResource;

    fn next(&mut self) -> Option<&'a AnyResource> {
        let next = self.kept?.get(self.place)?;
        self.place += 1;
        Some(next)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.kept.map_or(0, |kept| kept.len - self.place);
        (left, Some(left))
    }
}

impl ExactSizeIterator for IncludedIter<'_> {}

impl fmt::Debug for IncludedIter<'_> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<'a> IntoIterator for &'a Included {
    type Item = &'a AnyResource;
    type IntoIter = IncludedIter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Included {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other)
    }
}

impl fmt::Debug for Included {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}
