//! Sign-outs that meet what other accounts of the session have yet to end.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use tidal_core::{Config, Event};

use crate::accounts::{carried, stage};
use crate::given::{ME, NAMELESS, USER, first, given_while_saving_hangs, give, one, stored, with};
use crate::removals::grant;
use crate::stage::{FlakyStore, Stage, TOKEN, TestClient, pkce, token};

fn let_pass(stage: &Stage, seconds: u64) {
    for _ in 0..seconds {
        stage.runtime.settle();
        stage.runtime.advance(Duration::from_secs(1));
    }
    stage.runtime.settle();
}

type Ended = Rc<RefCell<Option<Result<(), String>>>>;

fn signing_out(stage: &Stage) -> Ended {
    let ended = Ended::default();
    let (call, outcome) = (stage.client.sign_out(), Rc::clone(&ended));
    stage.spawn(async move { *outcome.borrow_mut() = Some(call.await.map_err(|error| error.to_string())) });
    stage.runtime.settle();
    ended
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
pub(crate) fn f1_unknown_account_after_reconfigure() {
    let stage = stage(pkce(), &FlakyStore::default());
    stage.hang_at("saving");
    stage.client.adopt(grant("42")).unwrap();
    stage.runtime.settle();
    stage.store.fail_from_now_on(&["acquire 42"]);
    let_pass(&stage, 300);
    stage.block_on(stage.client.reconfigure({ let mut c = pkce(); c.client_secret = Some("s".into()); c })).unwrap();
    let_pass(&stage, 60);
    stage.drain();
    let outcome = stage.block_on(stage.client.sign_out());
    println!("{outcome:?}");
    stage.end_hung();
    assert!(outcome.is_err() || stored(&stage.store).is_empty(), "it came back");
}

/// The same with client credentials: their account has one name only.
pub(crate) fn f1_application_after_reconfigure() {
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
    println!("{outcome:?}");
    stage.end_hung();
    assert!(outcome.is_err() || stored(&stage.store).is_empty(), "it came back");
}

/// A sign-out of given tokens fails under their name; the same tokens are given again meanwhile, and signed out of.
pub(crate) fn f2_kin_of_another_sign_out() {
    let stage = left_behind();
    let first = signing_out(&stage);
    println!("first {:?} stored {:?}", first.borrow(), stored(&stage.store));
    give(&stage);
    let second = signing_out(&stage);
    println!("second {:?} stored {:?}", second.borrow(), stored(&stage.store));
    for _ in 0..10 {
        let_pass(&stage, 1);
        println!("1: {:?} 2: {:?}", first.borrow(), second.borrow());
    }
    let_pass(&stage, 100);
    stage.end_hung();
    let outcome = second.borrow().clone().unwrap();
    assert!(outcome.is_err() || stored(&stage.store).is_empty(), "it came back: {:?}", stored(&stage.store));
}

/// An earlier sign-out is under way when another account, found later, is signed out of.
pub(crate) fn f3_the_wrong_account_is_signed_out() {
    let stage = stage(pkce(), &FlakyStore::default());
    stage.client.adopt(grant("42")).unwrap();
    stage.drain();
    stage.store.fail_from_now_on(&["forget"]);
    let first = signing_out(&stage);
    stage.client.adopt(grant("88")).unwrap();
    stage.runtime.settle();
    println!("stored {:?} first {:?}", stored(&stage.store), first.borrow());
    stage.block_on(stage.client.reconfigure({ let mut c = pkce(); c.client_secret = Some("s".into()); c })).unwrap();
    let second = signing_out(&stage);
    stage.store.fail_from_now_on(&[]);
    let_pass(&stage, 100);
    stage.drain();
    println!("{:?} {:?} {:?}", first.borrow(), second.borrow(), stored(&stage.store));
    let events: Vec<Event> = std::iter::from_fn(|| stage.client.try_event()).collect();
    println!("{events:#?}");
    let outcome = second.borrow().clone().unwrap();
    assert!(outcome.is_err() || stored(&stage.store).is_empty(), "{:?}", stored(&stage.store));
}

/// What is left of an unknown person is being removed when the session, configured anew, is signed out of.
pub(crate) fn f3_a_leftover_is_taken_for_the_account() {
    let mut config = with(first());
    config.user = None;
    let stage = stage(config, &FlakyStore::default());
    stage.script.on(ME).always(tidal_core::testing::Reply::answer(403, "{}"));
    assert_eq!(carried(&stage).unwrap(), "first");
    stage.drain();
    stage.runtime.advance(Duration::from_secs(3700));
    stage.script.on(TOKEN).reply(400, r#"{"error":"invalid_grant"}"#);
    carried(&stage).unwrap_err();
    stage.drain();
    stage.store.fail_from_now_on(&["forget"]);
    stage.client.adopt(grant("88")).unwrap();
    stage.runtime.settle();
    println!("stored {:?}", stored(&stage.store));
    stage.block_on(stage.client.reconfigure({ let mut c = pkce(); c.client_secret = Some("s".into()); c })).unwrap();
    let second = signing_out(&stage);
    stage.store.fail_from_now_on(&[]);
    let_pass(&stage, 100);
    stage.drain();
    println!("{:?} {:?}", second.borrow(), stored(&stage.store));
    let events: Vec<Event> = std::iter::from_fn(|| stage.client.try_event()).collect();
    println!("{events:#?}");
    let outcome = second.borrow().clone().unwrap();
    assert!(outcome.is_err() || stored(&stage.store).is_empty(), "{:?}", stored(&stage.store));
}

fn secret(mut config: Config) -> Config {
    config.client_secret = Some("s".into());
    config
}

/// The same tokens are given under another name while they are signed out of under the first; then somebody else signs in.
pub(crate) fn f4_what_was_begun_after_a_sign_out_stays() {
    for hangs in [false, true] {
        let stage = stage(secret(with(first())), &FlakyStore::default());
        stage.script.on(ME).always(tidal_core::testing::Reply::answer(200, USER));
        assert_eq!(carried(&stage).unwrap(), "first");
        stage.drain();
        stage.hang_at("removing");
        let out = signing_out(&stage);
        assert!(out.borrow().is_none());
        let mut config = secret(with(first()));
        config.user = Some("work".into());
        if !hangs {
            stage.store.fail_from_now_on(&["acquire work"]);
        }
        stage.block_on(stage.client.reconfigure(config)).unwrap();
        stage.runtime.settle();
        if hangs {
            stage.hang_at("saving");
        }
        stage.client.adopt(grant("88")).unwrap();
        stage.store.fail_from_now_on(&[]);
        let_pass(&stage, 100);
        stage.drain();
        println!("{hangs} {:?} {:?}", out.borrow(), stored(&stage.store));
    }
}

/// Two people's tokens wait to be stored; a sign-out of whoever is current takes nobody else's.
pub(crate) fn f5_unsaved_tokens_of_others_stay() {
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.store.fail_from_now_on(&["save"]);
    stage.client.adopt(grant("42")).unwrap();
    stage.runtime.settle();
    stage.client.adopt(grant("88")).unwrap();
    stage.runtime.settle();
    stage.block_on(stage.client.reconfigure(secret(pkce()))).unwrap();
    stage.store.fail_from_now_on(&[]);
    let out = signing_out(&stage);
    let_pass(&stage, 100);
    stage.drain();
    println!("{:?} {:?}", out.borrow(), stored(&stage.store));
    assert_eq!(stored(&stage.store), one(Some("42"), "of-42"));
}

#[allow(unused)]
fn unused(_: &TestClient) {}
