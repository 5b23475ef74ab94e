//! Resource identifiers: the type and id by which a relationship names a resource.

use super::fault::Why;
use super::reader::{Read, Reader};
use super::refs::Meta;
use super::table::{Item, read_meta};
use super::writer::Writer;
use crate::document::Resource;
use crate::value::{Id, Json, Text};

/// Names a resource by type and id, perhaps with something to say about its place (`meta`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identifier {
    /// The resource's type, such as `albums`.
    pub kind: Text,
    /// The resource's id.
    pub id: Text,
    /// What is said about the resource in this place: its position, when it was added.
    pub meta: Option<Json>,
}

impl Identifier {
    /// Names the resource of type `kind` with this id.
    #[must_use]
    pub fn new(kind: impl Into<Text>, id: impl Into<Text>) -> Self {
        Self { kind: kind.into(), id: id.into(), meta: None }
    }

    /// Names the `T` with this id.
    #[must_use]
    #[inline]
    pub fn of<T: Resource>(id: impl Into<Id<T>>) -> Self {
        Self::named(T::KIND, id.into().text().clone())
    }

    fn named(kind: &str, id: Text) -> Self {
        Self { kind: kind.into(), id, meta: None }
    }

    /// The id, if it is that of a `T`.
    #[must_use]
    pub fn id_of<T: Resource>(&self) -> Option<Id<T>> {
        (self.kind == T::KIND).then(|| Id::new(&self.id))
    }

    /// What is said about the resource in this place as an `M`; empty if nothing is.
    #[must_use]
    pub fn meta_as<M: Meta>(&self) -> M {
        read_meta(self.meta.as_ref())
    }
}

impl Identifier {
    pub(super) fn read(reader: &mut Reader<'_>) -> Read<Self> {
        reader.peek();
        let at = reader.pos;
        let (mut kind, mut id, mut meta) = (None, None, None);
        if !reader.open(b'{', "an identifier")? {
            reader.pos = at;
            return reader.fault(Why::Expected("an identifier"));
        }
        let mut first = true;
        while let Some(key) = reader.key(&mut first)? {
            match &*key {
                "type" => kind = Some(reader.text()?),
                "id" => id = Some(reader.text()?),
                "meta" => meta = Some(reader.json()?).filter(|meta| meta.as_str() != "null"),
                _ => reader.skip()?,
            }
        }
        match (kind, id) {
            (Some(kind), Some(id)) => Ok(Self { kind, id, meta }),
            (None, _) => Err(reader.fails(at, Why::Unfit("the identifier has no type"))),
            (_, None) => Err(reader.fails(at, Why::Unfit("the identifier has no id"))),
        }
    }
}

impl Item for Identifier {
    fn fill(slot: &mut Option<Self>, reader: &mut Reader<'_>) -> Read<()> {
        *slot = Some(Self::read(reader)?);
        Ok(())
    }

    fn write(&self, writer: &mut Writer) {
        writer.open('{');
        writer.key("id");
        writer.text(&self.id);
        writer.key("type");
        writer.text(&self.kind);
        if let Some(meta) = &self.meta {
            writer.key("meta");
            writer.json(meta);
        }
        writer.close('}');
    }
}
