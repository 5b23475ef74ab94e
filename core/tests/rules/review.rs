//! Sign-outs that meet what other accounts of the session have yet to end.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use tidal_core::testing::{Gate, Reply};
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
    println!("{:?}", events.iter().filter(|event| matches!(event, Event::SignedOut(_))).collect::<Vec<_>>());
    let outcome = second.borrow().clone().unwrap();
    assert!(outcome.is_err() || stored(&stage.store).is_empty(), "{:?}", stored(&stage.store));
}

/// What is left of an unknown person is being removed when the session, configured anew, is signed out of.
pub(crate) fn f3_a_leftover_is_taken_for_the_account() {
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
    println!("stored {:?}", stored(&stage.store));
    stage.block_on(stage.client.reconfigure({ let mut c = pkce(); c.client_secret = Some("s".into()); c })).unwrap();
    let second = signing_out(&stage);
    stage.store.fail_from_now_on(&[]);
    let_pass(&stage, 100);
    stage.drain();
    println!("{:?} {:?}", second.borrow(), stored(&stage.store));
    let events: Vec<Event> = std::iter::from_fn(|| stage.client.try_event()).collect();
    println!("{:?}", events.iter().filter(|event| matches!(event, Event::SignedOut(_))).collect::<Vec<_>>());
    let outcome = second.borrow().clone().unwrap();
    assert!(outcome.is_err() || stored(&stage.store).is_empty(), "{:?}", stored(&stage.store));
}

fn secret(mut config: Config) -> Config {
    config.client_secret = Some("s".into());
    config
}

/// The same tokens are given under another name while they are signed out of under the first; then somebody else signs in.
pub(crate) fn f4_what_was_begun_after_a_sign_out_stays() {
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

/// Several saves may land yet, of different people; nobody is signed in; the store stays broken for them.
pub(crate) fn h1_several_doubts() {
    let stage = stage(secret(pkce()), &FlakyStore::default());
    for user in ["42", "43", "44"] {
        stage.store.fail_from_now_on(&["save"]);
        stage.client.adopt(grant(user)).unwrap();
        stage.runtime.settle();
        stage.store.fail_from_now_on(&["acquire 42", "acquire 43", "acquire 44"]);
        let_pass(&stage, 1);
    }
    stage.store.fail_from_now_on(&["acquire 42", "acquire 43", "acquire 44"]);
    stage.client.adopt(grant("88")).unwrap();
    let_pass(&stage, 600);
    stage.drain();
    assert_eq!(stored(&stage.store), one(Some("88"), "of-88"));
    let begun = stage.runtime_now();
    stage.block_on(stage.client.sign_out()).unwrap();
    println!("took {:?}", stage.runtime_now().mono.since(begun.mono));
    let begun = stage.runtime_now();
    println!("{:?}", stage.block_on(stage.client.remove_all_tokens()));
    println!("took {:?}", stage.runtime_now().mono.since(begun.mono));
    stage.store.fail_from_now_on(&[]);
    println!("{:?}", stage.block_on(stage.client.remove_all_tokens()));
}

/// A save hangs under the account in use, and is given up; then the account is signed out of while the lease can't be given back.
pub(crate) fn h2_current_in_doubt_at_rest() {
    for broken in [&["acquire 42"][..], &["acquire 42", "release"], &["acquire", "release", "forget", "find", "list"]] {
        let stage = stage(secret(pkce()), &FlakyStore::default());
        stage.hang_at("saving");
        stage.client.adopt(grant("42")).unwrap();
        stage.runtime.settle();
        stage.store.fail_from_now_on(broken);
        let_pass(&stage, 600);
        stage.drain();
        let begun = stage.runtime_now();
        let outcome = stage.block_on(stage.client.sign_out());
        println!("{outcome:?} took {:?}", stage.runtime_now().mono.since(begun.mono));
        assert!(outcome.is_err());
        stage.drain();
        let again = stage.block_on(stage.client.sign_out());
        assert!(again.is_err());
        stage.store.fail_from_now_on(&[]);
        stage.client.adopt(grant("88")).unwrap();
        stage.block_on(stage.client.sign_out()).unwrap();
        stage.drain();
        stage.end_hung();
        println!("{:?}", stored(&stage.store));
        assert!(stored(&stage.store).is_empty());
    }
}

/// Sign-outs are dropped at once, and asked for again.
pub(crate) fn h3_dropped_sign_outs() {
    let stage = left_behind();
    for _ in 0..3 {
        drop(signing_out(&stage));
        let mut call = Box::pin(stage.client.sign_out());
        stage.block_on(std::future::poll_fn(|cx| {
            let _ = call.as_mut().poll(cx);
            std::task::Poll::Ready(())
        }));
        drop(call);
    }
    let_pass(&stage, 70);
    stage.drain();
    stage.store.fail_from_now_on(&[]);
    stage.block_on(stage.client.sign_out()).unwrap();
    stage.end_hung();
    assert_eq!(stored(&stage.store), []);
    let events: Vec<Event> = std::iter::from_fn(|| stage.client.try_event()).collect();
    println!("{:?}", events.iter().filter(|event| matches!(event, Event::SignedOut(_))).collect::<Vec<_>>());
}

/// Revocation: once for one token, however often the sign-out is asked for.
pub(crate) fn h4_revoked_once() {
    let mut config = secret(with(first()));
    config.revoke_url = Some("https://auth.example/revoke".parse().unwrap());
    let stage = stage(config, &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    stage.script.on("POST /revoke").always(Reply::answer(200, ""));
    stage.hang_at("saving");
    assert_eq!(carried(&stage).unwrap(), "first");
    stage.store.fail_from_now_on(&["acquire 77"]);
    let_pass(&stage, 60);
    stage.drain();
    println!("{:?}", stored(&stage.store));
    for _ in 0..3 {
        println!("{:?}", stage.block_on(stage.client.sign_out()));
    }
    stage.store.fail_from_now_on(&[]);
    stage.block_on(stage.client.sign_out()).unwrap();
    stage.end_hung();
    println!("{:?}", stored(&stage.store));
    assert_eq!(stage.script.count("POST /revoke"), 1);
}

/// An unlucky sign-out without a known account is asked for again after another process has signed somebody in.
pub(crate) fn h5_asked_again_for_nobody_known() {
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.store.fail_from_now_on(&["find"]);
    stage.block_on(stage.client.sign_out()).unwrap_err();
    stage.store.fail_from_now_on(&[]);
    let_pass(&stage, 3600);
    crate::accounts::keep(&stage.store, "the-client", tidal_core::Flow::Pkce, Some("99"), 4000, "");
    println!("{:?}", stage.block_on(stage.client.sign_out()));
    println!("{:?}", stored(&stage.store));
}

/// Tokens given, named 77 at a save that hangs; the session becomes forgetful meanwhile, and the same tokens are signed out of there.
pub(crate) fn h6_forgetful_kin() {
    let stage = given_while_saving_hangs();
    stage.runtime.settle();
    stage.store.fail_from_now_on(&["acquire 77"]);
    let mut config = secret(with(first()));
    config.store_tokens = false;
    stage.block_on(stage.client.reconfigure(config)).unwrap();
    let_pass(&stage, 60);
    stage.drain();
    println!("{:?}", stored(&stage.store));
    println!("{:?}", stage.block_on(stage.client.sign_out()));
    println!("{:?}", stored(&stage.store));
    stage.end_hung();
    println!("{:?}", stored(&stage.store));
}

/// A store that is broken for good, with calls that go on all the while: jobs stay few.
pub(crate) fn h7_no_busy_loop() {
    let stage = left_behind();
    let_pass(&stage, 10);
    stage.client.adopt(grant("88")).unwrap();
    stage.store.fail_from_now_on(&["acquire 77", "release"]);
    stage.script.on(crate::stage::ALBUM).always(Reply::answer(200, "{}"));
    for _ in 0..100 {
        stage.client.adopt(grant("88")).unwrap();
        let_pass(&stage, 60);
    }
    stage.drain();
    println!("{:?}", stage.client);
}

/// Given tokens are used, and their name is being found out, when the sign-out comes: at each step of that, with each use of the store failing.
pub(crate) fn h8_any_step() {
    let mut wrong = Vec::new();
    for hang in ["saving", "removing the", "acquiring", "listing", "looking"] {
        for broken in [&[][..], &["acquire 77"], &["acquire"], &["forget"], &["find"], &["list"], &["save"], &["release"]] {
            for seconds in [0, 1, 3, 7, 12, 20, 40, 70] {
                for heals_after in [0, 2, 5, 30, 100] {
                    for lands in [0, 1, 2] {
                        let stage = stage(pkce(), &FlakyStore::default());
                        stage.script.on(ME).always(Reply::answer(200, USER));
                        stage.script.on(crate::stage::ALBUM).always(Reply::answer(200, "{}"));
                        stage.hang_at(hang);
                        give(&stage);
                        let_pass(&stage, 1);
                        stage.store.fail_from_now_on(broken);
                        let_pass(&stage, seconds);
                        let hung = || stage.hangs();
                        if lands == 0 && hung() {
                            stage.end_hung();
                        }
                        let mut out = signing_out(&stage);
                        let_pass(&stage, heals_after);
                        stage.store.fail_from_now_on(&[]);
                        if lands == 1 && hung() {
                            stage.end_hung();
                        }
                        let_pass(&stage, 70);
                        let first = out.borrow().clone();
                        let history = format!("{hang} {broken:?} {seconds} {heals_after} {lands}");
                        if first.is_none() {
                            wrong.push(format!("{history}: stuck"));
                            continue;
                        }
                        if first != Some(Ok(())) {
                            out = signing_out(&stage);
                            let_pass(&stage, 70);
                            if *out.borrow() != Some(Ok(())) {
                                wrong.push(format!("{history}: again {:?}", out.borrow()));
                            }
                        }
                        stage.drain();
                        if hung() {
                            stage.end_hung();
                        }
                        let_pass(&stage, 70);
                        if !stored(&stage.store).is_empty() {
                            wrong.push(format!("{history}: {:?} came back", stored(&stage.store)));
                        }
                        let told = std::iter::from_fn(|| stage.client.try_event());
                        let told = told.filter(|event| matches!(event, Event::SignedOut(_))).count();
                        if told != 1 {
                            wrong.push(format!("{history}: told {told} times"));
                        }
                    }
                }
            }
        }
    }
    for one in wrong.iter().take(40) {
        println!("{one}");
    }
    assert!(wrong.is_empty(), "{}", wrong.len());
}

/// The same, but somebody else signs in, and theirs is removed by nobody; the removal by filter of all that was given.
pub(crate) fn h9_any_step_of_a_removal() {
    let mut wrong = Vec::new();
    for hang in ["saving", "removing the", "acquiring", "listing", "looking"] {
        for broken in [&[][..], &["acquire 77"], &["acquire"], &["forget"], &["save"], &["release"]] {
            for seconds in [0, 1, 3, 7, 12, 20, 40, 70] {
                for between in [0, 2, 10] {
                    for heals_before in [false, true] {
                        let stage = stage(pkce(), &FlakyStore::default());
                        stage.script.on(ME).always(Reply::answer(200, USER));
                        stage.script.on(crate::stage::ALBUM).always(Reply::answer(200, "{}"));
                        stage.hang_at(hang);
                        give(&stage);
                        let_pass(&stage, 1);
                        stage.store.fail_from_now_on(broken);
                        let_pass(&stage, seconds);
                        stage.client.adopt(grant("88")).unwrap();
                        let_pass(&stage, between);
                        if heals_before {
                            stage.store.fail_from_now_on(&[]);
                        }
                        let filter = || tidal_core::AccountFilter::all().user("77").user(NAMELESS.unwrap());
                        let removes = || stage.block_on(stage.client.remove_tokens(filter()));
                        let begun = stage.runtime_now();
                        let mut outcome = removes();
                        let took = stage.runtime_now().mono.since(begun.mono);
                        let history = format!("{hang} {broken:?} {seconds} {between} {heals_before}");
                        if took > Duration::from_secs(70) {
                            wrong.push(format!("{history}: took {took:?}"));
                        }
                        stage.store.fail_from_now_on(&[]);
                        if outcome.is_err() {
                            outcome = removes();
                        }
                        if outcome.is_err() {
                            let_pass(&stage, 60);
                            outcome = removes();
                        }
                        if outcome.is_err() {
                            wrong.push(format!("{history}: {outcome:?}"));
                        }
                        if stage.hangs() {
                            stage.end_hung();
                        }
                        let_pass(&stage, 200);
                        stage.drain();
                        // What the store refused for too long is left until the next change.
                        let left = stored(&stage.store);
                        if left != one(Some("88"), "of-88") && (heals_before || !left.is_empty()) {
                            wrong.push(format!("{history}: {:?}", stored(&stage.store)));
                        }
                    }
                }
            }
        }
    }
    for one in wrong.iter().take(40) {
        println!("{one}");
    }
    assert!(wrong.is_empty(), "{}", wrong.len());
}

/// A sign-out under one name fails yet; the same tokens are given again under another, and signed out of.
pub(crate) fn f2_kin_under_another_name() {
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
    println!("{:?} {:?} {:?}", first_out.borrow(), second.borrow(), stored(&stage.store));
    stage.end_hung();
    let outcome = second.borrow().clone().unwrap();
    assert!(outcome.is_err() || stored(&stage.store).is_empty(), "it came back: {:?}", stored(&stage.store));
}

/// A clock on which time passes when it is asked.
struct Ticking(tidal_core::testing::VirtualRuntime);

impl tidal_core::runtime::Clock for Ticking {
    fn now(&self) -> tidal_core::Now {
        self.0.advance(Duration::from_millis(50));
        self.0.now()
    }
}

struct Chance(u64);

impl Chance {
    fn of(&mut self, n: u64) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % n).unwrap()
    }
}

fn tokens_of(name: &str) -> tidal_core::config::Tokens {
    tidal_core::config::Tokens::new(name.to_owned()).refresh_token(format!("r-{name}"))
}

/// Whatever happens, in whatever order. What went wrong, and the history.
fn history(seed: u64, reconfigures: bool) -> Option<String> {
    use tidal_core::auth::Grant;
    let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    stage.script.on(crate::stage::ALBUM).always(Reply::answer(200, "{}"));
    let mut trace = Vec::new();
    // Tokens that the session has been told of since it was somebody else's, the number of sign-ins, the sign-outs, and what must not be stored.
    let (mut held, mut count): (Vec<String>, u32) = (Vec::new(), 0);
    let mut outs: Vec<(Ended, Vec<String>, u32)> = Vec::new();
    let mut dead: Vec<String> = Vec::new();
    let mut wrong = None;
    for _ in 0..chance.of(14) + 3 {
        match chance.of(if reconfigures { 12 } else { 11 }) {
            0 | 1 => {
                count += 1;
                let user = ["42", "88"][chance.of(2)];
                let name = format!("{user}-{count}");
                let mut config = pkce();
                config.user = Some(user.to_owned());
                trace.push(format!("adopt {name}"));
                stage.client.adopt(Grant::from_tokens(&config, tokens_of(&name), stage.runtime_now()).unwrap()).unwrap();
                held = vec![name];
            }
            2 | 3 => {
                count += 1;
                let again = chance.of(2) == 0 && !trace.iter().any(|done: &String| done == "set first");
                let name = if again { "first".to_owned() } else { format!("given-{count}") };
                trace.push(format!("set {name}"));
                let tokens = if again { first() } else { tokens_of(&name) };
                dead.retain(|dead| *dead != name);
                outs.iter_mut().for_each(|out| out.1.retain(|one| *one != name));
                stage.client.set_tokens(tokens).unwrap();
                held = vec![name];
            }
            4 => {
                let work = ["saving", "removing the", "acquiring", "listing", "looking", "releasing"][chance.of(6)];
                trace.push(format!("hang {work}"));
                stage.hang_at(work);
            }
            5 => {
                let broken: &[&'static str] = [
                    &[][..],
                    &["acquire 77"],
                    &["acquire 42"],
                    &["acquire"],
                    &["forget"],
                    &["save"],
                    &["release"],
                    &["find", "list"],
                ][chance.of(8)];
                trace.push(format!("break {broken:?}"));
                stage.store.fail_from_now_on(broken);
            }
            6 | 7 => {
                let seconds = [0, 1, 3, 8, 30, 100][chance.of(6)];
                trace.push(format!("pass {seconds}"));
                let_pass(&stage, seconds);
            }
            8 => {
                if stage.hangs() {
                    trace.push("land".to_owned());
                    stage.end_hung();
                }
            }
            9 | 10 => {
                trace.push("sign out".to_owned());
                outs.push((signing_out(&stage), std::mem::take(&mut held), count));
            }
            _ => {
                trace.push("reconfigure".to_owned());
                held.clear();
                stage.block_on(stage.client.reconfigure(secret(pkce()))).unwrap();
            }
        }
        check(&stage, &mut outs, &mut dead, &trace, &mut wrong);
    }
    trace.push("heal".to_owned());
    for _ in 0..2 {
        for _ in 0..140 {
            let_pass(&stage, 1);
            check(&stage, &mut outs, &mut dead, &trace, &mut wrong);
        }
        stage.store.fail_from_now_on(&[]);
        while stage.hangs() {
            stage.end_hung();
        }
        check(&stage, &mut outs, &mut dead, &trace, &mut wrong);
    }
    if !outs.is_empty() {
        wrong = wrong.or(Some(format!("{trace:?}: stuck")));
    }
    stage.drain();
    wrong
}

fn check(stage: &Stage, outs: &mut Vec<(Ended, Vec<String>, u32)>, dead: &mut Vec<String>, trace: &[String], wrong: &mut Option<String>) {
    let mut at = 0;
    while at < outs.len() {
        let ended = outs[at].0.borrow().clone();
        match ended {
            None => at += 1,
            Some(outcome) => {
                let (_, tokens, _) = outs.remove(at);
                if outcome.is_ok() {
                    dead.extend(tokens);
                } else if let Some(next) = outs.get_mut(at) {
                    // Asked for again, and not ended yet.
                    let _ = next;
                }
            }
        }
    }
    let kept = stage.store.peek().into_iter().map(|record| (record.key.user, record.access_token.expose().to_owned()));
    let back: Vec<_> = kept.filter(|(_, token)| dead.contains(token)).collect();
    if !back.is_empty() && wrong.is_none() {
        *wrong = Some(format!("{trace:?}: {back:?} came back"));
    }
}

pub(crate) fn x1_whatever_happens() {
    let number = |name: &str, default: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (from, cases) = (number("FROM", 1), number("CASES", 3000));
    let mut all: Vec<String> = (from..from + cases).filter_map(|seed| history(seed, number("RECONF", 0) > 0)).collect();
    all.sort_by_key(String::len);
    for one in all.iter().take(12) {
        println!("{one}");
    }
    assert!(all.is_empty(), "{} of {cases}", all.len());
}

/// Tokens that were set once have a name, and are stored under it. They are set again, and signed out of at once, or while the service is asked
/// whose they are: nothing fails here.
pub(crate) fn f6_set_again_and_signed_out_of() {
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

/// A sign-out of the session's own person ends while a renewal by somebody retired goes on.
pub(crate) fn h10_blocking_any_step() {
    use tidal_core::{blocking, testing::Script};
    for broken in [&[][..], &["acquire 42"], &["save"], &["forget"], &["acquire"], &["find"]] {
        for heal in [false, true] {
            let store = FlakyStore::default();
            let client = blocking::Client::new(pkce(), [7; 32], Script::new(), store.clone(), Ticking(tidal_core::testing::VirtualRuntime::new())).unwrap();
            store.fail_from_now_on(&["save"]);
            client.adopt(grant("42")).unwrap();
            store.fail_from_now_on(broken);
            client.adopt(grant("88")).unwrap();
            client.adopt(grant("42")).unwrap();
            if heal {
                store.fail_from_now_on(&[]);
            }
            let outcome = client.sign_out();
            let kept = store.peek().len();
            println!("{broken:?} {heal} {outcome:?} {kept}");
            store.fail_from_now_on(&[]);
            if outcome.is_err() {
                client.sign_out().unwrap();
            }
            assert!(store.peek().iter().all(|record| record.key.user.as_deref() != Some("42")));
            client.remove_all_tokens().unwrap();
            client.close();
            assert!(store.peek().is_empty());
        }
    }
}

/// An application's own account, and a save of its token that hangs.
pub(crate) fn h11_an_application() {
    for broken in [&[][..], &["acquire"], &["forget"], &["release"], &["find"]] {
        for seconds in [0, 3, 7, 40, 100] {
            let stage = Stage::client_credentials();
            stage.script.on(TOKEN).always(Reply::answer(200, token("app", None)));
            stage.hang_at("saving");
            assert_eq!(carried(&stage).unwrap(), "app");
            stage.store.fail_from_now_on(broken);
            let_pass(&stage, seconds);
            let outcome = stage.block_on(stage.client.sign_out());
            stage.store.fail_from_now_on(&[]);
            if outcome.is_err() {
                stage.block_on(stage.client.sign_out()).unwrap();
            }
            stage.end_hung();
            stage.drain();
            assert!(stage.store.peek().is_empty(), "{broken:?} {seconds} {outcome:?}");
        }
    }
}

/// A sign-in comes during a sign-out that fails later: the next sign-out is its own.
pub(crate) fn h12_a_sign_in_during_a_sign_out_that_fails() {
    for (second, broken) in [("88", "forget"), ("42", "forget"), ("88", "acquire 42"), ("42", "acquire 42"), ("88", "release")] {
        let stage = stage(secret(pkce()), &FlakyStore::default());
        stage.client.adopt(grant("42")).unwrap();
        stage.drain();
        stage.store.fail_from_now_on(&[broken]);
        let out = signing_out(&stage);
        let_pass(&stage, 1);
        stage.client.adopt(grant(second)).unwrap();
        let_pass(&stage, 30);
        println!("{second} {broken} {:?} {:?}", out.borrow(), stored(&stage.store));
        stage.store.fail_from_now_on(&[]);
        let_pass(&stage, 60);
        println!("{second} {broken} {:?} {:?}", out.borrow(), stored(&stage.store));
        let failed = out.borrow().as_ref().is_some_and(Result::is_err);
        stage.block_on(stage.client.sign_out()).unwrap();
        println!("{second} {broken} {:?} {:?}", out.borrow(), stored(&stage.store));
        if failed && second == "88" {
            assert_eq!(stored(&stage.store), one(Some("42"), "of-42"));
        } else {
            assert_eq!(stored(&stage.store), []);
        }
        let events: Vec<Event> = std::iter::from_fn(|| stage.client.try_event()).collect();
        println!("{:?}", events.iter().filter(|event| matches!(event, Event::SignedOut(_))).collect::<Vec<_>>());
        stage.drain();
        println!("{}", stage.store.peek().len());
    }
}

/// A doubt is of the time when nobody had signed out, and whoever is retired holds the same under another name, when a sign-out of the one at hand
/// is asked for twice, and the first is dropped.
pub(crate) fn h13_release_fails_how_long_does_it_take() {
    for hang in ["saving", "releasing", "nothing"] {
        for broken in [&[][..], &["release"], &["acquire 77"]] {
            let stage = given_while_saving_hangs();
            stage.hang_at(hang);
            let_pass(&stage, 3);
            stage.store.fail_from_now_on(broken);
            let_pass(&stage, 10);
            let begun = stage.runtime_now();
            let outcome = stage.block_on(stage.client.sign_out());
            println!("{hang} {broken:?}: {outcome:?} after {:?}", stage.runtime_now().mono.since(begun.mono));
        }
    }
    // Nothing fails: no time passes.
    for user in ["42", "88"] {
        let stage = stage(secret(pkce()), &FlakyStore::default());
        stage.store.fail_from_now_on(&["save"]);
        stage.client.adopt(grant("42")).unwrap();
        stage.runtime.settle();
        stage.store.fail_from_now_on(&[]);
        stage.client.adopt(grant(user)).unwrap();
        let begun = stage.runtime_now();
        stage.block_on(stage.client.sign_out()).unwrap();
        println!("{user}: {:?}", stage.runtime_now().mono.since(begun.mono));
    }
}

/// A store that works but for one account: the jobs that it is asked for by nobody.
pub(crate) fn h14_how_often_it_is_tried() {
    let stage = left_behind();
    stage.client.adopt(grant("88")).unwrap();
    stage.drain();
    let before = stage.store.asked();
    let_pass(&stage, 3600);
    println!("idle: {}", stage.store.asked() - before);
    let other = Stage::new(secret(pkce()), stage.store.clone(), stage.runtime.clone(), stage.script.clone());
    drop(other);
    // Somebody else has the account that the session wants now.
    let key = tidal_core::AccountKey { user: Some("90".into()), ..stage.client.account().unwrap() };
    use tidal_core::store::Store;
    let now = stage.runtime_now().unix;
    stage.store.acquire(&key, Duration::from_secs(600), None, now).unwrap();
    let before = stage.store.asked();
    stage.client.adopt(grant("90")).unwrap();
    let_pass(&stage, 500);
    println!("busy for 500 s: {}", stage.store.asked() - before);
}

#[allow(unused)]
fn unused(_: &TestClient) {}
