//! What a call is about: for a read, what tells it from others and what makes its answer stale; for a change, what it makes stale.

use std::any::TypeId;

use bytes::Bytes;
use http::{HeaderMap, Uri};
use url::Url;

use crate::cache::{Key, Tag};
use crate::document::loose::{self, Value};
use crate::operation::Operation;
use crate::order::order;

/// Where the request of a call goes.
pub(super) struct Target<'a> {
    pub(super) operation: &'a Operation,
    pub(super) base: &'a Url,
    pub(super) uri: &'a Uri,
}

impl Target<'_> {
    /// The path below the API's address.
    fn path(&self) -> &str {
        let path = self.uri.path();
        path.strip_prefix(self.base.path().trim_end_matches('/')).unwrap_or(path)
    }

    fn includes(&self) -> bool {
        self.uri.query().is_some_and(|query| crate::texts::pieces(query, '&').any(|pair| pair.starts_with("include=")))
    }

    /// What tells a read from others.
    pub(super) fn key(&self, endpoint: TypeId, audience: u64, headers: &HeaderMap) -> Key {
        let audience = audience.to_le_bytes();
        let uri = self.uri.to_string();
        let mut said: Vec<(&[u8], &[u8])> = Vec::with_capacity(headers.len());
        for (name, value) in headers {
            said.push((name.as_str().as_bytes(), value.as_bytes()));
        }
        let headers = said;
        // In the order of their names; several values of one name stay in theirs.
        let order = order(headers.len(), &|a, b| headers[a].0.cmp(headers[b].0));
        let mut parts = vec![audience.as_slice(), self.operation.method.as_str().as_bytes(), uri.as_bytes()];
        for at in order {
            parts.extend_from_slice(&[headers[at].0, headers[at].1]);
        }
        Key::new(endpoint, &parts)
    }

    /// What a read is about.
    pub(super) fn reads(&self) -> Vec<Tag> {
        Tag::of_read(&self.operation.path, self.path(), self.includes())
    }

    /// What a change makes stale.
    pub(super) fn changes(&self, written: &[Identifier]) -> Vec<Tag> {
        Tag::of_mutation(self.path(), written.iter().map(|(kind, id)| (&**kind, &**id)))
    }
}

/// Type and id of a resource.
pub(super) type Identifier = (Box<str>, Box<str>);

/// The resources that the body of a change names.
pub(super) fn written(body: &Bytes) -> Vec<Identifier> {
    let mut found = Vec::new();
    // What is no JSON names none.
    if let Some(value) = loose::value(body) {
        identifiers(&value, &mut found);
    }
    found
}

/// At whatever depth.
fn identifiers(value: &Value, found: &mut Vec<Identifier>) {
    match value {
        Value::List(items) => items.iter().for_each(|item| identifiers(item, found)),
        Value::Object(members) => {
            let text = |name: &str| members.get(name).and_then(Value::text).map(Box::from);
            if let (Some(kind), Some(id)) = (text("type"), text("id")) {
                found.push((kind, id));
            }
            members.values().for_each(|member| identifiers(member, found));
        }
        _ => {}
    }
}
