//! Accounts: one is put into the store, a client is used, and what it sends and keeps is looked at. The other modules show their rules
//! by the same means.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::stage::{ALBUM, FlakyStore, Stage, TOKEN, pkce, token};
use tidal_core::config::{Config, Tokens};
use tidal_core::store::{Acquired, Store};
use tidal_core::testing::{Gate, Reply, Script, VirtualRuntime};
use tidal_core::{AccountFilter, AccountKey, ErrorKind, Flow, Raw, Record, Unix};

pub(crate) fn stage(config: Config, store: &FlakyStore) -> Stage {
    Stage::new(config, store.clone(), VirtualRuntime::new(), Script::new())
}

/// Puts an account into the store; its access token is named after the user, and lives for an hour.
pub(crate) fn keep(store: &FlakyStore, client_id: &str, flow: Flow, user: Option<&str>, used: i64, scopes: &str) {
    let at = Unix::from_secs(1_767_225_600 + used);
    let key = AccountKey { client_id: client_id.to_owned(), flow, user: user.map(str::to_owned) };
    let mut record = Record::new(key.clone(), format!("of-{}", user.unwrap_or("nobody")).into(), at);
    record.scopes = scopes.parse().unwrap();
    record.refresh_token = Some("refresh".into());
    record.expires_at = Some(at + Duration::from_secs(3600));
    record.client_secret = Some("stored-secret".into());
    let Ok(Acquired::Lease(lease, _)) = store.acquire(&key, Duration::from_secs(1), None, at) else { panic!() };
    store.save(&record, &lease, at).unwrap();
    store.release(&lease, at).unwrap();
}

fn users(store: &FlakyStore) -> Vec<String> {
    let mut users: Vec<_> = store.list().unwrap().into_iter().filter_map(|record| record.key.user).collect();
    users.sort();
    users
}

/// How a call ends, once it has.
pub(crate) fn calling(stage: &Stage) -> Rc<RefCell<Option<Result<(), ErrorKind>>>> {
    let ended = Rc::new(RefCell::new(None));
    let (call, outcome) = (stage.client.send(&Raw::get("/albums/1")), Rc::clone(&ended));
    stage.spawn(async move { *outcome.borrow_mut() = Some(call.await.map(drop).map_err(|error| error.kind())) });
    stage.runtime.settle();
    ended
}

/// The token that a call carries, or how it ends.
pub(crate) fn carried(stage: &Stage) -> Result<String, tidal_core::Error> {
    stage.script.on(ALBUM).reply(200, "{}");
    stage.block_on(stage.client.send(&Raw::get("/albums/1")))?;
    Ok(stage.script.requests().last().unwrap().bearer().unwrap().to_owned())
}

pub(crate) fn an_account_is_found_by_client_flow_and_user() {
    let store = FlakyStore::default();
    keep(&store, "the-client", Flow::Pkce, Some("anna"), 1, "");
    keep(&store, "the-client", Flow::Pkce, Some("bert"), 3, "");
    keep(&store, "another", Flow::Pkce, Some("carl"), 5, "");
    keep(&store, "the-client", Flow::Device, Some("dora"), 6, "");
    // Without an identifier, the one used last for that client and flow.
    assert_eq!(carried(&stage(pkce(), &store)).unwrap(), "of-bert");
    let mut config = pkce();
    config.user = Some("anna".into());
    assert_eq!(carried(&stage(config.clone(), &store)).unwrap(), "of-anna");
    // Being found is being used.
    config.user = None;
    let later = stage(config.clone(), &store);
    later.runtime.advance(Duration::from_secs(10));
    config.user = Some("anna".into());
    let anna = stage(config, &store);
    anna.runtime.advance(Duration::from_secs(20));
    carried(&anna).unwrap();
    assert_eq!(carried(&later).unwrap(), "of-anna");
}

pub(crate) fn none_stored_means_that_a_person_signs_in() {
    let store = FlakyStore::default();
    keep(&store, "the-client", Flow::Pkce, Some("anna"), 1, "");
    let mut config = pkce();
    config.user = Some("bert".into());
    let error = carried(&stage(config, &store)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignInRequired);
}

pub(crate) fn sign_in(stage: &Stage) -> AccountKey {
    let answer = r#"{"access_token":"fresh","refresh_token":"r2","expires_in":3600,"user_id":42}"#;
    sign_in_with(stage, answer.to_owned())
}

/// What another person's sign-in brings.
pub(crate) const BERT: &str = r#"{"access_token":"berts","refresh_token":"r2","expires_in":3600,"user_id":88}"#;

/// A person signs in, and the token endpoint answers so.
pub(crate) fn sign_in_with(stage: &Stage, answer: String) -> AccountKey {
    let pending = stage.client.begin_sign_in().unwrap();
    let state = pending.authorize_url().split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let back = format!("http://localhost:8080/callback?code=c&state={state}");
    stage.script.on(TOKEN).reply(200, answer);
    let code = pending.redirected(&back, stage.runtime_now()).unwrap();
    stage.block_on(stage.client.finish_sign_in(code)).unwrap()
}

pub(crate) fn a_new_account_is_stored_under_the_user_id_or_the_name_given() {
    let store = FlakyStore::default();
    assert_eq!(sign_in(&stage(pkce(), &store)).user.as_deref(), Some("42"));
    let mut config = pkce();
    config.user = Some("work".into());
    assert_eq!(sign_in(&stage(config, &store)).user.as_deref(), Some("work"));
    assert_eq!(users(&store), ["42", "work"]);
}

pub(crate) fn a_tilde_skips_the_look_up_and_stores_under_the_rest() {
    let store = FlakyStore::default();
    keep(&store, "the-client", Flow::Pkce, Some("anna"), 1, "");
    let mut config = pkce();
    config.user = Some("~anna".into());
    let stage_anew = stage(config.clone(), &store);
    assert_eq!(carried(&stage_anew).unwrap_err().kind(), ErrorKind::SignInRequired);
    assert_eq!(sign_in(&stage_anew).user.as_deref(), Some("anna"));
    assert_eq!(carried(&stage_anew).unwrap(), "fresh");
    assert_eq!(users(&store), ["anna"]);
    assert_eq!(store.list().unwrap()[0].access_token.expose(), "fresh");
    // The tilde alone: a new sign-in under the user's id.
    config.user = Some("~".into());
    assert_eq!(sign_in(&stage(config, &store)).user.as_deref(), Some("42"));
}

pub(crate) fn a_tilde_alone_signs_nobody_else_out() {
    let store = FlakyStore::default();
    keep(&store, "the-client", Flow::Pkce, Some("anna"), 1, "");
    let mut config = pkce();
    config.user = Some("~".into());
    let anew = stage(config, &store);
    // Nobody has signed in with it: there is nobody to sign out.
    anew.block_on(anew.client.sign_out()).unwrap();
    assert_eq!(users(&store), ["anna"]);
    sign_in(&anew);
    anew.block_on(anew.client.sign_out()).unwrap();
    assert_eq!(users(&store), ["anna"]);
}

pub(crate) fn a_tilde_has_client_credentials_sign_in_anew() {
    let store = FlakyStore::default();
    keep(&store, "the-client", Flow::ClientCredentials, None, 1, "");
    let mut config = Config::client_credentials("the-client", "the-secret").unwrap();
    assert_eq!(carried(&stage(config.clone(), &store)).unwrap(), "of-nobody");
    config.user = Some("~".into());
    let anew = stage(config, &store);
    anew.script.on(TOKEN).reply(200, token("anew", None));
    assert_eq!(carried(&anew).unwrap(), "anew");
    anew.drain();
    assert_eq!(store.list().unwrap()[0].access_token.expose(), "anew");
}

pub(crate) fn tokens_given_by_hand_are_used_and_renewed() {
    let mut config = pkce();
    let at: Unix = "2026-01-01T01:00:00Z".parse().unwrap();
    config.tokens = Some(Tokens::new("mine").refresh_token("my-refresh").expires_at(at));
    let stage = stage(config, &FlakyStore::default());
    assert_eq!(carried(&stage).unwrap(), "mine");
    stage.runtime.advance(Duration::from_secs(3600));
    stage.script.on(TOKEN).reply(200, token("renewed", None));
    assert_eq!(carried(&stage).unwrap(), "renewed");
    let asked = stage.script.requests().into_iter().find(|seen| seen.path == "/v1/oauth2/token").unwrap();
    assert!(asked.text().contains("refresh_token=my-refresh"));
}

pub(crate) fn setting_tokens_replaces_all_that_belongs_to_them() {
    let stage = Stage::signed_in(Duration::from_secs(3600));
    assert_eq!(carried(&stage).unwrap(), "old");
    stage.client.set_tokens(Tokens::new("mine")).unwrap();
    assert_eq!(carried(&stage).unwrap(), "mine");
    // The old refresh token and the old end are gone with the old access token.
    stage.runtime.advance(Duration::from_secs(7200));
    assert_eq!(carried(&stage).unwrap(), "mine");
    stage.script.on(ALBUM).reply(401, "");
    let ended = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert_eq!((ended.kind(), stage.script.count(TOKEN)), (ErrorKind::SignInRequired, 0));
}

pub(crate) fn tokens_that_a_flow_does_not_have_are_refused() {
    let store = FlakyStore::default();
    let none = stage(Config::anonymous(), &store);
    assert!(none.client.set_tokens(Tokens::new("t")).unwrap_err().to_string().contains("flow none"));
    let application = stage(Config::client_credentials("id", "secret").unwrap(), &store);
    let refused = application.client.set_tokens(Tokens::new("t").refresh_token("r")).unwrap_err().to_string();
    assert!(refused.contains("client_credentials has none"), "{refused}");
    let implicit = stage(Config::implicit("id", "http://localhost/").unwrap(), &store);
    assert!(implicit.client.set_tokens(Tokens::new("t").refresh_token("r")).is_err());
    for bad in [Tokens::new(""), Tokens::new("two\nlines"), Tokens::new("t").token_type("Two Words")] {
        assert!(stage(pkce(), &store).client.set_tokens(bad).is_err());
    }
    let mut config = Config::anonymous();
    config.tokens = Some(Tokens::new("t"));
    assert!(config.check().is_err());
}

pub(crate) fn another_flow_resets_what_it_does_not_name() {
    let stage = Stage::signed_in(Duration::from_secs(3600));
    assert_eq!(carried(&stage).unwrap(), "old");
    stage.block_on(stage.client.reconfigure(Config::client_credentials("the-client", "the-secret").unwrap())).unwrap();
    assert!(stage.client.account().is_none());
    stage.script.on(TOKEN).reply(200, token("application", None));
    stage.block_on(stage.client.authenticate()).unwrap();
    assert_eq!(carried(&stage).unwrap(), "application");
    // The person's account is still stored.
    assert_eq!(stage.store.list().unwrap().len(), 2);
    // A configuration that can't be right changes nothing.
    assert!(stage.block_on(stage.client.reconfigure(Config::new(Flow::Device))).is_err());
    assert_eq!(carried(&stage).unwrap(), "application");
}

pub(crate) fn several_accounts_and_filters() {
    let store = FlakyStore::default();
    keep(&store, "one", Flow::Pkce, Some("anna"), 1, "");
    keep(&store, "one", Flow::Pkce, Some("bert"), 2, "");
    keep(&store, "one", Flow::ClientCredentials, None, 3, "");
    keep(&store, "two", Flow::Device, Some("anna"), 4, "");
    let stage = stage(pkce(), &store);
    let count = |filter: AccountFilter| stage.block_on(stage.client.tokens(filter)).unwrap().len();
    assert_eq!(count(AccountFilter::all()), 4);
    assert_eq!(count(AccountFilter::all().client_id("one")), 3);
    assert_eq!(count(AccountFilter::all().user("anna").user("bert")), 3);
    assert_eq!(count(AccountFilter::all().flow(Flow::Pkce).flow(Flow::Device).user("anna")), 2);
    assert_eq!(count(AccountFilter::all().client_id("three")), 0);
    assert_eq!(count(AccountFilter::all().flow(Flow::Pkce)), 2);
    assert_eq!(count(AccountFilter::all().flow(Flow::Device).user("bert")), 0);
    let error = stage.block_on(stage.client.remove_tokens(AccountFilter::all())).unwrap_err();
    assert!(error.to_string().contains("remove_all_tokens"), "{error}");
    let removed = stage.block_on(stage.client.remove_tokens(AccountFilter::all().user("anna"))).unwrap();
    assert_eq!((removed.len(), users(&store)), (2, vec!["bert".to_owned()]));
    assert_eq!(stage.block_on(stage.client.remove_all_tokens()).unwrap().len(), 2);
    assert!(store.list().unwrap().is_empty());
}

pub(crate) fn removing_the_account_in_use_signs_out() {
    let stage = Stage::signed_in(Duration::from_secs(3600));
    assert_eq!(carried(&stage).unwrap(), "old");
    let removed = stage.block_on(stage.client.remove_tokens(AccountFilter::all().user("42"))).unwrap();
    assert_eq!(removed.len(), 1);
    assert!(carried(&stage).unwrap_err().needs_sign_in());
}

pub(crate) fn nothing_is_stored_or_looked_up_where_that_is_switched_off() {
    let store = FlakyStore::default();
    keep(&store, "the-client", Flow::Pkce, Some("anna"), 1, "");
    let mut config = pkce();
    config.store_tokens = false;
    let stage = stage(config, &store);
    assert_eq!(carried(&stage).unwrap_err().kind(), ErrorKind::SignInRequired);
    sign_in(&stage);
    assert_eq!(carried(&stage).unwrap(), "fresh");
    assert_eq!(users(&store), ["anna"]);
}

pub(crate) fn the_client_secret_is_stored_only_where_that_is_asked_for() {
    for keep_secret in [false, true] {
        let store = FlakyStore::default();
        let mut config = pkce();
        config.client_secret = Some("secret".into());
        config.keep_client_secret = keep_secret;
        sign_in(&stage(config, &store));
        assert_eq!(store.list().unwrap()[0].client_secret.is_some(), keep_secret);
    }
}

pub(crate) fn a_secret_that_is_kept_outlives_a_renewal() {
    for flow in [Flow::ClientCredentials, Flow::Pkce] {
        for (used, left) in [(None, true), (Some("stored-secret"), true), (Some("another"), false)] {
            if (flow, used) == (Flow::ClientCredentials, None) {
                continue;
            }
            let store = FlakyStore::default();
            keep(&store, "the-client", flow, flow.has_person().then_some("anna"), 1, "");
            let mut config = pkce();
            config.flow = flow;
            config.client_secret = used.map(Into::into);
            let stage = stage(config, &store);
            stage.runtime.advance(Duration::from_secs(7200));
            stage.script.on(TOKEN).reply(200, token("renewed", None));
            assert_eq!(carried(&stage).unwrap(), "renewed");
            stage.drain();
            let record = store.list().unwrap().remove(0);
            assert_eq!(record.access_token.expose(), "renewed");
            let kept = record.client_secret.as_ref().map(|secret| secret.expose());
            assert_eq!(kept, left.then_some("stored-secret"), "{flow}, {used:?}");
        }
    }
}

pub(crate) fn id_and_secret_come_from_arguments_environment_or_the_account_used_last() {
    let store = FlakyStore::default();
    let id = |name: &str| (name == "TIDAL_API_CLIENT_ID").then(|| "env-id".to_owned());
    let both = |name: &str| id(name).or_else(|| (name == "TIDAL_API_CLIENT_SECRET").then(|| "env-secret".to_owned()));
    let filled = |mut config: Config, variable: &dyn Fn(&str) -> Option<String>| {
        config.fill(variable, &store).unwrap();
        (config.client_id.clone(), config.client_secret.as_ref().map(|secret| secret.expose().to_owned()))
    };
    let given = || Config::client_credentials("given", "given-secret").unwrap();
    assert_eq!(filled(given(), &both), ("given".into(), Some("given-secret".into())));
    assert_eq!(filled(Config::new(Flow::Pkce), &both), ("env-id".into(), Some("env-secret".into())));
    // A secret is not sent along with an id that it doesn't belong to.
    assert_eq!(filled(Config::pkce("given", "http://localhost/").unwrap(), &both), ("given".into(), None));
    keep(&store, "stored", Flow::Pkce, Some("anna"), 1, "");
    keep(&store, "stored-later", Flow::Device, Some("anna"), 2, "");
    assert_eq!(filled(Config::new(Flow::Pkce), &|_| None), ("stored".into(), Some("stored-secret".into())));
    assert_eq!(filled(Config::new(Flow::Pkce), &id), ("env-id".into(), None));
    let nothing = Config::new(Flow::ClientCredentials);
    assert_eq!(filled(nothing.clone(), &|_| None), (String::new(), None));
    assert!(nothing.check().unwrap_err().to_string().contains("TIDAL_API_CLIENT_ID"));
}

pub(crate) fn a_closed_client_takes_no_calls_until_it_is_opened() {
    let stage = Stage::signed_in(Duration::from_secs(3600));
    let gate = Gate::new();
    stage.script.on(ALBUM).then(Reply::Behind(gate.clone(), Box::new(Reply::answer(200, "{}"))));
    let ended = calling(&stage);
    stage.client.close();
    let error = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    gate.open();
    stage.runtime.settle();
    assert_eq!(*ended.borrow(), Some(Ok(())), "what was sent may finish");
    stage.client.open();
    assert_eq!(carried(&stage).unwrap(), "old");
}
