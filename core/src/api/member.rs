//! What references in changes name.

use crate::Invalid;
use crate::document::{Identifier, Resource};
use crate::value::Id;

/// What a reference can be made of.
pub(super) trait Member {
    /// The reference; what can't be an id is refused.
    fn into_identifier(self) -> Result<Identifier, Invalid>;
}

impl<T: Resource> Member for Id<T> {
    #[inline]
    fn into_identifier(self) -> Result<Identifier, Invalid> {
        self.check().map(|()| Identifier::of::<T>(self))
    }
}

/// Makes a choice between types of resource: `/// doc Name { Type, … }`.
macro_rules! one_of {
    ($(#[$doc:meta])* $name:ident { $($type:ident),+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("See [`", stringify!($type), "`](crate::model::", stringify!($type), ").")] $type($crate::value::Id<$type>),)+
        }

        impl $crate::api::member::Member for $name {
            #[inline]
            fn into_identifier(self) -> Result<$crate::document::Identifier, $crate::Invalid> {
                match self {
                    $(Self::$type(id) => $crate::api::member::Member::into_identifier(id),)+
                }
            }
        }

        impl From<$name> for $crate::api::Addition<$name> {
            #[inline]
            fn from(item: $name) -> Self {
                Self::new(item)
            }
        }

        $(
            impl From<$crate::value::Id<$type>> for $name {
                #[inline]
                fn from(id: $crate::value::Id<$type>) -> Self {
                    Self::$type(id)
                }
            }

            impl From<&$crate::value::Id<$type>> for $name {
                #[inline]
                fn from(id: &$crate::value::Id<$type>) -> Self {
                    Self::$type(id.clone())
                }
            }

            impl From<$crate::value::Id<$type>> for $crate::api::Addition<$name> {
                #[inline]
                fn from(id: $crate::value::Id<$type>) -> Self {
                    Self::new($name::from(id))
                }
            }

            impl From<&$crate::value::Id<$type>> for $crate::api::Addition<$name> {
                #[inline]
                fn from(id: &$crate::value::Id<$type>) -> Self {
                    Self::new($name::from(id))
                }
            }
        )+
    };
}
pub(super) use one_of;
