//! Sorting: of resources by an attribute, of linkages by what they lead to.

use std::cmp::Reverse;

use super::call::View;
use crate::catalogue::seconds_of;
use crate::store::{Entry, Linkage};

/// A key that compares as people expect.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(u64),
    Text(String),
}

fn attribute(entry: &Entry, name: &str) -> Key {
    match name {
        "duration" => Key::Number(seconds_of(entry)),
        _ => Key::Text(entry.text(name).to_lowercase()),
    }
}

/// The attribute of the resource, or of the first that it leads to (`albums.title`).
fn member(view: &View<'_>, entry: &Entry, path: &str) -> Key {
    match path.split_once('.') {
        None => attribute(entry, path),
        Some((relationship, name)) => entry
            .linkages(relationship)
            .first()
            .and_then(|to| view.store.get(to.kind, &to.id))
            .map_or_else(|| Key::Text(String::new()), |found| attribute(found, name)),
    }
}

/// Sorts by a key; equal ones keep their order, also when it is descending.
fn by<T>(all: &mut [T], sort: &str, key: impl Fn(&T, &str) -> Key) {
    match sort.strip_prefix('-') {
        Some(name) => all.sort_by_key(|one| Reverse(key(one, name))),
        None => all.sort_by_key(|one| key(one, sort)),
    }
}

pub(super) fn resources<T>(view: &View<'_>, all: &mut [T], sort: &str, entry: impl Fn(&T) -> &Entry) {
    by(all, sort, |one, name| member(view, entry(one), name));
}

pub(super) fn linkages(view: &View<'_>, all: &mut [Linkage], sort: &str) {
    match sort {
        "itemIndex" => {}
        "-itemIndex" => all.reverse(),
        _ => by(all, sort, |to, name| match name {
            "addedAt" => Key::Text(to.meta_text("addedAt").unwrap_or_default().to_owned()),
            _ => view.store.get(to.kind, &to.id).map_or_else(|| Key::Text(String::new()), |found| member(view, found, name)),
        }),
    }
}
