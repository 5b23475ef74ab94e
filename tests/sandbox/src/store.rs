//! All resources: type → id → attributes and relationships. What happens to them is decided elsewhere.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value};

/// One member of a relationship.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Linkage {
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) meta: Option<Value>,
}

impl Linkage {
    pub(crate) fn new(kind: &'static str, id: impl Into<String>) -> Self {
        Self { kind, id: id.into(), meta: None }
    }

    pub(crate) fn with(mut self, meta: Value) -> Self {
        self.meta = Some(meta);
        self
    }

    /// A text in its meta information.
    pub(crate) fn meta_text(&self, name: &str) -> Option<&str> {
        self.meta.as_ref()?.get(name)?.as_str()
    }
}

/// One resource.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) attributes: Map<String, Value>,
    pub(crate) relationships: BTreeMap<&'static str, Vec<Linkage>>,
    /// Where it is not available.
    pub(crate) blocked: &'static [&'static str],
    /// Who may change it, and see it while it is private.
    pub(crate) owner: Option<u64>,
}

impl Entry {
    pub(crate) fn text(&self, name: &str) -> &str {
        let value = self.attributes.get(name).and_then(Value::as_str);
        value.unwrap_or_default()
    }

    pub(crate) fn linkages(&self, relationship: &str) -> &[Linkage] {
        self.relationships.get(relationship).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn link(mut self, relationship: &'static str, to: Vec<Linkage>) -> Self {
        self.relationships.insert(relationship, to);
        self
    }
}

/// The resources; a clone shares what neither side has changed since.
#[derive(Clone, Default)]
pub(crate) struct Store(HashMap<&'static str, BTreeMap<String, Arc<Entry>>>);

impl Store {
    pub(crate) fn put(&mut self, kind: &'static str, id: impl Into<String>, entry: Entry) {
        self.0.entry(kind).or_default().insert(id.into(), Arc::new(entry));
    }

    pub(crate) fn get(&self, kind: &str, id: &str) -> Option<&Arc<Entry>> {
        self.0.get(kind)?.get(id)
    }

    pub(crate) fn get_mut(&mut self, kind: &str, id: &str) -> Option<&mut Entry> {
        self.0.get_mut(kind)?.get_mut(id).map(Arc::make_mut)
    }

    pub(crate) fn remove(&mut self, kind: &str, id: &str) -> bool {
        self.0.get_mut(kind).is_some_and(|all| all.remove(id).is_some())
    }

    /// All of a type, in the order of their ids.
    pub(crate) fn all(&self, kind: &str) -> impl Iterator<Item = (&String, &Arc<Entry>)> {
        self.0.get(kind).into_iter().flatten()
    }
}
