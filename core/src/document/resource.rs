//! Resources: what every type has in common, and how one is read.

use std::any::Any as Dynamic;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::fault::Why;
use super::links::Links;
use super::reader::{Read, Reader};
use super::relationship::Relationships;
use super::table::{Fields, Form, Item, Table, read_table, write_members};
use super::unknown::Unknown;
use super::writer::Writer;
use crate::model::AnyResource;
use crate::value::{Id, Json, Named, Text};

/// A resource type.
///
/// The types are structs with plain fields: `id`, the attributes (absent ones are `None` or empty), `relationships` behind typed
/// accessors, and what else came in `extra`.
pub trait Resource: Named + Whole + Clone + Default + fmt::Debug + PartialEq + Dynamic + Send + Sync {
    /// The type's name in documents, such as `albums`.
    const KIND: &'static str;

    /// The id.
    fn id(&self) -> &Id<Self>;

    /// The resource, if it is of this type.
    #[must_use]
    fn pick(any: &AnyResource) -> Option<&Self> {
        let any: &dyn Dynamic = any.parts();
        any.downcast_ref()
    }

    /// The attribute called `name`, if this version doesn't know it or its value doesn't fit the field.
    #[must_use]
    fn unknown(&self, name: &str) -> Option<&Json> {
        self.parts().extra.attributes.get(name)
    }
}

/// A resource whose type is known at run time only. Not for implementing.
#[doc(hidden)]
#[allow(private_bounds)]
pub trait Parts: Table + Dynamic {
    fn parts(&self) -> Part<'_>;
    fn parts_mut(&mut self) -> (&mut Text, &mut Relationships, &mut Extra);
}

/// A resource that can be written, too.
#[doc(hidden)]
#[allow(private_bounds)]
pub trait Whole: Parts + Fields {}

impl<R: Parts + Fields> Whole for R {}

/// What every resource has.
#[doc(hidden)]
#[allow(missing_debug_implementations)]
pub struct Part<'a> {
    /// The name of the Rust type.
    pub(crate) name: &'static str,
    pub(crate) kind: &'a str,
    pub(crate) id: &'a Text,
    pub(crate) relationships: &'a Relationships,
    pub(crate) extra: &'a Extra,
}

/// What came with a resource beside its id, its known attributes and its relationships.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Extra {
    pub(crate) attributes: Unknown,
    /// Shared: what frees it is compiled once, not in every unit that lets go of a resource.
    more: Option<Arc<More>>,
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
    #[inline]
    pub fn set_meta(&mut self, meta: Json) {
        Arc::make_mut(self.more.get_or_insert_default()).meta = Some(meta);
    }

    /// Members of the resource object that JSON:API doesn't name.
    pub fn members(&self) -> impl Iterator<Item = (&Text, &Json)> {
        self.more.iter().flat_map(|more| more.members.iter())
    }
}

impl fmt::Debug for Extra {
    #[inline]
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

super::define::table!(OtherResource {} extra.attributes);

impl OtherResource {
    #[inline(never)]
    pub(crate) fn of_kind(kind: Text) -> Self {
        Self { kind, ..Self::default() }
    }
}

impl Room for Option<OtherResource> {
    fn parts(&mut self) -> Option<&mut dyn Parts> {
        self.as_mut().map(|resource| resource as &mut dyn Parts)
    }

    fn make(&mut self, kind: Text) {
        *self = Some(OtherResource::of_kind(kind));
    }
}

impl Item for OtherResource {
    fn fill(slot: &mut Option<Self>, reader: &mut Reader<'_>) -> Read<()> {
        reader.peek();
        let at = reader.pos;
        read_any(slot, reader)?;
        match slot {
            Some(resource) if AnyResource::KINDS.contains(&&*resource.kind) => {
                Err(reader.fails(at, Why::Unfit("the resource is of a type that is known")))
            }
            _ => Ok(()),
        }
    }

    #[inline]
    fn write(&self, writer: &mut Writer) {
        write_resource(self, writer);
    }
}

impl Parts for OtherResource {
    fn parts(&self) -> Part<'_> {
        Part { name: "OtherResource", kind: &self.kind, id: &self.id, relationships: &self.relationships, extra: &self.extra }
    }

    fn parts_mut(&mut self) -> (&mut Text, &mut Relationships, &mut Extra) {
        (&mut self.id, &mut self.relationships, &mut self.extra)
    }
}

/// Room for a resource whose type is known when it is read.
pub(crate) trait Room {
    /// The resource, once there is one.
    fn parts(&mut self) -> Option<&mut dyn Parts>;
    /// Makes an empty one of type `kind`, in place of what was.
    fn make(&mut self, kind: Text);
}

/// Where a resource is read to.
enum To<'t> {
    /// To one of the type that the operation answers with.
    Known(&'t mut dyn Parts),
    /// To whatever its `type` says: once it is stated, or as it is guessed until then.
    Any { room: &'t mut dyn Room, is_stated: bool },
}

impl To<'_> {
    fn parts(&mut self) -> Option<&mut dyn Parts> {
        match self {
            Self::Known(parts) => Some(&mut **parts),
            Self::Any { room, .. } => room.parts(),
        }
    }

    /// Takes the resource for one of type `kind` until its `type` comes.
    fn guess(&mut self, kind: Text) {
        if let Self::Any { room, .. } = self
            && room.parts().is_none()
        {
            room.make(kind);
        }
    }

    /// Takes note of the `type` at `at`; whether it is news.
    fn is(&mut self, kind: Text, at: usize, expected: &'static str, reader: &mut Reader<'_>) -> Read<bool> {
        match self {
            Self::Known(_) if kind == expected => Ok(false),
            Self::Known(_) => Err(reader.fails(at, Why::Type(expected))),
            Self::Any { room, is_stated } => {
                *is_stated = true;
                let is_news = room.parts().is_none_or(|resource| kind != *resource.parts().kind);
                if is_news {
                    room.make(kind);
                }
                Ok(is_news)
            }
        }
    }
}

/// A resource with this id and nothing else.
pub(crate) fn with_id<R: Resource>(id: Id<R>) -> R {
    let mut resource = R::default();
    *resource.parts_mut().0 = id.into_text();
    resource
}

/// The form of resources whose type is known.
pub(crate) enum AsResource {}

impl<R: Resource> Form<R> for AsResource {
    #[inline]
    fn fill(slot: &mut Option<R>, reader: &mut Reader<'_>) -> Read<()> {
        *slot = Some(read_known(reader)?);
        Ok(())
    }

    #[inline]
    fn write(resource: &R, writer: &mut Writer) {
        write_resource(resource, writer);
    }
}

/// Reads a resource of a type that is known.
#[inline]
pub(crate) fn read_known<R: Resource>(reader: &mut Reader<'_>) -> Read<R> {
    let mut resource = R::default();
    read_parts(&mut resource, R::KIND, reader)?;
    Ok(resource)
}

fn read_parts(parts: &mut dyn Parts, expected: &'static str, reader: &mut Reader<'_>) -> Read<()> {
    read_to(&mut To::Known(parts), expected, reader)
}

/// Reads a resource of any type.
pub(crate) fn read_any(room: &mut dyn Room, reader: &mut Reader<'_>) -> Read<()> {
    let at = reader.pos;
    let mut to = To::Any { room, is_stated: false };
    read_to(&mut to, "", reader)?;
    if matches!(to, To::Any { is_stated: true, .. }) { Ok(()) } else { Err(reader.fails(at, Why::Missing("type"))) }
}

fn read_to(to: &mut To<'_>, expected: &'static str, reader: &mut Reader<'_>) -> Read<()> {
    reader.peek();
    let start = reader.pos;
    if !reader.open(b'{', "a resource")? {
        return Err(reader.fails(start, Why::Expected("a resource")));
    }
    let mut members = Members::default();
    let mut first = true;
    while let Some(key) = reader.key(&mut first)? {
        if let Err(json) = members.read(&key, to, expected, reader)? {
            members.rest.push((Text::from(key), json));
        }
    }
    let parts = to.parts().ok_or_else(|| reader.fails(start, Why::Missing("type")))?;
    members.settle(parts, start, reader)
}

/// The members of a resource object, as far as they were read.
#[derive(Default)]
struct Members {
    id: Option<Text>,
    relationships: Relationships,
    more: More,
    /// Where the attributes are.
    attributes: Option<Range<usize>>,
    /// Whether they were read for the type that is known now.
    is_read: bool,
    rest: Vec<(Text, Json)>,
}

impl Members {
    /// Reads one member; what has no place is handed back.
    fn read(&mut self, key: &str, to: &mut To<'_>, expected: &'static str, reader: &mut Reader<'_>) -> Read<Result<(), Json>> {
        reader.peek();
        let at = reader.pos;
        match key {
            "id" => self.id = Some(reader.text()?),
            "type" => {
                let kind = reader.text()?;
                reader.learn(&kind);
                if to.is(kind, at, expected, reader)? && std::mem::take(&mut self.is_read) {
                    self.attributes.iter().for_each(|attributes| reader.forget(attributes.clone()));
                }
            }
            "attributes" => {
                if let Some(kind) = reader.guess() {
                    to.guess(kind);
                }
                let read = match to.parts() {
                    Some(parts) => {
                        if std::mem::replace(&mut self.is_read, true) {
                            forget_attributes(parts);
                        }
                        reader.or_json(|reader| read_attributes(parts, reader))?
                    }
                    None => reader.skip().map(Ok)?,
                };
                self.attributes = Some(at..reader.pos);
                return Ok(read);
            }
            "relationships" => return reader.or_json(|reader| self.relationships.read(reader)),
            "links" => return reader.or_json(|reader| self.more.links.read(reader)),
            "meta" => self.more.meta = Some(reader.json()?).filter(|meta| meta.as_str() != "null"),
            _ => return reader.json().map(Err),
        }
        Ok(Ok(()))
    }

    /// Hands everything over to the resource that begins at `start`; attributes that came before the type are read now.
    fn settle(mut self, parts: &mut dyn Parts, start: usize, reader: &mut Reader<'_>) -> Read<()> {
        let id = self.id.ok_or_else(|| reader.fails(start, Why::Missing("id")))?;
        if let Some(attributes) = self.attributes.filter(|_| !self.is_read) {
            let end = std::mem::replace(&mut reader.pos, attributes.start);
            if let Err(json) = reader.or_json(|reader| read_attributes(parts, reader))? {
                self.rest.push((Text::from("attributes"), json));
            }
            reader.pos = end;
        }
        if !self.rest.is_empty() {
            self.more.members = Unknown::settle(self.rest, &|_| false);
        }
        let (to_id, to_relationships, to_extra) = parts.parts_mut();
        (*to_id, *to_relationships) = (id, self.relationships);
        to_extra.more = (self.more != More::default()).then(|| Arc::new(self.more));
        Ok(())
    }
}

/// Takes back the attributes that were read before others of the same resource.
#[cold]
fn forget_attributes(parts: &mut dyn Parts) {
    parts.slots(&mut |_, slots, unknown| {
        slots.iter_mut().for_each(|slot| slot.clear());
        *unknown = Unknown::default();
    });
}

fn read_attributes(parts: &mut dyn Parts, reader: &mut Reader<'_>) -> Read<()> {
    read_table(parts, reader).map(drop)
}

#[inline]
pub(crate) fn write_resource(resource: &dyn Whole, writer: &mut Writer) {
    let Part { kind, id, relationships, extra, .. } = resource.parts();
    writer.open('{');
    writer.key("id");
    writer.text(id);
    writer.key("type");
    writer.text(kind);
    let mut has_attributes = !extra.attributes.is_empty();
    resource.fields(&mut |_, fields, _| has_attributes |= fields.iter().any(|field| !field.is_absent()));
    if has_attributes {
        writer.key("attributes");
        writer.open('{');
        write_members(resource, writer);
        writer.close('}');
    }
    if !relationships.is_absent() {
        writer.key("relationships");
        relationships.write(writer);
    }
    if let Some(more) = &extra.more {
        if !more.links.is_empty() {
            writer.key("links");
            more.links.write(writer);
        }
        if let Some(meta) = &more.meta {
            writer.key("meta");
            writer.json(meta);
        }
        for (name, value) in more.members.iter() {
            writer.key(name);
            writer.json(value);
        }
    }
    writer.close('}');
}
