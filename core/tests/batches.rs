//! Batches: splitting, order, what is missing, and what an error leaves.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/stage.rs"]
mod stage;

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use stage::{Stage, TOKEN, token};
use tidal_core::blocking;
use tidal_core::model::Album;
use tidal_core::runtime::{Clock, Runtime};
use tidal_core::store::{NoStore, Store};
use tidal_core::testing::{Gate, Reply, Script, Seen};
use tidal_core::transport::Transport;
use tidal_core::url::form_urlencoded;
use tidal_core::value::Id;
use tidal_core::{Batch, Client, Config, Error, ErrorKind, Now};

const ALBUMS: &str = "GET /v2/albums";

fn stage() -> Stage {
    let stage = Stage::client_credentials();
    stage.script.on(TOKEN).reply(200, token("t", None));
    stage
}

fn ids(seen: &Seen) -> Vec<String> {
    let query = form_urlencoded::parse(seen.query.as_bytes());
    query.filter(|(name, _)| name == "filter[id]").map(|(_, value)| value.into_owned()).collect()
}

/// Those albums, last first, as the service may.
fn albums<'a>(ids: impl DoubleEndedIterator<Item = &'a str>) -> String {
    let one = |id| {
        format!(
            r#"{{"id":"{id}","type":"albums","attributes":{{"title":"Title {id}"}},
                "relationships":{{"artists":{{"data":[{{"id":"a{id}","type":"artists"}}]}}}}}}"#
        )
    };
    let artist = |id| format!(r#"{{"id":"a{id}","type":"artists","attributes":{{"name":"Artist {id}"}}}}"#);
    let ids: Vec<_> = ids.rev().collect();
    let data: Vec<_> = ids.iter().map(|id| one(*id)).collect();
    let included: Vec<_> = ids.iter().map(|id| artist(*id)).collect();
    format!(r#"{{"data":[{}],"included":[{}]}}"#, data.join(","), included.join(","))
}

/// Answers every request for albums with those that are asked for, except for these.
fn answer_all_but(script: &Script, none: &'static [&'static str]) {
    script.on(ALBUMS).with(move |seen| {
        let ids = ids(seen);
        Reply::answer(200, albums(ids.iter().map(String::as_str).filter(|id| !none.contains(id))))
    });
}

fn requests(stage: &Stage) -> Vec<Vec<String>> {
    stage.script.requests().iter().filter(|seen| seen.path == "/v2/albums").map(ids).collect()
}

fn titles(batch: &Batch<tidal_core::api::ListAlbums>) -> Vec<String> {
    batch.found.iter().map(|album| album.title.as_deref().unwrap_or_default().to_owned()).collect()
}

#[test]
fn long_lists_are_split_and_come_in_the_order_asked() {
    let stage = stage();
    answer_all_but(&stage.script, &["7", "30"]);
    let asked: Vec<u64> = (0..45).rev().collect();
    let request = stage.client.albums().list().country("NO").include(|album| album.artists());
    let batch = stage.block_on(request.batch(asked.iter().copied()).send()).unwrap();
    let expected: Vec<_> = asked.iter().filter(|id| ![7, 30].contains(*id)).map(|id| format!("Title {id}")).collect();
    assert_eq!(titles(&batch), expected);
    assert_eq!(batch.missing, ["30", "7"]);
    assert_eq!(requests(&stage).iter().map(Vec::len).collect::<Vec<_>>(), [20, 20, 5]);
    assert!(stage.script.requests().iter().skip(1).all(|seen| seen.query.contains("countryCode=NO")));
    // What was included with each is at hand.
    for album in &batch.found {
        let document = album.document();
        let names: Vec<_> = document.resolve(album.artists()).filter_map(|artist| artist.name.as_deref()).collect();
        assert_eq!(names, [format!("Artist {}", album.id)]);
    }
}

#[test]
fn an_id_given_twice_is_asked_for_once_and_found_twice() {
    let stage = stage();
    answer_all_but(&stage.script, &["9"]);
    let batch = stage.block_on(stage.client.albums().many(["2", "9", "1", "2", "9"]).send()).unwrap();
    assert_eq!(titles(&batch), ["Title 2", "Title 1", "Title 2"]);
    assert_eq!(batch.missing, ["9"]);
    assert_eq!(requests(&stage), [["2", "9", "1"]]);
}

#[test]
fn no_ids_are_no_request() {
    let stage = stage();
    let batch = stage.block_on(stage.client.albums().many(Vec::<Id<Album>>::new()).send()).unwrap();
    assert!(batch.found.is_empty() && batch.missing.is_empty());
    assert!(stage.script.requests().is_empty());
}

#[test]
fn ids_that_were_set_before_are_replaced() {
    let stage = stage();
    answer_all_but(&stage.script, &[]);
    stage.block_on(stage.client.albums().list().ids(["1"]).cursor("x").batch(["2"]).send()).unwrap();
    assert_eq!(requests(&stage), [["2"]]);
    assert!(!stage.script.requests().last().unwrap().query.contains("cursor"));
}

#[test]
fn as_many_run_at_once_as_chosen_and_the_order_is_kept() {
    for at_once in [1, 2, 3] {
        let stage = stage();
        let gates: Arc<Mutex<Vec<Gate>>> = Arc::default();
        let shut = Arc::clone(&gates);
        stage.script.on(ALBUMS).with(move |seen| {
            let gate = Gate::new();
            shut.lock().unwrap().push(gate.clone());
            let ids = ids(seen);
            Reply::Behind(gate, Box::new(Reply::answer(200, albums(ids.iter().map(String::as_str)))))
        });
        let mut batch = pin!(stage.client.albums().many(0..100_u64).at_once(at_once).send());
        let mut opened = 0;
        let outcome = loop {
            stage.runtime.settle();
            if let std::task::Poll::Ready(outcome) = batch.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                break outcome;
            }
            stage.runtime.settle();
            // The last one that was sent is answered first.
            let mut gates = gates.lock().unwrap();
            assert!(gates.len() <= at_once, "{} under way", gates.len());
            if opened == 0 && gates.len() < at_once {
                continue;
            }
            if let Some(gate) = gates.pop() {
                gate.open();
                opened += 1;
            }
        };
        assert_eq!(titles(&outcome.unwrap()), (0..100).map(|id| format!("Title {id}")).collect::<Vec<_>>());
        assert_eq!(opened, 5);
    }
}

#[test]
fn an_error_keeps_what_was_got_and_names_what_is_left() {
    let stage = stage();
    stage.script.on(ALBUMS).with(|seen| {
        let ids = ids(seen);
        if ids.contains(&"25".to_owned()) {
            return Reply::answer(400, r#"{"errors":[{"code":"BROKEN","detail":"no"}]}"#);
        }
        Reply::answer(200, albums(ids.iter().map(String::as_str).filter(|id| *id != "3")))
    });
    let error = stage.block_on(stage.client.albums().many(0..100_u64).at_once(2).send()).unwrap_err();
    assert_eq!(error.error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("ids left: "), "{error}");
    // Whatever was under way is kept; the rest was never asked for.
    let asked: BTreeSet<String> = requests(&stage).concat().into_iter().collect();
    assert!(asked.len() < 100);
    let (got, left) = (&error.got, &error.left);
    assert_eq!(got.found.len() + got.missing.len() + left.len(), 100);
    assert_eq!(got.missing, ["3"]);
    assert!(left.contains(&Id::from(25)) && left.contains(&Id::from(99)));
    assert!(left.iter().all(|id| got.found.iter().all(|album| album.id != *id)));
    assert_eq!(got.found.first().unwrap().id, "0");
    assert_eq!(Error::from(error).status().unwrap().as_u16(), 400);
}

#[test]
fn what_cannot_be_an_id_is_refused_before_it_is_sent() {
    let stage = stage();
    let error = stage.block_on(stage.client.albums().many(["1", "a b"]).send()).unwrap_err();
    assert_eq!(error.error.kind(), ErrorKind::Invalid);
    assert_eq!(error.left, ["1", "a b"]);
    assert_eq!(stage.script.count(ALBUMS), 0);
}

#[test]
fn an_answer_in_pages_is_read_on_and_a_circle_is_an_error() {
    let stage = stage();
    stage.client.switch_cache(false);
    let page = |ids: &[&str], next: &str| {
        let body = albums(ids.iter().copied());
        format!(r#"{},"links":{{"next":"{next}"}}}}"#, body.strip_suffix('}').unwrap())
    };
    let next = "/albums?filter%5Bid%5D=1&page%5Bcursor%5D=n";
    stage.script.on(ALBUMS).reply(200, page(&["1"], next)).reply(200, page(&["2"], next));
    let batch = stage.block_on(stage.client.albums().many(["2", "1"]).send()).unwrap();
    assert_eq!(titles(&batch), ["Title 2", "Title 1"]);
    assert!(stage.script.requests().last().unwrap().query.contains("cursor"));
    stage.script.on(ALBUMS).always(Reply::answer(200, page(&["1"], next)));
    let error = stage.block_on(stage.client.albums().many(["2", "1"]).send()).unwrap_err();
    assert_eq!((error.error.kind(), error.left.len(), error.got.found.len()), (ErrorKind::Decode, 1, 1));
}

#[test]
fn what_the_api_has_one_by_one_comes_in_order_too() {
    let stage = stage();
    stage.script.on("GET /v2/providers/*").with(|seen| match seen.path.rsplit('/').next().unwrap() {
        "2" => Reply::answer(404, r#"{"errors":[{"code":"NOT_FOUND","detail":"no such provider"}]}"#),
        id => Reply::answer(200, format!(r#"{{"data":{{"id":"{id}","type":"providers","attributes":{{"name":"P{id}"}}}}}}"#)),
    });
    let batch = stage.block_on(stage.client.providers().many(["3", "2", "1", "3"]).send()).unwrap();
    let names: Vec<_> = batch.found.iter().filter_map(|provider| provider.name.as_deref()).collect();
    assert_eq!(names, ["P3", "P1", "P3"]);
    assert_eq!(batch.missing, ["2"]);
    assert_eq!(stage.script.count("GET /v2/providers/*"), 3);

    let role = r#"{"data":{"id":"1","type":"artistRoles","attributes":{"name":"Producer"}}}"#;
    stage.script.on("GET /v2/artistRoles/1").reply(200, role);
    let roles = stage.block_on(stage.client.artists().many_roles(["1"]).send()).unwrap();
    assert_eq!(roles.found[0].name.as_deref(), Some("Producer"));
    stage.script.on("GET /v2/usageRules/x").reply(200, r#"{"data":{"id":"x","type":"usageRules"}}"#);
    let rules = stage.block_on(stage.client.rules().many(["x"]).send()).unwrap();
    assert_eq!(rules.found[0].id, "x");
}

#[test]
fn a_list_does_not_take_404_for_missing() {
    let stage = stage();
    stage.script.on(ALBUMS).reply(404, "{}");
    let error = stage.block_on(stage.client.albums().many(["1"]).send()).unwrap_err();
    assert!(error.error.is_not_found() && error.got.missing.is_empty());
}

struct Frozen;

impl Clock for Frozen {
    fn now(&self) -> Now {
        Now::default()
    }
}

#[test]
fn the_blocking_client_has_them_too() {
    let script = Script::new();
    script.on(TOKEN).reply(200, token("t", None));
    answer_all_but(&script, &["5"]);
    let mut config = Config::client_credentials("id", "secret").unwrap();
    config.store_tokens = false;
    let client = blocking::Client::new(config, [0; 32], script.clone(), NoStore, Frozen).unwrap();
    let batch = client.albums().many(0..30_u64).at_once(3).send().unwrap();
    assert_eq!((batch.found.len(), batch.missing.len(), script.count(ALBUMS)), (29, 1, 2));
    assert!(batch.found.is_sorted_by_key(|album| album.id.as_str().parse::<u32>().unwrap()));
}

/// Where a client's parts may move between threads, what is under way may too. That it compiles is the test.
#[allow(dead_code)]
fn all_of_it_moves_between_threads<T, S, R>(client: &Client<T, S, R>)
where
    T: Transport<Future: Send> + Send + Sync,
    S: Store + Send + Sync,
    R: Runtime<Sleep: Send> + Send + Sync,
{
    fn moves(_: impl Send) {}
    moves(client.albums().many(["1"]).send());
    moves(client.providers().many(["1"]).send());
    moves(client.albums().tracklist("1").entries());
    moves(client.search().find_albums("text").entries());
    moves(client.use_own_country());
}
