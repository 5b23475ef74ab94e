//! Sign-outs and removals that come at any step of what else is done.

use std::time::Duration;

use tidal_core::AccountFilter;
use tidal_core::testing::Reply;

use crate::accounts::{carried, stage};
use crate::given::{ME, NAMELESS, USER, give, one, stored};
use crate::removals::grant;
use crate::sign_outs::{signing_out, told};
use crate::stage::{FlakyStore, Stage, TOKEN, pkce, token};

/// What hangs of the uses of the store that find out whose given tokens are, and store them.
const HANGS: [&str; 5] = ["saving", "removing the", "acquiring", "listing", "looking"];

/// What fails from a second after the start on.
const BROKEN: [&[&str]; 8] = [&[], &["acquire 77"], &["acquire"], &["forget"], &["find"], &["list"], &["save"], &["release"]];

/// How many seconds pass then.
const SECONDS: [u64; 8] = [0, 1, 3, 7, 12, 20, 40, 70];

/// Tokens that are given, while a use of the store hangs and others fail; so many seconds later.
fn given(hangs: &'static str, broken: &[&'static str], seconds: u64) -> Stage {
    let stage = stage(pkce(), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    stage.hang_at(hangs);
    give(&stage);
    stage.let_pass(1);
    stage.store.fail_from_now_on(broken);
    stage.let_pass(seconds);
    stage
}

/// What hangs comes to its end, if anything does.
fn land(stage: &Stage) {
    if stage.hangs() {
        stage.end_hung();
    }
}

/// When what hangs comes to its end: as the last thing, or before one of these.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Lands {
    BeforeTheSignOut,
    BeforeTheEnd,
    Last,
}

pub(crate) fn a_sign_out_succeeds_at_any_step_once_the_store_works() {
    for hangs in HANGS {
        for broken in BROKEN {
            for seconds in SECONDS {
                for works_after in [0, 2, 5, 30, 100] {
                    for lands in [Lands::BeforeTheSignOut, Lands::BeforeTheEnd, Lands::Last] {
                        let history = format!("{hangs} {broken:?} {seconds} {works_after} {lands:?}");
                        signs_out(&given(hangs, broken, seconds), works_after, lands, &history);
                    }
                }
            }
        }
    }
}

fn signs_out(stage: &Stage, works_after: u64, lands: Lands, history: &str) {
    if lands == Lands::BeforeTheSignOut {
        land(stage);
    }
    let out = signing_out(stage);
    stage.let_pass(works_after);
    stage.store.fail_from_now_on(&[]);
    if lands == Lands::BeforeTheEnd {
        land(stage);
    }
    stage.let_pass(70);
    let outcome = out.borrow().clone();
    assert_ne!(outcome, None, "{history}: it does not end");
    if outcome != Some(Ok(())) {
        let again = signing_out(stage);
        stage.let_pass(70);
        assert_eq!(*again.borrow(), Some(Ok(())), "{history}: again");
    }
    stage.drain();
    land(stage);
    stage.let_pass(70);
    assert_eq!(stored(&stage.store), [], "{history}: it came back");
    assert_eq!(told(stage), 1, "{history}");
}

pub(crate) fn a_removal_succeeds_at_any_step_and_leaves_whoever_signed_in_since() {
    for hangs in HANGS {
        for broken in BROKEN {
            for seconds in SECONDS {
                for later in [0, 2, 10] {
                    for works in [false, true] {
                        let stage = given(hangs, broken, seconds);
                        stage.client.adopt(grant("88")).unwrap();
                        stage.let_pass(later);
                        removes(&stage, works, &format!("{hangs} {broken:?} {seconds} {later} {works}"));
                    }
                }
            }
        }
    }
}

fn removes(stage: &Stage, works: bool, history: &str) {
    if works {
        stage.store.fail_from_now_on(&[]);
    }
    let removes = || {
        let filter = AccountFilter::all().user("77").user(NAMELESS.unwrap());
        stage.block_on(stage.client.remove_tokens(filter))
    };
    let begun = stage.runtime_now().mono;
    let mut outcome = removes();
    let took = stage.runtime_now().mono.since(begun);
    assert!(took <= Duration::from_secs(70), "{history}: it took {took:?}");
    stage.store.fail_from_now_on(&[]);
    for wait in [0, 60] {
        if outcome.is_err() {
            stage.let_pass(wait);
            outcome = removes();
        }
    }
    assert!(outcome.is_ok(), "{history}: {outcome:?}");
    land(stage);
    stage.let_pass(200);
    stage.drain();
    // What the store refused for too long is left until the next change.
    let left = stored(&stage.store);
    assert!(left == one(Some("88"), "of-88") || !works && left.is_empty(), "{history}: {left:?}");
}

pub(crate) fn an_application_signs_out_at_any_step_too() {
    for broken in BROKEN {
        for seconds in SECONDS {
            let stage = Stage::client_credentials();
            stage.script.on(TOKEN).always(Reply::answer(200, token("app", None)));
            stage.hang_at("saving");
            assert_eq!(carried(&stage).unwrap(), "app");
            stage.store.fail_from_now_on(broken);
            stage.let_pass(seconds);
            let outcome = stage.block_on(stage.client.sign_out());
            stage.store.fail_from_now_on(&[]);
            if outcome.is_err() {
                stage.block_on(stage.client.sign_out()).unwrap();
            }
            stage.end_hung();
            stage.drain();
            assert_eq!(stored(&stage.store), [], "{broken:?} {seconds} {outcome:?}");
        }
    }
}
