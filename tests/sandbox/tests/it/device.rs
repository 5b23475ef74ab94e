//! Devices: their codes, their polls, and what the person does at the other end.

use std::time::Duration;

use serde_json::Value;
use tidal_sandbox::{Client, Dialect, Flow, Sandbox};

use crate::client::{Answer, Caller, every_flow, form, is_refused, refresh, sandbox, text, with};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
const SCOPES: &str = "user.read playlists.read";

fn begin(sandbox: &Sandbox) -> Value {
    let answer = form(&sandbox.device_url(), &[("client_id", sandbox.client_id()), ("scope", SCOPES)]);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.json()
}

fn poll(sandbox: &Sandbox, device_code: &str) -> Answer {
    let fields = [("grant_type", GRANT), ("client_id", sandbox.client_id()), ("device_code", device_code)];
    form(&sandbox.token_url(), &fields)
}

fn pass(sandbox: &Sandbox, seconds: u64) {
    sandbox.control().clock().advance(Duration::from_secs(seconds));
}

#[test]
fn its_person_approves_while_it_polls() {
    let sandbox = every_flow();
    let codes = begin(&sandbox);
    assert_eq!((&codes["expiresIn"], &codes["interval"]), (&300.into(), &5.into()));
    let (device, user) = (text(&codes, "deviceCode"), text(&codes, "userCode"));
    let page = format!("http://{}/link", sandbox.address());
    assert_eq!(codes["verificationUri"], page);
    assert_eq!(codes["verificationUriComplete"], format!("{page}?user_code={user}"));
    assert_eq!(codes.as_object().unwrap().len(), 6);

    let pending = poll(&sandbox, &device);
    assert_eq!(pending.status, 400);
    is_refused(&pending, "authorization_pending", 1002);
    pass(&sandbox, 5);
    is_refused(&poll(&sandbox, &device), "authorization_pending", 1002);

    let second = sandbox.users()[1].id;
    sandbox.control().approve_device_as(second, &user.to_lowercase().replace('-', " ")).unwrap();
    pass(&sandbox, 5);
    let tokens = poll(&sandbox, &device).json();
    assert_eq!((&tokens["user_id"], &tokens["scope"]), (&second.into(), &SCOPES.into()));
    let caller = Caller { sandbox: &sandbox, token: text(&tokens, "access_token") };
    assert_eq!(caller.read("/users/me")["data"]["id"], second.to_string());
    assert_eq!(refresh(&sandbox, &text(&tokens, "refresh_token")).status, 200);

    pass(&sandbox, 5);
    is_refused(&poll(&sandbox, &device), "invalid_grant", 1005);
    assert!(sandbox.control().approve_device(&user).is_err());
}

#[test]
fn a_quick_poll_slows_it_down_for_good() {
    let sandbox = every_flow();
    let codes = begin(&sandbox);
    let device = text(&codes, "deviceCode");
    let polled = |after: u64| {
        pass(&sandbox, after);
        text(&poll(&sandbox, &device).json(), "error")
    };
    assert_eq!(polled(0), "authorization_pending");
    assert_eq!(polled(4), "slow_down");
    // 10 s from here on, 15 s after the next
    assert_eq!(polled(9), "slow_down");
    assert_eq!(polled(15), "authorization_pending");
    sandbox.control().approve_device(&text(&codes, "userCode")).unwrap();
    assert_eq!(polled(14), "slow_down");
    pass(&sandbox, 20);
    assert_eq!(poll(&sandbox, &device).status, 200);
}

#[test]
fn it_is_denied_or_comes_too_late() {
    let sandbox = every_flow();
    let control = sandbox.control();
    let denied = begin(&sandbox);
    control.deny_device(&text(&denied, "userCode")).unwrap();
    is_refused(&poll(&sandbox, &text(&denied, "deviceCode")), "access_denied", 0);
    assert!(control.approve_device(&text(&denied, "userCode")).is_err());

    let late = begin(&sandbox);
    pass(&sandbox, 299);
    is_refused(&poll(&sandbox, &text(&late, "deviceCode")), "authorization_pending", 1002);
    pass(&sandbox, 1);
    is_refused(&poll(&sandbox, &text(&late, "deviceCode")), "expired_token", 0);
    let error = control.approve_device(&text(&late, "userCode")).unwrap_err();
    assert!(error.to_string().contains("expired"), "{error}");
    assert!(control.approve_device_as(1, &text(&begin(&sandbox), "userCode")).is_err());
    assert_eq!(control.access_tokens().len(), 0);
}

#[test]
fn codes_belong_to_their_client() {
    let clients = ["one", "two"].map(|id| Client::new(id, "secret").flows(Flow::ALL));
    let sandbox = with(|options| options.clients(clients));
    let codes = begin(&sandbox);
    let (device, user) = (text(&codes, "deviceCode"), text(&codes, "userCode"));
    sandbox.control().approve_device(&user).unwrap();
    let ask = |client: &str, secret: &str, code: &str| {
        let fields = [("grant_type", GRANT), ("client_id", client), ("client_secret", secret), ("device_code", code)];
        form(&sandbox.token_url(), &fields)
    };
    is_refused(&ask("two", "secret", &device), "invalid_grant", 1005);
    is_refused(&ask("one", "secret", "unknown"), "invalid_grant", 1005);
    is_refused(&ask("one", "secret", ""), "invalid_request", 0);
    is_refused(&ask("one", "wrong", &device), "invalid_client", 0);
    assert_eq!(ask("one", "secret", &device).status, 200);
}

#[test]
fn what_it_asks_for_is_checked() {
    let sandbox = every_flow();
    let ask = |fields: &[(&str, &str)]| form(&sandbox.device_url(), fields);
    is_refused(&ask(&[("client_id", "all"), ("scope", "r_usr")]), "invalid_scope", 0);
    is_refused(&ask(&[("client_id", "other")]), "invalid_client", 0);
    is_refused(&ask(&[("client_id", "all"), ("client_secret", "wrong")]), "invalid_client", 0);
    is_refused(&ask(&[("scope", SCOPES)]), "invalid_request", 0);
    assert_eq!(ask(&[("client_id", "all"), ("client_secret", "secret")]).status, 200);
}

#[test]
fn a_third_party_is_refused_in_the_words_of_the_service() {
    let sandbox = sandbox();
    let fields = [("client_id", sandbox.client_id()), ("scope", SCOPES)];
    let refused = form(&sandbox.device_url(), &fields);
    assert_eq!(refused.status, 400);
    is_refused(&refused, "invalid_request", 1002);
    is_refused(&poll(&sandbox, "x"), "unauthorized_client", 0);
    sandbox.control().behave(|b| b.dialect = Dialect::Rfc);
    assert_eq!(form(&sandbox.device_url(), &fields).json()["error"], "unauthorized_client");
}

#[test]
fn its_words_and_times_have_switches() {
    let sandbox = every_flow();
    sandbox.control().behave(|b| {
        b.dialect = Dialect::Rfc;
        b.device_interval = Duration::from_secs(2);
        b.device_lifetime = Duration::from_secs(60);
    });
    let codes = begin(&sandbox);
    let names: Vec<_> = codes.as_object().unwrap().keys().collect();
    let expected = ["device_code", "expires_in", "interval", "user_code", "verification_uri", "verification_uri_complete"];
    assert_eq!(names, expected);
    assert_eq!((&codes["expires_in"], &codes["interval"]), (&60.into(), &2.into()));
    let pending = poll(&sandbox, &text(&codes, "device_code"));
    assert_eq!((pending.status, pending.json().get("sub_status")), (400, None));
    assert_eq!(pending.json()["error"], "authorization_pending");

    sandbox.control().behave(|b| {
        b.dialect = Dialect::Tidal;
        b.bare_verification_uri = true;
    });
    assert_eq!(begin(&sandbox)["verificationUri"], format!("{}/link", sandbox.address()));
}
