//! How objects and resource types are written down: their fields once, from which structs, tables and accessors are made.

/// Makes an object of attributes or meta: `/// doc Name { /// doc field: Type = "key", }`.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident { $($(#[$more:meta])* $field:ident: $type:ty = $key:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Default)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$more])* pub $field: $type,)*
            /// Members that this version doesn't know, or whose values don't fit.
            pub unknown: $crate::document::Unknown,
        }

        $crate::document::table!($name { $($field = $key,)* } unknown);

        impl $crate::document::Formed for $name {
            type Form = $crate::document::Object;
        }
    };
}
pub(crate) use object;

/// Makes the table of a struct whose unknown members are in `$($unknown).+`.
macro_rules! table {
    ($name:ident { $($field:ident = $key:literal,)* } $($unknown:ident).+) => {
        impl $crate::document::Fields for $name {
            #[inline]
            fn fields(&self, to: &mut $crate::document::ToFields<'_>) {
                to(&[$($key),*], &[$(&self.$field),*], &self.$($unknown).+);
            }
        }

        impl $crate::document::Table for $name {
            #[inline]
            fn slots(&mut self, to: &mut $crate::document::ToSlots<'_>) {
                to(&[$($key),*], &mut [$(&mut &mut self.$field),*], &mut self.$($unknown).+);
            }
        }

        impl std::fmt::Debug for $name {
            /// The JSON text.
            #[inline]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::document::debug(f, stringify!($name), self)
            }
        }

        impl PartialEq for $name {
            /// Whether both encode to the same JSON text.
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::document::same(self, other)
            }
        }
    };
}
pub(crate) use table;

/// Makes a resource type, perhaps with meta of its own:
/// `/// doc Name: "kind", "name" meta Meta { /// doc field: Type = "key", } { /// doc accessor: Many<Target, Meta> = "key", }`.
macro_rules! resource {
    ($(#[$doc:meta])* $name:ident: $kind:literal, $noun:literal $(meta $about_all:ident)?
        { $($(#[$more:meta])* $field:ident: $type:ty = $key:literal,)* }
        { $($(#[$about:meta])* $accessor:ident: $many:ident<$target:ty $(, $meta:ty)?> = $relationship:literal,)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Default)]
        #[non_exhaustive]
        pub struct $name {
            /// The id.
            pub id: $crate::value::Id<Self>,
            $($(#[$more])* pub $field: $type,)*
            /// What it refers to, by name. The methods give the same with types.
            pub relationships: $crate::document::Relationships,
            /// What else came with it.
            pub extra: $crate::document::Extra,
        }

        impl $name {
            /// One with this id and nothing else, to build on.
            #[must_use]
            pub fn new(id: impl Into<$crate::value::Id<Self>>) -> Self {
                $crate::document::with_id(id.into())
            }

            $(
            /// What is said about the resource as a whole; empty if nothing is.
            #[must_use]
            #[inline]
            pub fn meta(&self) -> $about_all {
                $crate::document::read_meta(self.extra.meta())
            }
            )?

            $($(#[$about])*
            #[must_use]
            #[inline]
            pub fn $accessor(&self) -> $crate::document::$many<'_, $target $(, $meta)?> {
                $crate::document::$many::of(&self.relationships, $relationship)
            })*
        }

        impl $crate::api::Include<$name> {
            $($(#[$about])*
            #[must_use]
            #[inline]
            pub fn $accessor(self) -> $crate::api::Include<$target> {
                self.step($relationship)
            })*
        }

        impl $crate::value::Named for $name {
            const NAME: &'static str = $noun;
        }

        impl $crate::document::Resource for $name {
            const KIND: &'static str = $kind;

            fn id(&self) -> &$crate::value::Id<Self> {
                &self.id
            }
        }

        impl $crate::document::Formed for $name {
            type Form = $crate::document::AsResource;
        }

        $crate::document::table!($name { $($field = $key,)* } extra.attributes);

        impl $crate::document::Parts for $name {
            fn parts(&self) -> $crate::document::Part<'_> {
                $crate::document::Part {
                    name: stringify!($name),
                    kind: $kind,
                    id: self.id.text(),
                    relationships: &self.relationships,
                    extra: &self.extra,
                }
            }

            fn parts_mut(
                &mut self,
            ) -> (&mut $crate::value::Text, &mut $crate::document::Relationships, &mut $crate::document::Extra) {
                (self.id.text_mut(), &mut self.relationships, &mut self.extra)
            }
        }
    };
}
pub(crate) use resource;

/// Makes the enumeration of all resource types: `/// doc Name { Type, … }`.
macro_rules! resources {
    ($(#[$doc:meta])* $name:ident { $($type:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Clone)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("See [`", stringify!($type), "`].")] $type(Box<$type>),)+
            /// A resource of a type that this version doesn't know.
            Other(Box<$crate::document::OtherResource>),
        }

        impl $name {
            /// The types' names in documents.
            pub(crate) const KINDS: &'static [&'static str] = &[$(<$type as $crate::document::Resource>::KIND),+];

            /// An empty one of the type called `kind`.
            fn empty(kind: $crate::value::Text) -> Self {
                const EMPTY: &[fn() -> $name] = &[$(made::<$type>),+];
                match $crate::document::place(&kind, $name::KINDS) {
                    Some(at) => EMPTY[at](),
                    None => Self::Other(Box::new($crate::document::OtherResource::of_kind(kind))),
                }
            }

            fn put(room: &mut Option<Self>, kind: $crate::value::Text) {
                *room = Some(Self::empty(kind));
            }

            /// Room for a few of them. Here, as all that may free resources of every type: it is compiled in this module only.
            pub(crate) fn row() -> Box<dyn $crate::document::Row> {
                Box::new(Row([const { None }; $crate::document::ROW]))
            }

            pub(crate) fn parts(&self) -> &dyn $crate::document::Parts {
                match self {
                    $(Self::$type(resource) => &**resource,)+
                    Self::Other(resource) => &**resource,
                }
            }

            #[inline]
            fn whole(&self) -> &dyn $crate::document::Whole {
                match self {
                    $(Self::$type(resource) => &**resource,)+
                    Self::Other(resource) => &**resource,
                }
            }

            pub(crate) fn parts_mut(&mut self) -> &mut dyn $crate::document::Parts {
                match self {
                    $(Self::$type(resource) => &mut **resource,)+
                    Self::Other(resource) => &mut **resource,
                }
            }
        }

        fn made<R: Default>() -> $name
        where
            $name: From<R>,
        {
            $name::from(R::default())
        }

        struct Row([Option<$name>; $crate::document::ROW]);

        impl $crate::document::Row for Row {
            fn get(&self, place: usize) -> Option<&$name> {
                self.0[place].as_ref()
            }

            fn room(&mut self, place: usize) -> &mut Option<$name> {
                &mut self.0[place]
            }

            fn read(&mut self, place: usize, reader: &mut $crate::document::Reader<'_>) -> $crate::document::Read<()> {
                $crate::document::read_any(&mut self.0[place], reader)
            }
        }

        impl $crate::document::Room for Option<$name> {
            fn parts(&mut self) -> Option<&mut dyn $crate::document::Parts> {
                self.as_mut().map($name::parts_mut)
            }

            fn make(&mut self, kind: $crate::value::Text) {
                $name::put(self, kind);
            }
        }

        impl $crate::document::Item for $name {
            fn fill(slot: &mut Option<Self>, reader: &mut $crate::document::Reader<'_>) -> $crate::document::Read<()> {
                $crate::document::read_any(slot, reader)
            }

            #[inline]
            fn write(&self, writer: &mut $crate::document::Writer) {
                $crate::document::write_resource(self.whole(), writer);
            }
        }

        $(impl From<$type> for $name {
            #[inline]
            fn from(resource: $type) -> Self {
                Self::$type(Box::new(resource))
            }
        })+
    };
}
pub(crate) use resources;
