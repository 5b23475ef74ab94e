//! Authorization requests, tokens, rotation.

use std::time::Duration;

use serde_json::json;
use tidal_sandbox::{Client, Redirects, Refresh, RefreshTokens};
use ureq::http::Request;

use crate::client::{
    CHALLENGE, Caller, REDIRECT, VERIFIER, authorize_url, exchange, form, is_refused, parameter, refresh, run, sandbox,
    sign_in, text, with,
};

/// `sandbox-client:sandbox-secret`
const BASIC: &str = "c2FuZGJveC1jbGllbnQ6c2FuZGJveC1zZWNyZXQ=";
const SCOPES: &str = "user.read playlists.read";

#[test]
fn client_credentials_need_the_secret_in_one_of_two_ways() {
    let sandbox = sandbox();
    let body = [("grant_type", "client_credentials"), ("client_id", sandbox.client_id())];
    let good = form(&sandbox.token_url(), &[&body[..], &[("client_secret", sandbox.client_secret())]].concat());
    let value = good.json();
    assert_eq!(value["expires_in"], 14_400);
    assert_eq!(value["token_type"], "Bearer");
    assert_eq!(value["scope"], "");
    assert_eq!(value.as_object().unwrap().len(), 4);

    let wrong = form(&sandbox.token_url(), &[&body[..], &[("client_secret", "wrong")]].concat());
    assert_eq!(wrong.status, 401);
    is_refused(&wrong, "invalid_client", 0);
    is_refused(&form(&sandbox.token_url(), &body), "invalid_client", 0);

    let basic = |credentials: &str| {
        let request = Request::post(sandbox.token_url())
            .header("authorization", format!("Basic {credentials}"))
            .header("content-type", "application/x-www-form-urlencoded");
        let body = "grant_type=client_credentials".to_owned();
        run(request.body(body).unwrap()).unwrap()
    };
    assert_eq!(basic(BASIC).status, 200);
    // the same with one letter changed
    let wrong = basic(&BASIC.replace("XQ=", "XU="));
    assert_eq!(wrong.status, 401);
    is_refused(&wrong, "invalid_client", 0);
    assert!(wrong.header("www-authenticate").unwrap().starts_with("Basic"));
    assert!(form(&sandbox.token_url(), &body).header("www-authenticate").is_none());
}

#[test]
fn a_secret_given_in_both_ways_and_an_unknown_grant_are_refused() {
    let sandbox = sandbox();
    let send = |body: &str| {
        let request = Request::post(sandbox.token_url())
            .header("authorization", format!("Basic {BASIC}"))
            .header("content-type", "application/x-www-form-urlencoded");
        run(request.body(body.to_owned()).unwrap()).unwrap()
    };
    for (body, error) in [
        ("grant_type=client_credentials&client_secret=sandbox-secret", "invalid_request"),
        ("grant_type=client_credentials&client_id=other", "invalid_request"),
        ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        ("grant_type=", "invalid_request"),
        ("grant_type=password", "unsupported_grant_type"),
        ("grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer", "unsupported_grant_type"),
    ] {
        let answer = send(body);
        assert_eq!(answer.status, 400, "{body}");
        is_refused(&answer, error, 0);
    }
    assert_eq!(send("grant_type=client_credentials&client_id=sandbox-client").status, 200);
}

#[test]
fn a_code_gives_tokens_for_the_person_who_consented() {
    let sandbox = sandbox();
    let second = sandbox.users()[1].id;
    let url = authorize_url(&sandbox, SCOPES);
    let redirect = sandbox.approve_as(second, &url).unwrap();
    assert!(redirect.starts_with(REDIRECT));
    let code = parameter(&redirect, "code").unwrap();
    let value = exchange(&sandbox, &code, VERIFIER).json();
    assert_eq!(value["user_id"], second);
    assert_eq!(value["scope"], SCOPES);
    assert_eq!(value["expires_in"], 14_400);
    let token = text(&value, "access_token");
    let caller = Caller { sandbox: &sandbox, token };
    let me = caller.read("/users/me");
    assert_eq!(me["data"]["id"], second.to_string());
    assert_eq!(me["data"]["attributes"]["username"], "tomas");
}

#[test]
fn a_wrong_verifier_is_refused_and_costs_the_code() {
    let sandbox = sandbox();
    for verifier in [VERIFIER.replace('d', "e"), CHALLENGE.to_owned(), VERIFIER[1..].to_owned(), "a".repeat(129)] {
        let redirect = sandbox.approve(&authorize_url(&sandbox, SCOPES)).unwrap();
        let code = parameter(&redirect, "code").unwrap();
        is_refused(&exchange(&sandbox, &code, &verifier), "invalid_grant", 1005);
        is_refused(&exchange(&sandbox, &code, VERIFIER), "invalid_grant", 1005);
    }
    assert_eq!(sandbox.control().access_tokens().len(), 0);
}

#[test]
fn a_code_works_once_and_its_second_use_ends_what_came_from_it() {
    let sandbox = sandbox();
    let redirect = sandbox.approve(&authorize_url(&sandbox, SCOPES)).unwrap();
    let code = parameter(&redirect, "code").unwrap();
    let tokens = exchange(&sandbox, &code, VERIFIER).json();
    assert_eq!(sandbox.control().access_tokens().len(), 1);
    is_refused(&exchange(&sandbox, &code, VERIFIER), "invalid_grant", 1005);
    assert_eq!(sandbox.control().access_tokens().len(), 0);
    let answer = refresh(&sandbox, &text(&tokens, "refresh_token"));
    is_refused(&answer, "invalid_grant", 1005);
}

#[test]
fn a_code_expires_by_the_clock_and_holds_to_its_redirect() {
    let sandbox = sandbox();
    let redirect = sandbox.approve(&authorize_url(&sandbox, SCOPES)).unwrap();
    let code = parameter(&redirect, "code").unwrap();
    let elsewhere = form(
        &sandbox.token_url(),
        &[
            ("grant_type", "authorization_code"),
            ("client_id", sandbox.client_id()),
            ("code", &code),
            ("redirect_uri", "http://127.0.0.1:8123/other"),
            ("code_verifier", VERIFIER),
        ],
    );
    is_refused(&elsewhere, "invalid_grant", 11_102);
    sandbox.control().clock().advance(Duration::from_secs(300));
    is_refused(&exchange(&sandbox, &code, VERIFIER), "invalid_grant", 1005);
}

#[test]
fn refresh_tokens_rotate_and_reuse_ends_the_family() {
    let sandbox = sandbox();
    let first = text(&sign_in(&sandbox, SCOPES), "refresh_token");
    let answer = refresh(&sandbox, &first).json();
    let second = text(&answer, "refresh_token");
    assert_ne!(first, second);
    assert_eq!(answer["scope"], SCOPES);
    let (live, rotated, revoked) = (1, 1, 0);
    let expected = RefreshTokens { live, rotated, revoked };
    assert_eq!(sandbox.control().refresh_tokens(), expected);

    let dead = refresh(&sandbox, &first);
    assert_eq!(dead.status, 400);
    is_refused(&dead, "invalid_grant", 1005);
    is_refused(&refresh(&sandbox, &second), "invalid_grant", 1005);
    assert_eq!(sandbox.control().access_tokens().len(), 0);
}

#[test]
fn rotation_has_its_switches() {
    let sandbox = sandbox();
    let control = sandbox.control();
    control.behave(|b| b.reuse_revokes_family = false);
    let first = text(&sign_in(&sandbox, SCOPES), "refresh_token");
    let second = text(&refresh(&sandbox, &first).json(), "refresh_token");
    is_refused(&refresh(&sandbox, &first), "invalid_grant", 1005);

    control.behave(|b| b.refresh = Refresh::Omit);
    let answer = refresh(&sandbox, &second).json();
    assert!(answer.get("refresh_token").is_none());
    control.behave(|b| b.refresh = Refresh::Same);
    assert_eq!(text(&refresh(&sandbox, &second).json(), "refresh_token"), second);

    control.behave(|b| b.issue_refresh_token = false);
    assert!(sign_in(&sandbox, SCOPES).get("refresh_token").is_none());
    control.revoke_user(sandbox.users()[0].id);
    is_refused(&refresh(&sandbox, &second), "invalid_grant", 1005);
}

#[test]
fn a_refresh_can_narrow_the_scope_but_not_widen_it() {
    let sandbox = sandbox();
    let token = text(&sign_in(&sandbox, SCOPES), "refresh_token");
    let ask = |token: &str, scope| {
        form(
            &sandbox.token_url(),
            &[("grant_type", "refresh_token"), ("client_id", sandbox.client_id()), ("refresh_token", token), ("scope", scope)],
        )
    };
    is_refused(&ask(&token, "playlists.write"), "invalid_scope", 11_004);
    assert_eq!(ask(&token, "user.read").json()["scope"], "user.read");
}

#[test]
fn the_clock_expires_access_tokens() {
    let sandbox = sandbox();
    let token = text(&sign_in(&sandbox, SCOPES), "access_token");
    let caller = Caller { sandbox: &sandbox, token };
    let clock = sandbox.control().clock().clone();
    clock.advance(Duration::from_secs(14_399));
    assert_eq!(caller.get("/users/me").status, 200);
    clock.advance(Duration::from_secs(1));
    let expired = caller.get("/users/me");
    assert_eq!(expired.status, 401);
    let expected = json!({ "errors": [{
        "code": "UNAUTHORIZED",
        "detail": "Invalid or missing Authorization Header",
        "meta": { "category": "AUTHENTICATION_ERROR" },
    }]});
    assert_eq!(expired.json(), expected);
}

#[test]
fn the_page_never_redirects_to_where_nobody_registered() {
    let sandbox = sandbox();
    let url = authorize_url(&sandbox, SCOPES);
    for bad in [url.replace("127.0.0.1%3A8123", "evil.example"), url.replace("client_id=sandbox-client", "client_id=other")] {
        let answer = run(Request::get(&bad).body(String::new()).unwrap()).unwrap();
        assert_eq!(answer.status, 400);
        assert!(answer.header("location").is_none());
        assert!(sandbox.approve(&bad).is_err());
    }
    for (bad, error) in [
        (url.replace("=code&", "=token&"), "unauthorized_client"),
        (url.replace("S256", "plain"), "invalid_request"),
        (url.replace(CHALLENGE, "short"), "invalid_request"),
        (url.replace("state=st-1", "x=1"), "invalid_request"),
        (url.replace("user.read", "r_usr"), "invalid_scope"),
        (format!("{url}&scope=user.read"), "invalid_request"),
    ] {
        let answer = run(Request::get(&bad).body(String::new()).unwrap()).unwrap();
        // Errors of the implicit grant come in the fragment (RFC 6749 §4.2.2.1).
        let location = answer.header("location").unwrap().replace('#', "?");
        assert_eq!(parameter(&location, "error").unwrap(), error);
        assert!(parameter(&location, "code").is_none());
    }
}

#[test]
fn redirects_can_be_kept_to_a_list() {
    let only = Redirects::Only(vec![REDIRECT.to_owned()]);
    let sandbox = with(|options| options.clients([Client::new("c", "s").redirects(only)]));
    let url = authorize_url(&sandbox, SCOPES);
    assert!(sandbox.approve(&url).is_ok());
    assert!(sandbox.approve(&url.replace("8123", "8124")).is_err());
}
