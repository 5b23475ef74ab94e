//! Sign-outs that meet what other accounts of the session have yet to end.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use tidal_core::testing::{Gate, Reply};
use tidal_core::{Config, Flow};

use crate::accounts::{BERT, carried, keep, sign_in_with, stage};
use crate::given::{ME, NAMELESS, USER, first, give, given_while_saving_hangs, one, stored, with};
use crate::removals::grant;
use crate::stage::{FlakyStore, Stage, TOKEN, pkce, token};

pub(crate) fn let_pass(stage: &Stage, seconds: u64) {
    for _ in 0..seconds {
        stage.runtime.settle();
        stage.runtime.advance(Duration::from_secs(1));
    }
    stage.runtime.settle();
}

pub(crate) type Ended = Rc<RefCell<Option<Result<(), String>>>>;

pub(crate) fn signing_out(stage: &Stage) -> Ended {
    let ended = Ended::default();
    let (call, outcome) = (stage.client.sign_out(), Rc::clone(&ended));
    stage.spawn(async move { *outcome.borrow_mut() = Some(call.await.map_err(|error| error.to_string())) });
    stage.runtime.settle();
    ended
}

pub(crate) fn secret(mut config: Config) -> Config {
    config.client_secret = Some("s".into());
    config
}

fn left_behind() -> Stage {
    let stage = given_while_saving_hangs();
    stage.store.fail_from_now_on(&["acquire 77"]);
    let_pass(&stage, 60);
    stage.drain();
    assert_eq!(stored(&stage.store), one(NAMELESS, "first"));
    stage
}

/// The save of the session's account may land yet; then it is given the same configuration anew, and does not know yet whose it is.
#[test]
fn f1_unknown_account_after_reconfigure() {
    let stage = stage(pkce(), &FlakyStore::default());
    stage.hang_at("saving");
    stage.client.adopt(grant("42")).unwrap();
    stage.runtime.settle();
    stage.store.fail_from_now_on(&["acquire 42"]);
    let_pass(&stage, 300);
    stage.block_on(stage.client.reconfigure(secret(pkce()))).unwrap();
    let_pass(&stage, 60);
    stage.drain();
    let outcome = stage.block_on(stage.client.sign_out());
    stage.end_hung();
    assert!(outcome.is_err() || stored(&stage.store).is_empty(), "it came back");
}

/// The same with client credentials: their account has one name only.
#[test]
fn f1_application_after_reconfigure() {
    let stage = Stage::client_credentials();
    stage.script.on(TOKEN).reply(200, token("app", None));
    stage.hang_at("saving");
    assert_eq!(carried(&stage).unwrap(), "app");
    stage.runtime.settle();
    stage.store.fail_from_now_on(&["acquire"]);
    let_pass(&stage, 300);
    stage.block_on(stage.client.reconfigure(stage.client.config())).unwrap();
    let_pass(&stage, 60);
    stage.drain();
    let outcome = stage.block_on(stage.client.sign_out());
    stage.end_hung();
    assert!(outcome.is_err() || stored(&stage.store).is_empty(), "it came back");
}

/// A sign-out under one name fails yet; the same tokens are given again under another, and signed out of.
#[test]
fn f2_kin_under_another_name() {
    let stage = left_behind();
    let first_out = signing_out(&stage);
    assert!(first_out.borrow().is_none());
    let mut config = secret(with(first()));
    config.user = Some("work".into());
    stage.block_on(stage.client.reconfigure(config)).unwrap();
    assert_eq!(carried(&stage).unwrap(), "first");
    stage.runtime.settle();
    let second = signing_out(&stage);
    let_pass(&stage, 100);
    stage.end_hung();
    let outcome = second.borrow().clone().unwrap();
    assert!(outcome.is_err() || stored(&stage.store).is_empty(), "it came back: {:?}", stored(&stage.store));
}

/// An earlier sign-out is under way when another account, found later, is signed out of.
#[test]
fn f3_the_wrong_account_is_signed_out() {
    let stage = stage(pkce(), &FlakyStore::default());
    stage.client.adopt(grant("42")).unwrap();
    stage.drain();
    stage.store.fail_from_now_on(&["forget"]);
    let earlier = signing_out(&stage);
    stage.client.adopt(grant("88")).unwrap();
    stage.runtime.settle();
    stage.block_on(stage.client.reconfigure(secret(pkce()))).unwrap();
    let second = signing_out(&stage);
    stage.store.fail_from_now_on(&[]);
    let_pass(&stage, 100);
    stage.drain();
    assert_eq!(*earlier.borrow(), Some(Ok(())));
    let outcome = second.borrow().clone().unwrap();
    assert!(outcome.is_err() || stored(&stage.store).is_empty(), "{:?}", stored(&stage.store));
}

/// What is left of an unknown person is being removed when the session, configured anew, is signed out of.
#[test]
fn f3_a_leftover_is_taken_for_the_account() {
    let mut config = with(first());
    config.user = None;
    let stage = stage(config, &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(403, "{}"));
    assert_eq!(carried(&stage).unwrap(), "first");
    stage.drain();
    stage.runtime.advance(Duration::from_secs(3700));
    stage.script.on(TOKEN).reply(400, r#"{"error":"invalid_grant"}"#);
    carried(&stage).unwrap_err();
    stage.drain();
    stage.store.fail_from_now_on(&["forget"]);
    stage.client.adopt(grant("88")).unwrap();
    stage.runtime.settle();
    stage.block_on(stage.client.reconfigure(secret(pkce()))).unwrap();
    let second = signing_out(&stage);
    stage.store.fail_from_now_on(&[]);
    let_pass(&stage, 100);
    stage.drain();
    let outcome = second.borrow().clone().unwrap();
    assert!(outcome.is_err() || stored(&stage.store).is_empty(), "{:?}", stored(&stage.store));
}

/// The same tokens are given under another name while they are signed out of under the first; then somebody else signs in.
#[test]
fn f4_what_was_begun_after_a_sign_out_stays() {
    for hangs in [true, false] {
        let as_user = |user: &str| {
            let mut config = secret(with(first()));
            config.user = Some(user.into());
            config
        };
        let stage = stage(as_user("77"), &FlakyStore::default());
        stage.store.fail_from_now_on(&["acquire 77"]);
        assert_eq!(carried(&stage).unwrap(), "first");
        let out = signing_out(&stage);
        assert!(out.borrow().is_none());
        if hangs {
            stage.hang_at("saving");
        } else {
            stage.store.fail_from_now_on(&["acquire 77", "save"]);
        }
        stage.block_on(stage.client.reconfigure(as_user("work"))).unwrap();
        assert_eq!(carried(&stage).unwrap(), "first");
        assert!(out.borrow().is_none());
        stage.client.adopt(grant("88")).unwrap();
        stage.store.fail_from_now_on(&[]);
        let_pass(&stage, 100);
        stage.drain();
        assert_eq!(*out.borrow(), Some(Ok(())));
        if hangs {
            stage.end_hung();
        }
        assert_eq!(stored(&stage.store), [one(Some("88"), "of-88"), one(Some("work"), "first")].concat(), "{hangs}");
    }
}

/// Two people's tokens wait to be stored; a sign-out of whoever is current takes nobody else's.
#[test]
fn f5_unsaved_tokens_of_others_stay() {
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.store.fail_from_now_on(&["save"]);
    stage.client.adopt(grant("42")).unwrap();
    stage.runtime.settle();
    stage.client.adopt(grant("88")).unwrap();
    stage.runtime.settle();
    stage.block_on(stage.client.reconfigure(secret(pkce()))).unwrap();
    stage.store.fail_from_now_on(&[]);
    stage.block_on(stage.client.sign_out()).unwrap();
    let_pass(&stage, 100);
    stage.drain();
    assert_eq!(stored(&stage.store), one(Some("42"), "of-42"));
}

/// Tokens that were set once have a name, and are stored under it. They are set again, and signed out of at once, or while the service is asked
/// whose they are: nothing fails here.
#[test]
fn f6_set_again_and_signed_out_of() {
    let mut left = Vec::new();
    for asks in [false, true] {
        let stage = stage(secret(pkce()), &FlakyStore::default());
        stage.script.on(ME).then(Reply::answer(200, USER)).then(Reply::Behind(Gate::new(), Box::new(Reply::answer(200, USER))));
        stage.client.set_tokens(first()).unwrap();
        stage.drain();
        assert_eq!(stored(&stage.store), one(Some("77"), "first"));
        stage.client.set_tokens(first()).unwrap();
        if asks {
            stage.runtime.settle();
            assert_eq!(stage.script.count(ME), 2);
        }
        stage.block_on(stage.client.sign_out()).unwrap();
        left.extend(stored(&stage.store));
    }
    assert_eq!(left, [], "signed out, and still stored");
}

/// All tokens are removed while the store is looked at for those that the client was given: afterwards these are stored.
#[test]
fn f7_given_tokens_are_stored_after_all_were_removed() {
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    stage.hang_at("listing");
    give(&stage);
    stage.runtime.settle();
    stage.block_on(stage.client.remove_all_tokens()).unwrap();
    stage.end_hung();
    let_pass(&stage, 10);
    assert_eq!(stored(&stage.store), [], "they were stored after that");
}

/// A save of somebody who has left may land yet, and their account can't be acquired: whoever signs in next does not wait for that.
#[test]
fn f9_a_sign_in_waits_for_nobody_who_has_left() {
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.store.fail_from_now_on(&["save"]);
    stage.client.adopt(grant("42")).unwrap();
    stage.runtime.settle();
    stage.store.fail_from_now_on(&["acquire 42"]);
    stage.client.adopt(grant("90")).unwrap();
    let_pass(&stage, 60);
    stage.drain();
    for _ in 0..3 {
        let begun = stage.runtime_now();
        sign_in_with(&stage, BERT.to_owned());
        assert_eq!(stage.runtime_now().mono.since(begun.mono), Duration::ZERO);
        stage.drain();
    }
}
