//! Which flows a client may use, and those that are not for everybody: a code without PKCE, the implicit grant.

use tidal_sandbox::{Client, Flow, Sandbox};
use ureq::http::Request;

use crate::client::{
    CHALLENGE, Caller, REDIRECT, VERIFIER, authorize_url, every_flow, form, is_refused, parameter, run, sandbox, sign_in, text,
    with,
};

const SCOPES: &str = "user.read playlists.read";

/// The address of the authorize page without PKCE.
fn plain_url(sandbox: &Sandbox, response_type: &str) -> String {
    authorize_url(sandbox, SCOPES)
        .replace("response_type=code", &format!("response_type={response_type}"))
        .replace(&format!("&code_challenge_method=S256&code_challenge={CHALLENGE}"), "")
}

/// A parameter in the fragment of a redirect.
fn in_fragment(url: &str, name: &str) -> Option<String> {
    let (before, fragment) = url.split_once('#')?;
    assert_eq!(before, REDIRECT);
    parameter(&format!("?{fragment}"), name)
}

fn exchange(sandbox: &Sandbox, code: &str, more: &[(&str, &str)]) -> crate::client::Answer {
    let fields = [("grant_type", "authorization_code"), ("client_id", "all"), ("code", code), ("redirect_uri", REDIRECT)];
    form(&sandbox.token_url(), &[&fields, more].concat())
}

#[test]
fn a_third_party_has_client_credentials_and_pkce() {
    let sandbox = sandbox();
    let redirect = sandbox.approve(&plain_url(&sandbox, "code")).unwrap();
    assert_eq!(parameter(&redirect, "error").unwrap(), "unauthorized_client");
    assert_eq!(parameter(&redirect, "state").unwrap(), "st-1");
    let redirect = sandbox.approve(&plain_url(&sandbox, "token")).unwrap();
    assert_eq!(in_fragment(&redirect, "error").unwrap(), "unauthorized_client");
    assert_eq!(in_fragment(&redirect, "state").unwrap(), "st-1");
    assert!(in_fragment(&redirect, "access_token").is_none());
    assert_eq!(sandbox.control().access_tokens().len(), 0);
}

#[test]
fn every_flow_can_be_refused() {
    let client = Client::new("none", "secret").flows([]);
    let sandbox = with(|options| options.clients([client]));
    let fields = [("grant_type", "client_credentials"), ("client_id", "none"), ("client_secret", "secret")];
    is_refused(&form(&sandbox.token_url(), &fields), "unauthorized_client", 0);
    let redirect = sandbox.approve(&authorize_url(&sandbox, SCOPES)).unwrap();
    assert_eq!(parameter(&redirect, "error").unwrap(), "unauthorized_client");
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", "none"),
        ("client_secret", "secret"),
        ("device_code", "x"),
    ];
    is_refused(&form(&sandbox.token_url(), &fields), "unauthorized_client", 0);
}

#[test]
fn a_code_without_pkce_asks_for_the_secret() {
    let sandbox = every_flow();
    let redirect = sandbox.approve(&plain_url(&sandbox, "code")).unwrap();
    let code = parameter(&redirect, "code").unwrap();
    let bare = exchange(&sandbox, &code, &[]);
    assert_eq!(bare.status, 401);
    is_refused(&bare, "invalid_client", 0);
    let tokens = exchange(&sandbox, &code, &[("client_secret", "secret")]).json();
    assert_eq!(tokens["scope"], SCOPES);
    assert!(tokens["refresh_token"].is_string());
    let caller = Caller { sandbox: &sandbox, token: text(&tokens, "access_token") };
    assert_eq!(caller.get("/users/me").status, 200);
    is_refused(&exchange(&sandbox, &code, &[("client_secret", "secret")]), "invalid_grant", 1005);
}

#[test]
fn a_code_with_pkce_is_not_exchanged_without_nor_the_other_way_round() {
    let sandbox = every_flow();
    let code = |url: &str| parameter(&sandbox.approve(url).unwrap(), "code").unwrap();
    let with = code(&authorize_url(&sandbox, SCOPES));
    is_refused(&exchange(&sandbox, &with, &[("client_secret", "secret")]), "invalid_request", 0);
    let without = code(&plain_url(&sandbox, "code"));
    let more = [("client_secret", "secret"), ("code_verifier", VERIFIER)];
    is_refused(&exchange(&sandbox, &without, &more), "invalid_grant", 1005);
    assert_eq!(sandbox.control().access_tokens().len(), 0);
    assert!(sign_in(&sandbox, SCOPES)["access_token"].is_string());
}

#[test]
fn a_client_without_a_secret_cannot_prove_itself() {
    let client = Client::new("public", "").flows(Flow::ALL);
    let sandbox = with(|options| options.clients([client]));
    let fields = [("grant_type", "client_credentials"), ("client_id", "public"), ("client_secret", "")];
    is_refused(&form(&sandbox.token_url(), &fields), "invalid_client", 0);
    let request = Request::post(sandbox.token_url())
        .header("authorization", "Basic cHVibGljOg==")
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = run(request.body("grant_type=client_credentials".to_owned()).unwrap()).unwrap();
    is_refused(&answer, "invalid_client", 0);
    assert!(sign_in(&sandbox, SCOPES)["access_token"].is_string());
}

#[test]
fn the_implicit_grant_gives_a_token_in_the_fragment() {
    let sandbox = every_flow();
    let url = plain_url(&sandbox, "token");
    let redirect = sandbox.approve(&url).unwrap();
    let get = |name| in_fragment(&redirect, name);
    assert_eq!(get("token_type").unwrap(), "Bearer");
    assert_eq!(get("expires_in").unwrap(), "14400");
    assert_eq!(get("scope").unwrap(), SCOPES.replace(' ', "+"));
    assert_eq!(get("state").unwrap(), "st-1");
    assert_eq!((get("refresh_token"), get("code")), (None, None));
    let caller = Caller { sandbox: &sandbox, token: get("access_token").unwrap() };
    assert_eq!(caller.read("/users/me")["data"]["attributes"]["username"], "linnea");

    let denied = sandbox.deny(&url).unwrap();
    assert_eq!(in_fragment(&denied, "error").unwrap(), "access_denied");
    let internal = sandbox.approve(&url.replace("user.read", "r_usr")).unwrap();
    assert_eq!(in_fragment(&internal, "error").unwrap(), "invalid_scope");
    sandbox.control().behave(|b| b.without_token_field("expires_in"));
    assert_eq!(in_fragment(&sandbox.approve(&url).unwrap(), "expires_in"), None);
}
