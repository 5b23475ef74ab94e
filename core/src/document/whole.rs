//! Whole documents.

use std::sync::Arc;

use bytes::Bytes;

use super::fault::{Fault, Why};
use super::included::Included;
use super::links::Links;
use super::primary::Primary;
use super::reader::{Read, Reader};
use super::refs::{Meta, Ref, Target};
use super::table::{Item, json, read_meta};
use super::writer::Writer;
use crate::value::{Json, Text};
use crate::{DecodeError, FromAnswer, Head};

/// What an operation answers with: primary data, the resources included with it, links and meta.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Document<P> {
    /// What the document is about.
    pub data: P,
    /// The resources that were asked for by `include`, and those on the way to them.
    pub included: Included,
    /// Links: `self`, and `next` where there is another page.
    pub links: Links,
    /// What is said about the whole.
    pub meta: Option<Json>,
    /// Values that don't fit the fields they are meant for, with the paths to them (the first 256). They are kept among the unknown
    /// members of what they belong to; an answer as documented has none.
    pub misfits: Vec<DecodeError>,
}

impl<P> Document<P> {
    /// A document about `data`, to build on.
    #[must_use]
    pub fn new(data: P) -> Self {
        Self { data, included: Included::default(), links: Links::default(), meta: None, misfits: Vec::new() }
    }
}

impl<P: PartialEq> PartialEq for Document<P> {
    /// Compares what the documents say, not what was wrong with their texts.
    fn eq(&self, other: &Self) -> bool {
        self.data == other.data && self.included == other.included && self.links == other.links && self.meta == other.meta
    }
}

impl<P: Primary> Document<P> {
    /// Reads a document. The texts in it are slices of `body`.
    ///
    /// # Errors
    /// If the body is no UTF-8, no JSON, nested more than 128 levels deep, or no document: without `data`, or with a resource that has
    /// no `id` or no `type`. The error has the path to the place.
    pub fn decode(body: Bytes) -> Result<Self, DecodeError> {
        let text = String::from_utf8(body.into())
            .map_err(|wrong| DecodeError::new("", "the body is no UTF-8").at(wrong.utf8_error().valid_up_to()))?;
        if u32::try_from(text.len()).is_err() {
            return Err(DecodeError::new("", "the body is longer than 4 GiB"));
        }
        let body = Arc::new(text);
        let bom = if body.starts_with('\u{feff}') { 3 } else { 0 };
        let mut reader = Reader::new(&body, body.get(bom..).unwrap_or_default(), bom);
        let document = Self::read(&mut reader);
        let text = body.get(bom..).unwrap_or_default();
        let misfits = std::mem::take(&mut reader.misfits);
        match document {
            Ok(mut document) => {
                if !misfits.is_empty() {
                    document.misfits = Fault::locate(misfits, text);
                }
                Ok(document)
            }
            Err(_) => Err(reader.why().into_error(text)),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        reader.peek();
        let start = reader.pos;
        if !reader.open(b'{', "an object")? {
            return Err(reader.fails(start, Why::Expected("an object")));
        }
        let (mut data, mut included, mut links, mut meta) = (None, Included::default(), Links::default(), None);
        let mut first = true;
        while let Some(key) = reader.key(&mut first)? {
            match &*key {
                "data" => data = Some(P::read_data(reader)?),
                "included" => included = Included::read(reader)?,
                "links" => {
                    if reader.or_json(|reader| links.read(reader))?.is_err() {
                        links = Links::default();
                    }
                }
                "meta" => meta = Some(reader.json()?).filter(|meta| meta.as_str() != "null"),
                _ => reader.skip()?,
            }
        }
        reader.end()?;
        let data = data.or_else(P::absent).ok_or_else(|| reader.fails(start, Why::Missing("data")))?;
        Ok(Self { data, included, links, meta, misfits: Vec::new() })
    }

    /// The document as JSON text. What was known when it was decoded comes back, and so do unknown attributes and relationships.
    #[must_use]
    pub fn to_json(&self) -> String {
        json(&|writer| self.write(writer))
    }

    fn write(&self, writer: &mut Writer) {
        writer.open('{');
        if !self.data.is_absent() {
            writer.key("data");
            self.data.write_data(writer);
        }
        if !self.included.is_empty() {
            writer.key("included");
            writer.open('[');
            for resource in &self.included {
                resource.write(writer);
            }
            writer.close(']');
        }
        if !self.links.is_empty() {
            writer.key("links");
            self.links.write(writer);
        }
        if let Some(meta) = &self.meta {
            writer.key("meta");
            writer.json(meta);
        }
        writer.close('}');
    }

    /// The resource behind a reference, if it came with the document.
    #[must_use]
    pub fn find<'a, T: Target, M>(&'a self, reference: Ref<'_, T, M>) -> Option<T::Item<'a>> {
        reference.find(&self.included).or_else(|| T::in_data(&self.data, &reference.identifier().id))
    }

    /// The resources behind references (a relationship, for example), in their order. Those that didn't come with the document are
    /// passed over; [`find`](Self::find) tells which.
    ///
    /// ```
    /// # use tidal_core::document::Document;
    /// # use tidal_core::model::Album;
    /// # fn show(document: &Document<Vec<Album>>) {
    /// for album in &document.data {
    ///     for artist in document.resolve(album.artists()) {
    ///         println!("{:?}: {:?}", album.title, artist.name);
    ///     }
    /// }
    /// # }
    /// ```
    pub fn resolve<'a, 'r, T: Target, M>(
        &'a self,
        references: impl IntoIterator<Item = Ref<'r, T, M>>,
    ) -> impl Iterator<Item = T::Item<'a>>
    where
        M: 'r,
    {
        references.into_iter().filter_map(|reference| self.find(reference))
    }

    /// What is said about the whole as an `M`; empty if nothing is.
    #[must_use]
    pub fn meta_as<M: Meta>(&self) -> M {
        read_meta(self.meta.as_ref())
    }

    /// The cursor of the next page, if there is one.
    #[must_use]
    pub fn next_cursor(&self) -> Option<Text> {
        self.links.next_cursor()
    }
}

impl<P: Primary> FromAnswer for Document<P> {
    fn from_answer(_: &Head, body: Bytes) -> Result<Self, DecodeError> {
        Self::decode(body)
    }
}
