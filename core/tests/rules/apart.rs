//! People and accounts that stay apart where things happen at the same time.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::accounts::{BERT, calling, carried, keep, sign_in_with, stage};
use crate::given::{ME, NAMELESS, first, given_while_saving_hangs, named, secret, start, stored, with};
use crate::removals::grant;
use crate::stage::{ALBUM, FlakyStore, TOKEN, pkce, token};
use tidal_core::auth::Grant;
use tidal_core::config::Tokens;
use tidal_core::store::{Acquired, Store};
use tidal_core::testing::Reply;
use tidal_core::{AccountKey, ErrorKind, Flow, Unix};

pub(crate) fn a_sign_in_while_given_tokens_are_looked_for_is_somebody_elses() {
    for fails in [false, true] {
        let before = named();
        let again = start(with(first()), &before);
        if fails {
            again.store.fail_from_now_on(&["find"]);
            // They work until they end, whatever the store does.
            assert_eq!(carried(&again).unwrap(), "first");
            again.store.fail_from_now_on(&[]);
        } else {
            again.hang_at("looking");
            calling(&again);
        }
        sign_in_with(&again, BERT.to_owned());
        again.drain();
        assert_eq!(carried(&start(with(first()), &again)).unwrap(), "first", "{fails}");
    }
}

pub(crate) fn a_sign_in_waits_for_nobody_who_has_left() {
    // A save of theirs may land yet, and their account can't be acquired.
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.store.fail_from_now_on(&["save"]);
    stage.client.adopt(grant("42")).unwrap();
    stage.runtime.settle();
    stage.store.fail_from_now_on(&["acquire 42"]);
    stage.client.adopt(grant("90")).unwrap();
    stage.let_pass(60);
    stage.drain();
    for _ in 0..3 {
        let begun = stage.runtime_now();
        sign_in_with(&stage, BERT.to_owned());
        assert_eq!(stage.runtime_now(), begun);
        stage.drain();
    }
}

pub(crate) fn a_sign_out_waits_for_whoever_holds_the_place_without_a_name() {
    let stage = named();
    keep(&stage.store, "the-client", Flow::Pkce, Some("88"), 1, "");
    let place = AccountKey { client_id: "the-client".into(), flow: Flow::Pkce, user: NAMELESS.map(str::to_owned) };
    let begun = stage.runtime_now();
    let acquired = stage.store.acquire(&place, Duration::from_secs(30), None, begun.unix);
    assert!(matches!(acquired, Ok(Acquired::Lease(..))));
    let ended = Rc::new(RefCell::new(None));
    let (sign_out, outcome) = (stage.client.sign_out(), Rc::clone(&ended));
    stage.spawn(async move { *outcome.borrow_mut() = Some(sign_out.await.map_err(|error| error.kind())) });
    stage.runtime.settle();
    let mut config = pkce();
    config.user = Some("88".into());
    config.client_secret = Some("secret".into());
    stage.block_on(stage.client.reconfigure(config)).unwrap();
    assert_eq!(carried(&stage).unwrap(), "of-88");
    assert!(stage.runtime_now().mono.since(begun.mono) < Duration::from_secs(1));
    assert_eq!(*ended.borrow(), None);
    // They may have stored something there, and are gone.
    stage.runtime.advance(Duration::from_secs(30));
    stage.drain();
    assert_eq!(*ended.borrow(), Some(Ok(())));
}

pub(crate) fn a_lease_that_is_fenced_holds_up_no_sign_out() {
    // Whenever that is: while the save hangs, while the fence is tried, and after it.
    for half_seconds in 8..24 {
        let stage = given_while_saving_hangs();
        stage.store.fail_from_now_on(&["acquire"]);
        for _ in 0..half_seconds {
            stage.runtime.settle();
            stage.runtime.advance(Duration::from_millis(500));
        }
        stage.runtime.settle();
        stage.store.fail_from_now_on(&[]);
        let begun = stage.runtime_now();
        let mut config = pkce();
        config.user = Some("77".into());
        stage.client.adopt(Grant::from_tokens(&config, Tokens::new("other").refresh_token("r"), begun).unwrap()).unwrap();
        stage.runtime.settle();
        stage.block_on(stage.client.sign_out()).unwrap();
        let took = stage.runtime_now().mono.since(begun.mono);
        assert!(took < Duration::from_secs(10), "{half_seconds}: {took:?}");
        assert!(stored(&stage.store).iter().all(|(user, _)| user.as_deref() != Some("77")));
    }
}

pub(crate) fn rejected_tokens_are_not_sent_again_once_a_later_sign_in_has_ended() {
    let ended = || with(first().expires_at(Unix::from_secs(0)));
    let before = stage(ended(), &FlakyStore::default());
    before.script.on(ME).always(Reply::answer(403, "{}"));
    before.script.on(TOKEN).reply(400, r#"{"error":"invalid_grant"}"#);
    assert_eq!(carried(&before).unwrap_err().kind(), ErrorKind::SessionEnded);
    before.drain();
    sign_in_with(&before, token("fresh", None));
    before.drain();
    before.runtime.advance(Duration::from_secs(3700));
    for _ in 0..3 {
        let again = start(ended(), &before);
        assert_eq!(carried(&again).unwrap_err().kind(), ErrorKind::SignInRequired);
        again.drain();
        assert_eq!(again.script.count(TOKEN), 2);
    }
}

pub(crate) fn a_call_waits_for_its_handler_and_for_nobody_else_unknown() {
    let mut config = pkce();
    config.handles_sign_in = true;
    let stage = stage(config, &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(403, "{}"));
    stage.client.handle_sign_ins(move |_| std::future::pending());
    sign_in_with(&stage, token("anna", None));
    stage.drain();
    stage.runtime.advance(Duration::from_secs(3700));
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    let ended = calling(&stage);
    sign_in_with(&stage, token("bert", None));
    stage.runtime.settle();
    assert_eq!(*ended.borrow(), Some(Err(ErrorKind::SignedOut)));
}
