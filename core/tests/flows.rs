//! The flows, by a client on a script and under virtual time.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/stage.rs"]
mod stage;

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use stage::{ALBUM, Stage, TOKEN};
use tidal_core::auth::{PendingDevice, PendingImplicit, PendingSignIn, RedirectFault};
use tidal_core::testing::{Reply, Script, Seen, VirtualRuntime};
use tidal_core::url::{Url, form_urlencoded};
use tidal_core::{Config, ErrorKind, FailureKind, Flow, Raw};

const DEVICE: &str = "POST /v1/oauth2/device_authorization";
const ME: &str = "GET /v2/users/me";

fn stage(config: Config) -> Stage {
    Stage::new(config, stage::FlakyStore::default(), VirtualRuntime::new(), Script::new())
}

fn form(seen: &Seen, name: &str) -> Option<String> {
    form_urlencoded::parse(&seen.body).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn query(url: &str, name: &str) -> Option<String> {
    Url::parse(url).unwrap().query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// A token answer that says who it is.
const GRANTED: &str = r#"{"access_token":"new","refresh_token":"r","expires_in":3600,"user_id":42}"#;

/// A form that was sent has these fields, and not those.
fn sends(seen: &Seen, has: &[(&str, &str)], lacks: &[&str]) {
    for (name, value) in has {
        assert_eq!(form(seen, name).as_deref(), Some(*value), "{name} in {}", seen.text());
    }
    for name in lacks {
        assert_eq!(form(seen, name), None, "{name} in {}", seen.text());
    }
}

#[test]
fn code_without_pkce_sends_the_secret_and_no_challenge() {
    let stage = stage(Config::authorization_code("id", "secret", "https://app.example/back").unwrap());
    let pending = stage.client.begin_sign_in().unwrap();
    let url = pending.authorize_url().to_owned();
    assert_eq!(query(&url, "response_type").as_deref(), Some("code"));
    assert_eq!((query(&url, "code_challenge"), query(&url, "code_challenge_method")), (None, None));
    stage.script.on(TOKEN).reply(200, GRANTED);
    let back = format!("https://app.example/back?code=c&state={}", query(&url, "state").unwrap());
    let code = pending.redirected(&back, stage.runtime_now()).unwrap();
    let key = stage.block_on(stage.client.finish_sign_in(code)).unwrap();
    assert_eq!((key.flow, key.user.as_deref()), (Flow::AuthorizationCode, Some("42")));
    let seen = &stage.script.requests()[0];
    sends(
        seen,
        &[("grant_type", "authorization_code"), ("code", "c"), ("redirect_uri", "https://app.example/back")],
        &["code_verifier", "client_secret"],
    );
    assert_eq!(seen.headers["authorization"], "Basic aWQ6c2VjcmV0");
    assert_eq!(stage.stored().refresh_token.unwrap().expose(), "r");
}

#[test]
fn the_secret_goes_into_the_body_where_that_is_configured() {
    let mut config = Config::client_credentials("id", "se cret").unwrap();
    config.client_authentication = tidal_core::config::ClientAuthentication::Body;
    let stage = stage(config);
    stage.script.on(TOKEN).reply(200, GRANTED);
    stage.block_on(stage.client.authenticate()).unwrap();
    let seen = &stage.script.requests()[0];
    sends(seen, &[("client_id", "id"), ("client_secret", "se cret")], &["scope"]);
    assert!(!seen.headers.contains_key("authorization"));
}

#[test]
fn pkce_draws_256_bits_each_and_the_same_from_the_same_seed() {
    let urls: Vec<String> =
        (0..2).map(|_| stage(stage::pkce()).client.begin_sign_in().unwrap().authorize_url().to_owned()).collect();
    assert_eq!(urls[0], urls[1]);
    for name in ["state", "code_challenge"] {
        assert_eq!(query(&urls[0], name).unwrap().len(), 43, "{name}");
    }
    let one = stage(stage::pkce());
    let (first, second) = (one.client.begin_sign_in().unwrap(), one.client.begin_sign_in().unwrap());
    assert_ne!(query(first.authorize_url(), "state"), query(second.authorize_url(), "state"));
}

#[test]
fn without_scopes_the_parameter_is_left_out() {
    for (scopes, sent) in [("", None), ("user.read search.read", Some("search.read user.read"))] {
        let with = |mut config: Config| {
            config.scopes = scopes.parse().unwrap();
            stage(config)
        };
        let pending = with(stage::pkce()).client.begin_sign_in().unwrap();
        assert_eq!(query(pending.authorize_url(), "scope").as_deref(), sent);
        let implicit = with(Config::implicit("id", "https://app.example/back").unwrap());
        assert_eq!(query(implicit.client.begin_implicit_sign_in().unwrap().authorize_url(), "scope").as_deref(), sent);
        let device = with(Config::device("id").unwrap());
        device.script.on(DEVICE).reply(200, CODE);
        device.block_on(device.client.begin_device_sign_in()).unwrap();
        assert_eq!(form(&device.script.requests()[0], "scope").as_deref(), sent);
    }
}

#[test]
fn a_pending_sign_in_can_be_resumed_and_expires() {
    let stage = stage(stage::pkce());
    let pending = stage.client.begin_sign_in().unwrap();
    let back = format!("http://localhost:8080/callback?code=c&state={}", query(pending.authorize_url(), "state").unwrap());
    let kept = serde_json::to_string(&pending).unwrap();
    let resumed: PendingSignIn = serde_json::from_str(&kept).unwrap();
    assert_eq!(resumed.check(&back, stage.runtime_now()), Ok(()));
    stage.runtime.advance(Duration::from_secs(3600));
    let refused = resumed.redirected(&back, stage.runtime_now()).unwrap_err();
    assert_eq!(refused.fault, RedirectFault::Expired);
    assert!(stage.script.requests().is_empty());
}

#[test]
fn a_pending_sign_in_is_finished_by_another_client_with_its_own_verifier() {
    let begun = stage(stage::pkce()).client.begin_sign_in().unwrap();
    let kept = serde_json::to_string(&begun).unwrap();
    // It has drawn what the first one drew, and goes on from there.
    let other = stage(stage::pkce());
    other.client.begin_sign_in().unwrap();
    let pending: PendingSignIn = serde_json::from_str(&kept).unwrap();
    let (url, shown) = (pending.authorize_url().to_owned(), format!("{pending:?}"));
    let back = format!("http://localhost:8080/callback?code=c&state={}", query(&url, "state").unwrap());
    other.script.on(TOKEN).reply(200, GRANTED);
    let code = pending.redirected(&back, other.runtime_now()).unwrap();
    other.block_on(other.client.finish_sign_in(code)).unwrap();
    let verifier = form(&other.script.requests()[0], "code_verifier").unwrap();
    assert_eq!(verifier.len(), 43);
    assert_eq!(query(&url, "code_challenge"), Some(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier))));
    assert!(kept.contains(&verifier) && !url.contains(&verifier) && !shown.contains(&verifier), "{shown}");
    assert_eq!(other.stored().key.user.as_deref(), Some("42"));
}

#[test]
fn a_code_for_another_configuration_is_not_sent() {
    let stage = stage(stage::pkce());
    let pending = stage.client.begin_sign_in().unwrap();
    let back = format!("http://localhost:8080/callback?code=c&state={}", query(pending.authorize_url(), "state").unwrap());
    let code = pending.redirected(&back, stage.runtime_now()).unwrap();
    stage.block_on(stage.client.reconfigure(Config::pkce("another", "http://localhost:8080/callback").unwrap())).unwrap();
    let error = stage.block_on(stage.client.finish_sign_in(code)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(stage.script.requests().is_empty());
}

#[test]
fn a_token_by_redirect_for_another_configuration_is_not_taken() {
    let stage = stage(Config::implicit("id", "https://app.example/back").unwrap());
    for other in [Config::implicit("another", "https://app.example/back"), Config::pkce("id", "https://app.example/back")] {
        stage.block_on(stage.client.reconfigure(Config::implicit("id", "https://app.example/back").unwrap())).unwrap();
        let pending = stage.client.begin_implicit_sign_in().unwrap();
        let state = query(pending.authorize_url(), "state").unwrap();
        let back = format!("https://app.example/back#access_token=t&user_id=7&state={state}");
        let token = pending.redirected(&back, stage.runtime_now()).unwrap();
        stage.block_on(stage.client.reconfigure(other.unwrap())).unwrap();
        let error = stage.block_on(stage.client.finish_implicit_sign_in(token)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
        assert_eq!(stage.client.account(), None);
    }
}

#[test]
fn implicit_reads_the_fragment() {
    let stage = stage(Config::implicit("id", "https://app.example/back").unwrap());
    let pending = stage.client.begin_implicit_sign_in().unwrap();
    let url = pending.authorize_url().to_owned();
    assert_eq!(query(&url, "response_type").as_deref(), Some("token"));
    let state = query(&url, "state").unwrap();
    let pending: PendingImplicit = serde_json::from_str(&serde_json::to_string(&pending).unwrap()).unwrap();
    let now = stage.runtime_now();
    let denied = pending.redirected(&format!("https://app.example/back#error=access_denied&state={state}"), now);
    let denied = denied.unwrap_err();
    assert_eq!(denied.fault, RedirectFault::Declined);
    let other = denied.pending.redirected("https://app.example/back#access_token=t&state=other", now).unwrap_err();
    assert_eq!(other.fault, RedirectFault::OtherSignIn);
    let back = format!("https://app.example/back#access_token=t&token_type=bearer&expires_in=60&state={state}&user_id=7");
    let token = other.pending.redirected(&back, now).unwrap();
    let key = stage.block_on(stage.client.finish_implicit_sign_in(token)).unwrap();
    assert_eq!(key.user.as_deref(), Some("7"));
    stage.script.on(ALBUM).reply(200, "{}");
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    assert_eq!(stage.script.requests()[0].bearer(), Some("t"));
    // There is no refresh token: at its end a person is needed, and the token endpoint is not asked.
    stage.runtime.advance(Duration::from_secs(61));
    let error = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignInRequired);
    assert_eq!(stage.script.count(TOKEN), 0);
}

#[test]
fn implicit_reads_lifetimes_and_types_as_the_token_endpoint_does() {
    let years = 10 * 365 * 24 * 3600;
    for (said, expected) in [("60", Some(60)), ("60.0", Some(60)), ("-5", Some(0)), ("1e300", Some(years)), ("soon", None)] {
        let stage = stage(Config::implicit("id", "https://app.example/back").unwrap());
        let pending = stage.client.begin_implicit_sign_in().unwrap();
        let state = query(pending.authorize_url(), "state").unwrap();
        let back = |more: &str| format!("https://app.example/back#access_token=t&user_id=7&state={state}{more}");
        let now = stage.runtime_now();
        let refused = pending.redirected(&back("&token_type=a%0Ab"), now).unwrap_err();
        assert_eq!(refused.fault, RedirectFault::MissingCode, "{refused}");
        let token = refused.pending.redirected(&back(&format!("&expires_in={said}")), now).unwrap();
        stage.block_on(stage.client.finish_implicit_sign_in(token)).unwrap();
        stage.drain();
        let lives = stage.stored().expires_at.map(|at| at.since(now.unix).as_secs());
        assert_eq!(lives, expected, "{said}");
    }
}

const CODE: &str = r#"{"deviceCode":"the-device-code","userCode":"ABCDE","verificationUri":"link.tidal.example",
    "verificationUriComplete":"link.tidal.example/ABCDE","expiresIn":300,"interval":2}"#;

fn pending(status: u16, error: &str, sub: u32) -> Reply {
    Reply::answer(status, format!(r#"{{"error":"{error}","status":{status},"sub_status":{sub}}}"#))
}

fn device() -> Stage {
    stage(Config::device("id").unwrap())
}

#[test]
fn device_asks_as_often_as_the_service_wants() {
    let stage = device();
    stage.script.on(DEVICE).reply(200, CODE);
    let pending_device = stage.block_on(stage.client.begin_device_sign_in()).unwrap();
    assert_eq!(pending_device.user_code(), "ABCDE");
    assert_eq!(pending_device.verification_uri(), "https://link.tidal.example");
    assert_eq!(pending_device.verification_uri_complete(), Some("https://link.tidal.example/ABCDE"));
    stage
        .script
        .on(TOKEN)
        .then(pending(400, "authorization_pending", 1002))
        .then(pending(400, "slow_down", 0))
        .then(Reply::Fail(FailureKind::Broken))
        .reply(200, GRANTED);
    let began = stage.runtime_now().mono;
    let key = stage.block_on(stage.client.finish_device_sign_in(pending_device)).unwrap();
    assert_eq!((key.flow, key.user.as_deref()), (Flow::Device, Some("42")));
    // 2 s, 2 s, then 5 s more, and twice that after a broken connection.
    assert_eq!(stage.runtime_now().mono.since(began), Duration::from_secs(2 + 2 + 7 + 14));
    let asked = &stage.script.requests()[1];
    sends(
        asked,
        &[
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", "the-device-code"),
            ("client_id", "id"),
        ],
        &[],
    );
}

#[test]
fn device_understands_the_names_of_the_rfc_too() {
    let stage = device();
    let rfc = r#"{"device_code":"d","user_code":"U","verification_uri":"https://x.example","expires_in":"60"}"#;
    stage.script.on(DEVICE).reply(200, rfc);
    let pending = stage.block_on(stage.client.begin_device_sign_in()).unwrap();
    assert_eq!((pending.user_code(), pending.verification_uri()), ("U", "https://x.example"));
    assert_eq!(pending.ask_at().since(stage.runtime_now().mono), Duration::from_secs(5));
    assert_eq!(pending.expires_at().since(stage.runtime_now().unix), Duration::from_secs(60));
    // Another process may go on.
    let again: PendingDevice = serde_json::from_str(&serde_json::to_string(&pending).unwrap()).unwrap();
    assert_eq!(again.user_code(), "U");
}

#[test]
fn device_waits_as_long_as_the_service_wants_and_no_longer_than_the_code_lives() {
    let stage = device();
    let code = |interval: u32| {
        format!(
            r#"{{"device_code":"d","user_code":"U","verification_uri":"x.example","expires_in":300,"interval":{interval}}}"#
        )
    };
    let asks_after = |pending: &PendingDevice| pending.ask_at().since(stage.runtime_now().mono).as_secs();
    stage.script.on(DEVICE).reply(200, code(120));
    let begun = stage.block_on(stage.client.begin_device_sign_in()).unwrap();
    assert_eq!(asks_after(&begun), 120);
    stage.script.on(TOKEN).then(pending(400, "slow_down", 0)).then(pending(400, "authorization_pending", 1002));
    let began = stage.runtime_now().mono;
    stage.block_on(stage.client.finish_device_sign_in(begun)).unwrap_err();
    // At 120 s, 125 s later, and the code is over 55 s after that.
    assert_eq!((stage.script.count(TOKEN), stage.runtime_now().mono.since(began).as_secs()), (2, 300));
    stage.script.on(DEVICE).reply(200, code(4000));
    assert_eq!(asks_after(&stage.block_on(stage.client.begin_device_sign_in()).unwrap()), 300);
}

#[test]
fn device_ends_are_told_apart() {
    for (reply, kind, says) in [
        (pending(400, "access_denied", 0), ErrorKind::Redirect, "declined"),
        (pending(400, "expired_token", 0), ErrorKind::Redirect, "expired"),
        (pending(400, "invalid_grant", 0), ErrorKind::Redirect, "refused"),
        (pending(401, "invalid_client", 0), ErrorKind::Configuration, "id and its secret"),
    ] {
        let stage = device();
        stage.script.on(DEVICE).reply(200, CODE);
        let begun = stage.block_on(stage.client.begin_device_sign_in()).unwrap();
        stage.script.on(TOKEN).then(reply);
        let error = stage.block_on(stage.client.finish_device_sign_in(begun)).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(says), "{error}");
        assert!(stage.client.account().is_none());
    }
}

#[test]
fn a_flow_that_the_service_does_not_let_says_what_to_use_instead() {
    let stage = device();
    stage.script.on(DEVICE).then(pending(400, "unauthorized_client", 0));
    let error = stage.block_on(stage.client.begin_device_sign_in()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("pkce"), "{error}");
}

#[test]
fn a_code_that_nobody_enters_ends() {
    let stage = device();
    stage.script.on(DEVICE).reply(200, CODE);
    let begun = stage.block_on(stage.client.begin_device_sign_in()).unwrap();
    stage.script.on(TOKEN).always(pending(400, "authorization_pending", 1002));
    let error = stage.block_on(stage.client.finish_device_sign_in(begun)).unwrap_err();
    assert!(error.to_string().contains("expired"), "{error}");
    assert!((140..=150).contains(&stage.script.count(TOKEN)), "{}", stage.script.count(TOKEN));
}

#[test]
fn who_signed_in_is_asked_where_the_answer_does_not_say() {
    for (me, user) in [
        (Reply::answer(200, r#"{"data":{"type":"users","id":"77"}}"#), Some("77")),
        (Reply::answer(403, "{}"), None),
        (Reply::Hang, None),
    ] {
        let stage = stage(stage::pkce());
        let pending = stage.client.begin_sign_in().unwrap();
        let back = format!("http://localhost:8080/callback?code=c&state={}", query(pending.authorize_url(), "state").unwrap());
        stage.script.on(TOKEN).reply(200, r#"{"access_token":"t","refresh_token":"r","expires_in":3600}"#);
        stage.script.on(ME).then(me);
        let code = pending.redirected(&back, stage.runtime_now()).unwrap();
        let key = stage.block_on(stage.client.finish_sign_in(code)).unwrap();
        assert_eq!((key.has_known_user(), &stage.stored().key), (user.is_some(), &key));
        assert!(user.is_none() || key.user.as_deref() == user, "{key:?}");
    }
}

#[test]
fn what_a_flow_does_not_have_is_refused_before_anything_is_sent() {
    let stage = stage(Config::client_credentials("id", "secret").unwrap());
    for error in [
        stage.client.begin_sign_in().unwrap_err(),
        stage.client.begin_implicit_sign_in().unwrap_err(),
        stage.block_on(stage.client.begin_device_sign_in()).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains("client_credentials"), "{error}");
    }
    assert!(stage.script.requests().is_empty());
}
