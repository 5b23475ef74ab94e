//! What is left of accounts that have got a name, and what goes with a sign-out.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::accounts::{BERT, calling, carried, keep, sign_in_with, stage};
use crate::given::{ME, USER, first, first_end, give, given_while_saving_hangs, named, nameless, one, start, stored, with};
use crate::stage::{ALBUM, FlakyStore, Stage, TOKEN, pkce, token};
use tidal_core::config::Tokens;
use tidal_core::store::Store;
use tidal_core::testing::Reply;
use tidal_core::{ErrorKind, Flow};

/// A process that died after it had stored the account under its user, before it could remove what had no name.
fn died() -> Stage {
    let before = nameless();
    let died = start(with(first()), &before);
    died.hang_at("removing");
    assert_eq!(carried(&died).unwrap(), "first");
    died.runtime.settle();
    died.drop_driver();
    assert_eq!(stored(&died.store).len(), 2);
    died.runtime.advance(Duration::from_secs(600));
    before
}

pub(crate) fn a_removal_that_fails_removes_nothing_else() {
    for died_before in [false, true] {
        let before = if died_before { died() } else { nameless() };
        let again = start(with(first()), &before);
        again.store.fail_from_now_on(&["forget"]);
        assert_eq!(carried(&again).unwrap(), "first");
        again.runtime.settle();
        again.store.fail_from_now_on(&[]);
        again.let_pass(10);
        again.drain();
        assert_eq!(stored(&again.store), one(Some("77"), "first"));
    }
}

pub(crate) fn a_store_that_never_removes_is_left_alone_in_the_end() {
    let before = nameless();
    let again = start(with(first()), &before);
    again.store.fail_from_now_on(&["forget"]);
    assert_eq!(carried(&again).unwrap(), "first");
    again.let_pass(600);
    let drained = Rc::new(RefCell::new(false));
    let (drain, ended) = (again.client.drain(), Rc::clone(&drained));
    again.spawn(async move {
        drain.await;
        *ended.borrow_mut() = true;
    });
    again.runtime.settle();
    assert!(*drained.borrow(), "something is owed ten minutes later");
}

pub(crate) fn a_sign_out_removes_what_was_left_without_a_name() {
    // Left by a process that died, and found without the tokens; or by a removal that was given up; or the sign-out itself is tried again.
    let third = start(pkce(), &died());
    assert_eq!(carried(&third).unwrap(), "first");
    third.block_on(third.client.sign_out()).unwrap();
    assert_eq!(stored(&third.store), []);
    for gives_up in [false, true] {
        let before = nameless();
        let again = start(with(first()), &before);
        again.store.fail_from_now_on(&["forget"]);
        assert_eq!(carried(&again).unwrap(), "first");
        if gives_up {
            again.let_pass(60);
            again.drain();
        } else {
            again.block_on(again.client.sign_out()).unwrap_err();
            again.let_pass(60);
        }
        assert_eq!(stored(&again.store).len(), 2);
        again.store.fail_from_now_on(&[]);
        again.block_on(again.client.sign_out()).unwrap();
        assert_eq!(stored(&again.store), [], "{gives_up}");
    }
}

pub(crate) fn the_removal_is_the_old_configurations() {
    let before = nameless();
    let again = start(with(first()), &before);
    again.hang_at("removing");
    assert_eq!(carried(&again).unwrap(), "first");
    again.runtime.settle();
    let mut config = pkce();
    config.store_tokens = false;
    again.block_on(again.client.reconfigure(config)).unwrap();
    again.let_pass(60);
    again.drain();
    assert_eq!(stored(&again.store), one(Some("77"), "first"));
}

pub(crate) fn a_late_save_does_not_outlive_a_sign_out() {
    for broken in [&[][..], &["acquire"][..]] {
        let stage = given_while_saving_hangs();
        stage.runtime.settle();
        // For a time, while the save hangs.
        stage.store.fail_from_now_on(broken);
        stage.let_pass(7);
        stage.store.fail_from_now_on(&[]);
        stage.let_pass(60);
        stage.block_on(stage.client.sign_out()).unwrap();
        stage.drain();
        stage.end_hung();
        stage.drain();
        assert_eq!(stored(&stage.store), [], "{broken:?}");
    }
}

pub(crate) fn given_tokens_are_revoked_even_if_the_store_cannot_be_looked_at() {
    let mut config = with(first());
    config.revoke_url = Some("https://auth.example/revoke".parse().unwrap());
    let stage = stage(config, &FlakyStore::default());
    stage.script.on("POST /revoke").always(Reply::answer(200, ""));
    stage.store.fail_from_now_on(&["list", "find", "acquire"]);
    stage.hang_at("listing");
    stage.block_on(stage.client.sign_out()).unwrap_err();
    stage.drain();
    assert_eq!(stage.script.count("POST /revoke"), 1);
}

pub(crate) fn what_lasts_is_not_replaced_by_what_does_not() {
    for named in [false, true] {
        let store = FlakyStore::default();
        let before = stage(pkce(), &store);
        let answer = r#"{"access_token":"good","refresh_token":"durable","expires_in":3600,"user_id":77}"#;
        sign_in_with(&before, answer.to_owned());
        before.drain();
        before.runtime.advance(Duration::from_secs(10));
        let mut config = with(Tokens::new("short").expires_at(first_end()));
        config.user = named.then(|| "77".to_owned());
        let again = start(config, &before);
        again.script.on(ME).always(Reply::answer(200, USER));
        assert_eq!(carried(&again).unwrap(), "short");
        again.drain();
        again.runtime.advance(Duration::from_secs(4000));
        let third = start(pkce(), &before);
        third.script.on(TOKEN).reply(200, token("renewed", None));
        assert_eq!(carried(&third).unwrap(), "renewed", "{named}");
    }
}

pub(crate) fn a_handlers_sign_in_lets_calls_of_an_unknown_person_go_on() {
    let mut config = pkce();
    config.handles_sign_in = true;
    let stage = stage(config, &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(403, "{}"));
    stage.script.on(TOKEN).then(Reply::answer(200, token("one", None))).then(Reply::answer(200, token("two", None)));
    let begun = stage.runtime_now();
    stage.client.handle_sign_ins(move |pending| async move {
        let state = pending.authorize_url().split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        Ok(pending.redirected(&format!("http://localhost:8080/callback?code=c&state={state}"), begun).unwrap())
    });
    stage.script.on(ALBUM).always(Reply::answer(200, r#"{"data":{"id":"1","type":"albums"}}"#));
    let album = || stage.block_on(stage.client.albums().get("1").send()).unwrap();
    assert!(!album().how.cached && album().how.cached);
    stage.drain();
    stage.runtime.advance(Duration::from_secs(3700));
    assert_eq!(carried(&stage).unwrap(), "two");
    // It may be another person after all.
    assert!(!album().how.cached);
}

pub(crate) fn a_call_for_given_tokens_carries_nobody_elses() {
    let stage = stage(pkce(), &FlakyStore::default());
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    stage.hang_at("listing");
    give(&stage);
    let ended = calling(&stage);
    sign_in_with(&stage, BERT.to_owned());
    stage.runtime.settle();
    assert_eq!(*ended.borrow(), Some(Err(ErrorKind::SignedOut)));
}

pub(crate) fn to_be_found_by_given_tokens_is_to_be_used() {
    let before = named();
    keep(&before.store, "the-client", Flow::Pkce, Some("anna"), 10, "");
    before.runtime.advance(Duration::from_secs(100));
    let again = start(with(first()), &before);
    assert_eq!(carried(&again).unwrap(), "first");
    again.drain();
    assert_eq!(carried(&start(pkce(), &before)).unwrap(), "first");
}

pub(crate) fn what_ended_of_unknown_people_does_not_pile_up() {
    let day = |day: u64| Tokens::new(format!("day-{day}")).expires_at(first_end() + Duration::from_secs(day * 86_400));
    let before = stage(with(day(0)), &FlakyStore::default());
    before.script.on(ME).always(Reply::answer(403, "{}"));
    assert_eq!(carried(&before).unwrap(), "day-0");
    before.drain();
    for number in 1..5 {
        before.runtime.advance(Duration::from_secs(86_400));
        let again = start(with(day(number)), &before);
        assert_eq!(carried(&again).unwrap(), format!("day-{number}"));
        again.drain();
        assert_eq!(again.store.list().unwrap().len(), 1);
    }
}
