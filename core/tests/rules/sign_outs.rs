//! What a sign-out means, and what it leaves alone.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use tidal_core::testing::{Gate, Reply};
use tidal_core::{Error, Event};

use crate::accounts::{carried, stage};
use crate::given::{ME, USER, first, give, left_behind, one, secret, stored, with};
use crate::removals::grant;
use crate::stage::{FlakyStore, Stage, TOKEN, pkce, token};

/// How something ends, once it has.
pub(crate) type Ended = Rc<RefCell<Option<Result<(), String>>>>;

pub(crate) fn ending<T>(stage: &Stage, call: impl Future<Output = Result<T, Error>> + 'static) -> Ended {
    let ended = Ended::default();
    let outcome = Rc::clone(&ended);
    stage.spawn(async move { *outcome.borrow_mut() = Some(call.await.map(drop).map_err(|error| error.to_string())) });
    stage.runtime.settle();
    ended
}

pub(crate) fn signing_out(stage: &Stage) -> Ended {
    ending(stage, stage.client.sign_out())
}

/// How many sign-outs were told of since this was last asked.
pub(crate) fn told(stage: &Stage) -> usize {
    let events = std::iter::from_fn(|| stage.client.try_event());
    events.filter(|event| matches!(event, Event::SignedOut(_))).count()
}

/// A sign-out ends only now, and either fails or leaves nothing stored.
fn fails_or_leaves_nothing(stage: &Stage, sign_out: &Ended) {
    let outcome = sign_out.borrow().clone().unwrap();
    assert!(outcome.is_err() || stored(&stage.store).is_empty(), "{:?} came back", stored(&stage.store));
}

pub(crate) fn a_client_that_is_configured_anew_keeps_out_a_save_of_before() {
    // It does not know yet whose it is; client credentials have one account only.
    for application in [false, true] {
        let stage = if application { Stage::client_credentials() } else { stage(pkce(), &FlakyStore::default()) };
        stage.script.on(TOKEN).always(Reply::answer(200, token("app", None)));
        stage.hang_at("saving");
        if application {
            assert_eq!(carried(&stage).unwrap(), "app");
        } else {
            stage.client.adopt(grant("42")).unwrap();
        }
        stage.runtime.settle();
        stage.store.fail_from_now_on(&["acquire"]);
        stage.let_pass(300);
        let config = if application { stage.client.config() } else { secret(pkce()) };
        stage.block_on(stage.client.reconfigure(config)).unwrap();
        stage.let_pass(60);
        stage.drain();
        let out = ending(&stage, stage.client.sign_out());
        stage.let_pass(60);
        stage.end_hung();
        fails_or_leaves_nothing(&stage, &out);
    }
}

pub(crate) fn the_same_tokens_under_another_name_are_signed_out_of_too() {
    // The first sign-out is still at it.
    let stage = left_behind();
    let first_out = signing_out(&stage);
    assert_eq!(*first_out.borrow(), None);
    let mut config = secret(with(first()));
    config.user = Some("work".into());
    stage.block_on(stage.client.reconfigure(config)).unwrap();
    assert_eq!(carried(&stage).unwrap(), "first");
    stage.runtime.settle();
    let second = signing_out(&stage);
    stage.let_pass(100);
    stage.end_hung();
    fails_or_leaves_nothing(&stage, &second);
}

/// A start with tokens that are stored under two names: whose they are was asked at first, and then somebody gave them a name.
fn under_two_names() -> Stage {
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    for user in [None, Some("work")] {
        let mut config = secret(pkce());
        config.user = user.map(str::to_owned);
        stage.block_on(stage.client.reconfigure(config)).unwrap();
        stage.client.set_tokens(first()).unwrap();
        stage.drain();
    }
    assert_eq!(stored(&stage.store), [one(Some("77"), "first"), one(Some("work"), "first")].concat());
    give(&stage);
    stage
}

pub(crate) fn tokens_that_are_stored_under_two_names_are_removed_from_both() {
    let stage = under_two_names();
    stage.block_on(stage.client.sign_out()).unwrap();
    assert_eq!(stored(&stage.store), []);
}

pub(crate) fn even_once_the_start_has_found_one_of_these() {
    for is_used in [false, true] {
        let stage = under_two_names();
        stage.drain();
        if is_used {
            assert_eq!(carried(&stage).unwrap(), "first");
        }
        stage.block_on(stage.client.sign_out()).unwrap();
        assert_eq!(stored(&stage.store), [], "{is_used}");
    }
}

pub(crate) fn whoever_is_found_is_signed_out_whatever_another_sign_out_removes() {
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
    stage.let_pass(100);
    stage.drain();
    assert_eq!(*earlier.borrow(), Some(Ok(())));
    fails_or_leaves_nothing(&stage, &second);
}

pub(crate) fn what_is_left_of_somebody_unknown_is_not_taken_for_the_account() {
    let stage = stage(with(first()), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(403, "{}"));
    assert_eq!(carried(&stage).unwrap(), "first");
    stage.drain();
    stage.runtime.advance(Duration::from_secs(3700));
    stage.script.on(TOKEN).reply(400, r#"{"error":"invalid_grant"}"#);
    carried(&stage).unwrap_err();
    stage.drain();
    // It is being removed when the client, configured anew, is signed out.
    stage.store.fail_from_now_on(&["forget"]);
    stage.client.adopt(grant("88")).unwrap();
    stage.runtime.settle();
    stage.block_on(stage.client.reconfigure(secret(pkce()))).unwrap();
    let out = signing_out(&stage);
    stage.store.fail_from_now_on(&[]);
    stage.let_pass(100);
    stage.drain();
    fails_or_leaves_nothing(&stage, &out);
}

pub(crate) fn what_is_given_again_after_a_sign_out_stays() {
    // Under another name, while the first is removed; then somebody else signs in.
    for hangs in [true, false] {
        let named = |user: &str| {
            let mut config = secret(with(first()));
            config.user = Some(user.into());
            config
        };
        let stage = stage(named("77"), &FlakyStore::default());
        stage.store.fail_from_now_on(&["acquire 77"]);
        assert_eq!(carried(&stage).unwrap(), "first");
        let out = signing_out(&stage);
        assert_eq!(*out.borrow(), None);
        if hangs {
            stage.hang_at("saving");
        } else {
            stage.store.fail_from_now_on(&["acquire 77", "save"]);
        }
        stage.block_on(stage.client.reconfigure(named("work"))).unwrap();
        assert_eq!(carried(&stage).unwrap(), "first");
        assert_eq!(*out.borrow(), None);
        stage.client.adopt(grant("88")).unwrap();
        stage.store.fail_from_now_on(&[]);
        stage.let_pass(100);
        stage.drain();
        assert_eq!(*out.borrow(), Some(Ok(())));
        if hangs {
            stage.end_hung();
        }
        assert_eq!(stored(&stage.store), [one(Some("88"), "of-88"), one(Some("work"), "first")].concat(), "{hangs}");
    }
}

pub(crate) fn nobody_elses_tokens_that_wait_to_be_stored_are_lost() {
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.store.fail_from_now_on(&["save"]);
    for user in ["42", "88"] {
        stage.client.adopt(grant(user)).unwrap();
        stage.runtime.settle();
    }
    stage.block_on(stage.client.reconfigure(secret(pkce()))).unwrap();
    stage.store.fail_from_now_on(&[]);
    // The last one's are meant.
    stage.block_on(stage.client.sign_out()).unwrap();
    stage.let_pass(100);
    stage.drain();
    assert_eq!(stored(&stage.store), one(Some("42"), "of-42"));
}

pub(crate) fn tokens_that_are_set_again_are_removed_from_under_their_name() {
    // Signed out of at once, or while the service is asked whose they are.
    for asks in [false, true] {
        let stage = stage(secret(pkce()), &FlakyStore::default());
        let asked_again = Reply::Behind(Gate::new(), Box::new(Reply::answer(200, USER)));
        stage.script.on(ME).then(Reply::answer(200, USER)).then(asked_again);
        stage.client.set_tokens(first()).unwrap();
        stage.drain();
        assert_eq!(stored(&stage.store), one(Some("77"), "first"));
        stage.client.set_tokens(first()).unwrap();
        if asks {
            stage.runtime.settle();
            assert_eq!(stage.script.count(ME), 2);
        }
        stage.block_on(stage.client.sign_out()).unwrap();
        assert_eq!(stored(&stage.store), [], "{asks}");
    }
}

pub(crate) fn what_the_account_came_in_place_of_is_not_stored_later() {
    // Whoever signs in after the sign-out comes in the place of the given tokens. These are set again, and twice: one waits for the other.
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    give(&stage);
    assert_eq!(*signing_out(&stage).borrow(), Some(Ok(())));
    stage.client.adopt(grant("42")).unwrap();
    for _ in 0..2 {
        stage.client.set_tokens(first()).unwrap();
    }
    // The next start finds the one who signed in, and signs out of both.
    give(&stage);
    assert_eq!(*signing_out(&stage).borrow(), Some(Ok(())));
    stage.let_pass(10);
    assert_eq!(stored(&stage.store), [], "it came back");
}

pub(crate) fn a_sign_out_of_the_account_in_use_fails_while_a_save_may_land() {
    for broken in [&["acquire 42"][..], &["acquire 42", "release"], &["acquire", "release", "forget", "find", "list"]] {
        let stage = stage(secret(pkce()), &FlakyStore::default());
        stage.hang_at("saving");
        stage.client.adopt(grant("42")).unwrap();
        stage.runtime.settle();
        stage.store.fail_from_now_on(broken);
        stage.let_pass(600);
        stage.drain();
        for _ in 0..2 {
            stage.block_on(stage.client.sign_out()).unwrap_err();
            stage.drain();
        }
        // Once the store works the save is kept out, whoever is signed in by then.
        stage.store.fail_from_now_on(&[]);
        stage.let_pass(60);
        stage.client.adopt(grant("88")).unwrap();
        stage.block_on(stage.client.sign_out()).unwrap();
        stage.drain();
        stage.end_hung();
        assert_eq!(stored(&stage.store), [], "{broken:?}");
    }
}

pub(crate) fn a_token_is_revoked_once_however_often_its_sign_out_is_tried() {
    let mut config = secret(with(first()));
    config.revoke_url = Some("https://auth.example/revoke".parse().unwrap());
    let stage = stage(config, &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    stage.script.on("POST /revoke").always(Reply::answer(200, ""));
    stage.hang_at("saving");
    assert_eq!(carried(&stage).unwrap(), "first");
    stage.store.fail_from_now_on(&["acquire 77"]);
    stage.let_pass(60);
    stage.drain();
    for _ in 0..3 {
        stage.block_on(stage.client.sign_out()).unwrap_err();
    }
    stage.store.fail_from_now_on(&[]);
    stage.block_on(stage.client.sign_out()).unwrap();
    stage.end_hung();
    assert_eq!(stage.script.count("POST /revoke"), 1);
}

pub(crate) fn who_signs_in_during_a_sign_out_has_one_of_their_own() {
    let histories = [("88", "forget"), ("42", "forget"), ("88", "acquire 42"), ("42", "acquire 42"), ("88", "release")];
    for (user, broken) in histories {
        let stage = stage(secret(pkce()), &FlakyStore::default());
        stage.client.adopt(grant("42")).unwrap();
        stage.drain();
        stage.store.fail_from_now_on(&[broken]);
        let out = signing_out(&stage);
        stage.let_pass(1);
        stage.client.adopt(grant(user)).unwrap();
        stage.let_pass(30);
        stage.store.fail_from_now_on(&[]);
        stage.let_pass(60);
        let failed = out.borrow().as_ref().is_some_and(Result::is_err);
        stage.block_on(stage.client.sign_out()).unwrap();
        let left = if failed && user == "88" { one(Some("42"), "of-42") } else { Vec::new() };
        assert_eq!(stored(&stage.store), left, "{user} {broken}");
        assert_eq!(told(&stage), if failed { 1 } else { 2 }, "{user} {broken}");
        stage.drain();
    }
}

pub(crate) fn a_sign_out_goes_on_while_the_client_is_closed() {
    for heals in [true, false] {
        let stage = stage(secret(pkce()), &FlakyStore::default());
        stage.client.adopt(grant("42")).unwrap();
        stage.drain();
        stage.store.fail_from_now_on(&["forget"]);
        let out = signing_out(&stage);
        stage.client.close();
        if heals {
            stage.store.fail_from_now_on(&[]);
        }
        stage.let_pass(20);
        assert_eq!(out.borrow().as_ref().unwrap().is_ok(), heals, "{out:?}");
        assert_eq!(stored(&stage.store).is_empty(), heals);
        stage.client.open();
        let again = signing_out(&stage);
        stage.store.fail_from_now_on(&[]);
        stage.let_pass(20);
        assert_eq!(*again.borrow(), Some(Ok(())));
        assert_eq!(stored(&stage.store), []);
    }
}
