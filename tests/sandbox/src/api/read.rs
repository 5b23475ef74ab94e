//! Reading: resources by filters, one by its id, a relationship page by page. The same for every type.

use std::sync::Arc;

use super::call::{Call, View};
use super::document::{Collector, Document, identifier, list};
use super::include::Tree;
use super::links::{link, links};
use super::pages::page;
use super::parameters::filter_missing;
use super::{search, sort};
use crate::answer::Answer;
use crate::refusal::Refusal;
use crate::store::{Entry, Linkage};

type Found = Vec<(String, Arc<Entry>)>;

/// `GET /type/id`
pub(super) fn one(call: &mut Call<'_>) -> Result<Answer, Refusal> {
    let (kind, id, view) = (call.kind()?, call.id()?, call.view());
    let tree = Tree::parse(call.parameters.paths("include"), kind)?;
    let entry = view.find(kind.name, &id).ok_or_else(Refusal::not_found)?;
    let collector = Collector::new(view, kind.name, &[(id, entry)], &tree);
    let (mut data, others) = collector.finish();
    let document = Document {
        data: data.pop(),
        links: links(call.here(), None),
        included: (!tree.is_empty()).then_some(others),
        meta: None,
    };
    Ok(call.ok(&document))
}

/// `GET /type` with filters
pub(super) fn many(call: &mut Call<'_>) -> Result<Answer, Refusal> {
    let found = filtered(call)?;
    listed(call, found)
}

/// The document of these resources, a page of them where the operation has pages.
pub(super) fn listed(call: &Call<'_>, mut found: Found) -> Result<Answer, Refusal> {
    let (kind, view) = (call.kind()?, call.view());
    let tree = Tree::parse(call.parameters.paths("include"), kind)?;
    if let Some(key) = call.parameters.one("sort") {
        sort::resources(&view, &mut found, key, |(_, entry)| entry);
    }
    let here = call.here();
    let paged = call.operation.query.contains(&"page[cursor]");
    let name = link(call.path(), call.parameters.without_cursor(), None);
    let (items, next) = if paged {
        let cursor = call.parameters.one("page[cursor]");
        let page = page(&found, &name, cursor, view.behaviour)?;
        (page.items, page.next)
    } else {
        (&found[..], None)
    };
    let (data, others) = Collector::new(view, kind.name, items, &tree).finish();
    let document = Document {
        data,
        links: links(here, next_link(call, next)),
        included: (!tree.is_empty()).then_some(others),
        meta: None,
    };
    Ok(call.ok(&document))
}

fn next_link(call: &Call<'_>, cursor: Option<String>) -> Option<(String, String)> {
    let cursor = cursor?;
    let pairs = call.parameters.without_cursor();
    Some((link(call.path(), pairs, Some(&cursor)), cursor))
}

/// The resources that all filters let through. By id, they come in the order that was asked for.
fn filtered(call: &Call<'_>) -> Result<Found, Refusal> {
    let (kind, view) = (call.kind()?.name, call.view());
    let values = |name: &'static str| call.parameters.all(name).collect::<Vec<_>>();
    let ids = values("filter[id]");
    let mut found: Found = if ids.is_empty() {
        let all = view.store.all(kind);
        all.filter(|(_, entry)| view.shows(kind, entry) && view.lists(entry))
            .map(|(id, entry)| (id.clone(), Arc::clone(entry)))
            .collect()
    } else {
        by_ids(&view, kind, &ids)
    };
    let mut filters = usize::from(!ids.is_empty());
    for (name, attribute) in [("filter[barcodeId]", "barcodeId"), ("filter[isrc]", "isrc"), ("filter[handle]", "handle")] {
        let wanted = values(name);
        if !wanted.is_empty() {
            filters += 1;
            found = by_attribute(&found, attribute, &wanted);
        }
    }
    for (name, relationship) in [("filter[owners.id]", "owners"), ("filter[collaborators.id]", "collaborators")] {
        let wanted = values(name);
        if !wanted.is_empty() {
            filters += 1;
            let users = users(call, &wanted)?;
            found.retain(|(_, entry)| {
                let mut linkages = entry.linkages(relationship).iter();
                linkages.any(|to| users.contains(&to.id))
            });
            sort::resources(&view, &mut found, "-createdAt", |(_, entry)| entry);
        }
    }
    if filters == 0 {
        return Err(filter_missing(call.operation));
    }
    Ok(found)
}

fn by_ids(view: &View<'_>, kind: &str, ids: &[&str]) -> Found {
    let mut found: Found = Vec::new();
    for id in ids {
        if let Some(entry) = view.find(kind, id)
            && !found.iter().any(|(known, _)| known == id)
        {
            found.push(((*id).to_owned(), entry));
        }
    }
    found
}

/// One wanted value finds all that have it, several find one each. Barcodes are the same with leading zeros.
fn by_attribute(found: &Found, attribute: &str, wanted: &[&str]) -> Found {
    let plain = |text: &str| text.trim_start_matches('0').to_ascii_uppercase();
    let most = if wanted.len() == 1 { usize::MAX } else { 1 };
    let mut all = Vec::new();
    for value in wanted {
        let same = found.iter().filter(|(_, entry)| plain(entry.text(attribute)) == plain(value));
        all.extend(same.take(most).cloned());
    }
    all
}

fn users(call: &Call<'_>, wanted: &[&str]) -> Result<Vec<String>, Refusal> {
    let one = |id: &&str| match *id {
        "me" => call.user().map(|user| user.to_string()),
        id => Ok(id.to_owned()),
    };
    wanted.iter().map(one).collect()
}

/// `GET /type/id/relationships/name`
pub(super) fn relationship(call: &mut Call<'_>) -> Result<Answer, Refusal> {
    let (kind, id, view) = (call.kind()?, call.id()?, call.view());
    let relationship = call.relationship()?;
    let entry = view.find(kind.name, &id).ok_or_else(Refusal::not_found)?;
    let tree = Tree::parse(call.parameters.paths("include"), kind)?;
    if !tree.is_all_under(relationship.name) {
        let detail = format!("Paths begin with {} here", relationship.name);
        return Err(Refusal::parameter("include", detail));
    }
    let mut linkages = entry.linkages(relationship.name).to_vec();
    let (key, query) = (call.parameters.one("sort"), call.parameters.one("filter[query]"));
    if let Some(query) = query {
        linkages.retain(|to| search::matches(&view, to, query));
    }
    if let Some(key) = key.or_else(|| default_sort(kind.name)) {
        sort::linkages(&view, &mut linkages, key);
    }
    let cursor = call.parameters.one("page[cursor]");
    let name = list(call.path(), key, query);
    let page = page(&linkages, &name, cursor, view.behaviour)?;
    let others = tree.under(kind.name, relationship.name).map(|tree| {
        let mut collector = Collector::new(view, kind.name, &[], &Tree::default());
        collector.follow(page.items, usize::MAX, &tree);
        collector.finish().1
    });
    let data = if relationship.one { page.items.first().map(identifier).into() } else { identifiers(page.items) };
    let document = Document { data, links: links(call.here(), next_link(call, page.next)), included: others, meta: None };
    Ok(call.ok(&document))
}

/// Collections show what came last first.
fn default_sort(kind: &str) -> Option<&'static str> {
    (kind == "userCollectionTracks").then_some("-addedAt")
}

fn identifiers(linkages: &[Linkage]) -> serde_json::Value {
    linkages.iter().map(identifier).collect()
}
