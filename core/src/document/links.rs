//! Links of documents, resources and relationships.

use std::fmt;
use std::sync::Arc;

use super::reader::{Read, Reader};
use super::unknown::last_wins;
use super::writer::Writer;
use crate::value::{Json, Text};

/// Links: `self`, `next` and others, each a text or an object with an `href`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// `self` as a text; almost always the only one.
    this: Option<Text>,
    /// Shared, as what else comes with a resource is.
    more: Option<Arc<More>>,
}

#[derive(Clone, Default, PartialEq, Eq)]
struct More {
    links: Vec<(Text, Link)>,
    meta: Option<Json>,
}

/// A link that is no plain `self`.
#[derive(Clone, PartialEq, Eq)]
enum Link {
    Text(Text),
    /// An object with its `href`, or what else a link should not be.
    Json(Json, Option<Text>),
}

impl Link {
    fn of(json: Json) -> Self {
        let href = member(&json, "href");
        Self::Json(json, href)
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Json(json, _) if json.as_str() == "null")
    }
}

impl Links {
    /// The link to what this is, as the service wrote it: relative or absolute.
    #[must_use]
    pub fn this(&self) -> Option<&Text> {
        self.get("self")
    }

    /// The link to the next page, as the service wrote it: relative or absolute. Absent on the last page.
    #[must_use]
    pub fn next(&self) -> Option<&Text> {
        self.get("next")
    }

    /// The cursor of the next page. Absent on the last page.
    #[must_use]
    pub fn next_cursor(&self) -> Option<Text> {
        member(self.meta()?, "nextCursor")
    }

    /// The link called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Text> {
        if name == "self" && self.this.is_some() {
            return self.this.as_ref();
        }
        match self.more.as_ref()?.links.iter().find(|(known, _)| *known == name)? {
            (_, Link::Text(text)) => Some(text),
            (_, Link::Json(_, href)) => href.as_ref(),
        }
    }

    /// What is said about the links.
    #[must_use]
    pub fn meta(&self) -> Option<&Json> {
        self.more.as_ref()?.meta.as_ref()
    }

    /// Sets the link called `name`.
    #[inline]
    pub fn set(&mut self, name: &str, href: impl Into<Text>) {
        if let Some(more) = &mut self.more {
            Arc::make_mut(more).links.retain(|(known, _)| *known != name);
        }
        if name == "self" {
            self.this = Some(href.into());
        } else {
            Arc::make_mut(self.more.get_or_insert_default()).links.push((name.into(), Link::Text(href.into())));
        }
    }

    /// Sets what is said about the links.
    #[inline]
    pub fn set_meta(&mut self, meta: Json) {
        Arc::make_mut(self.more.get_or_insert_default()).meta = Some(meta);
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.this.is_none() && self.more.is_none()
    }

    /// Links that are nothing but a `self`, as most are. Nothing is read if there is more, or another way of writing it.
    pub(super) fn only_this(reader: &mut Reader<'_>) -> Option<Self> {
        let pos = reader.pos;
        if reader.sees(br#"{"self":""#, 1)
            && let Ok(this) = reader.text()
            && reader.sees(b"}", 0)
        {
            return Some(Self { this: Some(this), more: None });
        }
        reader.pos = pos;
        None
    }

    pub(super) fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        if let Some(links) = Self::only_this(reader) {
            *self = links;
            return Ok(());
        }
        *self = Self::default();
        if !reader.open(b'{', "an object")? {
            return Ok(());
        }
        let mut first = true;
        let mut links = Vec::new();
        let mut meta = None;
        while let Some(key) = reader.key(&mut first)? {
            let is_text = reader.peek() == b'"';
            if key == "self" && is_text {
                self.this = Some(reader.text()?);
                continue;
            }
            if key == "meta" {
                meta = Some(reader.json()?).filter(|meta| meta.as_str() != "null");
                continue;
            }
            if key == "self" {
                self.this = None;
            }
            let link = if is_text { reader.or_json(Reader::text)? } else { Err(reader.json()?) };
            let link = link.map_or_else(Link::of, Link::Text);
            links.push((Text::from(key), link));
        }
        if !links.is_empty() || meta.is_some() {
            last_wins(&mut links);
            links.retain(|(name, link)| !link.is_null() && (*name != "self" || self.this.is_none()));
            self.more = Some(Arc::new(More { links, meta }));
        }
        Ok(())
    }

    #[inline]
    pub(super) fn write(&self, writer: &mut Writer) {
        writer.open('{');
        if let Some(this) = &self.this {
            writer.key("self");
            writer.text(this);
        }
        if let Some(more) = &self.more {
            for (name, link) in &more.links {
                writer.key(name);
                match link {
                    Link::Text(text) => writer.text(text),
                    Link::Json(json, _) => writer.json(json),
                }
            }
            if let Some(meta) = &more.meta {
                writer.key("meta");
                writer.json(meta);
            }
        }
        writer.close('}');
    }
}

/// The member of an object, if it is a text.
fn member(object: &Json, name: &str) -> Option<Text> {
    let mut reader = Reader::of(object);
    let mut first = true;
    let mut found = None;
    if reader.peek() != b'{' || !reader.open(b'{', "").ok()? {
        return None;
    }
    while let Some(key) = reader.key(&mut first).ok()? {
        if key == name && reader.peek() == b'"' {
            found = reader.or_json(Reader::text).ok()?.ok();
        } else {
            reader.skip().ok()?;
        }
    }
    found
}

impl fmt::Debug for Links {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut writer = Writer::default();
        self.write(&mut writer);
        f.write_str(&writer.finish())
    }
}
