//! Sign-outs and removals at any step, and whatever else happens then.

use std::rc::Rc;
use std::time::Duration;

use tidal_core::auth::Grant;
use tidal_core::config::Tokens;
use tidal_core::testing::Reply;
use tidal_core::{AccountFilter, Event};

use crate::accounts::{carried, stage};
use crate::given::{ME, NAMELESS, USER, first, give, one, stored, with};
use crate::removals::grant;
use crate::review::{Ended, let_pass, secret, signing_out};
use crate::stage::{ALBUM, FlakyStore, Stage, TOKEN, pkce, token};

/// A save hangs under the account in use, and is given up; then the account is signed out of while the lease can't be given back.
#[test]
fn h2_current_in_doubt_at_rest() {
    for broken in [&["acquire 42"][..], &["acquire 42", "release"], &["acquire", "release", "forget", "find", "list"]] {
        let stage = stage(secret(pkce()), &FlakyStore::default());
        stage.hang_at("saving");
        stage.client.adopt(grant("42")).unwrap();
        stage.runtime.settle();
        stage.store.fail_from_now_on(broken);
        let_pass(&stage, 600);
        stage.drain();
        let outcome = stage.block_on(stage.client.sign_out());
        assert!(outcome.is_err());
        stage.drain();
        let again = stage.block_on(stage.client.sign_out());
        assert!(again.is_err());
        stage.store.fail_from_now_on(&[]);
        stage.client.adopt(grant("88")).unwrap();
        stage.block_on(stage.client.sign_out()).unwrap();
        stage.drain();
        stage.end_hung();
        assert!(stored(&stage.store).is_empty());
    }
}

/// Revocation: once for one token, however often the sign-out is asked for.
#[test]
fn h4_revoked_once() {
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
    for _ in 0..3 {}
    stage.store.fail_from_now_on(&[]);
    stage.block_on(stage.client.sign_out()).unwrap();
    stage.end_hung();
    assert_eq!(stage.script.count("POST /revoke"), 1);
}

/// Given tokens are used, and their name is being found out, when the sign-out comes: at each step of that, with each use of the store failing.
#[test]
fn h8_any_step() {
    let mut wrong = Vec::new();
    for hang in ["saving", "removing the", "acquiring", "listing", "looking"] {
        for broken in [&[][..], &["acquire 77"], &["acquire"], &["forget"], &["find"], &["list"], &["save"], &["release"]] {
            for seconds in [0, 1, 3, 7, 12, 20, 40, 70] {
                for heals_after in [0, 2, 5, 30, 100] {
                    for lands in [0, 1, 2] {
                        let stage = stage(pkce(), &FlakyStore::default());
                        stage.script.on(ME).always(Reply::answer(200, USER));
                        stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
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
    assert!(wrong.is_empty(), "{}: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
}

/// The same, but somebody else signs in, and theirs is removed by nobody; the removal by filter of all that was given.
#[test]
fn h9_any_step_of_a_removal() {
    let mut wrong = Vec::new();
    for hang in ["saving", "removing the", "acquiring", "listing", "looking"] {
        for broken in [&[][..], &["acquire 77"], &["acquire"], &["forget"], &["save"], &["release"]] {
            for seconds in [0, 1, 3, 7, 12, 20, 40, 70] {
                for between in [0, 2, 10] {
                    for heals_before in [false, true] {
                        let stage = stage(pkce(), &FlakyStore::default());
                        stage.script.on(ME).always(Reply::answer(200, USER));
                        stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
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
                        let filter = || AccountFilter::all().user("77").user(NAMELESS.unwrap());
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
    assert!(wrong.is_empty(), "{}: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
}

/// An application's own account, and a save of its token that hangs.
#[test]
fn h11_an_application() {
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
#[test]
fn h12_a_sign_in_during_a_sign_out_that_fails() {
    for (second, broken) in [("88", "forget"), ("42", "forget"), ("88", "acquire 42"), ("42", "acquire 42"), ("88", "release")]
    {
        let stage = stage(secret(pkce()), &FlakyStore::default());
        stage.client.adopt(grant("42")).unwrap();
        stage.drain();
        stage.store.fail_from_now_on(&[broken]);
        let out = signing_out(&stage);
        let_pass(&stage, 1);
        stage.client.adopt(grant(second)).unwrap();
        let_pass(&stage, 30);
        stage.store.fail_from_now_on(&[]);
        let_pass(&stage, 60);
        let failed = out.borrow().as_ref().is_some_and(Result::is_err);
        stage.block_on(stage.client.sign_out()).unwrap();
        if failed && second == "88" {
            assert_eq!(stored(&stage.store), one(Some("42"), "of-42"));
        } else {
            assert_eq!(stored(&stage.store), []);
        }
        let told = std::iter::from_fn(|| stage.client.try_event()).filter(|event| matches!(event, Event::SignedOut(_)));
        assert_eq!(told.count(), if failed { 1 } else { 2 }, "{second} {broken}");
        stage.drain();
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

/// A sign-out or a removal, and the tokens that are not to be stored once it has succeeded.
type Out = (Ended, Vec<String>);

fn tokens_of(name: &str) -> Tokens {
    Tokens::new(name.to_owned()).refresh_token(format!("r-{name}"))
}

/// Whatever happens, in whatever order. What went wrong, and the history.
fn history(seed: u64, reconfigures: bool) -> Option<String> {
    let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    let mut trace = Vec::new();
    // Tokens that the session has been told of since it was somebody else's, the number of sign-ins, the sign-outs, and what must not be stored.
    let (mut held, mut count): (Vec<String>, u32) = (Vec::new(), 0);
    let mut all: Vec<String> = Vec::new();
    let mut outs: Vec<Out> = Vec::new();
    let mut dead: Vec<String> = Vec::new();
    let mut wrong = None;
    for _ in 0..chance.of(14) + 3 {
        match chance.of(if reconfigures { 15 } else { 13 }) {
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
                outs.push((signing_out(&stage), std::mem::take(&mut held)));
            }
            11 => {
                trace.push("remove all".to_owned());
                // What is not known yet to be this client's (`f7`) is left out.
                let known = stage.client.account().is_some();
                let ended = Ended::default();
                let (call, outcome) = (stage.client.remove_all_tokens(), Rc::clone(&ended));
                stage.spawn(
                    async move { *outcome.borrow_mut() = Some(call.await.map(drop).map_err(|error| error.to_string())) },
                );
                stage.runtime.settle();
                outs.push((ended, all.iter().filter(|one| known || *one != "first").cloned().collect()));
            }
            12 if !trace.iter().any(|done: &String| done == "set first") => {
                trace.push("set first".to_owned());
                dead.retain(|dead| dead != "first");
                outs.iter_mut().for_each(|out| out.1.retain(|one| one != "first"));
                count += 1;
                let config = with(first());
                stage.block_on(stage.client.reconfigure(secret(config))).unwrap();
                held = vec!["first".to_owned()];
            }
            12 => {}
            _ => {
                trace.push("reconfigure".to_owned());
                held.clear();
                stage.block_on(stage.client.reconfigure(secret(pkce()))).unwrap();
            }
        }
        all.extend(held.iter().cloned());
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

fn check(stage: &Stage, outs: &mut Vec<Out>, dead: &mut Vec<String>, trace: &[String], wrong: &mut Option<String>) {
    let mut at = 0;
    while at < outs.len() {
        let ended = outs[at].0.borrow().clone();
        match ended {
            None => at += 1,
            Some(outcome) => {
                let (_, tokens) = outs.remove(at);
                if outcome.is_ok() {
                    dead.extend(tokens);
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

#[test]
fn x1_whatever_happens() {
    let cases = 3000;
    let mut all: Vec<String> = (1..=cases).filter_map(|seed| history(seed, seed % 2 == 0)).collect();
    all.sort_by_key(String::len);
    assert!(all.is_empty(), "{} of {cases}: {:#?}", all.len(), &all[..all.len().min(12)]);
}
