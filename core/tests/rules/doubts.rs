//! Saves whose outcome nobody knows: they may land after all, as long as the account was not acquired anew.

use std::time::Duration;

use tidal_core::store::{Acquired, Store};
use tidal_core::testing::Script;
use tidal_core::{AccountFilter, AccountKey, ErrorKind, Flow, blocking};

use crate::accounts::{carried, keep, sign_in_with, stage};
use crate::given::{
    ME, NAMELESS, as_user, first, given_while_saving_hangs, left_behind, named, one, rotates, secret, start, stored, with,
};
use crate::removals::grant;
use crate::running::Between;
use crate::stage::{FlakyStore, Stage, TOKEN, pkce, token};

pub(crate) fn a_sign_out_succeeds_only_if_no_save_can_land() {
    // When the save lands: before the sign-out, before it is tried again, after that.
    for lands in 0..3 {
        let stage = left_behind();
        if lands == 0 {
            stage.end_hung();
        }
        let error = stage.block_on(stage.client.sign_out()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
        assert!(error.to_string().contains("the account may still be stored"), "{error}");
        if lands == 1 {
            stage.end_hung();
        }
        stage.store.fail_from_now_on(&[]);
        stage.block_on(stage.client.sign_out()).unwrap();
        if lands == 2 {
            stage.end_hung();
        }
        assert_eq!(stored(&stage.store), [], "{lands}: it came back");
        // There is nothing to sign out of any more.
        stage.block_on(stage.client.sign_out()).unwrap();
    }
}

pub(crate) fn a_sign_out_keeps_out_what_could_not_be_kept_out_before() {
    for lands_before in [false, true] {
        let stage = left_behind();
        stage.store.fail_from_now_on(&[]);
        if lands_before {
            stage.end_hung();
        }
        stage.block_on(stage.client.sign_out()).unwrap();
        if !lands_before {
            stage.end_hung();
        }
        assert_eq!(stored(&stage.store), [], "{lands_before}: it came back");
    }
}

pub(crate) fn a_sign_out_that_is_tried_again_finds_the_name_too() {
    let again = start(with(first()), &named());
    again.store.fail_from_now_on(&["list"]);
    assert_eq!(carried(&again).unwrap(), "first");
    again.block_on(again.client.sign_out()).unwrap_err();
    again.store.fail_from_now_on(&[]);
    again.block_on(again.client.sign_out()).unwrap();
    assert_eq!(stored(&again.store), []);
}

pub(crate) fn a_sign_out_takes_along_what_the_sign_in_had_come_in_place_of() {
    // The tokens that are given, whose user is configured, have another sign-in come in their place; and a start that is told no user, and can't
    // look, uses them all the same.
    let named = || {
        let mut config = with(first());
        config.user = Some("77".into());
        config
    };
    let before = stage(named(), &FlakyStore::default());
    assert_eq!(carried(&before).unwrap(), "first");
    sign_in_with(&before, token("fresh", Some("fresh-refresh")));
    before.drain();
    let other = start(with(first()), &before);
    other.script.on(ME).reply(503, "");
    other.store.fail_from_now_on(&["list"]);
    assert_eq!(carried(&other).unwrap(), "first");
    other.store.fail_from_now_on(&[]);
    other.let_pass(60);
    other.drain();
    assert_eq!(
        stored(&other.store),
        [one(NAMELESS, "first"), one(Some("77"), "fresh")].concat().into_iter().rev().collect::<Vec<_>>()
    );
    let again = start(named(), &before);
    assert_eq!(carried(&again).unwrap(), "fresh");
    again.block_on(again.client.sign_out()).unwrap();
    assert_eq!(stored(&again.store), []);
}

pub(crate) fn what_somebody_else_stored_there_stays() {
    // Whoever it is has the name now, and is signed in with tokens of their own.
    for tried_before in [false, true] {
        let stage = left_behind();
        if tried_before {
            stage.block_on(stage.client.sign_out()).unwrap_err();
        }
        stage.store.fail_from_now_on(&[]);
        stage.runtime.advance(Duration::from_secs(600));
        keep(&stage.store, "the-client", Flow::Pkce, Some("77"), 1, "");
        stage.block_on(stage.client.sign_out()).unwrap();
        stage.end_hung();
        assert_eq!(stored(&stage.store), one(Some("77"), "of-77"), "{tried_before}");
    }
}

pub(crate) fn a_late_save_is_kept_out_once_the_store_works_again() {
    // Not only at a sign-out: what would land has older tokens under the user's name.
    let stage = left_behind();
    stage.store.fail_from_now_on(&[]);
    stage.let_pass(60);
    stage.client.adopt(grant("88")).unwrap();
    stage.drain();
    stage.end_hung();
    assert_eq!(stored(&stage.store), [one(Some("88"), "of-88"), one(NAMELESS, "first")].concat());
}

pub(crate) fn a_removal_succeeds_only_if_no_save_can_land() {
    for filter in [AccountFilter::all().user("77"), AccountFilter::all().user(NAMELESS.unwrap())] {
        let stage = left_behind();
        // The client is somebody else's since.
        stage.client.adopt(grant("88")).unwrap();
        stage.drain();
        let error = stage.block_on(stage.client.remove_tokens(filter.clone())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
        assert!(error.to_string().contains("a save of the account 77"), "{error}");
        stage.store.fail_from_now_on(&[]);
        stage.block_on(stage.client.remove_tokens(filter)).unwrap();
        stage.end_hung();
        assert!(!stored(&stage.store).contains(&one(Some("77"), "first")[0]), "it came back");
    }
}

/// A save of 42 hangs, and for as often as it is tried again the account can't be acquired; 88 has signed in since.
fn left_long_ago() -> Stage {
    let stage = stage(pkce(), &FlakyStore::default());
    stage.hang_at("saving");
    stage.client.adopt(grant("42")).unwrap();
    stage.runtime.settle();
    stage.store.fail_from_now_on(&["acquire 42"]);
    stage.let_pass(6);
    stage.client.adopt(grant("88")).unwrap();
    stage.let_pass(300);
    stage.drain();
    stage
}

pub(crate) fn a_removal_keeps_out_a_save_of_long_ago() {
    let stage = left_long_ago();
    let error = stage.block_on(stage.client.remove_all_tokens()).unwrap_err();
    assert!(error.to_string().contains("a save of the account 42"), "{error}");
    stage.store.fail_from_now_on(&[]);
    stage.block_on(stage.client.remove_all_tokens()).unwrap();
    stage.end_hung();
    assert_eq!(stored(&stage.store), []);
}

pub(crate) fn a_lease_that_was_not_given_back_hides_no_save() {
    let stage = stage(pkce(), &FlakyStore::default());
    stage.hang_at("saving");
    stage.store.fail_from_now_on(&["release"]);
    stage.client.adopt(grant("42")).unwrap();
    stage.let_pass(5);
    stage.client.adopt(grant("88")).unwrap();
    stage.store.fail_from_now_on(&[]);
    stage.block_on(stage.client.remove_tokens(AccountFilter::all().user("42"))).unwrap();
    stage.end_hung();
    assert!(!stored(&stage.store).contains(&one(Some("42"), "of-42")[0]), "it came back");
}

pub(crate) fn whoever_acquired_the_account_has_kept_the_save_out() {
    let stage = left_long_ago();
    stage.store.fail_from_now_on(&[]);
    let (key, now) = (AccountKey { user: Some("42".into()), ..stage.client.account().unwrap() }, stage.runtime_now().unix);
    assert!(matches!(stage.store.acquire(&key, Duration::from_secs(600), None, now), Ok(Acquired::Lease(..))));
    stage.block_on(stage.client.remove_tokens(AccountFilter::all().user("42"))).unwrap();
    stage.end_hung();
    assert_eq!(stored(&stage.store), one(Some("88"), "of-88"));
}

pub(crate) fn over_threads_a_removal_says_so_too() {
    let (store, between) = (FlakyStore::default(), Between::default());
    let client = blocking::Client::new(pkce(), [7; 32], Script::new(), store.clone(), between.clone()).unwrap();
    store.fail_from_now_on(&["save"]);
    client.adopt(grant("42")).unwrap();
    store.fail_from_now_on(&["acquire 42"]);
    client.adopt(grant("88")).unwrap();
    let error = client.remove_all_tokens().unwrap_err();
    assert!(error.to_string().contains("a save of the account 42"), "{error}");
    store.fail_from_now_on(&[]);
    client.remove_all_tokens().unwrap();
    assert_eq!(stored(&store), []);
}

pub(crate) fn what_was_replaced_is_not_gone_back_to() {
    // A save under the user's name lands after its refresh token was spent by a renewal that could not be stored.
    let stage = given_while_saving_hangs();
    stage.store.fail_from_now_on(&["acquire", "find", "list", "save", "forget", "release"]);
    stage.let_pass(60);
    stage.script.on(TOKEN).reply(200, r#"{"access_token":"second","refresh_token":"second-refresh","expires_in":3600}"#);
    stage.runtime.advance(Duration::from_secs(3600));
    assert_eq!(carried(&stage).unwrap(), "second");
    stage.store.fail_from_now_on(&[]);
    stage.end_hung();
    assert_eq!(stored(&stage.store), one(Some("77"), "first"));
    stage.let_pass(60);
    stage.drain();
    assert_eq!(stored(&stage.store), one(Some("77"), "second"));
    assert_eq!(carried(&stage).unwrap(), "second");
}

pub(crate) fn a_store_that_hangs_keeps_nobody_waiting_for_ever() {
    let stage = stage(pkce(), &FlakyStore::default());
    let begun = stage.runtime_now();
    // Client id and secret are looked for there; the secret can be done without.
    stage.hang_at("listing");
    stage.block_on(stage.client.reconfigure(pkce())).unwrap();
    let mut config = pkce();
    config.client_id = String::new();
    stage.hang_at("listing");
    let error = stage.block_on(stage.client.reconfigure(config)).unwrap_err();
    assert!(error.to_string().contains("the store did not answer in time"), "{error}");
    stage.hang_at("listing");
    let error = stage.block_on(stage.client.tokens(AccountFilter::all())).unwrap_err();
    assert!(error.to_string().contains("the store did not answer in time"), "{error}");
    assert_eq!(stage.runtime_now().mono.since(begun.mono), Duration::from_secs(15));
    stage.hang_at("removing");
    let error = stage.block_on(stage.client.remove_all_tokens()).unwrap_err();
    assert!(error.to_string().contains("the store did not answer in time"), "{error}");
}

pub(crate) fn what_is_kept_out_is_stored_anew() {
    // Nothing else has them.
    for lands_first in [true, false] {
        let stage = stage(secret(pkce()), &FlakyStore::default());
        stage.hang_at("saving");
        stage.client.adopt(grant("42")).unwrap();
        stage.runtime.settle();
        stage.store.fail_from_now_on(&["acquire 42"]);
        stage.client.adopt(grant("88")).unwrap();
        stage.let_pass(300);
        if lands_first {
            stage.end_hung();
        }
        stage.store.fail_from_now_on(&[]);
        // Something uses the store.
        stage.client.adopt(grant("90")).unwrap();
        stage.let_pass(100);
        stage.drain();
        if !lands_first {
            stage.end_hung();
        }
        assert!(stored(&stage.store).contains(&one(Some("42"), "of-42")[0]), "{lands_first}: {:?}", stored(&stage.store));
    }
}

pub(crate) fn another_configuration_does_not_go_back_to_what_was_replaced() {
    // The newest refresh token could not be stored, and a save of the one before has landed.
    let stage = stage(as_user(with(first()), "42"), &FlakyStore::default());
    let reused = rotates(&stage.script);
    stage.hang_at("saving");
    assert_eq!(carried(&stage).unwrap(), "first");
    stage.store.fail_from_now_on(&["acquire 42"]);
    stage.runtime.settle();
    stage.runtime.advance(Duration::from_secs(3700));
    stage.runtime.settle();
    assert_eq!(carried(&stage).unwrap(), "access-1");
    stage.let_pass(300);
    stage.end_hung();
    assert_eq!(stored(&stage.store), one(Some("42"), "first"));
    stage.block_on(stage.client.reconfigure(as_user(pkce(), "42"))).unwrap();
    stage.let_pass(100);
    stage.store.fail_from_now_on(&[]);
    assert_eq!(carried(&stage).unwrap(), "access-1");
    stage.drain();
    assert_eq!(*reused.lock().unwrap(), 0, "used again");
}
