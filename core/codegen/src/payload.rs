//! Bodies of changes.

use crate::fault::Result;
use crate::names::{capital, pascal, plural, snake};
use crate::node::Node;
use crate::resource::{Resource, identifier};
use crate::shape::{Field, Shapes};
use crate::tables::{Tables, cell};

/// What references in changes may name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Member {
    /// Resources of one type, by its Rust name.
    One(String),
    /// Resources of several types: the Rust name of the choice.
    Several(String),
}

impl Member {
    /// The type of an argument that names one.
    pub(crate) fn rust(&self) -> String {
        match self {
            Self::One(name) => format!("Id<{name}>"),
            Self::Several(name) => name.clone(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::One(name) | Self::Several(name) => name,
        }
    }
}

/// A choice of types of resource.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) name: String,
    pub(crate) doc: String,
    /// The Rust names of the types.
    pub(crate) types: Vec<String>,
}

/// Where a part of a payload stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Attributes,
    Meta,
}

#[derive(Clone, Debug)]
pub(crate) enum Part {
    Value(Section, Field),
    ToOne { key: String, member: Member, nullable: bool, doc: String },
    ToMany { key: String, member: Member, min: u64, max: Option<u64>, doc: String },
}

impl Part {
    pub(crate) fn key(&self) -> &str {
        match self {
            Self::Value(_, field) => &field.key,
            Self::ToOne { key, .. } | Self::ToMany { key, .. } => key,
        }
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Value(_, field) => field.name(),
            _ => snake(self.key()),
        }
    }

    pub(crate) fn doc(&self) -> String {
        match self {
            Self::Value(_, field) => field.doc(),
            Self::ToOne { doc, .. } | Self::ToMany { doc, .. } => doc.clone(),
        }
    }
}

/// A payload as a type: a resource to make, a change of one, or meta beside references.
#[derive(Clone, Debug)]
pub(crate) struct Payload {
    pub(crate) name: String,
    pub(crate) doc: String,
    /// The type of the resource, none for meta.
    pub(crate) kind: Option<String>,
    /// Whether it names the resource that is changed.
    pub(crate) has_id: bool,
    pub(crate) required: Vec<Part>,
    pub(crate) optional: Vec<Part>,
    /// Meta that has to be there if there is any.
    pub(crate) needs: Vec<String>,
}

/// What is said about each reference of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nothing.
    Nothing,
    /// Perhaps when it was added.
    Added,
    /// The id of its place in the list.
    Item,
    /// Something else: the payload that says it.
    Other(String),
}

/// References as the body of a change.
#[derive(Clone, Debug)]
pub(crate) struct Linkage {
    pub(crate) many: bool,
    pub(crate) nullable: bool,
    pub(crate) member: Member,
    pub(crate) place: Place,
    pub(crate) min: u64,
    pub(crate) max: Option<u64>,
    /// The Rust name of the meta beside the references, and whether it has to be there.
    pub(crate) meta: Option<(String, bool)>,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// A payload, by its Rust name.
    Payload(String),
    /// Nothing but the type.
    Bare(String),
    Linkage(Linkage),
}

/// Reads the bodies of one operation after the other.
pub(crate) struct Bodies<'a, 't, 's> {
    pub(crate) tables: &'t Tables,
    pub(crate) shapes: &'s mut Shapes<'t>,
    pub(crate) resources: &'a [Resource],
    pub(crate) choices: Vec<Choice>,
    pub(crate) payloads: Vec<Payload>,
}

impl Bodies<'_, '_, '_> {
    /// The body of an operation on `resource`: `is_linkage` where it changes a relationship.
    pub(crate) fn read(&mut self, body: &Node<'_>, resource: &Resource, operation: &str, is_linkage: bool) -> Result<Body> {
        let content = body.need("content")?;
        let Some((_, media)) = content.entries().into_iter().next() else { return content.fault("no media type") };
        let schema = media.need("schema")?;
        let name = schema.target().unwrap_or(operation).to_owned();
        let members = schema.follow()?.need("properties")?;
        for (key, at) in members.entries() {
            if !matches!(key, "data" | "meta") {
                return at.fault("a member of payloads beside `data` and `meta`");
            }
        }
        let required = schema.follow()?.list("required")?;
        let meta = members.get("meta").map(|meta| (meta, required.contains(&"meta")));
        if is_linkage {
            self.linkage(&members.need("data")?, meta, operation, &name).map(Body::Linkage)
        } else {
            self.document(&members.need("data")?, meta, resource, operation)
        }
    }

    fn document(
        &mut self,
        data: &Node<'_>,
        meta: Option<(Node<'_>, bool)>,
        resource: &Resource,
        operation: &str,
    ) -> Result<Body> {
        let data = data.follow()?;
        let needed = data.list("required")?;
        let members = data.need("properties")?;
        let mut payload = Payload {
            name: String::new(),
            doc: String::new(),
            kind: Some(resource.kind.clone()),
            has_id: members.get("id").is_some(),
            required: Vec::new(),
            optional: Vec::new(),
            needs: Vec::new(),
        };
        let is_change = operation.starts_with("Update");
        payload.name = if is_change { format!("{}Change", resource.name) } else { format!("New{}", resource.name) };
        payload.doc = match is_change {
            true => format!("A change of {}: what is not mentioned stays as it is.", resource.a()),
            false => format!("{} to make.", capital(&resource.a())),
        };
        for (key, at) in members.entries() {
            match key {
                "id" | "type" => {}
                "attributes" => self.values(&at, Section::Attributes, needed.contains(&key), &mut payload)?,
                "relationships" => {
                    let here = at.follow()?;
                    let required = here.list("required")?;
                    for (key, at) in here.need("properties")?.entries() {
                        let part = self.relationship(key, &at, &resource.kind)?;
                        let list = if required.contains(&key) { &mut payload.required } else { &mut payload.optional };
                        list.push(part);
                    }
                }
                _ => return at.fault("a member of resources that JSON:API doesn't name"),
            }
        }
        if let Some((meta, is_needed)) = meta {
            self.values(&meta, Section::Meta, is_needed, &mut payload)?;
        }
        distinguish(&mut payload);
        if payload.required.is_empty() && payload.optional.is_empty() {
            return Ok(Body::Bare(resource.kind.clone()));
        }
        let name = payload.name.clone();
        if self.payloads.iter().any(|known| known.name == name) {
            return data.fault(format!("a second payload that would be called {name}"));
        }
        self.payloads.push(payload);
        Ok(Body::Payload(name))
    }

    /// Adds the members of attributes or meta.
    fn values(&mut self, at: &Node<'_>, section: Section, is_needed: bool, payload: &mut Payload) -> Result<()> {
        let here = at.follow()?;
        let schema = at.target().unwrap_or(&payload.name).to_owned();
        let required = here.list("required")?;
        for field in self.shapes.fields(&schema, at)? {
            self.shapes.sends(&field.ty.item);
            let is_required = required.contains(&&*field.key);
            if is_required && !is_needed {
                payload.needs.push(field.key.clone());
            }
            let list = if is_required && is_needed { &mut payload.required } else { &mut payload.optional };
            list.push(Part::Value(section, field));
        }
        Ok(())
    }

    fn relationship(&mut self, key: &str, at: &Node<'_>, kind: &str) -> Result<Part> {
        let data = at.follow()?.need("properties")?.need("data")?;
        let (element, meta) = identifier(&data)?;
        if let Some(meta) = meta {
            return meta.fault("meta of a reference within a resource");
        }
        let member = self.member(&element)?;
        let here = data.follow()?;
        let (key, doc) = (key.to_owned(), self.shapes.doc(kind, key));
        if here.kind() == Some("array") {
            let number = |name: &str| here.get(name).and_then(|limit| limit.number());
            return Ok(Part::ToMany { key, member, min: number("minItems").unwrap_or(0), max: number("maxItems"), doc });
        }
        Ok(Part::ToOne { key, member, nullable: is_nullable(&here), doc })
    }

    /// Which types of resource a reference may name.
    fn member(&mut self, identifier: &Node<'_>) -> Result<Member> {
        let kind = identifier.need("properties")?.need("type")?;
        let mut kinds = kind.list("enum")?;
        kinds.sort_unstable();
        let name = |wanted: &&str| self.resources.iter().find(|known| known.kind == *wanted).map(|known| known.name.clone());
        let mut types = Vec::new();
        for one in &kinds {
            match name(one) {
                Some(name) => types.push(name),
                None => return kind.fault(format!("`{one}` is no type of resource")),
            }
        }
        match &types[..] {
            [] => kind.fault("a reference in a change to resources of any type"),
            [one] => Ok(Member::One(one.clone())),
            _ => {
                let row = self.tables.members.row(&kinds.join(","));
                let row = |column| row.and_then(|row| cell(row, column));
                let name = row(1).map_or_else(|| types.join("Or"), str::to_owned);
                let doc = row(2).map_or_else(|| format!("One of several types: {}.", kinds.join(", ")), str::to_owned);
                if !self.choices.iter().any(|known| known.name == name) {
                    self.choices.push(Choice { name: name.clone(), doc, types });
                }
                Ok(Member::Several(name))
            }
        }
    }

    fn linkage(&mut self, data: &Node<'_>, meta: Option<(Node<'_>, bool)>, operation: &str, schema: &str) -> Result<Linkage> {
        let here = data.follow()?;
        let (element, item_meta) = identifier(data)?;
        let member = self.member(&element)?;
        let number = |name: &str| here.get(name).and_then(|limit| limit.number());
        let place = match item_meta {
            None => Place::Nothing,
            Some(meta) => self.place(&meta, &member, operation)?,
        };
        let meta = match meta {
            None => None,
            Some((meta, is_needed)) => {
                let of = format!("{schema}_Meta");
                Some((self.meta(&meta, &of, operation)?, is_needed))
            }
        };
        let nullable = is_nullable(&here);
        let many = here.kind() == Some("array");
        Ok(Linkage { many, nullable, member, place, min: number("minItems").unwrap_or(0), max: number("maxItems"), meta })
    }

    fn place(&mut self, meta: &Node<'_>, member: &Member, operation: &str) -> Result<Place> {
        let here = meta.follow()?;
        let required = here.list("required")?;
        let keys: Vec<_> = here.need("properties")?.entries().into_iter().map(|(key, _)| key).collect();
        Ok(match (&keys[..], &required[..]) {
            (["addedAt"], []) => Place::Added,
            (["itemId"], ["itemId"]) if member.name() == "Playable" => Place::Item,
            _ => {
                let name = format!("{operation}Item");
                let doc = format!(
                    "{} in a change, and what is said about it there.",
                    capital(&crate::names::words(member.name()).join(" "))
                );
                let mut payload = Payload {
                    name: name.clone(),
                    doc,
                    kind: None,
                    has_id: false,
                    required: Vec::new(),
                    optional: Vec::new(),
                    needs: Vec::new(),
                };
                self.values(meta, Section::Meta, true, &mut payload)?;
                self.payloads.push(payload);
                Place::Other(name)
            }
        })
    }

    /// Meta beside references.
    fn meta(&mut self, meta: &Node<'_>, of: &str, operation: &str) -> Result<String> {
        let schema = meta.target().unwrap_or(of);
        let row = self.tables.schemas.fitting(schema);
        let row = |column| row.and_then(|row| cell(row, column));
        let name = row(1).map_or_else(|| format!("{operation}Meta"), str::to_owned);
        let doc = row(2).map_or_else(|| format!("What is said beside the references of {}.", pascal(operation)), str::to_owned);
        if !self.payloads.iter().any(|known| known.name == name) {
            let mut payload = Payload {
                name: name.clone(),
                doc,
                kind: None,
                has_id: false,
                required: Vec::new(),
                optional: Vec::new(),
                needs: Vec::new(),
            };
            self.values(meta, Section::Meta, true, &mut payload)?;
            self.payloads.push(payload);
        }
        Ok(name)
    }
}

/// Gives parts of the same name different ones: what is deprecated steps back.
fn distinguish(payload: &mut Payload) {
    let names: Vec<_> = payload.required.iter().chain(&payload.optional).map(Part::name).collect();
    let twice = |name: &String| names.iter().filter(|other| *other == name).count() > 1;
    for part in payload.required.iter_mut().chain(&mut payload.optional) {
        let name = part.name();
        if let Part::Value(section, field) = part
            && twice(&name)
        {
            match (field.deprecated, section) {
                (true, _) => field.rename = Some(format!("deprecated_{name}")),
                (false, Section::Meta) => {}
                (false, Section::Attributes) => field.rename = Some(format!("attribute_{name}")),
            }
        }
    }
}

fn is_nullable(at: &Node<'_>) -> bool {
    at.is_true("nullable") || at.get("oneOf").iter().flat_map(Node::items).any(|choice| choice.is_null())
}

/// `1 to 50 items`, `at most 3 items`.
pub(crate) fn range(min: u64, max: Option<u64>, what: &str) -> Option<String> {
    let what = |count: u64| if count == 1 { what.to_owned() } else { plural(what) };
    match (min, max) {
        (0, None) => None,
        (min, None) => Some(format!("at least {min} {}", what(min))),
        (0, Some(max)) => Some(format!("at most {max} {}", what(max))),
        (min, Some(max)) if min == max => Some(format!("{max} {}", what(max))),
        (min, Some(max)) => Some(format!("{min} to {max} {}", what(max))),
    }
}
