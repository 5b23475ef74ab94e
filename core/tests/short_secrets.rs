//! Secrets so short that they are a part of the service's own words: these are understood all the same, and shown without them.
#![allow(clippy::unwrap_used)]

#[path = "support/stage.rs"]
mod stage;

use stage::{ALBUM, FlakyStore, Stage, TOKEN, pkce};
use tidal_core::auth::RedirectFault;
use tidal_core::config::Tokens;
use tidal_core::http::Method;
use tidal_core::testing::{Reply, Script, VirtualRuntime};
use tidal_core::{Config, ErrorKind, Raw};

const DEVICE: &str = "POST /v1/oauth2/device_authorization";

fn stage(config: Config) -> Stage {
    Stage::new(config, FlakyStore::default(), VirtualRuntime::new(), Script::new())
}

fn error(code: &str, sub: u32) -> Reply {
    Reply::answer(400, format!(r#"{{"error":"{code}","sub_status":{sub}}}"#))
}

#[test]
fn a_device_code() {
    let granted = || Reply::answer(200, r#"{"access_token":"new","expires_in":3600,"user_id":42}"#);
    // How it ends, and after how many seconds.
    for (secret, said, ends, after) in [
        ("a", error("authorization_pending", 0), Ok(()), 2 + 2),
        ("1", error("other", 1002), Ok(()), 2 + 2),
        ("s", error("slow_down", 0), Ok(()), 2 + 7),
        ("d", error("access_denied", 0), Err("the person declined"), 2),
        ("e", error("expired_token", 0), Err("has expired"), 2),
        ("i", error("invalid_grant", 0), Err("was refused"), 2),
        ("i", error("invalid_scope", 0), Err("a scope is unknown"), 2),
    ] {
        let stage = stage(Config::device("id").unwrap());
        let body = format!(
            r#"{{"device_code":"{secret}","user_code":"U","verification_uri":"x.example","expires_in":300,"interval":2}}"#
        );
        stage.script.on(DEVICE).reply(200, body);
        let begun = stage.block_on(stage.client.begin_device_sign_in()).unwrap();
        stage.script.on(TOKEN).then(said).then(granted());
        let began = stage.runtime_now().mono;
        let outcome = stage.block_on(stage.client.finish_device_sign_in(begun));
        assert_eq!(stage.runtime_now().mono.since(began).as_secs(), after, "{secret} {outcome:?}");
        match ends {
            Ok(()) => assert!(outcome.is_ok(), "{secret} {outcome:?}"),
            Err(says) => assert!(outcome.unwrap_err().to_string().contains(says), "{secret}"),
        }
    }
}

#[test]
fn a_client_secret() {
    let mut config = Config::device("id").unwrap();
    config.client_secret = Some("1".into());
    let device = stage(config.clone());
    device.script.on(DEVICE).then(error("invalid_request", 1002));
    let refused = device.block_on(device.client.begin_device_sign_in()).unwrap_err();
    let said = refused.to_string();
    assert!(refused.kind() == ErrorKind::Configuration && said.contains("third parties may use pkce"), "{said}");
    assert!(said.contains("invalid_request/[redacted]002"), "{said}");
    for (secret, said) in [("i", "invalid_client"), ("u", "unauthorized_client"), ("g", "invalid_grant")] {
        let application = stage(Config::client_credentials("id", secret).unwrap());
        application.script.on(TOKEN).always(error(said, 0));
        let refused = application.block_on(application.client.authenticate()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Configuration, "{refused}");
    }
}

#[test]
fn a_code_in_an_address() {
    let stage = stage(pkce());
    let pending = stage.client.begin_sign_in().unwrap();
    let state = pending.authorize_url().split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let back = format!("http://localhost:8080/callback?error=access_denied&code=a&state={state}");
    let refused = pending.redirected(&back, stage.runtime_now()).unwrap_err();
    assert_eq!(refused.fault, RedirectFault::Declined);
    assert!(refused.to_string().contains("[redacted]ccess_denied"), "{refused}");
}

#[test]
fn an_access_token() {
    let mut config = pkce();
    config.tokens = Some(Tokens::new("E"));
    config.store_tokens = false;
    let stage = stage(config);
    let busy = r#"{"errors":[{"status":"409","code":"IDEMPOTENT_REQUEST_IN_PROGRESS"}]}"#;
    stage.script.on("POST /v2/albums/1").reply(409, busy).reply(201, "{}");
    let change = Raw::new(Method::POST, "/albums/1").body("{}").keyed();
    assert_eq!(stage.block_on(stage.client.send(&change)).unwrap().how.attempts, 2);
    stage.script.on(ALBUM).reply(404, r#"{"errors":[{"code":"INVALID_RESOURCE_ID"}]}"#);
    let refused = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert!(refused.to_string().contains("R[redacted]SOURC[redacted]_ID"), "{refused}");
}
