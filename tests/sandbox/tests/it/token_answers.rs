//! Token answers that are not what they should be.

use std::io::Read;

use serde_json::{Value, json};
use tidal_sandbox::{Dialect, Endpoint, Fault, Options, Refresh};

use crate::client::{Answer, agent, authorize_url, exchange, form, parameter, refresh, sandbox, sign_in, text, with};
use crate::client::{VERIFIER, client};

const SCOPES: &str = "user.read playlists.read";

#[test]
fn fields_can_be_missing_or_strange() {
    let sandbox = sandbox();
    let control = sandbox.control();
    for name in ["scope", "user_id", "expires_in", "refresh_token"] {
        control.behave(|b| b.without_token_field(name));
        let tokens = sign_in(&sandbox, SCOPES);
        assert!(tokens.get(name).is_none(), "{name}");
        assert!(tokens["access_token"].is_string());
        control.behave(|b| b.token_fields.clear());
    }
    for value in [json!(-1), json!(0), json!(u64::MAX), json!(1e300), json!("14400"), json!("soon"), Value::Null] {
        control.behave(|b| b.token_field("expires_in", value.clone()));
        let tokens = sign_in(&sandbox, SCOPES);
        assert_eq!(tokens["expires_in"], value);
        let refreshed = refresh(&sandbox, &text(&tokens, "refresh_token")).json();
        assert_eq!(refreshed["expires_in"], value);
        assert_eq!(client_credentials(&sandbox)["expires_in"], value);
    }
}

fn client_credentials(sandbox: &tidal_sandbox::Sandbox) -> Value {
    let (id, secret) = (sandbox.client_id(), sandbox.client_secret());
    let fields = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    form(&sandbox.token_url(), &fields).json()
}

#[test]
fn a_refresh_token_left_out_of_the_words_is_not_a_refresh_token_that_was_not_made() {
    let sandbox = sandbox();
    let control = sandbox.control();
    let first = text(&sign_in(&sandbox, SCOPES), "refresh_token");
    control.behave(|b| b.refresh = Refresh::Omit);
    assert!(refresh(&sandbox, &first).json().get("refresh_token").is_none());
    assert_eq!(control.refresh_tokens().rotated, 0);

    control.behave(|b| {
        b.refresh = Refresh::Rotate;
        b.without_token_field("refresh_token");
    });
    assert!(refresh(&sandbox, &first).json().get("refresh_token").is_none());
    assert_eq!(control.refresh_tokens().rotated, 1);
}

#[test]
fn the_words_can_be_those_of_the_rfc_alone() {
    let sandbox = with(|options: Options| options.behave(|b| b.dialect = Dialect::Rfc));
    let tokens = sign_in(&sandbox, SCOPES);
    let names: Vec<_> = tokens.as_object().unwrap().keys().collect();
    assert_eq!(names, ["access_token", "expires_in", "refresh_token", "scope", "token_type"]);
    let error = refresh(&sandbox, "unknown");
    let names: Vec<_> = error.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!((error.status, names), (400, vec!["error".to_owned(), "error_description".to_owned()]));
}

#[test]
fn the_work_is_done_though_the_answer_is_no_json() {
    let sandbox = sandbox();
    let control = sandbox.control();
    for (media_type, body) in [("text/plain", "OK"), ("text/html", "<html>Hello</html>"), ("application/json", "")] {
        let url = authorize_url(&sandbox, SCOPES);
        let code = parameter(&sandbox.approve(&url).unwrap(), "code").unwrap();
        let before = control.access_tokens().len();
        control.inject(Fault::instead(media_type, body).on(Endpoint::Token));
        let answer: Answer = exchange(&sandbox, &code, VERIFIER);
        assert_eq!((answer.status, answer.text.as_str()), (200, body));
        assert_eq!(answer.header("content-type"), Some(media_type));
        assert_eq!(control.access_tokens().len(), before + 1);
    }
}

#[test]
fn a_long_answer_is_right_and_then_long() {
    let sandbox = sandbox();
    sandbox.control().inject(Fault::long(3_000_000).on(Endpoint::Token));
    let caller = client(&sandbox);
    assert_eq!(caller.get("/albums/70000000").status, 200);

    sandbox.control().inject(Fault::long(3_000_001));
    let answer = caller.get("/albums/70000000");
    assert_eq!((answer.status, answer.text.len()), (200, 3_000_001));
    assert_eq!(answer.json()["data"]["id"], "70000000");
    assert_eq!((answer.header("content-length"), answer.header("content-encoding")), (None, None));
}

#[test]
fn a_long_answer_is_not_held_in_memory() {
    let sandbox = sandbox();
    // an exbibyte, which nobody holds
    sandbox.control().inject(Fault::long(1 << 60));
    let fields = [("grant_type", "client_credentials"), ("client_id", "sandbox-client"), ("client_secret", "sandbox-secret")];
    let answer = agent().post(sandbox.token_url()).send_form(fields).unwrap();
    let mut body = answer.into_body().into_reader();
    let mut start = vec![0; 8 << 20];
    body.read_exact(&mut start).unwrap();
    assert!(start.starts_with(b"{\"access_token\""));
    assert!(start.ends_with(b"}  ") || start.ends_with(b"   "));
}
