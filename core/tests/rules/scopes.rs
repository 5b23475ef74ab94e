//! The scopes that an account has, and those that are wanted.

use std::time::Duration;

use crate::accounts::{carried, keep, sign_in_with, stage};
use crate::stage::{FlakyStore, Stage, TOKEN, pkce, token};
use tidal_core::config::Config;
use tidal_core::store::{Acquired, Store};
use tidal_core::{ErrorKind, Event, Flow, Record, Scopes};

pub(crate) fn an_account_that_lacks_a_scope_is_not_used_silently() {
    let store = FlakyStore::default();
    keep(&store, "the-client", Flow::Pkce, Some("anna"), 1, "user.read");
    let mut config = pkce();
    config.scopes = "user.read playlists.write search.read".parse().unwrap();
    let asks_more = stage(config.clone(), &store);
    let error = carried(&asks_more).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingScope);
    assert!(error.to_string().contains("playlists.write search.read"), "{error}");
    assert!(asks_more.script.requests().is_empty());
    config.scopes = "user.read".parse().unwrap();
    assert_eq!(carried(&stage(config, &store)).unwrap(), "of-anna");
}

/// Another program puts an account with the token `elsewhere` and these scopes in place of the one that is stored.
fn sign_in_elsewhere(stage: &Stage, scopes: &str) -> Record {
    let now = stage.runtime_now().unix;
    let mut record = stage.stored();
    record.access_token = "elsewhere".into();
    record.refresh_token = Some("refresh-elsewhere".into());
    record.scopes = scopes.parse().unwrap();
    record.expires_at = Some(now + Duration::from_secs(3600));
    let Ok(Acquired::Lease(lease, _)) = stage.store.acquire(&record.key, Duration::from_secs(1), None, now) else { panic!() };
    stage.store.save(&record, &lease, now).unwrap();
    stage.store.release(&lease, now).unwrap();
    record
}

pub(crate) fn an_account_that_another_program_signed_in_with_fewer_scopes_is_not_adopted_silently() {
    let store = FlakyStore::default();
    keep(&store, "the-client", Flow::Pkce, Some("anna"), 1, "playlists.write user.read");
    let mut config = pkce();
    config.scopes = "playlists.write user.read".parse().unwrap();
    let stage = stage(config, &store);
    assert_eq!(carried(&stage).unwrap(), "of-anna");
    stage.drain();
    stage.runtime.advance(Duration::from_secs(7200));
    let record = sign_in_elsewhere(&stage, "user.read");
    // As often as it is tried, and what the other program stored stays as it is.
    for _ in 0..3 {
        let error = carried(&stage).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MissingScope, "{error}");
        assert!(error.to_string().contains("playlists.write"), "{error}");
        stage.drain();
        stage.runtime.advance(Duration::from_secs(100));
    }
    assert_eq!(stage.script.count(TOKEN), 0);
    assert!(store.list().unwrap().remove(0).same_tokens(&record));
}

pub(crate) fn who_was_granted_less_goes_on_with_what_is_renewed_elsewhere() {
    let store = FlakyStore::default();
    let mut config = pkce();
    config.scopes = "playlists.write user.read".parse().unwrap();
    let stage = stage(config, &store);
    let answer = r#"{"access_token":"own","refresh_token":"r","expires_in":3600,"scope":"user.read","user_id":42}"#;
    sign_in_with(&stage, answer.to_owned());
    assert_eq!(carried(&stage).unwrap(), "own");
    stage.drain();
    stage.runtime.advance(Duration::from_secs(7200));
    sign_in_elsewhere(&stage, "user.read");
    assert_eq!(carried(&stage).unwrap(), "elsewhere");
}

pub(crate) fn scopes_of_client_credentials_warn_and_are_not_sent() {
    let mut config = Config::client_credentials("the-client", "the-secret").unwrap();
    config.scopes = "user.read".parse().unwrap();
    let stage = stage(config, &FlakyStore::default());
    assert!(matches!(stage.client.try_event(), Some(Event::ScopesIgnored(scopes)) if scopes.contains("user.read")));
    stage.script.on(TOKEN).reply(200, token("t", None));
    stage.block_on(stage.client.authenticate()).unwrap();
    assert!(!stage.script.requests()[0].text().contains("scope"));
}

pub(crate) fn scopes_are_resolved_by_category_access_or_part() {
    let resolve = |parts: &[&str]| Scopes::resolve(parts.iter().copied()).map(|scopes| scopes.to_string());
    assert_eq!(resolve(&["collection"]).unwrap(), "collection.read collection.write");
    assert_eq!(resolve(&["write"]).unwrap(), "collection.write playlists.write search.write");
    assert_eq!(resolve(&["playb", "user"]).unwrap(), "playback user.read");
    assert_eq!(resolve(&[]).unwrap().split(' ').count(), 10);
    assert!(!resolve(&[]).unwrap().contains("usr"));
    assert!(resolve(&["nonsense"]).unwrap_err().to_string().contains("nonsense"));
    assert!(resolve(&["r_usr"]).is_err());
}
