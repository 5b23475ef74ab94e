//! Bad input is refused before anything is sent, and the error says what to do.
#![allow(clippy::unwrap_used)]

use tidal_core::{Call, Config, Invalid, Raw, Scopes};

fn refused<T>(outcome: Result<T, Invalid>, says: &[&str]) {
    let error = outcome.err().unwrap().to_string();
    for part in says {
        assert!(error.contains(part), "{error:?} does not say {part:?}");
    }
}

#[test]
fn configurations() {
    refused(Config::pkce("", "http://localhost/"), &["client id", "empty"]);
    refused(Config::pkce("id", "callback"), &["redirect URI", "absolute", "http://localhost:8080/callback"]);
    refused(Config::pkce("id", "https://example.org/#part"), &["redirect URI", "fragment"]);
    refused(Config::pkce("id", "http://example.org/"), &["redirect URI", "loopback"]);
    refused(Config::client_credentials("id", ""), &["client secret", "empty"]);
    refused("user.read \"quoted\"".parse::<Scopes>(), &["scopes", "quoted"]);
    let mut config = Config::anonymous();
    config.check().unwrap();
    config.user_agent = "two\nlines".to_owned();
    refused(config.check(), &["user agent", "control"]);
    let mut config = Config::anonymous();
    config.base_url = "http://example.org/v2".parse().unwrap();
    refused(config.check(), &["base URL", "https"]);
    let mut config = Config::pkce("id", "myapp://callback").unwrap();
    config.scopes = "user.read r_usr".parse().unwrap();
    refused(config.check(), &["r_usr", "reserved"]);
}

#[test]
fn raw_calls() {
    refused(Call::new(&Raw::get("albums/1")), &["path", "begins with one /"]);
    refused(Call::new(&Raw::get("//evil.example/")), &["path"]);
    refused(Call::new(&Raw::get("/albums/../../token")), &["path"]);
    refused(Call::new(&Raw::get("/").header("x-one", "two\r\nlines")), &["x-one", "control"]);
    refused(Call::new(&Raw::get("/").header("Authorization", "Bearer mine")), &["Authorization", "session"]);
    refused(Call::new(&Raw::get("/").header("no name", "x")), &["no name"]);
}
