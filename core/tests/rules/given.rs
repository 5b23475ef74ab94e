//! Tokens that an application has from elsewhere, and gives at each start or once. Whose they are is found out in `names`.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::accounts::{carried, keep, sign_in, stage};
use crate::stage::{ALBUM, FlakyStore, Stage, TOKEN, pkce, token};
use tidal_core::config::{Config, Tokens};
use tidal_core::store::Store;
use tidal_core::testing::{Gate, Reply, Script, VirtualRuntime};
use tidal_core::{ErrorKind, Flow, Raw, Record, Unix};

pub(crate) const ME: &str = "GET /v2/users/me";
pub(crate) const USER: &str = r#"{"data":{"type":"users","id":"77"}}"#;

/// SHA-256 of `first-refresh`, in base64url.
const FINGERPRINT: &str = "byd8vndF_CbV77gizVz14s0xaDqeRfNNmi8LXnzvBl0";
/// Its account, while it isn't known whose it is.
pub(crate) const NAMELESS: Option<&str> = Some("unknown:byd8vndF_CbV77gizVz14s");

pub(crate) fn first_end() -> Unix {
    Unix::from_secs(1_767_225_600 + 3600)
}

/// The tokens that are given at each start.
pub(crate) fn first() -> Tokens {
    Tokens::new("first").refresh_token("first-refresh").expires_at(first_end())
}

pub(crate) fn with(tokens: Tokens) -> Config {
    let mut config = pkce();
    config.tokens = Some(tokens);
    config
}

/// A start of the program; its time goes on where the last one's was.
pub(crate) fn start(config: Config, before: &Stage) -> Stage {
    Stage::new(config, before.store.clone(), before.runtime.clone(), before.script.clone())
}

/// A start with given tokens, whose user is known.
pub(crate) fn named() -> Stage {
    let stage = stage(with(first()), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    assert_eq!(carried(&stage).unwrap(), "first");
    stage.drain();
    stage
}

/// A first start, after which it wasn't known whose the tokens are; from now on the service tells.
pub(crate) fn nameless() -> Stage {
    let stage = stage(with(first()), &FlakyStore::default());
    stage.script.on(ME).reply(503, "");
    assert_eq!(carried(&stage).unwrap(), "first");
    stage.drain();
    assert_eq!(stored(&stage.store), one(NAMELESS, "first"));
    stage.script.on(ME).always(Reply::answer(200, USER));
    stage
}

/// It has a secret, so that the client does not look for one in the store.
pub(crate) fn secret(mut config: Config) -> Config {
    config.client_secret = Some("secret".into());
    config
}

/// For this user.
pub(crate) fn as_user(mut config: Config, user: &str) -> Config {
    config.user = Some(user.to_owned());
    secret(config)
}

/// Gives the tokens to a client that runs.
pub(crate) fn give(stage: &Stage) {
    stage.block_on(stage.client.reconfigure(secret(with(first())))).unwrap();
}

/// They are given to a client that runs, and are used while their save hangs.
pub(crate) fn given_while_saving_hangs() -> Stage {
    let stage = stage(pkce(), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    stage.hang_at("saving");
    give(&stage);
    assert_eq!(carried(&stage).unwrap(), "first");
    stage
}

/// A save of given tokens under their user's name hangs, and so often as it is tried the name can't be acquired anew. They are stored without
/// a name.
pub(crate) fn left_behind() -> Stage {
    let stage = given_while_saving_hangs();
    stage.store.fail_from_now_on(&["acquire 77"]);
    stage.let_pass(60);
    stage.drain();
    assert_eq!(stored(&stage.store), one(NAMELESS, "first"));
    stage
}

/// A token endpoint that rotates refresh tokens, and rejects one that is used again. How many were used again.
pub(crate) fn rotates(script: &Script) -> Arc<Mutex<usize>> {
    let (newest, reused) = (Mutex::new(("first-refresh".to_owned(), 0)), Arc::new(Mutex::new(0)));
    let count = Arc::clone(&reused);
    script.on(TOKEN).with(move |seen| {
        let (newest, number) = &mut *newest.lock().unwrap();
        if !seen.text().contains(&format!("refresh_token={newest}&"))
            && !seen.text().ends_with(&format!("refresh_token={newest}"))
        {
            *count.lock().unwrap() += 1;
            return Reply::answer(400, r#"{"error":"invalid_grant"}"#);
        }
        *number += 1;
        *newest = format!("refresh-{number}");
        Reply::answer(200, token(&format!("access-{number}"), Some(newest)))
    });
    reused
}

/// A program that is started for the first time with these tokens, uses them, and once more when they have ended.
pub(crate) fn renewed_once(config: Config) -> (Stage, Arc<Mutex<usize>>) {
    let stage = stage(config, &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    let reused = rotates(&stage.script);
    assert_eq!(carried(&stage).unwrap(), "first");
    stage.drain();
    stage.runtime.advance(Duration::from_secs(3600));
    assert_eq!(carried(&stage).unwrap(), "access-1");
    stage.drain();
    (stage, reused)
}

pub(crate) fn stored(store: &FlakyStore) -> Vec<(Option<String>, String)> {
    let all = store.list().unwrap().into_iter();
    let mut all: Vec<_> = all.map(|record| (record.key.user, record.access_token.expose().to_owned())).collect();
    all.sort();
    all
}

pub(crate) fn one(user: Option<&str>, token: &str) -> Vec<(Option<String>, String)> {
    vec![(user.map(str::to_owned), token.to_owned())]
}

pub(crate) fn an_account_remembers_its_first_tokens() {
    let (stage, _) = renewed_once(with(first()));
    let record = stage.stored();
    assert_eq!(record.extra.get("descends_from").unwrap().to_text().unwrap(), FINGERPRINT);
    // It is neither shown nor sent.
    let told = std::iter::from_fn(|| stage.client.try_event()).map(|event| format!("{event:?}"));
    let shown: String = told.chain([format!("{record:?}")]).collect();
    assert!(!shown.contains(FINGERPRINT), "{shown}");
    let sent = stage.script.requests();
    assert!(sent.iter().all(|seen| !format!("{} {:?} {}", seen.query, seen.headers, seen.text()).contains(FINGERPRINT)));
    // Without a refresh token it is the access token's; and no token answer can make one up.
    let forged = r#"{"access_token":"a","refresh_token":"r","expires_in":60,"descends_from":"something"}"#;
    let other = self::stage(with(Tokens::new("first-refresh").refresh_token("r")), &FlakyStore::default());
    other.client.set_tokens(Tokens::new("first-refresh").expires_at(first_end())).unwrap();
    other.drain();
    assert_eq!(other.stored().extra.get("descends_from").unwrap().to_text().unwrap(), FINGERPRINT);
    let signed_in = Stage::expired();
    signed_in.script.on(TOKEN).reply(200, forged);
    assert_eq!(carried(&signed_in).unwrap(), "a");
    signed_in.drain();
    assert!(signed_in.stored().extra.get("descends_from").is_none());
}

pub(crate) fn what_was_renewed_since_goes_before_the_same_tokens() {
    let named = {
        let mut config = with(first());
        config.user = Some("work".into());
        config
    };
    for (config, user) in [(with(first()), "77"), (named, "work")] {
        let (before, reused) = renewed_once(config.clone());
        let again = start(config, &before);
        // Before any call.
        again.drain();
        assert_eq!(stored(&again.store), one(Some(user), "access-1"));
        assert_eq!(carried(&again).unwrap(), "access-1");
        again.runtime.advance(Duration::from_secs(3600));
        assert_eq!(carried(&again).unwrap(), "access-2");
        again.drain();
        assert_eq!(stored(&again.store), one(Some(user), "access-2"));
        assert_eq!((*reused.lock().unwrap(), again.script.count(TOKEN)), (0, 2));
    }
}

pub(crate) fn it_is_found_whatever_was_used_since() {
    let (before, reused) = renewed_once(with(first()));
    // Of another user, of another client.
    keep(&before.store, "the-client", Flow::Pkce, Some("anna"), 9000, "");
    keep(&before.store, "another", Flow::Pkce, Some("77"), 9000, "");
    let again = start(with(first()), &before);
    assert_eq!(carried(&again).unwrap(), "access-1");
    again.drain();
    assert_eq!((*reused.lock().unwrap(), again.store.list().unwrap().len()), (0, 3));
    // Under another name too: the same tokens are the same person's.
    let mut config = with(first());
    config.user = Some("anna".into());
    let anna = start(config, &before);
    assert_eq!(carried(&anna).unwrap(), "access-1");
    anna.drain();
    assert_eq!((*reused.lock().unwrap(), anna.store.list().unwrap().len()), (0, 3));
    assert_eq!(anna.client.account().unwrap().user.as_deref(), Some("77"));
}

pub(crate) fn other_tokens_are_a_new_sign_in() {
    let (before, _) = renewed_once(with(first()));
    let other = start(with(Tokens::new("second").refresh_token("second-refresh")), &before);
    assert_eq!(carried(&other).unwrap(), "second");
    other.drain();
    assert_eq!(stored(&other.store), one(Some("77"), "second"));
}

pub(crate) fn an_application_gives_its_token_at_each_start() {
    let mut config = Config::client_credentials("the-client", "the-secret").unwrap();
    config.tokens = Some(Tokens::new("first").expires_at(first_end()));
    let before = stage(config.clone(), &FlakyStore::default());
    assert_eq!(carried(&before).unwrap(), "first");
    before.runtime.advance(Duration::from_secs(3600));
    before.script.on(TOKEN).reply(200, token("second", None));
    assert_eq!(carried(&before).unwrap(), "second");
    before.drain();
    let again = start(config, &before);
    assert_eq!(carried(&again).unwrap(), "second");
    again.drain();
    assert_eq!(stored(&again.store), one(None, "second"));
    assert_eq!((again.script.count(TOKEN), again.script.count(ME)), (1, 0), "client credentials have no user");
}

pub(crate) fn two_starts_at_once_make_one_renewal() {
    for user in [None, Some("work")] {
        let mut config = with(first().expires_at(Unix::from_secs(0)));
        config.user = user.map(str::to_owned);
        let (store, runtime, script) = (FlakyStore::default(), VirtualRuntime::new(), Script::new());
        let gate = Gate::new();
        let answer = Reply::answer(200, token("access-1", Some("refresh-1")));
        script.on(TOKEN).then(Reply::Behind(gate.clone(), Box::new(answer)));
        script.on(ME).always(Reply::answer(200, USER));
        script.on(ALBUM).always(Reply::answer(200, "{}"));
        let both = [(), ()].map(|()| Stage::new(config.clone(), store.clone(), runtime.clone(), script.clone()));
        let ended = Rc::new(RefCell::new(0));
        for stage in &both {
            let (call, ended) = (stage.client.send(&Raw::get("/albums/1")), Rc::clone(&ended));
            stage.spawn(async move {
                call.await.unwrap();
                *ended.borrow_mut() += 1;
            });
        }
        runtime.settle();
        assert_eq!(script.count(TOKEN), 1);
        gate.open();
        both.iter().for_each(Stage::drain);
        runtime.advance(Duration::from_secs(2));
        both.iter().for_each(Stage::drain);
        assert_eq!((*ended.borrow(), script.count(TOKEN), script.count(ALBUM)), (2, 1, 2));
        assert!(
            script.requests().iter().filter(|seen| seen.path == "/v2/albums/1").all(|seen| seen.bearer() == Some("access-1"))
        );
        let user = user.unwrap_or("77");
        assert_eq!(stored(&store), one(Some(user), "access-1"));
        assert!(both.iter().all(|stage| stage.client.account().unwrap().user.as_deref() == Some(user)));
    }
}

pub(crate) fn a_store_that_fails_at_the_start_costs_no_sign_in() {
    let (before, reused) = renewed_once(with(first()));
    let again = start(with(first().expires_at(Unix::from_secs(1_767_225_600 + 7200))), &before);
    again.store.fail_from_now_on(&["list", "find", "acquire", "save"]);
    // In the meantime, what was given; where that has ended, nothing: its refresh token may be spent.
    assert_eq!(carried(&again).unwrap(), "first");
    let ended = start(with(first()), &before);
    assert_eq!(carried(&ended).unwrap_err().kind(), ErrorKind::Store);
    again.store.fail_from_now_on(&[]);
    again.drain();
    ended.runtime.advance(Duration::from_secs(2));
    ended.drain();
    assert_eq!(stored(&again.store), one(Some("77"), "access-1"));
    for stage in [&again, &ended] {
        assert_eq!(carried(stage).unwrap(), "access-1");
    }
    assert_eq!((*reused.lock().unwrap(), again.script.count(TOKEN)), (0, 1));
}

pub(crate) fn set_on_a_running_client_they_replace_at_once() {
    let (stage, _) = renewed_once(with(first()));
    // Even those that were renewed long since.
    stage.client.set_tokens(Tokens::new("first").refresh_token("first-refresh")).unwrap();
    assert_eq!(carried(&stage).unwrap(), "first");
    stage.drain();
    assert_eq!(stored(&stage.store), one(Some("77"), "first"));
}

pub(crate) fn a_sign_out_at_the_start_removes_what_descends_from_them_alone() {
    let (before, _) = renewed_once(with(first()));
    keep(&before.store, "the-client", Flow::Pkce, Some("anna"), 9000, "");
    let again = start(with(first()), &before);
    // The first look comes to nothing.
    again.store.fail_from_now_on(&["list"]);
    let sign_out = again.client.sign_out();
    again.spawn(async move { sign_out.await.unwrap() });
    again.runtime.settle();
    again.store.fail_from_now_on(&[]);
    again.runtime.advance(Duration::from_secs(2));
    again.drain();
    let left: Vec<Record> = again.store.list().unwrap();
    assert_eq!(left.iter().map(|record| record.key.user.as_deref()).collect::<Vec<_>>(), [Some("anna")]);
    assert_eq!(carried(&again).unwrap_err().kind(), ErrorKind::SignInRequired);
}

pub(crate) fn what_was_replaced_before_the_look_is_not_stored() {
    let stage = stage(with(first()), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    stage.store.fail_from_now_on(&["list", "find", "acquire", "save"]);
    assert_eq!(carried(&stage).unwrap(), "first");
    stage.store.fail_from_now_on(&[]);
    sign_in(&stage);
    stage.drain();
    assert_eq!(stored(&stage.store), one(Some("42"), "fresh"));
}
