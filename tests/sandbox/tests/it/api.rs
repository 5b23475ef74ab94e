//! Reading: documents, includes, pages, filters, search, and what is refused.

use std::collections::HashSet;

use serde_json::Value;

use crate::client::{Caller, JSON_API, client, ids, sandbox};

const ALBUM: &str = "70000000";
/// Not available in Norway and Sweden.
const BLOCKED: &str = "70001600";

fn find<'a>(document: &'a Value, kind: &str, id: &str) -> Option<&'a Value> {
    let included = document["included"].as_array()?;
    included.iter().find(|one| one["type"] == kind && one["id"] == id)
}

#[test]
fn one_album_has_links_and_no_linkage_unless_asked() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    let answer = caller.get(&format!("/albums/{ALBUM}?countryCode=US"));
    assert_eq!(answer.header("content-type"), Some(JSON_API));
    let document = answer.json();
    assert!(document.get("included").is_none());
    assert_eq!(document["links"]["self"], format!("/albums/{ALBUM}?countryCode=US"));
    let items = &document["data"]["relationships"]["items"];
    assert!(items.get("data").is_none());
    let expected = format!("/albums/{ALBUM}/relationships/items?countryCode=US");
    assert_eq!(items["links"]["self"], expected);

    sandbox.control().behave(|b| b.bare_relationships = true);
    let path = format!("/albums/{ALBUM}?include=artists");
    let relationships = caller.read(&path)["data"]["relationships"].clone();
    assert_eq!(relationships.as_object().unwrap().len(), 1);
}

#[test]
fn includes_are_joined_or_repeated_nested_and_each_there_once() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    let joined = caller.read(&format!("/albums/{ALBUM}?include=artists,items.artists,coverArt"));
    let repeated = caller.read(&format!("/albums/{ALBUM}?include=artists&include=items.artists&include=coverArt"));
    assert_eq!(joined["included"], repeated["included"]);
    let items = &joined["data"]["relationships"]["items"];
    assert_eq!(items["data"].as_array().unwrap().len(), 20);
    assert_eq!(items["data"][0]["meta"]["trackNumber"], 1);
    assert!(items["links"]["next"].is_string());
    for id in ids(&items["data"]) {
        let track = find(&joined, "tracks", &id).unwrap();
        let artists = ids(&track["relationships"]["artists"]["data"]);
        assert!(find(&joined, "artists", &artists[0]).is_some());
        assert!(track["relationships"]["albums"].get("data").is_none());
    }
    let all = joined["included"].as_array().unwrap();
    let different: HashSet<_> = all.iter().map(|one| (one["type"].as_str(), one["id"].as_str())).collect();
    assert_eq!(different.len(), all.len());

    let deep = caller.read(&format!("/albums/{ALBUM}?include=items.artists.profileArt"));
    assert!(deep["included"].as_array().unwrap().iter().any(|one| one["type"] == "artworks"));
}

#[test]
fn a_resource_that_is_primary_is_not_included_again() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    let document = caller.read(&format!("/albums/{ALBUM}?include=items.albums"));
    assert!(find(&document, "albums", ALBUM).is_none());
}

#[test]
fn type_comes_first_in_some_resources_and_last_in_others() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    let text = caller.get(&format!("/albums/{ALBUM}?include=items")).text;
    assert!(text.contains("{\"type\":\"tracks\",\"id\""));
    assert!(text.contains(",\"type\":\"tracks\"}"));
}

#[test]
fn includes_that_cannot_be_resolved_are_refused() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    for include in [
        "songs",
        "artists.songs",
        "items.artists.albums.items",
        "artists,,items",
        "artists:albums",
        "artists,coverArt,genres,items,owners,providers,replacement,shares,similarAlbums,usageRules,priceConfig",
    ] {
        let answer = caller.get(&format!("/albums/{ALBUM}?include={include}"));
        assert_eq!(answer.status, 400, "{include}");
        assert_eq!(answer.blames(), "include");
    }
    let elsewhere = format!("/albums/{ALBUM}/relationships/items?include=artists");
    assert_eq!(caller.get(&elsewhere).blames(), "include");
    let qualified = format!("/playlists/{}?include=items.tracks:albums", playlist(&caller));
    assert!(caller.read(&qualified)["included"].as_array().unwrap().iter().any(|one| one["type"] == "albums"));
}

fn playlist(caller: &Caller<'_>) -> String {
    caller.sandbox.control().ids("playlists").last().unwrap().clone()
}

#[test]
fn pages_lead_to_the_end_whole_or_ragged() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    let all = sandbox.control().linkage("albums", ALBUM, "items");
    let path = format!("/albums/{ALBUM}/relationships/items?countryCode=US&include=items");
    let (ids, count) = caller.pages(&path);
    assert_eq!((ids.len(), count), (46, 3));
    assert_eq!(ids, super::client::ids(&all.into()));

    sandbox.control().behave(|b| b.ragged_pages = true);
    let (ragged, count) = caller.pages(&path);
    assert_eq!(ragged, ids);
    assert!(count > 3);

    let foreign = caller.read(&path)["links"]["meta"]["nextCursor"].clone();
    let other = format!("/albums/{ALBUM}/relationships/similarAlbums?page%5Bcursor%5D={}", foreign.as_str().unwrap());
    assert_eq!(caller.get(&other).blames(), "page[cursor]");
}

#[test]
fn the_next_link_of_an_included_relationship_goes_on_where_it_ended() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    let document = caller.read(&format!("/albums/{ALBUM}?include=items"));
    let items = &document["data"]["relationships"]["items"];
    let (rest, _) = caller.pages(items["links"]["next"].as_str().unwrap());
    assert_eq!(rest.len(), 26);
    assert!(!ids(&items["data"]).contains(&rest[0]));
}

#[test]
fn filters_find_by_id_barcode_and_isrc() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    let wanted = ["70000300", "70000100", "nobody", "70000100"];
    let query = wanted.map(|id| format!("filter%5Bid%5D={id}")).join("&");
    let found = caller.read(&format!("/albums?{query}"));
    assert_eq!(ids(&found["data"]), ["70000300", "70000100"]);

    let album = sandbox.control().attributes("albums", ALBUM).unwrap();
    let barcode = album["barcodeId"].as_str().unwrap();
    for written in [barcode.to_owned(), format!("0{barcode}")] {
        let found = caller.read(&format!("/albums?filter%5BbarcodeId%5D={written}"));
        assert_eq!(ids(&found["data"]), [ALBUM]);
    }

    let isrcs: Vec<_> = sandbox
        .control()
        .ids("tracks")
        .iter()
        .map(|id| sandbox.control().attributes("tracks", id).unwrap()["isrc"].clone())
        .collect();
    let twice = isrcs.iter().find(|isrc| isrcs.iter().filter(|other| other == isrc).count() == 2);
    let (twice, other) = (twice.unwrap().as_str().unwrap(), isrcs[0].as_str().unwrap());
    let found = caller.read(&format!("/tracks?filter%5Bisrc%5D={twice}"));
    assert_eq!(found["data"].as_array().unwrap().len(), 2);
    let several = format!("/tracks?filter%5Bisrc%5D={twice}&filter%5Bisrc%5D={other}");
    assert_eq!(caller.read(&several)["data"].as_array().unwrap().len(), 2);
}

#[test]
fn a_country_hides_resources_but_not_their_linkage() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    let get = |country: &str| caller.get(&format!("/albums/{BLOCKED}?countryCode={country}"));
    assert_eq!((get("US").status, get("SE").status), (200, 404));
    let (artist, _) = sandbox
        .control()
        .linkage("albums", BLOCKED, "artists")
        .first()
        .map(|one| (one["id"].as_str().unwrap().to_owned(), ()))
        .unwrap();
    let read = |country: &str| caller.read(&format!("/artists/{artist}?include=albums&countryCode={country}"));
    let (there, here) = (read("SE"), read("US"));
    for document in [&there, &here] {
        let linkage = &document["data"]["relationships"]["albums"]["data"];
        assert!(ids(linkage).contains(&BLOCKED.to_owned()));
    }
    assert!(find(&here, "albums", BLOCKED).is_some());
    assert!(find(&there, "albums", BLOCKED).is_none());
}

#[test]
fn search_gives_one_result_with_an_opaque_id() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    let path = "/searchResults?filter%5Bquery%5D=the+HARBOURS&include=albums,artists,topHits&countryCode=US";
    let found = caller.read(path);
    let data = found["data"].as_array().unwrap();
    assert_eq!(data.len(), 1);
    assert_eq!(data[0]["attributes"]["query"], "the HARBOURS");
    let artists = ids(&data[0]["relationships"]["artists"]["data"]);
    assert!(!artists.is_empty());
    let name = find(&found, "artists", &artists[0]).unwrap()["attributes"]["name"].clone();
    assert!(name.as_str().unwrap().contains("Harbours"));

    let id = data[0]["id"].as_str().unwrap();
    let (tracks, pages) = caller.pages(&format!("/searchResults/{id}/relationships/tracks"));
    assert!(pages > 1);
    assert_eq!(tracks.len(), tracks.iter().collect::<HashSet<_>>().len());
    let clean = format!("/searchResults/{id}/relationships/tracks?explicitFilter=EXCLUDE");
    let (clean, _) = caller.pages(&clean);
    for id in &clean {
        assert_eq!(sandbox.control().attributes("tracks", id).unwrap()["explicit"], false);
    }
    assert_eq!(caller.get("/searchResults/made-up/relationships/tracks").status, 404);

    let suggested = caller.read("/searchSuggestions?filter%5Bquery%5D=harb&include=directHits");
    let first = &suggested["data"][0]["attributes"]["suggestions"][0];
    let (text, mark) = (first["query"].as_str().unwrap(), &first["highlights"][0]);
    let start = usize::try_from(mark["start"].as_u64().unwrap()).unwrap();
    assert!(text[start..].starts_with("harb"));
}

#[test]
fn the_first_artist_has_pages_of_albums_and_tracks() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    let (albums, pages) = caller.pages("/artists/5000000/relationships/albums?countryCode=US");
    assert!(pages >= 3);
    assert!(albums.len() > 40);
    let (tracks, _) = caller.pages("/artists/5000000/relationships/tracks?collapseBy=NONE");
    assert!(tracks.len() > 100);
}
