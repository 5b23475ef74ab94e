//! Revocation (RFC 7009).

use tidal_sandbox::{Client, Sandbox};
use ureq::http::Request;

use crate::client::{form, is_refused, refresh, run, sandbox, sign_in, text, with};

const SCOPES: &str = "user.read";

fn revoke(sandbox: &Sandbox, token: &str) -> u16 {
    let fields = [("client_id", sandbox.client_id()), ("token", token)];
    form(&sandbox.revoke_url(), &fields).status
}

#[test]
fn a_refresh_token_takes_its_family_along_and_an_access_token_only_itself() {
    let sandbox = sandbox();
    let live = || sandbox.control().access_tokens().len();
    let tokens = sign_in(&sandbox, SCOPES);
    assert_eq!(live(), 1);
    assert_eq!(revoke(&sandbox, &text(&tokens, "refresh_token")), 200);
    assert_eq!(live(), 0);
    is_refused(&refresh(&sandbox, &text(&tokens, "refresh_token")), "invalid_grant", 1005);

    let other = sign_in(&sandbox, SCOPES);
    assert_eq!(revoke(&sandbox, &text(&other, "access_token")), 200);
    assert_eq!(live(), 0);
    assert_eq!(refresh(&sandbox, &text(&other, "refresh_token")).status, 200);
}

#[test]
fn what_is_gone_or_was_never_there_is_revoked_again() {
    let sandbox = sandbox();
    let tokens = sign_in(&sandbox, SCOPES);
    assert_eq!(revoke(&sandbox, "never heard of"), 200);
    assert_eq!(sandbox.control().access_tokens().len(), 1);
    for name in ["access_token", "refresh_token"] {
        for _ in 0..2 {
            assert_eq!(revoke(&sandbox, &text(&tokens, name)), 200, "{name}");
        }
    }
}

#[test]
fn the_hint_is_only_a_hint() {
    let sandbox = sandbox();
    let tokens = sign_in(&sandbox, SCOPES);
    for hint in ["access_token", "something"] {
        let token = text(&tokens, "refresh_token");
        let fields = [("client_id", sandbox.client_id()), ("token", &token), ("token_type_hint", hint)];
        assert_eq!(form(&sandbox.revoke_url(), &fields).status, 200);
    }
    assert_eq!(sandbox.control().refresh_tokens().live, 0);
}

#[test]
fn the_client_is_checked() {
    let sandbox = with(|options| options.clients([Client::new("one", "1"), Client::new("two", "2")]));
    let token = text(&sign_in(&sandbox, SCOPES), "refresh_token");
    let live = || sandbox.control().refresh_tokens().live;
    let url = sandbox.revoke_url();
    let send = |fields: &[(&str, &str)]| form(&url, &[&[("token", token.as_str())], fields].concat());
    is_refused(&send(&[("client_id", "one"), ("client_secret", "wrong")]), "invalid_client", 0);
    is_refused(&send(&[("client_id", "three")]), "invalid_client", 0);
    is_refused(&send(&[]), "invalid_request", 0);
    is_refused(&form(&url, &[("client_id", "one")]), "invalid_request", 0);
    // another client's token is none of its business
    assert_eq!(send(&[("client_id", "two"), ("client_secret", "2")]).status, 200);
    assert_eq!(live(), 1);

    let basic = |credentials: &str| {
        let request = Request::post(&url)
            .header("authorization", format!("Basic {credentials}"))
            .header("content-type", "application/x-www-form-urlencoded");
        run(request.body(format!("token={token}")).unwrap()).unwrap()
    };
    // one:2, then one:1
    let wrong = basic("b25lOjI=");
    assert_eq!((wrong.status, live()), (401, 1));
    assert!(wrong.header("www-authenticate").unwrap().starts_with("Basic"));
    let right = basic("b25lOjE=");
    assert_eq!((right.status, right.text.as_str(), live()), (200, "", 0));
}
