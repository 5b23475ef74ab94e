//! JSON:API documents: resource objects with their relationships, and what is included.

use std::collections::HashMap;
use std::sync::Arc;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::call::View;
use super::include::Tree;
use super::links::{link, links};
use super::pages::page;
use crate::schema::{self, Relationship};
use crate::store::{Entry, Linkage};

/// A whole document.
#[derive(Serialize)]
pub(super) struct Document<D> {
    pub(super) data: D,
    pub(super) links: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) included: Option<Vec<Resource>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) meta: Option<Value>,
}

/// A resource object. As with the service, its type comes first in some and last in others.
pub(super) struct Resource {
    kind: String,
    id: String,
    attributes: Map<String, Value>,
    relationships: Map<String, Value>,
}

impl Serialize for Resource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let first = self.id.bytes().fold(0, |sum: u8, b| sum.wrapping_add(b)) % 2 == 0;
        if first {
            map.serialize_entry("type", &self.kind)?;
            map.serialize_entry("id", &self.id)?;
        }
        map.serialize_entry("attributes", &self.attributes)?;
        if !self.relationships.is_empty() {
            map.serialize_entry("relationships", &self.relationships)?;
        }
        if !first {
            map.serialize_entry("id", &self.id)?;
            map.serialize_entry("type", &self.kind)?;
        }
        map.end()
    }
}

/// A resource identifier object.
pub(super) fn identifier(linkage: &Linkage) -> Value {
    match &linkage.meta {
        Some(meta) => json!({ "id": linkage.id, "type": linkage.kind, "meta": meta }),
        None => json!({ "id": linkage.id, "type": linkage.kind }),
    }
}

/// A resource that goes into a document, and which of its relationships are followed.
struct Member {
    kind: String,
    id: String,
    entry: Arc<Entry>,
    tree: Tree,
}

/// Gathers the resources of a document, each once, whatever the ways that lead to it.
pub(super) struct Collector<'a> {
    view: View<'a>,
    members: Vec<Member>,
    index: HashMap<(String, String), usize>,
    primary: usize,
}

impl<'a> Collector<'a> {
    /// Starts from the primary resources, which are not included again.
    pub(super) fn new(view: View<'a>, kind: &str, primary: &[(String, Arc<Entry>)], tree: &Tree) -> Self {
        let mut collector = Self { view, members: Vec::new(), index: HashMap::new(), primary: primary.len() };
        // All of them come first, so that their places are the front ones.
        for (id, entry) in primary {
            collector.place(kind, id, entry);
        }
        for (id, entry) in primary {
            collector.visit(kind, id, entry, tree);
        }
        collector
    }

    fn place(&mut self, kind: &str, id: &str, entry: &Arc<Entry>) -> usize {
        let members = &mut self.members;
        *self.index.entry((kind.to_owned(), id.to_owned())).or_insert_with(|| {
            members.push(Member { kind: kind.to_owned(), id: id.to_owned(), entry: Arc::clone(entry), tree: Tree::default() });
            members.len() - 1
        })
    }

    fn visit(&mut self, kind: &str, id: &str, entry: &Arc<Entry>, tree: &Tree) {
        let place = self.place(kind, id, entry);
        self.members[place].tree.merge(tree);
        if tree.is_empty() {
            return;
        }
        let relationships = schema::find(kind).map_or(&[][..], |found| found.relationships);
        for relationship in relationships {
            if let Some(tree) = tree.under(kind, relationship.name) {
                let size = self.view.behaviour.page_size.max(1);
                self.follow(entry.linkages(relationship.name), size, &tree);
            }
        }
    }

    /// Visits the first so many of those that are there.
    pub(super) fn follow(&mut self, linkages: &[Linkage], most: usize, tree: &Tree) {
        for to in linkages.iter().take(most) {
            if let Some(entry) = self.view.find(to.kind, &to.id) {
                self.visit(to.kind, &to.id, &entry, tree);
            }
        }
    }

    /// The primary resources, and the included ones.
    pub(super) fn finish(self) -> (Vec<Resource>, Vec<Resource>) {
        let view = self.view;
        let mut all: Vec<_> = self.members.iter().map(|one| resource(&view, one)).collect();
        let included = all.split_off(self.primary);
        (all, included)
    }
}

fn resource(view: &View<'_>, member: &Member) -> Resource {
    let all = schema::find(&member.kind).map_or(&[][..], |found| found.relationships);
    let relationships = all
        .iter()
        .filter_map(|one| {
            let included = member.tree.under(&member.kind, one.name).is_some();
            let shown = included || !view.behaviour.bare_relationships;
            shown.then(|| (one.name.to_owned(), related(view, member, one, included)))
        })
        .collect();
    Resource { kind: member.kind.clone(), id: member.id.clone(), attributes: member.entry.attributes.clone(), relationships }
}

/// A relationship inside a resource: links, and the first page of its linkage if it was included.
fn related(view: &View<'_>, member: &Member, one: &Relationship, included: bool) -> Value {
    let (kind, id) = (&member.kind, &member.id);
    let path = format!("/{kind}/{id}/relationships/{}", one.name);
    let carried = view.carried();
    let here = link(&path, carried.iter(), None);
    if !included {
        return json!({ "links": links(here, None) });
    }
    let linkages = member.entry.linkages(one.name);
    if one.one {
        let data = linkages.first().map(identifier);
        return json!({ "data": data, "links": links(here, None) });
    }
    // Without a cursor there is nothing to refuse.
    let Ok(first) = page(linkages, &list(&path, None, None), None, view.behaviour) else {
        return json!({ "links": links(here, None) });
    };
    let data: Vec<_> = first.items.iter().map(identifier).collect();
    let next = first.next.map(|cursor| (link(&path, carried.iter(), Some(&cursor)), cursor));
    json!({ "data": data, "links": links(here, next) })
}

/// The name by which cursors know a list.
pub(super) fn list(path: &str, sort: Option<&str>, query: Option<&str>) -> String {
    format!("{path} {} {}", sort.unwrap_or_default(), query.unwrap_or_default())
}
