//! Relationships: what a resource refers to.

use super::identifier::Identifier;
use super::links::Links;
use super::reader::{Read, Reader};
use super::table::{Item, read_list, write_list};
use super::unknown::{Unknown, last_wins};
use super::writer::Writer;
use crate::value::{Json, Text};

/// What a relationship refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Linkage {
    /// The answer doesn't say: the relationship was not included.
    #[default]
    Absent,
    /// Nothing.
    Null,
    /// One resource.
    One(Box<Identifier>),
    /// Any number of resources, in order.
    Many(Vec<Identifier>),
    /// Something that is no linkage, as it came.
    Other(Json),
}

impl Linkage {
    /// The identifiers; none if there are none, or the answer doesn't say.
    #[must_use]
    pub fn identifiers(&self) -> &[Identifier] {
        match self {
            Self::One(identifier) => std::slice::from_ref(identifier),
            Self::Many(identifiers) => identifiers,
            Self::Absent | Self::Null | Self::Other(_) => &[],
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Read<Self> {
        match reader.peek() {
            b'n' => reader.null().map(|()| Self::Null),
            b'[' => read_list(reader).map(|list| list.map_or(Self::Null, Self::Many)),
            _ => Identifier::read(reader).map(|identifier| Self::One(Box::new(identifier))),
        }
    }

    #[inline]
    pub(super) fn write(&self, writer: &mut Writer) {
        match self {
            Self::Absent | Self::Null => writer.word("null"),
            Self::One(identifier) => identifier.write(writer),
            Self::Many(identifiers) => write_list(identifiers, writer),
            Self::Other(json) => writer.json(json),
        }
    }
}

impl From<Vec<Identifier>> for Linkage {
    fn from(identifiers: Vec<Identifier>) -> Self {
        Self::Many(identifiers)
    }
}

impl From<Identifier> for Linkage {
    fn from(identifier: Identifier) -> Self {
        Self::One(Box::new(identifier))
    }
}

/// A relationship: what it refers to, and its links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Relationship {
    /// What it refers to.
    pub data: Linkage,
    /// Links: `self` to the relationship's own pages, `next` to the rest of a long one.
    pub links: Links,
    /// Further members, `meta` among them, as they came.
    pub unknown: Unknown,
}

impl Relationship {
    /// A relationship that refers to `data`.
    #[must_use]
    pub fn new(data: impl Into<Linkage>) -> Self {
        Self { data: data.into(), ..Self::default() }
    }

    /// One that was not asked for, as most were not: nothing but a link to itself.
    fn unstated(reader: &mut Reader<'_>) -> Option<Self> {
        let pos = reader.pos;
        if reader.sees(br#"{"links":{"#, 1)
            && let Some(links) = Links::only_this(reader)
            && reader.sees(b"}", 0)
        {
            return Some(Self { links, ..Self::default() });
        }
        reader.pos = pos;
        None
    }

    fn read(reader: &mut Reader<'_>) -> Read<Option<Self>> {
        if let Some(unstated) = Self::unstated(reader) {
            return Ok(Some(unstated));
        }
        let mut whole = Self::default();
        if !reader.open(b'{', "a relationship")? {
            return Ok(None);
        }
        let mut first = true;
        let mut rest = Vec::new();
        while let Some(key) = reader.key(&mut first)? {
            match &*key {
                "data" => whole.data = reader.or_json(Linkage::read)?.unwrap_or_else(Linkage::Other),
                "links" => {
                    if let Err(json) = reader.or_json(|reader| whole.links.read(reader))? {
                        rest.push((Text::from(key), json));
                    }
                }
                _ => rest.push((Text::from(key), reader.json()?)),
            }
        }
        if !rest.is_empty() {
            whole.unknown = Unknown::settle(rest, &|name| name == "links" && !whole.links.is_empty());
        }
        Ok(Some(whole))
    }

    #[inline]
    fn write(&self, writer: &mut Writer) {
        writer.open('{');
        if self.data != Linkage::Absent {
            writer.key("data");
            self.data.write(writer);
        }
        if !self.links.is_empty() {
            writer.key("links");
            self.links.write(writer);
        }
        for (key, json) in self.unknown.iter() {
            writer.key(key);
            writer.json(json);
        }
        writer.close('}');
    }
}

/// The relationships of a resource by name, known or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relationships(Option<Vec<(Text, Relationship)>>);

impl Relationships {
    /// The relationship called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Relationship> {
        self.iter().find(|(known, _)| *known == name).map(|(_, relationship)| relationship)
    }

    /// All of them, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Relationship)> {
        self.0.as_deref().unwrap_or_default().iter().map(|(name, relationship)| (name, relationship))
    }

    /// Sets the relationship called `name`.
    #[inline]
    pub fn set(&mut self, name: impl Into<Text>, relationship: Relationship) {
        let name = name.into();
        let all = self.0.get_or_insert_default();
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = relationship,
            None => all.push((name, relationship)),
        }
    }

    /// Whether the resource came without any.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    pub(super) fn is_absent(&self) -> bool {
        self.0.is_none()
    }

    pub(super) fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        self.0 = None;
        if !reader.open(b'{', "relationships")? {
            return Ok(());
        }
        let mut all = Vec::with_capacity(reader.relationships.min(32));
        let mut first = true;
        while let Some(name) = reader.key_text(&mut first)? {
            match Relationship::read(reader)? {
                Some(relationship) => all.push((name, relationship)),
                None => all.retain(|(known, _)| *known != name),
            }
        }
        last_wins(&mut all);
        all.shrink_to_fit();
        reader.relationships = all.len();
        self.0 = Some(all);
        Ok(())
    }

    #[inline]
    pub(super) fn write(&self, writer: &mut Writer) {
        writer.open('{');
        for (name, relationship) in self.iter() {
            writer.key(name);
            relationship.write(writer);
        }
        writer.close('}');
    }
}
