//! Resource types: their attributes, relationships, and what relationships lead to.

use std::collections::BTreeSet;

use crate::fault::Result;
use crate::names::{a, pascal, plural, singular, snake, words};
use crate::node::Node;
use crate::shape::{Field, Shapes};
use crate::tables::Tables;

/// A resource type.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    /// Its name in documents: `albums`.
    pub(crate) kind: String,
    /// Its name in Rust: `Album`.
    pub(crate) name: String,
    /// What one is called: `album`.
    pub(crate) noun: String,
    pub(crate) doc: String,
    /// The group of its operations.
    pub(crate) group: String,
    pub(crate) fields: Vec<Field>,
    pub(crate) relationships: Vec<Relationship>,
    /// What is said about a resource as a whole.
    pub(crate) meta: Option<String>,
}

/// What a relationship leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// The Rust name of the only type.
    One(String),
    /// Any of several types, or any at all.
    Any,
}

#[derive(Clone, Debug)]
pub(crate) struct Relationship {
    pub(crate) key: String,
    pub(crate) many: bool,
    pub(crate) target: Target,
    /// The Rust name of what is said about a resource in this place.
    pub(crate) meta: Option<String>,
    pub(crate) doc: String,
}

impl Target {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::One(name) => name,
            Self::Any => "AnyResource",
        }
    }
}

impl Resource {
    pub(crate) fn relationship(&self, key: &str) -> Option<&Relationship> {
        self.relationships.iter().find(|relationship| relationship.key == key)
    }

    /// Many of them.
    pub(crate) fn nouns(&self) -> String {
        plural(&self.noun)
    }

    /// One of them.
    pub(crate) fn a(&self) -> String {
        a(&self.noun)
    }

    pub(crate) fn module(&self) -> String {
        snake(&self.name)
    }
}

/// The resource types with their names, before anything is known of what they hold.
pub(crate) fn named(root: &Node<'_>, tables: &Tables) -> Result<Vec<Resource>> {
    let mut kinds = Vec::new();
    for (schema, at) in root.schemas()? {
        let Some(prefix) = schema.strip_suffix("_Resource_Object") else { continue };
        at.need("properties")?;
        kinds.push(kind_of(root, schema, prefix)?);
    }
    let resource = |kind: String| {
        let cell = |column| tables.types.cell(&kind, column).map(str::to_owned);
        let name = cell(1).unwrap_or_else(|| pascal(&singular(&kind)));
        let noun = cell(2).unwrap_or_else(|| words(&singular(&kind)).join(" "));
        let group = cell(3).unwrap_or_else(|| snake(&kind));
        let doc = cell(4).unwrap_or_else(|| format!("A resource of type `{kind}`."));
        Resource { kind, name, noun, doc, group, fields: Vec::new(), relationships: Vec::new(), meta: None }
    };
    Ok(kinds.into_iter().map(resource).collect())
}

/// The name in documents of the resources that `schema` describes.
fn kind_of(root: &Node<'_>, schema: &str, prefix: &str) -> Result<String> {
    let included =
        root.schema("Included").ok().and_then(|included| included.get("items")?.get("discriminator")?.get("mapping"));
    for (kind, target) in included.iter().flat_map(Node::entries) {
        if target.text()?.ends_with(&format!("/{schema}")) {
            return Ok(kind.to_owned());
        }
    }
    let mut letters = prefix.chars();
    Ok(letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default())
}

/// The name of the schemas of a type: `Albums` for `albums`.
pub(crate) fn prefix(kind: &str) -> String {
    crate::names::capital(kind)
}

/// Reads what the types hold.
pub(crate) fn read(
    root: &Node<'_>,
    tables: &Tables,
    shapes: &mut Shapes<'_>,
    resources: &mut [Resource],
    warnings: &mut Vec<String>,
) -> Result<()> {
    let names: Vec<(String, String)> =
        resources.iter().map(|resource| (resource.kind.clone(), resource.name.clone())).collect();
    for resource in resources {
        let schema = format!("{}_Resource_Object", prefix(&resource.kind));
        let members = root.schema(&schema)?.need("properties")?;
        for (key, _) in members.entries() {
            if !matches!(key, "id" | "type" | "attributes" | "relationships" | "meta" | "links") {
                return members.need(key)?.fault("a member of resources that JSON:API doesn't name");
            }
        }
        if let Some(attributes) = members.get("attributes") {
            let name = attributes.target().unwrap_or(&schema).to_owned();
            resource.fields = shapes.fields(&name, &attributes)?;
        }
        if let Some(meta) = members.get("meta") {
            let name = meta.target().unwrap_or("").to_owned();
            resource.meta = Some(shapes.object(&name, &meta)?);
        }
        let Some(relationships) = members.get("relationships") else { continue };
        for (key, at) in relationships.follow()?.need("properties")?.entries() {
            let data = at.follow()?.need("properties")?.need("data")?;
            let many = data.follow()?.kind() == Some("array");
            let (identifier, meta) = identifier(&data)?;
            let meta = match meta {
                Some(meta) => Some(shapes.object(meta.target().unwrap_or(&format!("{schema}_{key}_Meta")), &meta)?),
                None => None,
            };
            let place = format!("{}.{key}", resource.kind);
            let target = target(tables, &names, &place, &identifier, warnings)?;
            let doc = shapes.doc(&resource.kind, key);
            resource.relationships.push(Relationship { key: key.to_owned(), many, target, meta, doc });
        }
    }
    Ok(())
}

/// The identifier that linkage is made of, and its meta.
pub(crate) fn identifier<'a>(data: &Node<'a>) -> Result<(Node<'a>, Option<Node<'a>>)> {
    let data = data.follow()?;
    let element = match data.get("items") {
        Some(items) => items.follow()?,
        None => data,
    };
    let element = match element.get("oneOf") {
        None => element,
        Some(choices) => match &choices.items().into_iter().filter(|choice| !choice.is_null()).collect::<Vec<_>>()[..] {
            [one] => one.follow()?,
            _ => return choices.fault("a reference that may have several forms"),
        },
    };
    let members = element.need("properties")?;
    members.need("id")?;
    members.need("type")?;
    Ok((element, members.get("meta")))
}

fn target(
    tables: &Tables,
    names: &[(String, String)],
    place: &str,
    identifier: &Node<'_>,
    warnings: &mut Vec<String>,
) -> Result<Target> {
    let name = |kind: &str| names.iter().find(|(known, _)| known == kind).map(|(_, name)| name.clone());
    let stated: Vec<String> = match tables.targets.cell(place, 1) {
        Some("*") => return Ok(Target::Any),
        Some(kinds) => kinds.split(',').map(str::to_owned).collect(),
        None => {
            warnings.push(format!(
                "{place} leads to any resource: tables/targets.tsv doesn't say to which ({})",
                identifier.pointer
            ));
            return Ok(Target::Any);
        }
    };
    if let Some(unknown) = stated.iter().find(|kind| name(kind).is_none()) {
        warnings.push(format!("{place} leads to `{unknown}` in tables/targets.tsv, of which the document knows nothing"));
    }
    Ok(match (&stated[..], stated.first().and_then(|kind| name(kind))) {
        ([_], Some(name)) => Target::One(name),
        _ => Target::Any,
    })
}

/// Names of types, for those who may not take them.
pub(crate) fn taken(resources: &[Resource]) -> BTreeSet<String> {
    let all = ["AnyResource", "Include", "Sort", "Addition", "PlaylistItem"].into_iter().map(str::to_owned);
    all.chain(resources.iter().map(|resource| resource.name.clone())).collect()
}
