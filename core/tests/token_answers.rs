//! What the token endpoint may answer to a refresh, and what comes of it.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "support/stage.rs"]
mod stage;

use std::time::Duration;

use stage::{ALBUM, Stage, TOKEN};
use tidal_core::testing::{Reply, Script, VirtualRuntime};
use tidal_core::url::Url;
use tidal_core::{Config, ErrorKind, FailureKind, Raw};

/// How a call on an expired token ends, and what is stored then.
struct Row {
    name: &'static str,
    reply: Reply,
    /// The token that the call carries, or the kind of its error.
    ends: Result<&'static str, ErrorKind>,
    /// The refresh token in the store.
    refresh: &'static str,
    /// How long the stored access token lives from now on, if that is known.
    lifetime: Option<u64>,
}

fn ok(name: &'static str, body: &str, refresh: &'static str, lifetime: Option<u64>) -> Row {
    Row { name, reply: Reply::answer(200, body.to_owned()), ends: Ok("new"), refresh, lifetime }
}

/// The stored account is as it was.
fn fails(name: &'static str, reply: Reply, kind: ErrorKind) -> Row {
    Row { name, reply, ends: Err(kind), refresh: "refresh-1", lifetime: Some(0) }
}

const YEARS: u64 = 10 * 365 * 24 * 3600;

fn table() -> Vec<Row> {
    use ErrorKind::{Configuration, SessionEnded, TokenUnavailable};
    let error = |status, error: &str| Reply::answer(status, format!(r#"{{"error":"{error}"}}"#));
    vec![
        ok("no refresh token", r#"{"access_token":"new","expires_in":60}"#, "refresh-1", Some(60)),
        ok("rotation", r#"{"access_token":"new","refresh_token":"refresh-2","expires_in":60}"#, "refresh-2", Some(60)),
        ok("null refresh token", r#"{"access_token":"new","refresh_token":null,"expires_in":60}"#, "refresh-1", Some(60)),
        ok("no lifetime", r#"{"access_token":"new"}"#, "refresh-1", None),
        ok("negative lifetime", r#"{"access_token":"new","expires_in":-5}"#, "refresh-1", Some(0)),
        ok("huge lifetime", r#"{"access_token":"new","expires_in":1e300}"#, "refresh-1", Some(YEARS)),
        ok("lifetime as a text", r#"{"access_token":"new","expires_in":"60"}"#, "refresh-1", Some(60)),
        ok("lifetime that is none", r#"{"access_token":"new","expires_in":"soon"}"#, "refresh-1", None),
        ok("type in small letters", r#"{"access_token":"new","token_type":"bearer","expires_in":60}"#, "refresh-1", Some(60)),
        ok("empty scope", r#"{"access_token":"new","scope":"","expires_in":60}"#, "refresh-1", Some(60)),
        fails("no JSON", Reply::answer(200, "token=new"), TokenUnavailable),
        fails("HTML", Reply::answer(200, "<html><title>Welcome</title></html>"), TokenUnavailable),
        fails("nothing", Reply::answer(200, ""), TokenUnavailable),
        fails("no access token", Reply::answer(200, r#"{"token_type":"Bearer"}"#), TokenUnavailable),
        fails("a token that can't be sent", Reply::answer(200, "{\"access_token\":\"a\\nb\"}"), TokenUnavailable),
        fails("a token beyond ASCII", Reply::answer(200, r#"{"access_token":"a\ud000b"}"#), TokenUnavailable),
        fails(
            "a type that can't be sent",
            Reply::answer(200, "{\"access_token\":\"new\",\"token_type\":\"a\\nb\"}"),
            TokenUnavailable,
        ),
        fails("nested without end", Reply::answer(200, "[".repeat(100_000)), TokenUnavailable),
        fails("far too long", Reply::Fail(FailureKind::TooLarge), TokenUnavailable),
        fails("a redirect", Reply::answer(302, "").headers(&[("location", "https://evil.example/")]), TokenUnavailable),
        fails("429", Reply::answer(429, ""), TokenUnavailable),
        fails("500", Reply::answer(500, "<html>"), TokenUnavailable),
        fails("503 that says invalid_grant", error(503, "invalid_grant"), TokenUnavailable),
        fails("503 that says invalid_client", error(503, "invalid_client"), TokenUnavailable),
        fails("403 that says invalid_grant", error(403, "invalid_grant"), TokenUnavailable),
        fails("400 without a word", Reply::answer(400, ""), TokenUnavailable),
        fails("a timeout", Reply::Hang, TokenUnavailable),
        fails("a broken connection", Reply::Fail(FailureKind::Broken), TokenUnavailable),
        fails("no connection", Reply::Fail(FailureKind::Connect), TokenUnavailable),
        fails("invalid_client", error(401, "invalid_client"), Configuration),
        fails("unauthorized_client", error(400, "unauthorized_client"), Configuration),
        fails("invalid_scope", error(400, "invalid_scope"), Configuration),
        fails("invalid_grant, 400", error(400, "invalid_grant"), SessionEnded),
        fails("invalid_grant, 401", error(401, "invalid_grant"), SessionEnded),
    ]
}

/// The errors of RFC 6749 §5.2 that speak of the configuration, and of what their advice speaks.
const ADVICE: [(&str, u32, &str); 6] = [
    ("invalid_request", 0, "check its address (token_url, device_auth_url), the redirect URI"),
    ("invalid_request", 1002, "does not let this client use this flow"),
    ("invalid_client", 0, "check its id and its secret"),
    ("unauthorized_client", 0, "does not let this client use this flow"),
    ("unsupported_grant_type", 0, "does not know this flow: check its address (token_url)"),
    ("invalid_scope", 0, "check the scopes of the configuration"),
];

#[test]
fn each_error_of_the_configuration_has_its_advice_in_every_flow() {
    const DEVICE: &str = "POST /v1/oauth2/device_authorization";
    let stage = |config: Config| Stage::new(config, stage::FlakyStore::default(), VirtualRuntime::new(), Script::new());
    let device = || stage(Config::device("id").unwrap());
    let code = r#"{"device_code":"the-device-code","user_code":"ABCDE","verification_uri":"https://x.example"}"#;
    for (error, sub, says) in ADVICE {
        let refuses = || Reply::answer(400, format!(r#"{{"error":"{error}","sub_status":{sub},"error_description":"why"}}"#));
        let renewal = Stage::expired();
        renewal.script.on(TOKEN).then(refuses());
        let renewed = renewal.block_on(renewal.client.send(&Raw::get("/albums/1"))).unwrap_err();

        let application = Stage::client_credentials();
        application.script.on(TOKEN).then(refuses());
        let credentials = application.block_on(application.client.authenticate()).unwrap_err();

        let browser = Stage::nobody();
        let pending = browser.client.begin_sign_in().unwrap();
        let url = Url::parse(pending.authorize_url()).unwrap();
        let state = url.query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned();
        let back = format!("http://localhost:8080/callback?code=c&state={state}");
        browser.script.on(TOKEN).then(refuses());
        let code_exchange = browser.client.finish_sign_in(pending.redirected(&back, browser.runtime_now()).unwrap());
        let exchanged = browser.block_on(code_exchange).unwrap_err();

        let other_device = device();
        other_device.script.on(DEVICE).then(refuses());
        let begun = other_device.block_on(other_device.client.begin_device_sign_in()).unwrap_err();
        let asking = device();
        asking.script.on(DEVICE).reply(200, code);
        asking.script.on(TOKEN).then(refuses());
        let pending = asking.block_on(asking.client.begin_device_sign_in()).unwrap();
        let asked = asking.block_on(asking.client.finish_device_sign_in(pending)).unwrap_err();

        for ended in [renewed, credentials, exchanged, begun, asked] {
            assert_eq!(ended.kind(), ErrorKind::Configuration, "{error}: {ended}");
            let text = ended.to_string();
            assert!(text.contains(says) && text.contains("why"), "{error}, {sub}: {text}");
            let others = ADVICE.iter().filter(|(.., other)| *other != says);
            assert!(others.clone().count() >= 4 && others.clone().all(|(.., other)| !text.contains(other)), "{error}: {text}");
        }
    }
}

#[test]
fn what_is_no_json_is_told() {
    for (body, says) in
        [("<html><title>Welcome</title></html>", "the answer is HTML, not JSON (200 OK"), (" ", "the answer is empty (200 OK")]
    {
        let stage = Stage::expired();
        stage.script.on(TOKEN).reply(200, body);
        let error = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn each_has_its_outcome() {
    for Row { name, reply, ends, refresh, lifetime } in table() {
        let stage = Stage::expired();
        let scopes = stage.stored().scopes;
        stage.script.on(TOKEN).then(reply);
        stage.script.on(ALBUM).reply(200, "{}");
        let now = stage.runtime_now().unix;
        let outcome = stage.block_on(stage.client.send(&Raw::get("/albums/1")));
        match ends {
            Ok(token) => {
                outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(stage.script.requests().last().unwrap().bearer(), Some(token), "{name}");
            }
            Err(kind) => {
                let error = outcome.err().unwrap_or_else(|| panic!("{name}"));
                assert_eq!(error.kind(), kind, "{name}: {error}");
                assert_eq!(stage.script.count(ALBUM), 0, "{name}");
            }
        }
        stage.drain();
        let stored = stage.stored();
        assert_eq!(stored.refresh_token.as_ref().unwrap().expose(), refresh, "{name}");
        assert_eq!(stored.expires_at.map(|at| at.since(now)), lifetime.map(Duration::from_secs), "{name}");
        // A renewal without `scope` keeps those that were granted before (RFC 6749 §6).
        assert_eq!(stored.scopes, scopes, "{name}");
        assert_eq!(stored.rejected.is_some(), ends == Err(ErrorKind::SessionEnded), "{name}");
        assert_eq!(stage.script.count(TOKEN), 1, "{name}");
    }
}

#[test]
fn a_token_that_is_over_when_it_comes_is_tried_once_by_each_call() {
    let stage = Stage::expired();
    stage.script.on(TOKEN).always(Reply::answer(200, r#"{"access_token":"new","expires_in":0}"#));
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    for count in 1..4 {
        stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
        assert_eq!((stage.script.count(TOKEN), stage.script.count(ALBUM)), (count, count));
    }
}
