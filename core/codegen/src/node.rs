//! The document, walked with the place always known.

use serde_json::Value;

use crate::fault::{Fault, Result};

/// A value of the document, and the JSON pointer to it.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    root: &'a Value,
    value: &'a Value,
    pub(crate) pointer: String,
}

impl<'a> Node<'a> {
    pub(crate) fn root(root: &'a Value) -> Self {
        Self { root, value: root, pointer: String::new() }
    }

    pub(crate) fn fault<T>(&self, why: impl Into<String>) -> Result<T> {
        Err(Fault::new(format!("#{}", self.pointer), why))
    }

    fn child(&self, key: &str, value: &'a Value) -> Self {
        let key = key.replace('~', "~0").replace('/', "~1");
        Self { root: self.root, value, pointer: format!("{}/{key}", self.pointer) }
    }

    /// The member called `key`, if there is one.
    pub(crate) fn get(&self, key: &str) -> Option<Self> {
        self.value.get(key).map(|value| self.child(key, value))
    }

    /// The member called `key`.
    pub(crate) fn need(&self, key: &str) -> Result<Self> {
        self.get(key).map_or_else(|| self.fault(format!("has no `{key}`")), Ok)
    }

    /// The schema called `name`.
    pub(crate) fn schema(&self, name: &str) -> Result<Self> {
        Self::root(self.root).need("components")?.need("schemas")?.need(name)
    }

    /// All schemas by name.
    pub(crate) fn schemas(&self) -> Result<Vec<(&'a str, Self)>> {
        Ok(Self::root(self.root).need("components")?.need("schemas")?.entries())
    }

    /// The name of what `$ref` leads to.
    pub(crate) fn target(&self) -> Option<&'a str> {
        self.value.get("$ref")?.as_str()?.rsplit('/').next()
    }

    /// What this is, through any number of `$ref`.
    pub(crate) fn follow(&self) -> Result<Self> {
        let mut here = self.clone();
        for _ in 0..32 {
            let Some(reference) = here.value.get("$ref") else { return Ok(here) };
            let pointer = reference.as_str().and_then(|reference| reference.strip_prefix('#'));
            let found = pointer.and_then(|pointer| Some((pointer, self.root.pointer(pointer)?)));
            let Some((pointer, value)) = found else { return here.fault(format!("{reference} leads nowhere")) };
            here = Self { root: self.root, value, pointer: pointer.to_owned() };
        }
        self.fault("the references go round in a circle")
    }

    pub(crate) fn text(&self) -> Result<&'a str> {
        self.value.as_str().map_or_else(|| self.fault("is no text"), Ok)
    }

    pub(crate) fn number(&self) -> Option<u64> {
        self.value.as_u64()
    }

    pub(crate) fn is_true(&self, key: &str) -> bool {
        self.value.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The elements of a list; none if it is no list.
    pub(crate) fn items(&self) -> Vec<Self> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.map(|(at, value)| self.child(&at.to_string(), value)).collect()
    }

    /// The texts of a list.
    pub(crate) fn texts(&self) -> Result<Vec<&'a str>> {
        self.items().iter().map(Node::text).collect()
    }

    /// The members of an object by name, in the order of their names.
    pub(crate) fn entries(&self) -> Vec<(&'a str, Self)> {
        let mut entries: Vec<_> =
            self.value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), self.child(key, value))).collect();
        entries.sort_by_key(|(key, _)| *key);
        entries
    }

    /// The schema's type.
    pub(crate) fn kind(&self) -> Option<&'a str> {
        self.value.get("type")?.as_str()
    }

    /// The texts of `key`, none if there is no such list.
    pub(crate) fn list(&self, key: &str) -> Result<Vec<&'a str>> {
        self.get(key).map_or(Ok(Vec::new()), |list| list.texts())
    }

    /// Whether this stands for nothing: `{"enum": [null]}`.
    pub(crate) fn is_null(&self) -> bool {
        self.value.get("enum").and_then(Value::as_array).is_some_and(|values| values.iter().all(Value::is_null))
    }
}
