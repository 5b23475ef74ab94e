//! A person's own collection of tracks: adding and removing. A track is there once.

use http::StatusCode;
use serde_json::{Value, json};

use super::call::Call;
use super::document::{Document, identifier};
use super::links::links;
use super::payload::{self, Shape};
use super::playlists::{date, done, stamp};
use crate::answer::Answer;
use crate::refusal::Refusal;
use crate::store::Linkage;

const KIND: &str = "userCollectionTracks";
const ADD: Shape = Shape { most: 50, kinds: &["tracks"], meta: &["addedAt"] };
const REMOVE: Shape = Shape { meta: &[], ..ADD };

/// `POST`
pub(super) fn add(call: &mut Call<'_>) -> Result<Answer, Refusal> {
    let (id, mut items) = own(call)?;
    let mut body = payload::body(call, &["data"])?;
    let given = payload::identifiers(&mut body, &ADD)?;
    let (mut data, mut skipped) = (Vec::new(), Vec::new());
    for (index, one) in given.iter().enumerate() {
        let skip = |reason: &str| json!({ "id": one.id, "type": one.kind, "reason": reason });
        if call.view().find(one.kind, &one.id).is_none() {
            skipped.push(skip("NOT_FOUND"));
            continue;
        }
        if items.iter().any(|to| to.id == one.id) {
            if !call.state.behaviour.skip_duplicates {
                return Err(Refusal::new(StatusCode::CONFLICT, "Collection already contains one or more items")
                    .code("DUPLICATE_ITEMS_IN_COLLECTION"));
            }
            skipped.push(skip("ALREADY_PRESENT"));
            continue;
        }
        let added_at = match one.meta.get("addedAt") {
            Some(value) => date(value, &format!("/data/{index}/meta/addedAt"))?,
            None => stamp(call.now),
        };
        let meta = json!({ "addedAt": added_at });
        let linkage = Linkage::new(one.kind, one.id.clone()).with(meta);
        data.push(identifier(&linkage));
        items.push(linkage);
    }
    put(call, &id, items)?;
    let document =
        Document { data, links: links(call.here(), None), included: None, meta: Some(json!({ "skipped": skipped })) };
    Ok(call.ok(&document))
}

/// `DELETE`; what is not there is as good as removed.
pub(super) fn remove(call: &mut Call<'_>) -> Result<Answer, Refusal> {
    let (id, mut items) = own(call)?;
    let mut body = payload::body(call, &["data"])?;
    let given = payload::identifiers(&mut body, &REMOVE)?;
    items.retain(|to| !given.iter().any(|one| one.id == to.id));
    put(call, &id, items)?;
    done(call)
}

/// The collection of the path, which must be the caller's.
fn own(call: &Call<'_>) -> Result<(String, Vec<Linkage>), Refusal> {
    let id = call.id()?;
    let entry = call.view().find(KIND, &id).ok_or_else(Refusal::not_found)?;
    Ok((id, entry.linkages("items").to_vec()))
}

fn put(call: &mut Call<'_>, id: &str, items: Vec<Linkage>) -> Result<(), Refusal> {
    let now: Value = stamp(call.now).into();
    let entry = call.state.store.get_mut(KIND, id);
    let entry = entry.ok_or_else(Refusal::not_found)?;
    entry.attributes.insert("numberOfItems".into(), items.len().into());
    entry.attributes.insert("lastModifiedAt".into(), now);
    entry.relationships.insert("items", items);
    Ok(())
}
