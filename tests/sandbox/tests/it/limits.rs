//! What is refused, redacted or held back: parameters, media types, scopes, rates; and compression.

use std::time::Duration;

use serde_json::Value;
use tidal_sandbox::RateLimit;
use ureq::http::Request;

use crate::client::{Caller, JSON_API, client, person, run, sandbox};

const ALBUM: &str = "70000000";

#[test]
fn what_a_scope_protects_is_redacted_without_it() {
    let sandbox = sandbox();
    let email = |scope: &str| {
        let caller = person(&sandbox, scope);
        let path = "/userCollectionTracks/me?include=owners";
        caller.read(path)["included"][0]["attributes"].get("email").cloned()
    };
    assert!(email("collection.read user.read").is_some());
    assert!(email("collection.read").is_none());
}

#[test]
fn what_the_document_does_not_name_is_refused_by_name() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    let many: String = (0..21).map(|n| format!("&filter%5Bid%5D={n}")).collect();
    for (path, blamed) in [
        ("/albums/70000000?limit=5".to_owned(), "limit"),
        ("/albums?page%5Boffset%5D=1".to_owned(), "page[offset]"),
        (format!("/albums?countryCode=US{many}"), "filter[id]"),
        ("/albums?filter%5Bid%5D=1,2".to_owned(), "filter[id]"),
        ("/artworks".to_owned(), "filter[id]"),
        ("/albums/70000000?countryCode=us".to_owned(), "countryCode"),
        ("/albums/70000000?countryCode=UK".to_owned(), "countryCode"),
        ("/albums/70000000?countryCode=US&countryCode=SE".to_owned(), "countryCode"),
        ("/artists/5000000/relationships/tracks".to_owned(), "collapseBy"),
        ("/artists/5000000/relationships/tracks?collapseBy=ID".to_owned(), "collapseBy"),
        ("/searchResults".to_owned(), "filter[query]"),
        ("/searchResults?filter%5Bquery%5D=a&explicitFilter=NO".to_owned(), "explicitFilter"),
        ("/tracks?filter%5Bid%5D=1&sort=popularity".to_owned(), "sort"),
    ] {
        let answer = caller.get(&path);
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(answer.blames(), blamed, "{path}");
    }
    assert_eq!(caller.get("/albums").status, 400);
    assert_eq!(caller.get("/albums/1").status, 404);
    assert_eq!(caller.get("/records/1").status, 404);
    let wrong = caller.send("PUT", "/albums/70000000", &Value::Null);
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET")));
}

#[test]
fn media_types_are_checked_both_ways() {
    let sandbox = sandbox();
    let caller = person(&sandbox, "playlists.write");
    let url = format!("{}/playlists", sandbox.base_url());
    let send = |content_type: &str, accept: &str| {
        let request = Request::post(&url)
            .header("authorization", format!("Bearer {}", caller.token))
            .header("content-type", content_type)
            .header("accept", accept);
        run(request.body("{}".into()).unwrap()).unwrap()
    };
    assert_eq!(send("application/json", JSON_API).status, 415);
    assert_eq!(send(JSON_API, "application/json").status, 406);
    assert_eq!(send(JSON_API, "text/html, */*;q=0.1").status, 400);
}

#[test]
fn scopes_and_flows_are_enforced() {
    let sandbox = sandbox();
    let body = serde_json::json!({});
    let machine = client(&sandbox);
    for answer in [
        machine.get("/users/me"),
        machine.get("/userCollectionTracks/me"),
        machine.get("/playlists?filter%5Bowners.id%5D=me"),
        machine.send("POST", "/playlists", &body),
    ] {
        assert_eq!((answer.status, answer.code().as_str()), (403, "CLIENT_NOT_ENTITLED"));
    }
    let reader = person(&sandbox, "playlists.read");
    let refused = reader.send("POST", "/playlists", &body);
    assert_eq!((refused.status, refused.code().as_str()), (403, "INSUFFICIENT_SCOPE"));
    assert_eq!(reader.get("/users/me").status, 403);
    assert_eq!(reader.get("/searchResults?filter%5Bquery%5D=a").status, 200);
    let nobody = Caller { sandbox: &sandbox, token: "made-up".into() };
    assert_eq!(nobody.get("/albums/70000000").status, 401);
}

#[test]
fn the_rate_limit_fills_by_the_clock() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    let (capacity, per_second, cost) = (10, 1, 5);
    let limit = RateLimit { capacity, per_second, cost };
    sandbox.control().behave(|b| b.rate_limit = Some(limit));
    let get = || caller.get(&format!("/albums/{ALBUM}"));
    assert_eq!([get().status, get().status], [200, 200]);
    let limited = get();
    assert_eq!(limited.status, 429);
    assert_eq!(limited.header("retry-after"), Some("5"));
    assert_eq!(limited.header("x-ratelimit-remaining"), Some("0"));
    sandbox.control().clock().advance(Duration::from_secs(4));
    assert_eq!(get().header("retry-after"), Some("1"));
    sandbox.control().clock().advance(Duration::from_secs(1));
    assert_eq!(get().status, 200);
    sandbox.control().behave(|b| b.retry_after = false);
    assert!(get().header("retry-after").is_none());
}

#[test]
fn answers_are_compressed_for_those_who_accept_it() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    let path = format!("/albums/{ALBUM}");
    let plain = |encoding: &str| {
        let request = Request::get(format!("{}{path}", sandbox.base_url()))
            .header("authorization", format!("Bearer {}", caller.token))
            .header("accept-encoding", encoding);
        run(request.body(String::new()).unwrap()).unwrap()
    };
    let unpacked = plain("identity");
    let packed = plain("gzip");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_eq!(packed.header("vary"), Some("Accept-Encoding"));
    assert_eq!(packed.json(), unpacked.json());
    assert!(unpacked.header("content-encoding").is_none() && unpacked.header("vary").is_none());
    assert!(plain("gzip;q=0").header("vary").is_none());
    sandbox.control().behave(|b| b.gzip = false);
    assert!(plain("gzip").header("vary").is_none());
}
