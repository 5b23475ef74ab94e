//! Resources: what every type has in common, and how one is read.

use std::any::Any as Dynamic;
use std::fmt;

use super::fault::{Fault, Why};
use super::links::Links;
use super::reader::{Read, Reader};
use super::relationship::Relationships;
use super::table::{Item, Table, read_table, write_members};
use super::unknown::Unknown;
use super::writer::Writer;
use crate::model::AnyResource;
use crate::value::{Id, Json, Named, Text};

/// A resource type.
///
/// The types are structs with plain fields: `id`, the attributes (absent ones are `None` or empty), `relationships` behind typed
/// accessors, and what else came in `extra`.
pub trait Resource: Named + Parts + Clone + Default + fmt::Debug + PartialEq + Dynamic + Send + Sync {
    /// The type's name in documents, such as `albums`.
    const KIND: &'static str;

    /// The id.
    fn id(&self) -> &Id<Self>;

    /// The resource, if it is of this type.
    fn pick(any: &AnyResource) -> Option<&Self>;

    /// The attribute called `name`, if this version doesn't know it or its value doesn't fit the field.
    #[must_use]
    fn unknown(&self, name: &str) -> Option<&Json> {
        Parts::extra(self).attributes.get(name)
    }
}

/// A resource whose type is known at run time only. Not for implementing.
#[doc(hidden)]
#[allow(private_bounds)]
pub trait Parts: Table {
    fn kind(&self) -> &str;
    fn id_text(&self) -> &Text;
    fn relationships(&self) -> &Relationships;
    fn extra(&self) -> &Extra;
    fn parts_mut(&mut self) -> (&mut Text, &mut Relationships, &mut Extra);
    fn reset(&mut self);
}

/// What came with a resource beside its id, its known attributes and its relationships.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Extra {
    pub(crate) attributes: Unknown,
    more: Option<Box<More>>,
}

#[derive(Clone, Default, PartialEq, Eq)]
struct More {
    links: Links,
    meta: Option<Json>,
    members: Unknown,
}

impl Extra {
    /// Attributes that this version doesn't know, or whose values don't fit their fields.
    #[must_use]
    pub fn attributes(&self) -> &Unknown {
        &self.attributes
    }

    /// The same, to change them.
    pub fn attributes_mut(&mut self) -> &mut Unknown {
        &mut self.attributes
    }

    /// The resource's own links.
    #[must_use]
    pub fn links(&self) -> Option<&Links> {
        self.more.as_ref().map(|more| &more.links)
    }

    /// What is said about the resource.
    #[must_use]
    pub fn meta(&self) -> Option<&Json> {
        self.more.as_ref()?.meta.as_ref()
    }

    /// Sets what is said about the resource.
    pub fn set_meta(&mut self, meta: Json) {
        self.more.get_or_insert_default().meta = Some(meta);
    }

    /// Members of the resource object that JSON:API doesn't name.
    pub fn members(&self) -> impl Iterator<Item = (&Text, &Json)> {
        self.more.iter().flat_map(|more| more.members.iter())
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extra")
            .field("attributes", &self.attributes)
            .field("links", &self.links())
            .field("meta", &self.meta())
            .finish()
    }
}

/// A resource of a type that this version doesn't know. All its attributes are in `extra`.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct OtherResource {
    /// The type's name.
    pub kind: Text,
    /// The id.
    pub id: Text,
    /// What it refers to.
    pub relationships: Relationships,
    /// Everything else.
    pub extra: Extra,
}

super::table::table!(OtherResource {} extra.attributes);

impl OtherResource {
    pub(crate) fn of_kind(kind: Text) -> Self {
        Self { kind, ..Self::default() }
    }
}

impl Item for OtherResource {
    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        reader.peek();
        let at = reader.pos;
        match read_any(reader)? {
            AnyResource::Other(resource) => Ok(*resource),
            _ => Err(Fault { at, why: Why::Unfit("the resource is of a type that is known") }),
        }
    }

    fn write(&self, writer: &mut Writer) {
        write_resource(self, writer);
    }
}

impl Parts for OtherResource {
    fn kind(&self) -> &str {
        &self.kind
    }

    fn id_text(&self) -> &Text {
        &self.id
    }

    fn relationships(&self) -> &Relationships {
        &self.relationships
    }

    fn extra(&self) -> &Extra {
        &self.extra
    }

    fn parts_mut(&mut self) -> (&mut Text, &mut Relationships, &mut Extra) {
        (&mut self.id, &mut self.relationships, &mut self.extra)
    }

    fn reset(&mut self) {
        *self = Self { kind: self.kind.clone(), ..Self::default() };
    }
}

/// Where a resource is read to.
enum To<'t> {
    /// To one of the type that the operation answers with.
    Known(&'t mut dyn Parts),
    /// To whatever its `type` says.
    Any(Option<AnyResource>),
}

impl To<'_> {
    fn parts(&mut self) -> Option<&mut dyn Parts> {
        match self {
            Self::Known(parts) => Some(&mut **parts),
            Self::Any(any) => any.as_mut().map(AnyResource::parts_mut),
        }
    }

    /// Takes note of the `type` at `at`; whether it is news.
    fn is(&mut self, kind: Text, at: usize, expected: &'static str) -> Read<bool> {
        match self {
            Self::Known(_) if kind == expected => Ok(false),
            Self::Known(_) => Err(Fault { at, why: Why::Type(expected) }),
            Self::Any(Some(any)) if kind == any.kind() => Ok(false),
            Self::Any(any) => {
                *any = Some(AnyResource::empty(kind));
                Ok(true)
            }
        }
    }
}

/// Reads a resource of a type that is known.
pub(crate) fn read_known<R: Resource>(reader: &mut Reader<'_>) -> Read<R> {
    let mut resource = R::default();
    read_to(To::Known(&mut resource), R::KIND, reader)?;
    Ok(resource)
}

/// Reads a resource of any type.
pub(crate) fn read_any(reader: &mut Reader<'_>) -> Read<AnyResource> {
    let at = reader.pos;
    match read_to(To::Any(None), "", reader)? {
        To::Any(Some(any)) => Ok(any),
        _ => Err(Fault { at, why: Why::Missing("type") }),
    }
}

fn read_to<'t>(mut to: To<'t>, expected: &'static str, reader: &mut Reader<'_>) -> Read<To<'t>> {
    reader.peek();
    let start = reader.pos;
    if !reader.open(b'{', "a resource")? {
        return Err(Fault { at: start, why: Why::Expected("a resource") });
    }
    let (mut id, mut relationships, mut more) = (None, Relationships::default(), More::default());
    let (mut rest, mut attributes, mut is_read, mut first) = (Vec::new(), None, false, true);
    while let Some(key) = reader.key(&mut first)? {
        reader.peek();
        let at = reader.pos;
        let known = match &*key {
            "id" => {
                id = Some(reader.text()?);
                continue;
            }
            "type" => {
                let kind = reader.text()?;
                is_read &= !to.is(kind, at, expected)?;
                continue;
            }
            "attributes" => {
                attributes = Some(at);
                let Some(parts) = to.parts() else {
                    reader.skip()?;
                    continue;
                };
                if std::mem::replace(&mut is_read, true) {
                    parts.reset();
                }
                reader.or_json(|reader| read_attributes(parts, reader))?
            }
            "relationships" => reader.or_json(|reader| relationships.read(reader))?,
            "links" => reader.or_json(|reader| more.links.read(reader))?,
            "meta" => {
                more.meta = Some(reader.json()?).filter(|meta| meta.as_str() != "null");
                continue;
            }
            _ => Err(reader.json()?),
        };
        if let Err(json) = known {
            rest.push((Text::from(key), json));
        }
    }
    let Some(parts) = to.parts() else { return Err(Fault { at: start, why: Why::Missing("type") }) };
    let id = id.ok_or(Fault { at: start, why: Why::Missing("id") })?;
    if let Some(at) = attributes.filter(|_| !is_read) {
        let end = std::mem::replace(&mut reader.pos, at);
        if let Err(json) = reader.or_json(|reader| read_attributes(parts, reader))? {
            rest.push((Text::from("attributes"), json));
        }
        reader.pos = end;
    }
    if !rest.is_empty() {
        more.members = Unknown::settle(rest, |_| false);
    }
    let to_parts = parts.parts_mut();
    (*to_parts.0, *to_parts.1) = (id, relationships);
    to_parts.2.more = (more != More::default()).then(|| Box::new(more));
    Ok(to)
}

fn read_attributes(parts: &mut dyn Parts, reader: &mut Reader<'_>) -> Read<()> {
    read_table(parts, reader).map(drop)
}

pub(crate) fn write_resource(resource: &dyn Parts, writer: &mut Writer) {
    writer.open('{');
    writer.key("id");
    writer.text(resource.id_text());
    writer.key("type");
    writer.text(resource.kind());
    let mut has_attributes = !resource.extra().attributes.is_empty();
    resource.visit(&mut |_, slot| has_attributes |= !slot.is_absent());
    if has_attributes {
        writer.key("attributes");
        writer.open('{');
        write_members(resource, writer);
        writer.close('}');
    }
    if !resource.relationships().is_absent() {
        writer.key("relationships");
        resource.relationships().write(writer);
    }
    if let Some(more) = &resource.extra().more {
        if !more.links.is_empty() {
            writer.key("links");
            more.links.write(writer);
        }
        for (name, value) in
            more.meta.iter().map(|meta| ("meta", meta)).chain(more.members.iter().map(|(name, value)| (&**name, value)))
        {
            writer.key(name);
            writer.json(value);
        }
    }
    writer.close('}');
}

/// Makes a resource type: `/// doc Name: "kind", "name" { /// doc field: Type = "key", } { /// doc accessor: Many<Target, Meta> = "key", }`.
macro_rules! resource {
    ($(#[$doc:meta])* $name:ident: $kind:literal, $noun:literal
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
                Self { id: id.into(), ..Self::default() }
            }

            $($(#[$about])*
            #[must_use]
            pub fn $accessor(&self) -> $crate::document::$many<'_, $target $(, $meta)?> {
                $crate::document::$many::of(&self.relationships, $relationship)
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

            fn pick(any: &$crate::model::AnyResource) -> Option<&Self> {
                match any {
                    $crate::model::AnyResource::$name(resource) => Some(resource),
                    _ => None,
                }
            }
        }

        impl $crate::document::Item for $name {
            fn read(reader: &mut $crate::document::Reader<'_>) -> $crate::document::Read<Self> {
                $crate::document::read_known(reader)
            }

            fn write(&self, writer: &mut $crate::document::Writer) {
                $crate::document::write_resource(self, writer);
            }
        }

        $crate::document::table!($name { $($field = $key,)* } extra.attributes);

        impl $crate::document::Parts for $name {
            fn kind(&self) -> &str {
                $kind
            }

            fn id_text(&self) -> &$crate::value::Text {
                self.id.text()
            }

            fn relationships(&self) -> &$crate::document::Relationships {
                &self.relationships
            }

            fn extra(&self) -> &$crate::document::Extra {
                &self.extra
            }

            fn parts_mut(
                &mut self,
            ) -> (&mut $crate::value::Text, &mut $crate::document::Relationships, &mut $crate::document::Extra) {
                (self.id.text_mut(), &mut self.relationships, &mut self.extra)
            }

            fn reset(&mut self) {
                *self = Self::default();
            }
        }
    };
}
pub(crate) use resource;

/// Makes the enumeration of all resource types: `/// doc Name { Type, … }`.
macro_rules! resources {
    ($(#[$doc:meta])* $name:ident { $($type:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("See [`", stringify!($type), "`].")] $type(Box<$type>),)+
            /// A resource of a type that this version doesn't know.
            Other(Box<$crate::document::OtherResource>),
        }

        impl $name {
            /// An empty one of the type called `kind`.
            pub(crate) fn empty(kind: $crate::value::Text) -> Self {
                match &*kind {
                    $(<$type as $crate::document::Resource>::KIND => Self::$type(Box::default()),)+
                    _ => Self::Other(Box::new($crate::document::OtherResource::of_kind(kind))),
                }
            }

            pub(crate) fn parts(&self) -> &dyn $crate::document::Parts {
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

        $(impl From<$type> for $name {
            fn from(resource: $type) -> Self {
                Self::$type(Box::new(resource))
            }
        })+
    };
}
pub(crate) use resources;
