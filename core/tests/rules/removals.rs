//! Accounts that a client removes from the store, while it still holds some of them.

use std::time::Duration;

use tidal_core::auth::Grant;
use tidal_core::config::Tokens;
use tidal_core::runtime::Clock;
use tidal_core::store::Store;
use tidal_core::testing::{Gate, Reply, Script};
use tidal_core::{AccountFilter, ErrorKind, Raw, blocking};

use crate::accounts::{sign_in_with, stage};
use crate::given::{ME, NAMELESS, USER, give, given_while_saving_hangs, one, secret, stored};
use crate::running::{Between, VirtualClock};
use crate::stage::{FlakyStore, Stage, TOKEN, pkce, token};

fn granted(user: &str) -> String {
    format!(r#"{{"access_token":"of-{user}","refresh_token":"r","expires_in":3600,"user_id":{user}}}"#)
}

fn a_minute_later(stage: &Stage) {
    stage.let_pass(60);
    stage.drain();
}

/// What a sign-in as this user brings.
pub(crate) fn grant(user: &str) -> Grant {
    let mut config = pkce();
    config.user = Some(user.to_owned());
    Grant::from_tokens(&config, Tokens::new(format!("of-{user}")).refresh_token(format!("r-{user}")), VirtualClock.now())
        .unwrap()
}

pub(crate) fn what_was_removed_stays_away() {
    // Anna's could not be saved, or a save of it hangs; then bert signs in.
    for hangs in [false, true] {
        let stage = stage(pkce(), &FlakyStore::default());
        if hangs {
            stage.hang_at("saving");
        } else {
            stage.store.fail_from_now_on(&["acquire"]);
        }
        for user in ["42", "88"] {
            stage.client.adopt(grant(user)).unwrap();
            stage.runtime.settle();
        }
        stage.store.fail_from_now_on(&[]);
        stage.block_on(stage.client.remove_all_tokens()).unwrap();
        assert_eq!(stored(&stage.store), [], "{hangs}");
        if hangs {
            stage.end_hung();
        }
        a_minute_later(&stage);
        assert_eq!(stored(&stage.store), [], "{hangs}: it came back");
    }
    // Over threads.
    let (store, between) = (FlakyStore::default(), Between::default());
    let client = blocking::Client::new(pkce(), [7; 32], Script::new(), store.clone(), between.clone()).unwrap();
    store.fail_from_now_on(&["acquire"]);
    client.adopt(grant("42")).unwrap();
    client.adopt(grant("88")).unwrap();
    store.fail_from_now_on(&[]);
    client.remove_all_tokens().unwrap();
    between.runtime.advance(Duration::from_secs(60));
    client.close();
    assert_eq!(stored(&store), [], "it came back");
    // Or it is being renewed.
    for filter in [AccountFilter::all().user("42"), AccountFilter::all().user("88"), AccountFilter::all()] {
        let (stage, gate) = (Stage::expired(), Gate::new());
        let renewed = Reply::answer(200, token("renewed", Some("refresh-2")));
        stage.script.on(TOKEN).then(Reply::Behind(gate.clone(), Box::new(renewed)));
        let call = stage.client.send(&Raw::get("/albums/1"));
        stage.spawn(async move { assert_eq!(call.await.unwrap_err().kind(), ErrorKind::SignedOut) });
        stage.runtime.settle();
        sign_in_with(&stage, granted("88"));
        stage.runtime.settle();
        let begun = stage.runtime_now();
        let removed = if filter.is_all() {
            stage.block_on(stage.client.remove_all_tokens())
        } else {
            stage.block_on(stage.client.remove_tokens(filter.clone()))
        };
        assert_eq!(
            (removed.unwrap().len(), stage.runtime_now()),
            (filter.users.len().max(1) + usize::from(filter.is_all()), begun)
        );
        gate.open();
        a_minute_later(&stage);
        // Whoever is not meant loses nothing.
        let left =
            [(Some("42"), "renewed"), (Some("88"), "of-88")].map(|(user, token)| (user.map(str::to_owned), token.to_owned()));
        let left = left.into_iter().filter(|(user, _)| !filter.is_all() && !filter.users.contains(user.as_ref().unwrap()));
        assert_eq!(stored(&stage.store), left.collect::<Vec<_>>(), "{filter:?}");
    }
}

pub(crate) fn a_removal_says_what_is_in_use() {
    let stage = Stage::signed_in(Duration::from_secs(3600));
    let (key, now) = (stage.stored().key, stage.runtime_now().unix);
    stage.store.acquire(&key, Duration::from_secs(60), None, now).unwrap();
    let error = stage.block_on(stage.client.remove_all_tokens()).unwrap_err();
    assert!(error.to_string().contains("an account is in use just now; try again in a moment"), "{error}");
    stage.runtime.advance(Duration::from_secs(60));
    assert_eq!(stage.block_on(stage.client.remove_all_tokens()).unwrap(), [key]);
}

pub(crate) fn given_tokens_that_are_being_looked_for_are_removed_too() {
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    stage.hang_at("listing");
    give(&stage);
    stage.runtime.settle();
    stage.block_on(stage.client.remove_all_tokens()).unwrap();
    stage.end_hung();
    stage.let_pass(10);
    assert_eq!(stored(&stage.store), [], "they were stored after that");
}

pub(crate) fn what_was_removed_without_a_name_gets_none_back() {
    // They are being stored under their name, or somebody else has signed in meanwhile.
    for current in [true, false] {
        let stage = given_while_saving_hangs();
        if !current {
            stage.client.adopt(grant("88")).unwrap();
        }
        let filter = AccountFilter::all().user(NAMELESS.unwrap());
        let outcome = stage.block_on(stage.client.remove_tokens(filter));
        stage.let_pass(100);
        stage.drain();
        stage.end_hung();
        let back = stored(&stage.store).contains(&one(NAMELESS, "first")[0]);
        assert!(outcome.is_err() || !back, "{current}: {:?}", stored(&stage.store));
    }
}
