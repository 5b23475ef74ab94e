//! Sign-outs after the configuration has changed: whose tokens they may take, and whose they have to.

use std::panic::resume_unwind;
use std::sync::mpsc;
use std::time::Duration;

use tidal_core::testing::Reply;
use tidal_core::{Config, Event, Flow};

use crate::accounts::{calling, carried, keep, stage};
use crate::given::{ME, as_user, first, given_while_saving_hangs, named, one, secret, start, stored, with};
use crate::removals::grant;
use crate::sign_outs::signing_out;
use crate::stage::{FlakyStore, pkce};

/// Fails if this doesn't come to its end: what goes round within the session, without a use of the store or a pause, would hang the tests. It
/// takes milliseconds.
fn ends(history: impl FnOnce() + Send + 'static) {
    let (done, over) = mpsc::channel();
    let thread = std::thread::Builder::new().spawn(move || {
        history();
        done.send(()).unwrap();
    });
    let thread = thread.unwrap();
    match over.recv_timeout(Duration::from_secs(10)) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it goes round and round"),
        Ok(()) | Err(mpsc::RecvTimeoutError::Disconnected) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
    }
}

fn nothing_stored(mut config: Config) -> Config {
    config.store_tokens = false;
    secret(config)
}

pub(crate) fn a_name_that_another_process_found_goes_with_what_may_land_without_one() {
    // A save without a name hangs; another process, which was told the name, stores the same tokens under it; then the sign-out comes.
    ends(|| {
        let stage = stage(secret(with(first())), &FlakyStore::default());
        stage.script.on(ME).always(Reply::answer(403, "{}"));
        stage.hang_at("saving");
        assert_eq!(carried(&stage).unwrap(), "first");
        assert!(stage.hangs());
        let other = start(as_user(with(first()), "77"), &stage);
        assert_eq!(carried(&other).unwrap(), "first");
        other.drain();
        assert_eq!(stored(&stage.store), one(Some("77"), "first"));
        let out = signing_out(&stage);
        stage.let_pass(100);
        assert_eq!(*out.borrow(), Some(Ok(())));
        stage.end_hung();
        stage.drain();
        assert_eq!(stored(&stage.store), []);
    });
}

pub(crate) fn whoever_is_to_sign_in_anew_takes_nobodys_unsaved_tokens() {
    // With a `~`, and before the sign-in.
    for hangs in [false, true] {
        let stage = stage(secret(pkce()), &FlakyStore::default());
        if hangs {
            stage.hang_at("saving");
        } else {
            stage.store.fail_from_now_on(&["save"]);
        }
        stage.client.adopt(grant("42")).unwrap();
        stage.let_pass(1);
        stage.block_on(stage.client.reconfigure(as_user(pkce(), "~"))).unwrap();
        stage.block_on(stage.client.sign_out()).unwrap();
        stage.store.fail_from_now_on(&[]);
        stage.let_pass(100);
        stage.drain();
        assert_eq!(stored(&stage.store), one(Some("42"), "of-42"), "{hangs}");
    }
}

pub(crate) fn whoever_is_to_sign_in_anew_takes_nothing_that_was_stored_late() {
    // It landed once all tries to store it were over.
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.hang_at("saving");
    stage.client.adopt(grant("42")).unwrap();
    stage.runtime.settle();
    stage.store.fail_from_now_on(&["acquire 42"]);
    stage.let_pass(300);
    stage.end_hung();
    assert_eq!(stored(&stage.store), one(Some("42"), "of-42"));
    stage.block_on(stage.client.reconfigure(as_user(pkce(), "~"))).unwrap();
    stage.let_pass(100);
    stage.drain();
    stage.store.fail_from_now_on(&[]);
    stage.block_on(stage.client.sign_out()).unwrap();
    stage.drain();
    assert_eq!(stored(&stage.store), one(Some("42"), "of-42"));
}

pub(crate) fn where_nothing_is_stored_nobodys_unsaved_tokens_go() {
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.store.fail_from_now_on(&["save"]);
    stage.client.adopt(grant("42")).unwrap();
    stage.let_pass(1);
    stage.block_on(stage.client.reconfigure(nothing_stored(pkce()))).unwrap();
    stage.block_on(stage.client.sign_out()).unwrap();
    stage.store.fail_from_now_on(&[]);
    stage.let_pass(100);
    stage.drain();
    assert_eq!(stored(&stage.store), one(Some("42"), "of-42"));
}

pub(crate) fn where_nothing_is_stored_a_sign_out_ends() {
    // A save of before is in doubt.
    ends(|| {
        let stage = given_while_saving_hangs();
        stage.store.fail_from_now_on(&["acquire 77"]);
        stage.block_on(stage.client.reconfigure(nothing_stored(pkce()))).unwrap();
        stage.let_pass(60);
        stage.drain();
        let out = signing_out(&stage);
        stage.let_pass(100);
        assert!(out.borrow().is_some());
    });
}

pub(crate) fn what_waits_to_be_stored_under_the_same_name_goes_too() {
    // Tokens of 42 wait to be stored; others are given for 42, and signed out of at once.
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.store.fail_from_now_on(&["save"]);
    stage.client.adopt(grant("42")).unwrap();
    stage.let_pass(1);
    stage.block_on(stage.client.reconfigure(as_user(with(first()), "42"))).unwrap();
    stage.block_on(stage.client.sign_out()).unwrap();
    let told = std::iter::from_fn(|| stage.client.try_event()).find_map(|event| match event {
        Event::SignedOut(key) => Some(key),
        _ => None,
    });
    assert_eq!(told.unwrap().unwrap().user.as_deref(), Some("42"));
    stage.store.fail_from_now_on(&[]);
    stage.let_pass(100);
    stage.drain();
    assert_eq!(stored(&stage.store), [], "signed out of 42, and stored as 42");
}

pub(crate) fn each_try_looks_for_the_same_tokens_under_other_names() {
    // The store can't be listed at first.
    for used in [true, false] {
        for fails in [false, true] {
            let before = named();
            let again = start(as_user(with(first()), "work"), &before);
            again.store.fail_from_now_on(&["list"]);
            if used {
                assert_eq!(carried(&again).unwrap(), "first");
            }
            if fails {
                again.block_on(again.client.sign_out()).unwrap_err();
            }
            again.store.fail_from_now_on(&[]);
            again.block_on(again.client.sign_out()).unwrap();
            again.drain();
            assert_eq!(stored(&again.store), [], "used {used}, failed once {fails}");
        }
    }
}

pub(crate) fn a_sign_out_fails_while_the_same_tokens_may_land_under_another_name() {
    // Tokens are given under one name, whose save is in doubt, then under another, where somebody else signs in meanwhile.
    for replaced in [false, true] {
        let stage = stage(as_user(with(first()), "work"), &FlakyStore::default());
        stage.hang_at("saving");
        assert_eq!(carried(&stage).unwrap(), "first");
        stage.store.fail_from_now_on(&["acquire work"]);
        stage.let_pass(300);
        stage.block_on(stage.client.reconfigure(as_user(with(first()), "77"))).unwrap();
        assert_eq!(carried(&stage).unwrap(), "first");
        stage.drain();
        if replaced {
            keep(&stage.store, "the-client", Flow::Pkce, Some("77"), 1, "");
        }
        let outcome = stage.block_on(stage.client.sign_out());
        stage.end_hung();
        assert!(outcome.is_err() || stored(&stage.store).is_empty(), "{replaced}: {:?}", stored(&stage.store));
    }
}

pub(crate) fn what_others_have_to_store_stays_while_a_handler_is_asked() {
    let mut config = as_user(pkce(), "88");
    config.handles_sign_in = true;
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.store.fail_from_now_on(&["save"]);
    stage.client.adopt(grant("42")).unwrap();
    stage.let_pass(1);
    stage.block_on(stage.client.reconfigure(config)).unwrap();
    let call = calling(&stage);
    stage.let_pass(1);
    let out = signing_out(&stage);
    stage.store.fail_from_now_on(&[]);
    stage.let_pass(100);
    assert_eq!(*out.borrow(), Some(Ok(())));
    assert!(call.borrow().is_some());
    stage.drain();
    assert_eq!(stored(&stage.store), one(Some("42"), "of-42"));
}
