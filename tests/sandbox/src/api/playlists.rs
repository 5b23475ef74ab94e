//! Making, changing and deleting playlists.

use std::sync::Arc;

use http::{StatusCode, header};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::document::{Collector, Document, Resource};
use super::include::Tree;
use super::links::links;
use super::payload;
use crate::answer::Answer;
use crate::catalogue::{duration, object, seconds_of, sharing_link};
use crate::refusal::Refusal;
use crate::store::{Entry, Linkage, Store};

const ACCESS: &[&str] = &["PUBLIC", "UNLISTED"];

/// `POST /playlists`
pub(super) fn create(call: &mut Call<'_>) -> Result<Answer, Refusal> {
    let user = call.user()?;
    let mut body = payload::body(call, &["data"])?;
    let data = body.remove("data").unwrap_or_default();
    let mut data = payload::fields(data, "/data", &["attributes", "type"])?;
    check_type(&mut data)?;
    let given = data.remove("attributes").unwrap_or_default();
    let members = ["accessType", "createdAt", "description", "name"];
    let mut given = payload::fields(given, "/data/attributes", &members)?;
    let name = payload::text(&mut given, "/data/attributes", "name")?;
    let now = stamp(call.now);
    let created = match given.remove("createdAt") {
        None => now.clone(),
        Some(value) => date(&value, "/data/attributes/createdAt")?,
    };
    let id = call.state.new_id();
    let mut attributes = object(json!({
        "name": name,
        "accessType": "UNLISTED",
        "bounded": true,
        "playlistType": "USER",
        "createdAt": created,
        "lastModifiedAt": now,
        "numberOfFollowers": 0,
        "externalLinks": sharing_link("playlist", &id),
    }));
    change(&mut attributes, given)?;
    let mut entry = Entry { attributes, owner: Some(user), ..Entry::default() }
        .link("items", Vec::new())
        .link("owners", vec![Linkage::new("users", user.to_string())]);
    size(&call.state.store, &mut entry);
    call.state.store.put("playlists", id.clone(), entry);
    let document =
        Document { data: shown(call, &id)?, links: links(format!("/playlists/{id}"), None), included: None, meta: None };
    let answer = Answer::document(StatusCode::CREATED, &document);
    Ok(answer.with(header::LOCATION, &format!("/playlists/{id}")))
}

/// `PATCH /playlists/{id}`
pub(super) fn update(call: &mut Call<'_>) -> Result<Answer, Refusal> {
    let id = own(call)?;
    let mut body = payload::body(call, &["data"])?;
    let data = body.remove("data").unwrap_or_default();
    let mut data = payload::fields(data, "/data", &["attributes", "id", "type"])?;
    check_type(&mut data)?;
    if payload::text(&mut data, "/data", "id")? != id {
        return Err(Refusal::member("/data/id", "Not the id of the path"));
    }
    let given = data.remove("attributes").unwrap_or_default();
    let members = ["accessType", "description", "name"];
    let given = payload::fields(given, "/data/attributes", &members)?;
    let now = stamp(call.now);
    let store = &mut call.state.store;
    let entry = store.get_mut("playlists", &id).ok_or_else(Refusal::not_found)?;
    let mut attributes = entry.attributes.clone();
    change(&mut attributes, given)?;
    attributes.insert("lastModifiedAt".into(), now.into());
    entry.attributes = attributes;
    let document = Document { data: shown(call, &id)?, links: links(call.here(), None), included: None, meta: None };
    Ok(call.ok(&document))
}

/// `DELETE /playlists/{id}`
pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, Refusal> {
    let id = own(call)?;
    call.state.store.remove("playlists", &id);
    done(call)
}

/// The answer to a mutation that has nothing to show.
pub(super) fn done(call: &Call<'_>) -> Result<Answer, Refusal> {
    Ok(call.ok(&json!({ "links": links(call.here(), None) })))
}

/// The id of the path, if that playlist is the caller's to change.
pub(super) fn own(call: &Call<'_>) -> Result<String, Refusal> {
    let id = call.id()?;
    let entry = call.view().find("playlists", &id);
    let entry = entry.ok_or_else(Refusal::not_found)?;
    if entry.owner != Some(call.user()?) {
        let detail = "The playlist belongs to someone else";
        return Err(Refusal::new(StatusCode::FORBIDDEN, detail).code("FORBIDDEN"));
    }
    Ok(id)
}

/// The size of a playlist, by what is in it now.
pub(super) fn size(store: &Store, entry: &mut Entry) {
    let items = entry.linkages("items");
    let count = |kind| items.iter().filter(|to| to.kind == kind).count();
    let seconds: u64 = items.iter().filter_map(|to| store.get(to.kind, &to.id)).map(|item| seconds_of(item)).sum();
    let sizes = json!({
        "numberOfItems": items.len(),
        "numberOfTrackItems": count("tracks"),
        "numberOfVideoItems": count("videos"),
        "duration": duration(seconds),
    });
    entry.attributes.extend(object(sizes));
}

/// A time with milliseconds, as the service writes it.
pub(super) fn stamp(now: Timestamp) -> String {
    format!("{now:.3}")
}

/// A date in a body.
pub(super) fn date(value: &Value, pointer: &str) -> Result<String, Refusal> {
    let time = value.as_str().and_then(|text| text.parse().ok());
    time.map(stamp).ok_or_else(|| Refusal::member(pointer, "Not a date and time of ISO 8601"))
}

fn check_type(data: &mut Map<String, Value>) -> Result<(), Refusal> {
    if payload::text(data, "/data", "type")? != "playlists" {
        return Err(Refusal::member("/data/type", "Not playlists"));
    }
    Ok(())
}

/// Applies what was given: a value sets, null clears where that is possible, absent leaves.
fn change(attributes: &mut Map<String, Value>, given: Map<String, Value>) -> Result<(), Refusal> {
    for (name, value) in given {
        let good = match (name.as_str(), &value) {
            ("description", Value::Null) => {
                attributes.remove("description");
                continue;
            }
            ("accessType", Value::String(text)) => ACCESS.contains(&text.as_str()),
            ("name", Value::String(text)) => !text.is_empty(),
            ("description", Value::String(_)) => true,
            _ => false,
        };
        if !good {
            let pointer = format!("/data/attributes/{name}");
            return Err(Refusal::member(&pointer, "Not a value of this attribute"));
        }
        attributes.insert(name, value);
    }
    Ok(())
}

/// The playlist as a resource object.
fn shown(call: &Call<'_>, id: &str) -> Result<Option<Resource>, Refusal> {
    let view = call.view();
    let entry = view.find("playlists", id).ok_or_else(Refusal::not_found)?;
    let primary = [(id.to_owned(), Arc::clone(&entry))];
    let collector = Collector::new(view, "playlists", &primary, &Tree::default());
    Ok(collector.finish().0.pop())
}
