//! Whose the tokens are that an application has from elsewhere: how that is found out, and what is stored until it is.

use std::time::Duration;

use crate::accounts::{carried, keep, stage};
use crate::given::{ME, NAMELESS, USER, first, one, renewed_once, rotates, start, stored, with};
use crate::stage::{FlakyStore, Stage, TOKEN, pkce, token};
use tidal_core::config::Tokens;
use tidal_core::document::Unknown;
use tidal_core::store::{Acquired, Store};
use tidal_core::testing::Reply;
use tidal_core::{AccountFilter, AccountKey, ErrorKind, Event, FailureKind, Flow, Unix};

pub(crate) fn who_they_belong_to_is_found_out_before_they_are_stored() {
    // Asked with the access token at hand; with the renewed one, where that one has ended; told by the token answer.
    let ended = || first().expires_at(Unix::from_secs(0));
    let says = r#"{"access_token":"access-1","refresh_token":"r","expires_in":3600,"user_id":77}"#;
    let silent = token("access-1", Some("r"));
    for (tokens, answer, asked) in [(first(), says, 1), (ended(), silent.as_str(), 1), (ended(), says, 0)] {
        for by_hand in [false, true] {
            let stage = stage(if by_hand { pkce() } else { with(tokens.clone()) }, &FlakyStore::default());
            if by_hand {
                stage.client.set_tokens(tokens.clone()).unwrap();
            }
            stage.script.on(TOKEN).reply(200, answer.to_owned());
            stage.script.on(ME).always(Reply::answer(200, USER));
            let carries = carried(&stage).unwrap();
            stage.drain();
            assert_eq!(stored(&stage.store), one(Some("77"), &carries));
            assert_eq!(stage.client.account().unwrap().user.as_deref(), Some("77"));
            assert_eq!(stage.script.count(ME), asked);
            assert_eq!(stage.block_on(stage.client.tokens(AccountFilter::all().user("77"))).unwrap().len(), 1);
        }
    }
}

pub(crate) fn the_configured_name_is_taken_unasked() {
    let mut config = with(first());
    config.user = Some("work".into());
    let stage = stage(config, &FlakyStore::default());
    assert_eq!(carried(&stage).unwrap(), "first");
    stage.drain();
    assert_eq!(stored(&stage.store), one(Some("work"), "first"));
    assert_eq!(stage.script.count(ME), 0);
}

pub(crate) fn where_it_cannot_be_told_they_are_stored_without_a_name() {
    for reply in [Reply::answer(403, "{}"), Reply::Fail(FailureKind::Connect), Reply::answer(200, "{}"), Reply::Hang] {
        for tokens in [first(), first().expires_at(Unix::from_secs(0))] {
            let stage = stage(with(tokens), &FlakyStore::default());
            stage.script.on(ME).always(reply.clone());
            rotates(&stage.script);
            let begun = stage.runtime_now().mono;
            let carries = carried(&stage).unwrap();
            // No longer than for a save.
            assert!(stage.runtime_now().mono.since(begun) <= Duration::from_secs(5), "{reply:?}");
            stage.drain();
            assert!(stage.runtime_now().mono.since(begun) <= Duration::from_secs(5), "{reply:?}");
            assert_eq!(stored(&stage.store), one(NAMELESS, &carries), "{reply:?}");
        }
    }
}

pub(crate) fn a_name_that_is_found_out_later_leaves_no_double() {
    for renews in [false, true] {
        let config = with(first());
        let before = stage(config.clone(), &FlakyStore::default());
        before.script.on(ME).reply(503, "");
        let reused = rotates(&before.script);
        assert_eq!(carried(&before).unwrap(), "first");
        before.drain();
        assert_eq!(stored(&before.store), one(NAMELESS, "first"));
        before.script.on(ME).always(Reply::answer(200, USER));
        let token = if renews { "access-1" } else { "first" };
        if renews {
            before.runtime.advance(Duration::from_secs(3600));
        }
        let again = start(config.clone(), &before);
        assert_eq!(carried(&again).unwrap(), token);
        again.drain();
        assert_eq!(stored(&again.store), one(Some("77"), token));
        // Who knew it without a name goes on with it under its name.
        before.runtime.advance(Duration::from_secs(3600));
        let next = carried(&before).unwrap();
        before.drain();
        assert_eq!(stored(&before.store), one(Some("77"), &next));
        assert_eq!(before.client.account().unwrap().user.as_deref(), Some("77"));
        assert_eq!(*reused.lock().unwrap(), 0);
        // And a sign-out leaves nothing.
        before.block_on(before.client.sign_out()).unwrap();
        assert_eq!(stored(&before.store), []);
    }
}

pub(crate) fn a_name_given_later_is_taken_by_what_was_stored_without_one() {
    for fails in [false, true] {
        let before = stage(with(first()), &FlakyStore::default());
        let reused = rotates(&before.script);
        before.script.on(ME).always(Reply::answer(403, "{}"));
        before.runtime.advance(Duration::from_secs(3600));
        assert_eq!(carried(&before).unwrap(), "access-1");
        before.drain();
        assert_eq!(stored(&before.store), one(NAMELESS, "access-1"));
        let mut config = with(first());
        config.user = Some("work".into());
        let again = start(config, &before);
        if fails {
            again.store.fail_from_now_on(&["list"]);
            again.runtime.settle();
            again.store.fail_from_now_on(&[]);
            again.runtime.advance(Duration::from_secs(2));
        }
        assert_eq!(carried(&again).unwrap(), "access-1");
        again.drain();
        assert_eq!(stored(&again.store), one(Some("work"), "access-1"));
        assert_eq!((*reused.lock().unwrap(), again.script.count(TOKEN)), (0, 1));
    }
}

pub(crate) fn a_nameless_sign_in_that_has_ended_is_nobody_elses() {
    let store = FlakyStore::default();
    keep(&store, "the-client", Flow::Pkce, Some("anna"), 9000, "");
    let stage = stage(with(first().expires_at(Unix::from_secs(0))), &store);
    stage.script.on(TOKEN).reply(400, r#"{"error":"invalid_grant"}"#);
    for _ in 0..3 {
        let error = carried(&stage).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SessionEnded, "{error}");
        stage.drain();
    }
    assert_eq!(stage.script.count(TOKEN), 1);
}

/// Puts a copy of what is stored beside it, without a name, under other tokens if that is asked for.
fn copy_without_name(stage: &Stage, token: Option<&str>) {
    let (mut record, now) = (stage.stored(), stage.runtime_now().unix);
    record.key.user = NAMELESS.map(str::to_owned);
    if let Some(token) = token {
        record.key.user = Some("unknown:somebody".to_owned());
        record.access_token = token.into();
        record.extra = Unknown::default();
    }
    let Ok(Acquired::Lease(lease, _)) = stage.store.acquire(&record.key, Duration::from_secs(1), None, now) else { panic!() };
    stage.store.save(&record, &lease, now).unwrap();
    stage.store.release(&lease, now).unwrap();
}

pub(crate) fn what_a_process_left_without_a_name_is_removed() {
    // As of a process that ended after it had stored the account under its name.
    let (before, _) = renewed_once(with(first()));
    copy_without_name(&before, None);
    let again = start(with(first()), &before);
    assert_eq!(carried(&again).unwrap(), "access-1");
    again.drain();
    assert_eq!(stored(&again.store), one(Some("77"), "access-1"));
    let told: Vec<_> = std::iter::from_fn(|| again.client.try_event()).collect();
    assert!(!told.iter().any(|event| matches!(event, Event::SignedOut(_))), "nobody has signed out: {told:?}");
}

pub(crate) fn another_sign_in_without_a_name_stays() {
    let (before, _) = renewed_once(with(first()));
    copy_without_name(&before, Some("somebodys"));
    let other = start(with(Tokens::new("second").refresh_token("second-refresh")), &before);
    assert_eq!(carried(&other).unwrap(), "second");
    other.drain();
    assert_eq!(
        stored(&other.store),
        [(Some("77".to_owned()), "second".to_owned()), (Some("unknown:somebody".to_owned()), "somebodys".to_owned())]
    );
}

pub(crate) fn a_sign_out_does_not_wait_for_the_name() {
    let stage = stage(with(first()), &FlakyStore::default());
    stage.script.on(ME).then(Reply::Hang);
    assert_eq!(carried(&stage).unwrap(), "first");
    stage.runtime.settle();
    assert_eq!(stage.script.count(ME), 1);
    let begun = stage.runtime_now().mono;
    stage.block_on(stage.client.sign_out()).unwrap();
    assert_eq!((stage.runtime_now().mono, stored(&stage.store)), (begun, vec![]));
}

pub(crate) fn a_save_under_the_name_that_fails_leaves_no_lease() {
    let stage = stage(with(first()), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    stage.store.fail_from_now_on(&["save"]);
    assert_eq!(carried(&stage).unwrap(), "first");
    stage.runtime.settle();
    let now = stage.runtime_now().unix;
    for user in [NAMELESS.map(str::to_owned), Some("77".to_owned())] {
        let key = AccountKey { client_id: "the-client".to_owned(), flow: Flow::Pkce, user };
        assert!(matches!(stage.store.acquire(&key, Duration::ZERO, None, now), Ok(Acquired::Lease(..))), "{key:?}");
    }
}
