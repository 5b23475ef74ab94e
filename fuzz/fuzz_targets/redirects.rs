//! Addresses that a browser came back with, to a sign-in by code and to one by token.
//!
//! Whatever comes, it ends in a grant, an exchange or a typed fault. It is taken only from the redirect URI and with the right state,
//! which is looked for here by other means; what is refused names its fault, and says neither state nor code nor token.
#![no_main]
#![allow(dead_code, reason = "each target uses a part of the support")]

mod support;

use libfuzzer_sys::fuzz_target;
use support::{at, silent};
use tidal_core::Config;
use tidal_core::auth::{PendingImplicit, PendingSignIn, RedirectFault};

const STATE: &str = "state-kept-secret";
const CODE: &str = "code-kept-secret";
const VERIFIER: &str = "verifier-kept-secret-0123456789-0123456789-abc";
const SECRETS: [&str; 3] = [STATE, CODE, VERIFIER];
const REDIRECT: &str = "https://app.example/back";

fuzz_target!(|data: &[u8]| {
    let [late, address @ ..] = data else { return };
    let Ok(address) = std::str::from_utf8(address) else { return };
    // Short stand-ins, so that the right values are often there.
    let address = address.replace('\u{1}', STATE).replace('\u{2}', CODE).replace('\u{3}', REDIRECT);
    let now = at(if *late == b'!' { 3600 } else { 0 });
    let has_state = |part: &str| address.contains(part) && holds_state(&address);

    let pending: PendingSignIn = serde_json::from_value(pending(true)).expect("it is one");
    let checked = pending.check(&address, now);
    match pending.redirected(&address, now) {
        Ok(exchange) => {
            assert!(checked.is_ok() && now == at(0) && has_state("?"), "taken: {address}");
            silent(&format!("{exchange:?}"), &SECRETS);
            let config = Config::pkce("app", REDIRECT).expect("it is right");
            let (request, answer) = exchange.send(&config, now).expect("it is the same client");
            silent(&format!("{request:?} {answer:?}"), &SECRETS);
            let body = String::from_utf8_lossy(request.request.body());
            assert!(body.contains(VERIFIER) && body.contains("code="));
        }
        Err(refused) => {
            assert_eq!(checked, Err(refused.fault));
            told(refused.fault, &refused.error, &address, &format!("{refused} {refused:?} {:?}", refused.pending));
        }
    }

    let pending: PendingImplicit = serde_json::from_value(self::pending(false)).expect("it is one");
    let config = Config::implicit("app", REDIRECT).expect("it is right");
    match pending.redirected(&address, now) {
        Ok(token) => {
            silent(&format!("{token:?}"), &SECRETS);
            let grant = token.grant(&config).expect("it is the same client");
            assert!(now == at(0) && holds_state(&address), "taken: {address}");
            silent(&format!("{grant:?}"), &SECRETS);
        }
        Err(refused) => told(refused.fault, &refused.error, &address, &format!("{refused} {refused:?} {:?}", refused.pending)),
    }
});

/// A sign-in that began an instant ago.
fn pending(code: bool) -> serde_json::Value {
    let mut value = serde_json::json!({
        "flow": "pkce", "authorize_url": format!("https://login.example/authorize?state={STATE}"), "client_id": "app",
        "token_url": tidal_core::config::TOKEN_URL, "redirect_uri": REDIRECT, "scopes": ["user.read"], "state": STATE, "verifier": VERIFIER,
        "expires_at": serde_json::to_value(at(3600).unix).expect("it is a number"),
    });
    if !code && let Some(object) = value.as_object_mut() {
        object.remove("flow");
        object.remove("verifier");
        object.remove("token_url");
        object.insert("auth_url".to_owned(), tidal_core::config::AUTH_URL.into());
    }
    value
}

/// Whether the state is somewhere behind the redirect URI's place, spelled out or escaped.
fn holds_state(address: &str) -> bool {
    let bytes = address.as_bytes();
    let mut plain = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        let escaped = digits.filter(|_| bytes[at] == b'%').and_then(|two| u8::from_str_radix(two, 16).ok());
        // A URL's tabs and line ends are dropped wherever they are.
        if !matches!(bytes[at], b'\t' | b'\n' | b'\r') {
            plain.push(escaped.unwrap_or(bytes[at]));
        }
        at += if escaped.is_some() { 3 } else { 1 };
    }
    let plain = String::from_utf8_lossy(&plain).into_owned();
    plain.contains(&format!("state={STATE}")) && plain.to_lowercase().contains("app.example")
}

fn told(fault: RedirectFault, error: &tidal_core::Error, address: &str, all: &str) {
    assert!(!error.to_string().is_empty());
    // What the page itself reports is repeated, but for state, code and verifier, which have no business there.
    let reports = matches!(fault, RedirectFault::Declined | RedirectFault::Reported);
    if !reports {
        silent(all, &SECRETS);
    }
    assert!(!reports || !all.contains(char::is_control), "control characters in {all:?}");
    if fault.is_final() {
        assert!(holds_state(address), "{fault:?} without the state: {address}");
    }
}
