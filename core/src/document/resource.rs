//! Resources: what every type has in common, and how one is read.

use std::any::Any as Dynamic;
use std::fmt;
use std::ops::Range;

use super::fault::{Fault, Why};
use super::links::Links;
use super::reader::{Read, Reader};
use super::relationship::Relationships;
use super::table::{Item, Table, read_items, read_table, write_members};
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
    fn name(&self) -> &'static str;
    fn kind(&self) -> &str;
    fn id_text(&self) -> &Text;
    fn relationships(&self) -> &Relationships;
    fn extra(&self) -> &Extra;
    fn parts_mut(&mut self) -> (&mut Text, &mut Relationships, &mut Extra);
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

super::define::table!(dyn Parts, write_resource; OtherResource {} extra.attributes);

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
    fn name(&self) -> &'static str {
        "OtherResource"
    }

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
}

/// Where a resource is read to.
enum To<'t> {
    /// To one of the type that the operation answers with.
    Known(&'t mut dyn Parts),
    /// To whatever its `type` says: once it is stated, or as it is guessed until then.
    Any { resource: Option<AnyResource>, is_stated: bool },
}

impl To<'_> {
    fn parts(&mut self) -> Option<&mut dyn Parts> {
        match self {
            Self::Known(parts) => Some(&mut **parts),
            Self::Any { resource, .. } => resource.as_mut().map(AnyResource::parts_mut),
        }
    }

    /// Takes the resource for one of type `kind` until its `type` comes.
    fn guess(&mut self, kind: Text) {
        if let Self::Any { resource: resource @ None, .. } = self {
            *resource = Some(AnyResource::empty(kind));
        }
    }

    /// Takes note of the `type` at `at`; whether it is news.
    fn is(&mut self, kind: Text, at: usize, expected: &'static str) -> Read<bool> {
        match self {
            Self::Known(_) if kind == expected => Ok(false),
            Self::Known(_) => Err(Fault { at, why: Why::Type(expected) }),
            Self::Any { resource, is_stated } => {
                *is_stated = true;
                let is_news = resource.as_ref().is_none_or(|any| kind != any.kind());
                if is_news {
                    *resource = Some(AnyResource::empty(kind));
                }
                Ok(is_news)
            }
        }
    }
}

/// An empty resource. Made here and not where the types are, since what frees them is compiled here anyway.
#[inline(never)]
pub(crate) fn empty<R: Resource + Default>() -> Box<R> {
    Box::new(R::default())
}

/// Reads a resource of a type that is known.
#[inline]
pub(crate) fn read_known<R: Resource>(reader: &mut Reader<'_>) -> Read<R> {
    let mut resource = R::default();
    read_parts(&mut resource, R::KIND, reader)?;
    Ok(resource)
}

fn read_parts(parts: &mut dyn Parts, expected: &'static str, reader: &mut Reader<'_>) -> Read<()> {
    read_to(To::Known(parts), expected, reader).map(drop)
}

/// Reads a resource of any type.
pub(crate) fn read_any(reader: &mut Reader<'_>) -> Read<AnyResource> {
    let at = reader.pos;
    match read_to(To::Any { resource: None, is_stated: false }, "", reader)? {
        To::Any { resource: Some(any), is_stated: true } => Ok(any),
        _ => Err(Fault { at, why: Why::Missing("type") }),
    }
}

/// Reads a list of resources of any type; nothing if it is null.
pub(super) fn read_all(reader: &mut Reader<'_>) -> Read<Option<Vec<AnyResource>>> {
    let mut resources = Vec::new();
    let is_list = read_items(reader, &mut |reader| {
        resources.push(read_any(reader)?);
        Ok(())
    })?;
    resources.shrink_to_fit();
    Ok(is_list.then_some(resources))
}

fn read_to<'t>(mut to: To<'t>, expected: &'static str, reader: &mut Reader<'_>) -> Read<To<'t>> {
    reader.peek();
    let start = reader.pos;
    if !reader.open(b'{', "a resource")? {
        return Err(Fault { at: start, why: Why::Expected("a resource") });
    }
    let mut members = Members::default();
    let mut first = true;
    while let Some(key) = reader.key(&mut first)? {
        if let Err(json) = members.read(&key, &mut to, expected, reader)? {
            members.rest.push((Text::from(key), json));
        }
    }
    let parts = to.parts().ok_or(Fault { at: start, why: Why::Missing("type") })?;
    members.settle(parts, start, reader)?;
    Ok(to)
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
                if to.is(kind, at, expected)? && std::mem::take(&mut self.is_read) {
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
        let id = self.id.ok_or(Fault { at: start, why: Why::Missing("id") })?;
        if let Some(attributes) = self.attributes.filter(|_| !self.is_read) {
            let end = std::mem::replace(&mut reader.pos, attributes.start);
            if let Err(json) = reader.or_json(|reader| read_attributes(parts, reader))? {
                self.rest.push((Text::from("attributes"), json));
            }
            reader.pos = end;
        }
        if !self.rest.is_empty() {
            self.more.members = Unknown::settle(self.rest, |_| false);
        }
        let (to_id, to_relationships, to_extra) = parts.parts_mut();
        (*to_id, *to_relationships) = (id, self.relationships);
        to_extra.more = (self.more != More::default()).then(|| Box::new(self.more));
        Ok(())
    }
}

/// Takes back the attributes that were read before others of the same resource.
#[cold]
fn forget_attributes(parts: &mut dyn Parts) {
    parts.slots(&mut |slots| slots.iter_mut().for_each(|slot| slot.clear()));
    *parts.unknown_mut() = Unknown::default();
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
    resource.fields(&mut |fields| has_attributes |= fields.iter().any(|field| !field.is_absent()));
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
