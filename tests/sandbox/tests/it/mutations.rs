//! Playlists and the collection, and idempotency keys.

use std::time::Duration;

use serde_json::{Value, json};
use tidal_sandbox::{Cut, Fault, Gate, Sandbox};

use crate::client::{Caller, client, ids, person, sandbox, text, tracks};

const ALL: &str = "playlists.read playlists.write collection.read collection.write user.read";
const SOON: Duration = Duration::from_secs(30);

fn create(caller: &Caller<'_>, name: &str) -> String {
    let body = json!({ "data": { "type": "playlists", "attributes": { "name": name } } });
    let answer = caller.send("POST", "/playlists", &body);
    assert_eq!(answer.status, 201, "{}", answer.text);
    text(&answer.json()["data"], "id")
}

fn some_tracks(sandbox: &Sandbox, count: usize) -> Vec<String> {
    sandbox.control().ids("tracks").into_iter().take(count).collect()
}

/// The items as the API gives them: (track, item id).
fn items(caller: &Caller<'_>, playlist: &str) -> Vec<(String, String)> {
    let page = caller.read(&format!("/playlists/{playlist}/relationships/items"));
    let all = page["data"].as_array().unwrap().iter();
    all.map(|one| (text(one, "id"), text(&one["meta"], "itemId"))).collect()
}

fn named(items: &[&(String, String)]) -> Value {
    let all = items.iter().map(|(id, item)| json!({ "type": "tracks", "id": id, "meta": { "itemId": item } }));
    json!({ "data": all.collect::<Vec<_>>() })
}

#[test]
fn a_playlist_lives_its_life() {
    let sandbox = sandbox();
    let caller = person(&sandbox, ALL);
    let id = create(&caller, "Evening");
    let path = format!("/playlists/{id}");
    sandbox.control().clock().advance(Duration::from_secs(60));
    let change = |attributes: Value| {
        let data = json!({ "type": "playlists", "id": id, "attributes": attributes });
        caller.send("PATCH", &path, &json!({ "data": data }))
    };
    let changed = change(json!({ "name": "Night", "description": "Late", "accessType": "PUBLIC" }));
    let attributes = &changed.json()["data"]["attributes"];
    assert_eq!((&attributes["name"], &attributes["description"]), (&json!("Night"), &json!("Late")));
    assert_ne!(attributes["createdAt"], attributes["lastModifiedAt"]);
    let cleared = change(json!({ "description": null })).json();
    assert!(cleared["data"]["attributes"].get("description").is_none());
    assert_eq!(cleared["data"]["attributes"]["name"], "Night");
    for (attributes, blamed) in [
        (json!({ "name": null }), "/data/attributes/name"),
        (json!({ "accessType": "PRIVATE" }), "/data/attributes/accessType"),
        (json!({ "colour": "red" }), "/data/attributes/colour"),
    ] {
        let refused = change(attributes);
        assert_eq!((refused.status, refused.blames().as_str()), (400, blamed));
    }
    assert_eq!(ids(&caller.read("/playlists?filter%5Bowners.id%5D=me")["data"]), std::slice::from_ref(&id));
    assert_eq!(caller.request("DELETE", &path, None, None).unwrap().status, 200);
    assert_eq!(caller.get(&path).status, 404);
}

#[test]
fn items_are_added_moved_and_removed_by_their_item_ids() {
    let sandbox = sandbox();
    let caller = person(&sandbox, ALL);
    let playlist = create(&caller, "Mine");
    let path = format!("/playlists/{playlist}/relationships/items");
    let some = some_tracks(&sandbox, 3);
    let (a, b, c) = (&some[0], &some[1], &some[2]);
    // The same track twice, and one that does not exist.
    let given = [a.clone(), b.clone(), a.clone(), "1".to_owned()];
    let added = caller.send("POST", &path, &tracks(&given)).json();
    assert_eq!(added["data"].as_array().unwrap().len(), 3);
    assert_eq!(added["meta"]["skipped"][0]["reason"], "NOT_FOUND");
    let order = || -> Vec<String> { items(&caller, &playlist).into_iter().map(|one| one.0).collect() };
    assert_eq!(order(), [a, b, a].map(String::clone));

    let mut before = tracks(std::slice::from_ref(c));
    before["meta"] = json!({ "positionBefore": items(&caller, &playlist)[1].1 });
    assert_eq!(caller.send("POST", &path, &before).status, 200);
    assert_eq!(order(), [a, c, b, a].map(String::clone));

    let now = items(&caller, &playlist);
    let mut shift = named(&[&now[3], &now[2]]);
    shift["meta"] = json!({ "positionBefore": now[0].1 });
    assert_eq!(caller.send("PATCH", &path, &shift).status, 200);
    assert_eq!(order(), [a, b, a, c].map(String::clone));
    assert_eq!(items(&caller, &playlist)[0], now[3]);

    // Into the middle and back to the end.
    let now = items(&caller, &playlist);
    let mut shift = named(&[&now[0]]);
    shift["meta"] = json!({ "positionBefore": now[2].1 });
    assert_eq!(caller.send("PATCH", &path, &shift).status, 200);
    assert_eq!(order(), [b, a, a, c].map(String::clone));
    let mut shift = named(&[&now[1]]);
    shift["meta"] = json!({ "positionBefore": now[2].1 });
    assert_eq!(caller.send("PATCH", &path, &shift).status, 200);
    assert_eq!(caller.send("PATCH", &path, &named(&[&now[3]])).status, 200);
    assert_eq!(order(), [a, b, a, c].map(String::clone));

    let now = items(&caller, &playlist);
    let mixed = (now[0].0.clone(), now[1].1.clone());
    let refused = caller.send("DELETE", &path, &named(&[&mixed]));
    assert_eq!(refused.blames(), "/data/0/meta/itemId");
    assert_eq!(caller.send("DELETE", &path, &named(&[&now[2]])).status, 200);
    assert_eq!(order(), [a, b, c].map(String::clone));
    let gone = caller.send("DELETE", &path, &named(&[&now[0], &now[2]]));
    assert_eq!((gone.status, gone.blames().as_str()), (400, "/data/1/meta/itemId"));
    assert_eq!(order().len(), 3, "all or nothing");

    let attributes = sandbox.control().attributes("playlists", &playlist).unwrap();
    assert_eq!(attributes["numberOfItems"], 3);
    let included = caller.read(&format!("/playlists/{playlist}?include=items,owners"));
    assert_eq!(included["included"].as_array().unwrap().len(), 4);
}

#[test]
fn lists_are_bounded_as_the_document_says() {
    let sandbox = sandbox();
    let caller = person(&sandbox, ALL);
    let playlist = create(&caller, "Long");
    let path = format!("/playlists/{playlist}/relationships/items");
    let some = some_tracks(&sandbox, 51);
    assert_eq!(caller.send("POST", &path, &tracks(&some)).blames(), "/data");
    assert_eq!(caller.send("POST", &path, &tracks(&some[..50])).status, 200);
    assert_eq!(caller.send("POST", &path, &tracks(&[])).status, 400);
    let (all, pages) = caller.pages(&path);
    assert_eq!((all.len(), pages), (50, 3));
    let first = items(&caller, &playlist);
    let mut many: Vec<_> = first.iter().collect();
    assert_eq!(caller.send("PATCH", &path, &named(&many)).status, 200);
    many.push(&first[0]);
    assert_eq!(caller.send("PATCH", &path, &named(&many)).blames(), "/data");
    let collection = "/userCollectionTracks/me/relationships/items";
    assert_eq!(caller.send("POST", collection, &tracks(&some)).blames(), "/data");
    assert_eq!(caller.send("POST", collection, &tracks(&some[..50])).status, 200);
}

#[test]
fn a_playlist_of_someone_else_is_closed() {
    let sandbox = sandbox();
    let caller = person(&sandbox, ALL);
    let editorial = sandbox.control().ids("playlists").last().unwrap().clone();
    let answer = caller.request("DELETE", &format!("/playlists/{editorial}"), None, None);
    assert_eq!(answer.unwrap().status, 403);
    let mine = create(&caller, "Mine");
    let other = client(&sandbox);
    assert_eq!(other.get(&format!("/playlists/{mine}")).status, 200, "unlisted is not private");
    let owner = sandbox.users()[0].id;
    let listed = other.read(&format!("/playlists?filter%5Bowners.id%5D={owner}"));
    assert_eq!(ids(&listed["data"]).len(), 0);
}

#[test]
fn a_collection_holds_a_track_once() {
    let sandbox = sandbox();
    let caller = person(&sandbox, ALL);
    let path = "/userCollectionTracks/me/relationships/items";
    let some = some_tracks(&sandbox, 3);
    assert_eq!(caller.send("POST", path, &tracks(&some[..2])).status, 200);
    sandbox.control().clock().advance(Duration::from_secs(1));
    let again = caller.send("POST", path, &tracks(&some[1..]));
    assert_eq!((again.status, again.code().as_str()), (409, "DUPLICATE_ITEMS_IN_COLLECTION"));
    sandbox.control().behave(|b| b.skip_duplicates = true);
    let again = caller.send("POST", path, &tracks(&some[1..])).json();
    assert_eq!(again["meta"]["skipped"][0]["reason"], "ALREADY_PRESENT");
    let order = ids(&caller.read(path)["data"]);
    assert_eq!(order[0], some[2], "the latest comes first");
    assert_eq!(caller.send("DELETE", path, &tracks(&some[..1])).status, 200);
    let me = caller.read("/userCollectionTracks/me?include=items");
    assert_eq!(me["data"]["attributes"]["numberOfItems"], 2);
    assert_eq!(me["included"].as_array().unwrap().len(), 2);
    let other = sandbox.users()[1].id;
    assert_eq!(caller.get(&format!("/userCollectionTracks/{other}")).status, 404);
}

#[test]
fn mutations_can_answer_with_nothing() {
    let sandbox = sandbox();
    let caller = person(&sandbox, ALL);
    sandbox.control().behave(|b| b.empty_mutations = true);
    let body = json!({ "data": { "type": "playlists", "attributes": { "name": "x" } } });
    let answer = caller.send("POST", "/playlists", &body);
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
}

fn keyed(caller: &Caller<'_>, name: &str, key: &str) -> Result<(u16, Value), ureq::Error> {
    let body = json!({ "data": { "type": "playlists", "attributes": { "name": name } } });
    let answer = caller.request("POST", "/playlists", Some(&body), Some(key))?;
    Ok((answer.status, answer.json()))
}

fn own_playlists(sandbox: &Sandbox) -> usize {
    let all = sandbox.control().ids("playlists").into_iter();
    all.filter(|id| !sandbox.control().linkage("playlists", id, "owners").is_empty()).count()
}

#[test]
fn a_key_replays_its_answer_for_an_hour() {
    let sandbox = sandbox();
    let caller = person(&sandbox, ALL);
    let first = keyed(&caller, "x", "k1").unwrap();
    assert_eq!(keyed(&caller, "x", "k1").unwrap(), first);
    assert_eq!(own_playlists(&sandbox), 1);
    let (status, error) = keyed(&caller, "y", "k1").unwrap();
    assert_eq!(status, 422);
    assert_eq!(error["errors"][0]["code"], "IDEMPOTENT_REQUEST_PAYLOAD_MISMATCH");
    assert_eq!(keyed(&caller, "x", &"k".repeat(129)).unwrap().0, 400);
    sandbox.control().clock().advance(Duration::from_secs(3_600));
    assert_ne!(keyed(&caller, "x", "k1").unwrap(), first);
    assert_eq!(own_playlists(&sandbox), 2);
}

#[test]
fn a_lost_answer_is_found_again_by_its_key() {
    let sandbox = sandbox();
    let caller = person(&sandbox, ALL);
    sandbox.control().inject(Fault::cut(Cut::BeforeAnswer).path("/v2/playlists"));
    assert!(keyed(&caller, "x", "k1").is_err());
    assert_eq!(own_playlists(&sandbox), 1);
    assert_eq!(keyed(&caller, "x", "k1").unwrap().0, 201);
    assert_eq!(own_playlists(&sandbox), 1);
}

#[test]
fn a_key_in_progress_is_refused_until_its_answer_left() {
    let sandbox = sandbox();
    let caller = person(&sandbox, ALL);
    let gate = Gate::new();
    sandbox.control().inject(Fault::hold_answer(&gate).path("/v2/playlists"));
    std::thread::scope(|scope| {
        let first = scope.spawn(|| keyed(&caller, "x", "k1").unwrap());
        assert!(gate.wait_until_held(1, SOON));
        let (status, error) = keyed(&caller, "x", "k1").unwrap();
        assert_eq!(status, 409);
        assert_eq!(error["errors"][0]["code"], "IDEMPOTENT_REQUEST_IN_PROGRESS");
        gate.open();
        assert_eq!(first.join().unwrap(), keyed(&caller, "x", "k1").unwrap());
    });
}
