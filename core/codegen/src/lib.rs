//! Writes the models and operations of `tidal-core` from the official OpenAPI document.
//!
//! What is carried over are facts: methods, paths, names, types, enumerations, limits, tiers, flows, scopes, deprecations, and which
//! relationships can be included. What is said about them is said in our own words, which stand in `tables`, as do facts that the
//! document doesn't state: what relationships lead to, how long answers stay true, which limits were seen.
//!
//! The next version of the document takes no change here: what the tables don't know gets its name and its words from its facts, a
//! relationship whose target they don't know leads to any resource, with a warning, and what can't be expressed stops the generator
//! with the place in the document.
//!
//! ```text
//! document ─► node ─► shape, resource, payload, operation ─► plan ─► emit ─► format ─► files
//! tables ────────────────────┘
//! ```

mod disk;
mod emit;
mod fault;
mod format;
mod names;
mod node;
mod operation;
mod payload;
mod plan;
mod resource;
mod shape;
mod source;
mod tables;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

pub use disk::{differences, store};
pub use fault::Fault;
pub use tables::{Table, Tables};

use crate::fault::Result;
use crate::node::Node;
use crate::operation::Operation;
use crate::payload::{Bodies, Body, Choice, Member, Part, Payload, Place};
use crate::resource::Resource;
use crate::shape::Shapes;

/// Folders and files that hold generated sources and nothing else, below the workspace's root. What is in them and is no longer written
/// is to be deleted.
pub const OWNED: [&str; 6] = [
    "core/src/api/generated",
    "core/src/api/generated.rs",
    "core/src/model/generated",
    "core/src/model/generated.rs",
    "examples/cli/src/registry/generated.rs",
    "tests/suite/tests/every_request/generated.rs",
];

/// What was generated.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The files by their paths below the workspace's root.
    pub files: BTreeMap<String, String>,
    /// What the tables don't know yet.
    pub warnings: Vec<String>,
}

/// All that is known of the API.
#[derive(Clone, Debug)]
pub(crate) struct Api<'t> {
    tables: &'t Tables,
    resources: Vec<Resource>,
    shapes: Shapes<'t>,
    operations: Vec<Operation>,
    payloads: Vec<Payload>,
    choices: Vec<Choice>,
}

/// Generates all sources from a document; `root` is the workspace's root, with the configuration of `rustfmt`.
///
/// # Errors
/// If something can't be expressed, with the place in the document.
pub fn generate(document: &Value, tables: &Tables, root: &Path) -> Result<Generated> {
    let mut warnings = Vec::new();
    let api = read(document, tables, &mut warnings)?;
    let plan = plan::Plan::of(&api);
    let mut files = BTreeMap::new();
    emit::model::write(&api, &plan, &mut files);
    emit::operation::write(&api, &plan, &mut files);
    emit::registry::write(&api, &mut files);
    emit::sample::write(&api, &mut files);
    for (name, text) in &mut files {
        *text = format::format(root, name, text)?;
    }
    Ok(Generated { files, warnings })
}

fn read<'t>(document: &Value, tables: &'t Tables, warnings: &mut Vec<String>) -> Result<Api<'t>> {
    let root = Node::root(document);
    let mut resources = resource::named(&root, tables)?;
    let kinds = resources.iter().map(|resource| resource.kind.clone()).collect();
    let mut shapes = Shapes::new(tables, resource::taken(&resources), kinds);
    // Those that have names of their own come first: others may turn out to be the same.
    for (schema, at) in root.schemas()? {
        if tables.schemas.fitting(schema).is_some() && !schema.contains("Operation_Payload") && at.get("oneOf").is_none() {
            shapes.object(schema, &at)?;
        }
    }
    resource::read(&root, tables, &mut shapes, &mut resources, warnings)?;
    let mut bodies = Bodies { tables, shapes: &mut shapes, resources: &resources, choices: Vec::new(), payloads: Vec::new() };
    let operations = operation::read(&root, tables, &mut bodies)?;
    let Bodies { choices, payloads, .. } = bodies;
    for known in tables.operations.keys() {
        if !operations.iter().any(|operation| format!("{} {}", operation.method, operation.path) == known) {
            warnings.push(format!("tables/operations.tsv names `{known}`, which the document doesn't have"));
        }
    }
    Ok(Api { tables, resources, shapes, operations, payloads, choices })
}

impl Api<'_> {
    /// The type with this Rust name.
    fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.name == name)
    }

    fn payload(&self, name: &str) -> Option<&Payload> {
        self.payloads.iter().find(|payload| payload.name == name)
    }

    /// The types in documents that a reference may be to.
    fn kinds(&self, member: &Member) -> Vec<&str> {
        let types = match member {
            Member::One(name) => vec![name.as_str()],
            Member::Several(name) => {
                let choice = self.choices.iter().find(|choice| choice.name == *name);
                choice.iter().flat_map(|choice| &choice.types).map(String::as_str).collect()
            }
        };
        types.into_iter().filter_map(|name| self.resource(name)).map(|resource| resource.kind.as_str()).collect()
    }

    /// What the references of an operation's body may be to.
    fn named<'a>(&'a self, operation: &'a Operation) -> impl Iterator<Item = &'a Member> {
        let linkage = match &operation.body {
            Some(Body::Linkage(linkage)) => Some(&linkage.member),
            _ => None,
        };
        let payload = match &operation.body {
            Some(Body::Payload(name)) => self.payload(name),
            _ => None,
        };
        let parts = payload.into_iter().flat_map(|payload| payload.required.iter().chain(&payload.optional));
        let members = parts.filter_map(|part| match part {
            Part::ToOne { member, .. } | Part::ToMany { member, .. } => Some(member),
            Part::Value(..) => None,
        });
        linkage.into_iter().chain(members)
    }

    /// What a reference with a payload of its own is to, if `payload` is one.
    fn place_member(&self, payload: &str) -> Option<String> {
        self.operations.iter().find_map(|operation| match &operation.body {
            Some(Body::Linkage(linkage)) if matches!(&linkage.place, Place::Other(name) if name == payload) => {
                Some(linkage.member.rust())
            }
            _ => None,
        })
    }
}
