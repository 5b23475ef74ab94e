//! Primary data: what a document is about.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

use super::identifier::Identifier;
use super::reader::{Read, Reader};
use super::refs::{Ref, RefIter, Target};
use super::relationship::Linkage;
use super::resource::read_known;
use super::table::{Item, read_list, write_list};
use super::writer::Writer;
use crate::document::Resource;
use crate::model::AnyResource;

/// What a document can be about: one resource, one or none (`Option`), many (`Vec`), or references ([`Refs`]).
#[allow(private_bounds)]
pub trait Primary: Data + Sized + Send + Sync + 'static {
    /// The `T` with this id, if it is here.
    fn find<T: Resource>(&self, _id: &str) -> Option<&T> {
        None
    }
}

/// How primary data is read and written.
pub(super) trait Data: Sized {
    /// Reads the value of `data`.
    fn read_data(reader: &mut Reader<'_>) -> Read<Self>;
    /// What a document without `data` is about, if there may be one.
    fn absent() -> Option<Self> {
        None
    }
    fn write_data(&self, writer: &mut Writer);
    fn is_absent(&self) -> bool {
        false
    }
}

/// The resource as a `T`, if its type and id say so.
fn cast<'a, R: Resource, T: Resource>(resource: &'a R, id: &str) -> Option<&'a T> {
    let resource: &dyn Any = resource;
    resource.downcast_ref::<T>().filter(|found| found.id().as_str() == id)
}

impl<R: Resource + Item> Primary for R {
    fn find<T: Resource>(&self, id: &str) -> Option<&T> {
        cast(self, id)
    }
}

impl<R: Resource + Item> Data for R {
    fn read_data(reader: &mut Reader<'_>) -> Read<Self> {
        read_known(reader)
    }

    fn write_data(&self, writer: &mut Writer) {
        self.write(writer);
    }
}

impl<R: Resource + Item> Primary for Option<R> {
    fn find<T: Resource>(&self, id: &str) -> Option<&T> {
        cast(self.as_ref()?, id)
    }
}

impl<R: Resource + Item> Data for Option<R> {
    fn read_data(reader: &mut Reader<'_>) -> Read<Self> {
        if reader.peek() == b'n' { reader.null().map(|()| None) } else { read_known(reader).map(Some) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn write_data(&self, writer: &mut Writer) {
        match self {
            Some(resource) => resource.write(writer),
            None => writer.word("null"),
        }
    }
}

impl<R: Resource + Item> Primary for Vec<R> {
    fn find<T: Resource>(&self, id: &str) -> Option<&T> {
        if T::KIND == R::KIND { self.iter().find_map(|resource| cast(resource, id)) } else { None }
    }
}

impl<R: Resource + Item> Data for Vec<R> {
    fn read_data(reader: &mut Reader<'_>) -> Read<Self> {
        read_list(reader).map(Option::unwrap_or_default)
    }

    fn write_data(&self, writer: &mut Writer) {
        write_list(self, writer);
    }
}

impl Primary for Vec<AnyResource> {
    fn find<T: Resource>(&self, id: &str) -> Option<&T> {
        self.iter().filter_map(T::pick).find(|resource| resource.id().as_str() == id)
    }
}

impl Data for Vec<AnyResource> {
    #[inline]
    fn read_data(reader: &mut Reader<'_>) -> Read<Self> {
        read_list(reader).map(Option::unwrap_or_default)
    }

    #[inline]
    fn write_data(&self, writer: &mut Writer) {
        write_list(self, writer);
    }
}

/// References to `T` as primary data: what the pages of a relationship are about. Each has an `M` about its place.
pub struct Refs<T, M = ()> {
    /// What came, whatever the types.
    pub linkage: Linkage,
    of: PhantomData<fn() -> (T, M)>,
}

impl<T, M> Refs<T, M> {
    /// References with these identifiers.
    #[must_use]
    pub fn new(linkage: impl Into<Linkage>) -> Self {
        Self { linkage: linkage.into(), of: PhantomData }
    }
}

impl<T: Target, M> Refs<T, M> {
    /// The references, in order. Those of another type, which a faulty answer may hold, are passed over.
    #[must_use]
    pub fn iter(&self) -> RefIter<'_, T, M> {
        RefIter::new(Some(&self.linkage))
    }

    /// The first reference.
    #[must_use]
    pub fn first(&self) -> Option<Ref<'_, T, M>> {
        self.iter().next()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first().is_none()
    }
}

impl<'a, T: Target, M> IntoIterator for &'a Refs<T, M> {
    type Item = Ref<'a, T, M>;
    type IntoIter = RefIter<'a, T, M>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T, M> Clone for Refs<T, M> {
    fn clone(&self) -> Self {
        Self::new(self.linkage.clone())
    }
}

impl<T, M> Default for Refs<T, M> {
    fn default() -> Self {
        Self::new(Linkage::Absent)
    }
}

impl<T, M> PartialEq for Refs<T, M> {
    fn eq(&self, other: &Self) -> bool {
        self.linkage == other.linkage
    }
}

impl<T, M> fmt::Debug for Refs<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.linkage.fmt(f)
    }
}

impl<T, M> FromIterator<Identifier> for Refs<T, M> {
    fn from_iter<I: IntoIterator<Item = Identifier>>(identifiers: I) -> Self {
        Self::new(identifiers.into_iter().collect::<Vec<_>>())
    }
}

impl<T: 'static, M: 'static> Primary for Refs<T, M> {}

impl<T: 'static, M: 'static> Data for Refs<T, M> {
    fn read_data(reader: &mut Reader<'_>) -> Read<Self> {
        Linkage::read(reader).map(Self::new)
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn write_data(&self, writer: &mut Writer) {
        self.linkage.write(writer);
    }

    fn is_absent(&self) -> bool {
        self.linkage == Linkage::Absent
    }
}

impl Primary for () {}

/// A document that is about nothing, as changes answer. Data that comes all the same is passed over.
impl Data for () {
    fn read_data(reader: &mut Reader<'_>) -> Read<Self> {
        reader.skip()
    }

    fn absent() -> Option<Self> {
        Some(())
    }

    fn write_data(&self, writer: &mut Writer) {
        writer.word("null");
    }

    fn is_absent(&self) -> bool {
        true
    }
}
