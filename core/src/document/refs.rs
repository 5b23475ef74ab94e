//! Relationships with types: what they name, and the way to the included resource.

use std::fmt;
use std::marker::PhantomData;

use super::identifier::Identifier;
use super::included::Included;
use super::links::Links;
use super::relationship::{Linkage, Relationship, Relationships};
use super::table::Table;
use crate::document::{Primary, Resource};
use crate::model::AnyResource;
use crate::value::{Id, Json};

/// What a relationship can point to: a resource type, or [`AnyResource`] where it may be several.
pub trait Target: Sized + 'static {
    /// The resource, borrowed.
    type Item<'a>: Copy;

    /// Whether resources of type `kind` are targets.
    fn admits(kind: &str) -> bool;

    /// The resource, if it is a target.
    fn pick(any: &AnyResource) -> Option<Self::Item<'_>>;

    /// The target with this id, if it is among the primary data.
    fn in_data<'a, P: Primary>(data: &'a P, id: &str) -> Option<Self::Item<'a>>;
}

impl<R: Resource> Target for R {
    type Item<'a> = &'a R;

    fn admits(kind: &str) -> bool {
        kind == R::KIND
    }

    fn pick(any: &AnyResource) -> Option<&R> {
        Resource::pick(any)
    }

    fn in_data<'a, P: Primary>(data: &'a P, id: &str) -> Option<&'a R> {
        data.find(id)
    }
}

impl Target for AnyResource {
    type Item<'a> = &'a AnyResource;

    fn admits(_: &str) -> bool {
        true
    }

    fn pick(any: &AnyResource) -> Option<&AnyResource> {
        Some(any)
    }

    /// Never: primary data of one type is no [`AnyResource`].
    fn in_data<'a, P: Primary>(_: &'a P, _: &str) -> Option<&'a AnyResource> {
        None
    }
}

/// What can be said about a resource in a place.
#[allow(private_bounds)]
pub trait Meta: Table + Default {}

impl<M: Table + Default> Meta for M {}

/// A reference to a `T`, with an `M` about it in this place.
pub struct Ref<'a, T, M = ()> {
    identifier: &'a Identifier,
    of: PhantomData<fn() -> (T, M)>,
}

impl<'a, T: Target, M> Ref<'a, T, M> {
    fn new(identifier: &'a Identifier) -> Option<Self> {
        T::admits(&identifier.kind).then_some(Self { identifier, of: PhantomData })
    }

    /// A reference that is known to be of the right type.
    pub(crate) fn admitted(identifier: &'a Identifier) -> Self {
        Self { identifier, of: PhantomData }
    }

    /// Type, id and meta as they came.
    #[must_use]
    pub fn identifier(self) -> &'a Identifier {
        self.identifier
    }

    /// The resource, if it was included.
    #[must_use]
    pub fn find(self, included: &Included) -> Option<T::Item<'_>> {
        T::pick(included.get(&self.identifier.kind, &self.identifier.id)?)
    }
}

impl<T: Resource, M> Ref<'_, T, M> {
    /// The id.
    #[must_use]
    pub fn id(self) -> Id<T> {
        Id::new(&self.identifier.id)
    }
}

impl<T, M: Meta> Ref<'_, T, M> {
    /// What is said about the resource in this place; empty if nothing is.
    #[must_use]
    pub fn meta(self) -> M {
        self.identifier.meta_as()
    }
}

impl<T, M> Clone for Ref<'_, T, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, M> Copy for Ref<'_, T, M> {}

impl<T, M> fmt::Debug for Ref<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.identifier.fmt(f)
    }
}

impl<'a, T: Target, M> IntoIterator for Ref<'a, T, M> {
    type Item = Self;
    type IntoIter = std::iter::Once<Self>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self)
    }
}

/// The references of a linkage that are of the right type.
pub struct RefIter<'a, T, M>(std::slice::Iter<'a, Identifier>, PhantomData<fn() -> (T, M)>);

impl<'a, T, M> RefIter<'a, T, M> {
    pub(super) fn new(linkage: Option<&'a Linkage>) -> Self {
        Self(linkage.map(Linkage::identifiers).unwrap_or_default().iter(), PhantomData)
    }
}

impl<'a, T: Target, M> Iterator for RefIter<'a, T, M> {
    type Item = Ref<'a, T, M>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.by_ref().find_map(Ref::new)
    }
}

macro_rules! relation {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub struct $name<'a, T, M = ()> {
            relationship: Option<&'a Relationship>,
            of: PhantomData<fn() -> (T, M)>,
        }

        impl<'a, T, M> $name<'a, T, M> {
            pub(crate) fn of(all: &'a Relationships, name: &str) -> Self {
                Self { relationship: all.get(name), of: PhantomData }
            }

            /// Whether the answer says what this names. If not, it was not asked for by `include`.
            #[must_use]
            pub fn is_stated(self) -> bool {
                !matches!(self.linkage(), None | Some(Linkage::Absent))
            }

            /// What it names as it came, whatever the types; none if the resource came without this relationship.
            #[must_use]
            pub fn linkage(self) -> Option<&'a Linkage> {
                self.relationship.map(|relationship| &relationship.data)
            }

            /// Its links.
            #[must_use]
            pub fn links(self) -> Option<&'a Links> {
                self.relationship.map(|relationship| &relationship.links)
            }

            /// What is said about the whole of it.
            #[must_use]
            pub fn about(self) -> Option<&'a Json> {
                self.relationship?.unknown.get("meta")
            }
        }

        impl<'a, T: Target, M> IntoIterator for $name<'a, T, M> {
            type Item = Ref<'a, T, M>;
            type IntoIter = RefIter<'a, T, M>;

            fn into_iter(self) -> Self::IntoIter {
                RefIter::new(self.linkage())
            }
        }

        impl<T, M> Clone for $name<'_, T, M> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T, M> Copy for $name<'_, T, M> {}

        impl<T, M> fmt::Debug for $name<'_, T, M> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.relationship.fmt(f)
            }
        }
    };
}

relation!(
    /// A relationship to any number of `T`, in order. References of another type, which a faulty answer may hold, are passed over
    /// here and can be seen in [`linkage`](Self::linkage).
    Many
);

relation!(
    /// A relationship to one `T` or none. A reference of another type, which a faulty answer may hold, is passed over here and can be
    /// seen in [`linkage`](Self::linkage).
    One
);

impl<'a, T: Target, M> Many<'a, T, M> {
    /// The references, in order.
    pub fn iter(self) -> RefIter<'a, T, M> {
        self.into_iter()
    }

    /// The first reference.
    #[must_use]
    pub fn first(self) -> Option<Ref<'a, T, M>> {
        self.iter().next()
    }

    /// How many there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.iter().count()
    }

    /// Whether there are none, or the answer doesn't say ([`is_stated`](Self::is_stated)).
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.first().is_none()
    }
}

impl<'a, T: Target, M> One<'a, T, M> {
    /// The reference, if there is one.
    #[must_use]
    pub fn get(self) -> Option<Ref<'a, T, M>> {
        self.into_iter().next()
    }
}
