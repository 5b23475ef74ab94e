//! What people look for: an album's items in order, a search by text, main artists.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/stage.rs"]
mod stage;

use stage::{Stage, TOKEN, token};
use tidal_core::document::Document;
use tidal_core::model::{Artist, Track};
use tidal_core::runtime::Clock;
use tidal_core::store::NoStore;
use tidal_core::testing::{Reply, Script};
use tidal_core::{Config, ErrorKind, Now, blocking};

const ITEMS: &str = "GET /v2/albums/1/relationships/items";
const SEARCH: &str = "GET /v2/searchResults";
const FOUND: &str = "GET /v2/searchResults/op%2Fque/relationships/tracks";

struct Frozen;

impl Clock for Frozen {
    fn now(&self) -> Now {
        Now::default()
    }
}

fn stage() -> Stage {
    let stage = Stage::client_credentials();
    stage.script.on(TOKEN).reply(200, token("t", None));
    stage
}

fn blocking(script: &Script) -> blocking::Client<Script, NoStore, Frozen> {
    script.on(TOKEN).reply(200, token("t", None));
    let mut config = Config::client_credentials("id", "secret").unwrap();
    config.store_tokens = false;
    blocking::Client::new(config, [0; 32], script.clone(), NoStore, Frozen).unwrap()
}

/// Three pages, the second one empty; the second volume has a video, which is not included.
fn script_items(script: &Script) {
    let first = r#"{"data":[{"id":"10","type":"tracks","meta":{"volumeNumber":1,"trackNumber":1}},
            {"id":"11","type":"tracks","meta":{"volumeNumber":1,"trackNumber":2}}],
        "included":[{"id":"11","type":"tracks","attributes":{"title":"B"}},{"id":"10","type":"tracks","attributes":{"title":"A"}}],
        "links":{"next":"/albums/1/relationships/items?page%5Bcursor%5D=2"}}"#;
    let empty = r#"{"data":[],"links":{"next":"/albums/1/relationships/items?page%5Bcursor%5D=3"}}"#;
    let last = r#"{"data":[{"id":"12","type":"videos","meta":{"volumeNumber":2,"trackNumber":1}},{"id":"13","type":"tracks"}],
        "included":[{"id":"13","type":"tracks","attributes":{"title":"D"}}]}"#;
    script.on(ITEMS).reply(200, first).reply(200, empty).reply(200, last);
}

type Row = (Option<i64>, Option<i64>, String, Option<String>);

fn row(entry: &tidal_core::Entry<tidal_core::model::AnyResource, tidal_core::model::AlbumItemMeta>) -> Row {
    let title = entry.track().and_then(|track| track.title.as_deref()).map(str::to_owned);
    (entry.volume(), entry.number(), entry.reference().identifier().id.to_string(), title)
}

fn rows() -> Vec<Row> {
    let row = |volume, number, id: &str, title: Option<&str>| (volume, number, id.to_owned(), title.map(str::to_owned));
    vec![
        row(Some(1), Some(1), "10", Some("A")),
        row(Some(1), Some(2), "11", Some("B")),
        row(Some(2), Some(1), "12", None),
        row(None, None, "13", Some("D")),
    ]
}

#[test]
fn the_items_of_an_album_come_in_order_over_all_pages() {
    let stage = stage();
    script_items(&stage.script);
    let mut entries = stage.client.albums().tracklist("1").country("NO").entries();
    let mut found = Vec::new();
    while let Some(entry) = stage.block_on(entries.next_entry()).unwrap() {
        assert!(entry.video().is_none());
        found.push(row(&entry));
    }
    assert_eq!(found, rows());
    let seen = stage.script.requests();
    assert!(seen[1].query.contains("include=items") && seen[1].query.contains("countryCode=NO"), "{}", seen[1].query);
    assert!(entries.pages().position().is_none());
}

#[test]
fn and_so_they_do_on_a_thread() {
    let script = Script::new();
    let client = blocking(&script);
    script_items(&script);
    let found: Vec<_> = client.albums().tracklist("1").entries().map(|entry| row(&entry.unwrap())).collect();
    assert_eq!(found, rows());
}

#[test]
fn entries_end_after_an_error_and_the_page_can_be_asked_for_again() {
    let stage = stage();
    stage.client.switch_cache(false);
    script_items(&stage.script);
    let request = stage.client.albums().tracklist("1");
    let mut entries = request.clone().entries();
    stage.block_on(entries.next_entry()).unwrap().unwrap();
    let behind = entries.pages().position().cloned().unwrap();
    stage.block_on(entries.next_entry()).unwrap().unwrap();
    // The two pages that remain in the script are used up elsewhere, and then there is an error.
    stage.block_on(stage.client.albums().items("1").send()).unwrap();
    stage.block_on(stage.client.albums().items("1").send()).unwrap();
    stage.script.on(ITEMS).reply(403, "{}");
    assert_eq!(stage.block_on(entries.next_entry()).unwrap_err().kind(), ErrorKind::Refused);
    assert!(stage.block_on(entries.next_entry()).unwrap().is_none());
    assert_eq!(entries.pages().position(), Some(&behind));
}

/// Two pages of tracks; one reference is of the wrong type.
fn script_found(script: &Script) {
    script.on(SEARCH).reply(200, r#"{"data":[{"id":"op/que","type":"searchResults"}]}"#);
    let first = r#"{"data":[{"id":"1","type":"tracks"},{"id":"9","type":"albums"},{"id":"2","type":"tracks"}],
        "included":[{"id":"1","type":"tracks","attributes":{"title":"One"}},{"id":"2","type":"tracks","attributes":{"title":"Two"}}],
        "links":{"next":"/searchResults/op%2Fque/relationships/tracks?page%5Bcursor%5D=2"}}"#;
    let last =
        r#"{"data":[{"id":"3","type":"tracks"}],"included":[{"id":"3","type":"tracks","attributes":{"title":"Three"}}]}"#;
    script.on(FOUND).reply(200, first).reply(200, last);
}

fn check_search(script: &Script) {
    let seen: Vec<_> = script.requests().into_iter().filter(|seen| seen.path.starts_with("/v2/")).collect();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0].query, "filter%5Bquery%5D=a%20b&explicitFilter=EXCLUDE&countryCode=NO");
    assert_eq!(seen[1].query, "explicitFilter=EXCLUDE&countryCode=NO&include=tracks%2Ctracks.artists");
    assert_eq!(seen[2].query, "page%5Bcursor%5D=2");
}

#[test]
fn a_text_finds_one_type_of_thing() {
    let stage = stage();
    script_found(&stage.script);
    let search = stage.client.search().find_tracks("a b").country("NO").explicit(tidal_core::api::ExplicitFilter::Exclude);
    let mut entries = search.include(|track| track.artists()).entries();
    let mut titles = Vec::new();
    while let Some(entry) = stage.block_on(entries.next_entry()).unwrap() {
        titles.push(entry.resource().unwrap().title.clone().unwrap());
    }
    assert_eq!(titles, ["One", "Two", "Three"]);
    check_search(&stage.script);
}

#[test]
fn and_so_it_does_on_a_thread() {
    let script = Script::new();
    let client = blocking(&script);
    script_found(&script);
    let search = client.search().find_tracks("a b").country("NO").explicit(tidal_core::api::ExplicitFilter::Exclude);
    let titles: Vec<_> = search
        .include(|track| track.artists())
        .entries()
        .map(|entry| entry.unwrap().resource().unwrap().title.clone().unwrap())
        .collect();
    assert_eq!(titles, ["One", "Two", "Three"]);
    check_search(&script);
}

#[test]
fn a_search_without_results_is_empty_and_one_that_fails_ends() {
    let stage = stage();
    stage.client.switch_cache(false);
    stage.script.on(SEARCH).reply(200, r#"{"data":[]}"#).reply(403, "{}");
    let mut none = stage.client.search().find_albums("x").pages();
    assert!(stage.block_on(std::future::poll_fn(|cx| futures_next(&mut none, cx))).is_none());
    let mut failed = stage.client.search().find_albums("x").entries();
    assert_eq!(stage.block_on(failed.next_entry()).unwrap_err().kind(), ErrorKind::Refused);
    assert!(stage.block_on(failed.next_entry()).unwrap().is_none());
    assert_eq!(stage.script.count(SEARCH), 2);
}

fn futures_next<S: futures_core::Stream + Unpin>(
    stream: &mut S,
    cx: &mut std::task::Context<'_>,
) -> std::task::Poll<Option<S::Item>> {
    std::pin::Pin::new(stream).poll_next(cx)
}

#[test]
fn a_refused_argument_sends_nothing() {
    let stage = stage();
    let mut entries = stage.client.search().find_videos("x").country("UK").entries();
    assert_eq!(stage.block_on(entries.next_entry()).unwrap_err().kind(), ErrorKind::Invalid);
    let mut entries = stage.client.search().find_artists("x".repeat(257)).entries();
    assert_eq!(stage.block_on(entries.next_entry()).unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(stage.script.count("GET*"), 0);
}

#[test]
fn entries_can_be_kept_beyond_their_page() {
    let stage = stage();
    stage.script.on("GET /v2/searchResults").reply(200, r#"{"data":[{"id":"s","type":"searchResults"}]}"#);
    let hits = r#"{"data":[{"id":"1","type":"artists"},{"id":"2","type":"tracks"}],
        "included":[{"id":"1","type":"artists","attributes":{"name":"N"}}]}"#;
    stage.script.on("GET /v2/searchResults/s/relationships/topHits").then(Reply::answer(200, hits));
    let mut entries = stage.client.search().find_top_hits("n").entries();
    let first = stage.block_on(entries.next_entry()).unwrap().unwrap();
    let second = stage.block_on(entries.next_entry()).unwrap().unwrap();
    drop(entries);
    assert_eq!(first.resource().unwrap().get::<Artist>().unwrap().name.as_deref(), Some("N"));
    assert!(second.resource().is_none());
}

#[test]
fn main_artists_come_in_the_order_of_the_relationship() {
    let text = r#"{"data":{"id":"1","type":"tracks","relationships":{"artists":{"data":[{"id":"b","type":"artists"},
        {"id":"gone","type":"artists"},{"id":"a","type":"artists"}]}}},
        "included":[{"id":"a","type":"artists","attributes":{"name":"A"}},{"id":"b","type":"artists","attributes":{"name":"B"}}]}"#;
    let document = Document::<Track>::decode(text.into()).unwrap();
    let names: Vec<_> = document.data.main_artists(&document).filter_map(|artist| artist.name.as_deref()).collect();
    assert_eq!(names, ["B", "A"]);
    assert_eq!(document.data.main_artist().unwrap().id(), "b");
    assert!(Track::new("2").main_artist().is_none());
}
