//! A real browser clicks through the sandbox's pages, without scripts of its own, and comes back to the program.
//!
//! It needs `chromium` and `chromedriver` on the search path (Debian: `chromium`, `chromium-driver`). Without them each test says that it
//! was skipped.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "browser/driver.rs"]
mod driver;

use std::sync::mpsc;

use tidal_blocking::{Client, Config, ErrorKind, Raw, SystemClock};
use tidal_redirect::{Listener, Refusal, Unfinished};
use tidal_sandbox::{Flow, Options, Sandbox};
use tidal_store_memory::MemoryStore;

use crate::driver::{Browser, PATIENCE};

const SCOPES: &str = "user.read playlists.read";

/// A configuration for the sandbox.
fn at(mut config: Config, sandbox: &Sandbox) -> Config {
    config.base_url = sandbox.base_url().parse().unwrap();
    config.auth_url = sandbox.authorize_url().parse().unwrap();
    config.token_url = sandbox.token_url().parse().unwrap();
    config.device_auth_url = sandbox.device_url().parse().unwrap();
    config.scopes = SCOPES.parse().unwrap();
    config
}

/// A sandbox whose client may use every flow.
fn every_flow() -> Sandbox {
    let mut options = Options::new();
    options.clients[0].flows = Flow::ALL.to_vec();
    Sandbox::start(options).unwrap()
}

/// The id of the person for whom the client acts now.
fn me(client: &Client<MemoryStore>) -> String {
    let answer = client.send(&Raw::get("/users/me")).unwrap();
    let document: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    document["data"]["id"].as_str().unwrap().to_owned()
}

/// Signs in with PKCE, as the browser says, and gives what the listener got.
fn sign_in(
    browser: &Browser,
    client: &Client<MemoryStore>,
    listener: Listener,
    press: impl FnOnce(&Browser),
) -> (Listener, Result<tidal_core::auth::CodeExchange, Unfinished>) {
    let pending = client.begin_sign_in().unwrap();
    let url = pending.authorize_url().to_owned();
    let (sender, outcome) = mpsc::channel();
    listener.spawn(pending, PATIENCE, SystemClock, move |listener, ended| sender.send((listener, ended)).unwrap()).unwrap();
    browser.go(&url);
    press(browser);
    // The listener's own time is over first.
    outcome.recv_timeout(PATIENCE * 2).unwrap()
}

#[test]
fn pkce_leads_through_the_pages_to_the_listener_and_on_to_the_api() {
    let Some(browser) = Browser::start("PKCE") else { return };
    let sandbox = Sandbox::start(Options::new()).unwrap();
    let second = sandbox.users()[1].id.to_string();
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        let listener = match Listener::bind(&format!("http://{host}:0/callback")) {
            Ok(listener) => listener,
            Err(error) if host == "[::1]" => {
                println!("skipped: browser (PKCE by IPv6), since {error}");
                continue;
            }
            Err(error) => panic!("{host}: {error}"),
        };
        let config = at(Config::pkce(sandbox.client_id(), listener.redirect_uri()).unwrap(), &sandbox);
        let client = tidal_blocking::client(config, MemoryStore::new()).unwrap();
        let (_listener, ended) = sign_in(&browser, &client, listener, |browser| {
            let page = browser.arrive("Sign in");
            assert!(page.contains("linnea") && page.contains("tomas"), "{page}");
            // the policy lets the style in
            assert_eq!(browser.style("main", "max-width"), "448px");
            browser.click(&format!("input[value='{second}']"));
            browser.click("#sign-in");
            let page = browser.arrive("Allow access?");
            for expected in [sandbox.client_id(), "tomas", "See your playlists"] {
                assert!(page.contains(expected), "{expected} in {page}");
            }
            browser.click("#approve");
        });
        let key = client.finish_sign_in(ended.unwrap()).unwrap();
        assert_eq!(key.user.as_deref(), Some(second.as_str()));
        assert_eq!(me(&client), second);
        browser.arrive("Thank you");
        assert!(browser.address().contains(host), "{}", browser.address());
        assert_eq!(browser.complaints(), Vec::<String>::new());
    }
}

#[test]
fn a_person_who_says_no_is_told_so_and_so_is_the_program() {
    let Some(browser) = Browser::start("deny") else { return };
    let sandbox = Sandbox::start(Options::new()).unwrap();
    let listener = Listener::bind("http://127.0.0.1:0/callback").unwrap();
    let config = at(Config::pkce(sandbox.client_id(), listener.redirect_uri()).unwrap(), &sandbox);
    let client = tidal_blocking::client(config, MemoryStore::new()).unwrap();
    let (listener, ended) = sign_in(&browser, &client, listener, |browser| {
        browser.click("#sign-in");
        browser.click("#back");
        browser.click("#sign-in");
        browser.click("#deny");
    });
    assert_eq!(ended.unwrap_err().refusal(), Some(Refusal::Declined));
    browser.arrive("Not signed in");
    assert_eq!(browser.complaints(), Vec::<String>::new());
    assert_eq!(sandbox.control().count("/v1/oauth2/token"), 0);
    // another try, by the same listener
    let (_listener, ended) = sign_in(&browser, &client, listener, |browser| {
        browser.click("#sign-in");
        browser.click("#approve");
    });
    client.finish_sign_in(ended.unwrap()).unwrap();
    assert_eq!(me(&client), sandbox.users()[0].id.to_string());
}

#[test]
fn a_device_is_approved_and_denied_at_its_page() {
    let Some(browser) = Browser::start("device") else { return };
    let sandbox = every_flow();
    sandbox.control().behave(|behaviour| behaviour.device_interval = std::time::Duration::from_secs(1));
    let config = at(Config::device(sandbox.client_id()).unwrap(), &sandbox);
    let client = tidal_blocking::client(config, MemoryStore::new()).unwrap();

    let pending = client.begin_device_sign_in().unwrap();
    browser.go(pending.verification_uri_complete().unwrap());
    browser.arrive("Connect a device");
    browser.click("#continue");
    browser.click("#sign-in");
    assert!(browser.arrive("Allow access?").contains("See your playlists"));
    browser.click("#approve");
    browser.arrive("The device is connected");
    client.finish_device_sign_in(pending).unwrap();
    assert_eq!(me(&client), sandbox.users()[0].id.to_string());

    let pending = client.begin_device_sign_in().unwrap();
    browser.go(pending.verification_uri());
    browser.write("#user-code", &pending.user_code().to_lowercase());
    browser.click("#continue");
    browser.click("#sign-in");
    browser.click("#deny");
    browser.arrive("The device was refused");
    let error = client.finish_device_sign_in(pending).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect, "{error}");
    assert!(error.to_string().contains("declined"), "{error}");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_implicit_grant_comes_back_in_the_fragment() {
    let Some(browser) = Browser::start("implicit") else { return };
    let sandbox = every_flow();
    // a fragment stays in the browser; the listener only gives it a page to be at
    let listener = Listener::bind("http://127.0.0.1:0/callback").unwrap();
    let config = at(Config::implicit(sandbox.client_id(), listener.redirect_uri()).unwrap(), &sandbox);
    let client = tidal_blocking::client(config, MemoryStore::new()).unwrap();
    let pending = client.begin_implicit_sign_in().unwrap();
    browser.go(pending.authorize_url());
    browser.click("#sign-in");
    browser.click("#approve");
    browser.arrive("No sign-in is waited for");
    let token = pending.redirected(&browser.address(), client.now()).unwrap();
    client.finish_implicit_sign_in(token).unwrap();
    assert_eq!(me(&client), sandbox.users()[0].id.to_string());
}
