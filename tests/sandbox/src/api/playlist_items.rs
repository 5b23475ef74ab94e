//! What is in a playlist: adding, moving, removing. An item is known by its `meta.itemId`, since a track may be
//! there twice.

use serde_json::{Value, json};

use super::call::Call;
use super::document::{Document, identifier};
use super::links::links;
use super::payload::{self, Given, Shape};
use super::playlists::{date, done, own, size, stamp};
use crate::answer::Answer;
use crate::refusal::Refusal;
use crate::store::Linkage;

const ADD: Shape = Shape { most: 50, kinds: &["tracks", "videos"], meta: &["addedAt"] };
const MOVE: Shape = Shape { most: 20, kinds: &["tracks", "videos"], meta: &["itemId"] };
const REMOVE: Shape = Shape { most: 50, ..MOVE };

/// `POST`: before an item, or at the end. What is not there is skipped and named.
pub(super) fn add(call: &mut Call<'_>) -> Result<Answer, Refusal> {
    let id = own(call)?;
    let mut body = payload::body(call, &["data", "meta"])?;
    let given = payload::identifiers(&mut body, &ADD)?;
    let before = payload::position_before(&mut body)?;
    let (mut added, mut skipped) = (Vec::new(), Vec::new());
    for (index, one) in given.iter().enumerate() {
        if call.view().find(one.kind, &one.id).is_none() {
            skipped.push(json!({ "id": one.id, "type": one.kind, "reason": "NOT_FOUND" }));
            continue;
        }
        let added_at = match one.meta.get("addedAt") {
            Some(value) => date(value, &format!("/data/{index}/meta/addedAt"))?,
            None => stamp(call.now),
        };
        let meta = json!({ "itemId": call.state.new_id(), "addedAt": added_at });
        added.push(Linkage::new(one.kind, one.id.clone()).with(meta));
    }
    let data: Vec<_> = added.iter().map(identifier).collect();
    rewrite(call, &id, |items| {
        let at = position(items, before.as_deref())?;
        items.splice(at..at, added);
        Ok(())
    })?;
    let document =
        Document { data, links: links(call.here(), None), included: None, meta: Some(json!({ "skipped": skipped })) };
    Ok(call.ok(&document))
}

/// `PATCH`: to before an item, or to the end, in the order that is given.
pub(super) fn shift(call: &mut Call<'_>) -> Result<Answer, Refusal> {
    let id = own(call)?;
    let mut body = payload::body(call, &["data", "meta"])?;
    let given = payload::identifiers(&mut body, &MOVE)?;
    let before = payload::position_before(&mut body)?;
    rewrite(call, &id, |items| {
        let moved = take(items, &given)?;
        let at = position(items, before.as_deref())?;
        items.splice(at..at, moved);
        Ok(())
    })?;
    done(call)
}

/// `DELETE`
pub(super) fn remove(call: &mut Call<'_>) -> Result<Answer, Refusal> {
    let id = own(call)?;
    let mut body = payload::body(call, &["data"])?;
    let given = payload::identifiers(&mut body, &REMOVE)?;
    rewrite(call, &id, |items| take(items, &given).map(drop))?;
    done(call)
}

/// Changes the items, all or none, and what depends on them.
fn rewrite(
    call: &mut Call<'_>,
    id: &str,
    change: impl FnOnce(&mut Vec<Linkage>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let now = stamp(call.now);
    let store = &mut call.state.store;
    let entry = store.get("playlists", id).ok_or_else(Refusal::not_found)?;
    let mut entry = entry.as_ref().clone();
    let mut items = entry.relationships.remove("items").unwrap_or_default();
    change(&mut items)?;
    entry.relationships.insert("items", items);
    entry.attributes.insert("lastModifiedAt".into(), now.into());
    size(store, &mut entry);
    store.put("playlists", id, entry);
    Ok(())
}

/// Takes the given items out, in the order in which they are given.
fn take(items: &mut Vec<Linkage>, given: &[Given]) -> Result<Vec<Linkage>, Refusal> {
    let mut taken = Vec::new();
    for (index, one) in given.iter().enumerate() {
        let item_id = one.item_id(index)?;
        let at = find(items, item_id).filter(|&at| items[at].id == one.id && items[at].kind == one.kind).ok_or_else(|| {
            let pointer = format!("/data/{index}/meta/itemId");
            Refusal::member(&pointer, "There is no such item")
        })?;
        taken.push(items.remove(at));
    }
    Ok(taken)
}

fn position(items: &[Linkage], before: Option<&str>) -> Result<usize, Refusal> {
    match before {
        None => Ok(items.len()),
        Some(item_id) => find(items, item_id).ok_or_else(|| Refusal::member("/meta/positionBefore", "There is no such item")),
    }
}

fn find(items: &[Linkage], item_id: &str) -> Option<usize> {
    let is_it = |to: &Linkage| {
        let meta = to.meta.as_ref().and_then(|meta| meta.get("itemId"));
        meta.and_then(Value::as_str) == Some(item_id)
    };
    items.iter().position(is_it)
}
