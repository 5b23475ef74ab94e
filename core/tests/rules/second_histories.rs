//! Many configurations and sign-outs in whatever order, while the store fails and hangs.

use tidal_core::Event;
use tidal_core::auth::Grant;
use tidal_core::config::Tokens;
use tidal_core::testing::Reply;

use crate::accounts::stage;
use crate::given::{ME, USER, as_user, secret, with};
use crate::sign_outs::{Ended, signing_out};
use crate::stage::{ALBUM, FlakyStore, Stage, pkce};

struct Chance(u64);

impl Chance {
    fn of(&mut self, n: u64) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % n).unwrap()
    }
}

/// Tokens as they are given, which no two sign-ins share.
fn tokens_of(name: &str) -> Tokens {
    Tokens::new(name.to_owned()).refresh_token(format!("r-{name}"))
}

/// Many configurations, whose stores fail for a while: what is wrong at the end, and the history.
fn history(seed: u64, users: &[&str]) -> Option<String> {
    let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    let (mut trace, mut outs, mut count) = (Vec::new(), Vec::new(), 0);
    let mut held: Option<String> = None;
    let mut wrong = None;
    for _ in 0..chance.of(12) + 3 {
        match chance.of(12) {
            0 | 1 => {
                count += 1;
                let user = ["42", "88", "77"][chance.of(3)];
                let name = format!("{user}-{count}");
                trace.push(format!("adopt {name}"));
                let mut config = pkce();
                config.user = Some(user.to_owned());
                stage.client.adopt(Grant::from_tokens(&config, tokens_of(&name), stage.runtime_now()).unwrap()).unwrap();
                held = Some(name);
            }
            2 | 3 => {
                count += 1;
                let (user, name) = (users[chance.of(users.len() as u64)], format!("given-{count}"));
                trace.push(format!("give {name} as {user}"));
                let mut config = secret(with(tokens_of(&name)));
                config.user = (!user.is_empty()).then(|| user.to_owned());
                stage.block_on(stage.client.reconfigure(config)).unwrap();
                held = Some(name);
            }
            4 => {
                let user = users[chance.of(users.len() as u64)];
                trace.push(format!("reconfigure {user}"));
                let mut config = secret(pkce());
                config.user = (!user.is_empty()).then(|| user.to_owned());
                stage.block_on(stage.client.reconfigure(config)).unwrap();
                held = None;
            }
            5 => {
                let work = ["saving", "removing the", "acquiring", "listing", "looking", "releasing"][chance.of(6)];
                trace.push(format!("hang {work}"));
                stage.hang_at(work);
            }
            6 => {
                let broken: [&[&'static str]; 8] = [
                    &[],
                    &["acquire 77"],
                    &["acquire 42"],
                    &["acquire"],
                    &["forget"],
                    &["save"],
                    &["release"],
                    &["find", "list"],
                ];
                let broken = broken[chance.of(8)];
                trace.push(format!("break {broken:?}"));
                stage.store.fail_from_now_on(broken);
            }
            7 | 8 => {
                let seconds = [0, 1, 3, 8, 30, 100][chance.of(6)];
                trace.push(format!("pass {seconds}"));
                stage.let_pass(seconds);
            }
            9 if stage.hangs() => {
                trace.push("land".to_owned());
                stage.end_hung();
            }
            9 => {}
            _ => {
                trace.push("sign out".to_owned());
                outs.push((signing_out(&stage), held.clone()));
            }
        }
    }
    trace.push("heal".to_owned());
    for _ in 0..2 {
        stage.let_pass(140);
        stage.store.fail_from_now_on(&[]);
        while stage.hangs() {
            stage.end_hung();
        }
    }
    stage.let_pass(140);
    for (out, name) in outs {
        match &*out.borrow() {
            None => wrong = Some("stuck".to_owned()),
            Some(Ok(())) => {
                let back = stage.store.peek().iter().any(|record| Some(record.access_token.expose()) == name.as_deref());
                wrong = wrong.or(back.then(|| format!("{name:?} came back")));
            }
            Some(Err(_)) => {}
        }
    }
    wrong.map(|wrong| format!("{trace:?}: {wrong}"))
}

#[test]
#[ignore = "long"]
fn x2_whoever_is_configured() {
    let mut all: Vec<String> = Vec::new();
    for seed in 1..=20_000 {
        all.extend(history(seed, &["", "77", "work"]));
    }
    all.sort_by_key(String::len);
    assert!(all.is_empty(), "{}: {:#?}", all.len(), &all[..all.len().min(12)]);
}

/// The same tokens, given under several names.
fn history_of_kin(seed: u64, users: &[&str]) -> Option<String> {
    let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    let (mut trace, mut outs, mut count) = (Vec::new(), Vec::new(), 0);
    let mut held: Option<String> = None;
    let mut wrong = None;
    for _ in 0..chance.of(12) + 3 {
        match chance.of(12) {
            0 | 1 => {
                count += 1;
                let user = ["42", "88", "77"][chance.of(3)];
                let name = format!("{user}-{count}");
                trace.push(format!("adopt {name}"));
                let mut config = pkce();
                config.user = Some(user.to_owned());
                stage.client.adopt(Grant::from_tokens(&config, tokens_of(&name), stage.runtime_now()).unwrap()).unwrap();
                held = Some(name);
            }
            2 | 3 => {
                let (user, name) = (users[chance.of(users.len() as u64)], format!("given-{}", chance.of(2)));
                // They may be stored again.
                outs.iter_mut().for_each(|(_, out): &mut (Ended, Option<String>)| {
                    out.take_if(|out| *out == name);
                });
                trace.push(format!("give {name} as {user}"));
                let mut config = secret(with(tokens_of(&name)));
                config.user = (!user.is_empty()).then(|| user.to_owned());
                stage.block_on(stage.client.reconfigure(config)).unwrap();
                held = Some(name);
            }
            4 => {
                let user = users[chance.of(users.len() as u64)];
                trace.push(format!("reconfigure {user}"));
                let mut config = secret(pkce());
                config.user = (!user.is_empty()).then(|| user.to_owned());
                stage.block_on(stage.client.reconfigure(config)).unwrap();
                held = None;
            }
            5 => {
                let work = ["saving", "removing the", "acquiring", "listing", "looking", "releasing"][chance.of(6)];
                trace.push(format!("hang {work}"));
                stage.hang_at(work);
            }
            6 => {
                let broken: [&[&'static str]; 8] = [
                    &[],
                    &["acquire 77"],
                    &["acquire 42"],
                    &["acquire"],
                    &["forget"],
                    &["save"],
                    &["release"],
                    &["find", "list"],
                ];
                let broken = broken[chance.of(8)];
                trace.push(format!("break {broken:?}"));
                stage.store.fail_from_now_on(broken);
            }
            7 | 8 => {
                let seconds = [0, 1, 3, 8, 30, 100][chance.of(6)];
                trace.push(format!("pass {seconds}"));
                stage.let_pass(seconds);
            }
            9 if stage.hangs() => {
                trace.push("land".to_owned());
                stage.end_hung();
            }
            9 => {}
            _ => {
                trace.push("sign out".to_owned());
                outs.push((signing_out(&stage), held.clone()));
            }
        }
    }
    trace.push("heal".to_owned());
    for _ in 0..2 {
        stage.let_pass(140);
        stage.store.fail_from_now_on(&[]);
        while stage.hangs() {
            stage.end_hung();
        }
    }
    stage.let_pass(140);
    for (out, name) in outs {
        match &*out.borrow() {
            None => wrong = Some("stuck".to_owned()),
            Some(Ok(())) => {
                let back = stage.store.peek().iter().any(|record| Some(record.access_token.expose()) == name.as_deref());
                wrong = wrong.or(back.then(|| format!("{name:?} came back")));
            }
            Some(Err(_)) => {}
        }
    }
    wrong.map(|wrong| format!("{trace:?}: {wrong}"))
}

#[test]
#[ignore = "long"]
fn x4_the_same_tokens_under_several_names() {
    let mut all: Vec<String> = Vec::new();
    for seed in 1..=20_000 {
        all.extend(history_of_kin(seed, &["", "77", "work"]));
    }
    all.sort_by_key(String::len);
    assert!(all.is_empty(), "{}: {:#?}", all.len(), &all[..all.len().min(12)]);
}

/// People who are named throughout: a sign-out takes the one that is meant, and nobody else who was stored.
fn named_history(seed: u64) -> Option<String> {
    const PEOPLE: [&str; 3] = ["42", "88", "77"];
    let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let stage = stage(as_user(pkce(), "42"), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    let (mut trace, mut count, mut current) = (Vec::new(), 0, 0);
    // Of each: the newest tokens, and whether they were stored; the sign-outs since these came.
    let mut newest: [Option<(String, bool)>; 3] = Default::default();
    let mut outs: Vec<(Ended, usize, Option<String>)> = Vec::new();
    let mut oks = 0;
    for _ in 0..chance.of(14) + 3 {
        match chance.of(13) {
            kind @ 0..=3 => {
                count += 1;
                current = chance.of(3);
                let name = format!("{}-{count}", PEOPLE[current]);
                if kind < 2 {
                    trace.push(format!("adopt {name}"));
                    let mut config = pkce();
                    config.user = Some(PEOPLE[current].to_owned());
                    stage.client.adopt(Grant::from_tokens(&config, tokens_of(&name), stage.runtime_now()).unwrap()).unwrap();
                } else {
                    trace.push(format!("give {name}"));
                    stage.block_on(stage.client.reconfigure(as_user(with(tokens_of(&name)), PEOPLE[current]))).unwrap();
                }
                newest[current] = Some((name, false));
            }
            4 => {
                current = chance.of(3);
                trace.push(format!("reconfigure {}", PEOPLE[current]));
                stage.block_on(stage.client.reconfigure(as_user(pkce(), PEOPLE[current]))).unwrap();
            }
            5 => {
                let work = ["saving", "removing the", "acquiring", "listing", "looking", "releasing"][chance.of(6)];
                trace.push(format!("hang {work}"));
                stage.hang_at(work);
            }
            6 => {
                let broken: [&[&'static str]; 8] = [
                    &[],
                    &["acquire 77"],
                    &["acquire 42"],
                    &["acquire"],
                    &["forget"],
                    &["save"],
                    &["release"],
                    &["find", "list"],
                ];
                let broken = broken[chance.of(8)];
                trace.push(format!("break {broken:?}"));
                stage.store.fail_from_now_on(broken);
            }
            7 | 8 => {
                let seconds = [0, 1, 3, 8, 30, 100][chance.of(6)];
                trace.push(format!("pass {seconds}"));
                stage.let_pass(seconds);
            }
            9 if stage.hangs() => {
                trace.push("land".to_owned());
                stage.end_hung();
            }
            9 => {}
            _ => {
                trace.push("sign out".to_owned());
                let name = newest[current].take().map(|(name, _)| name);
                outs.push((signing_out(&stage), current, name));
            }
        }
        stage.runtime.settle();
        mark(&stage, &mut newest);
    }
    trace.push("heal".to_owned());
    for _ in 0..3 {
        stage.let_pass(140);
        mark(&stage, &mut newest);
        stage.store.fail_from_now_on(&[]);
        while stage.hangs() {
            stage.end_hung();
        }
    }
    stage.drain();
    let kept: Vec<_> = stage.store.peek().iter().map(|record| record.access_token.expose().to_owned()).collect();
    let mut wrong = None;
    for (out, whose, name) in outs {
        match &*out.borrow() {
            None => wrong = Some("stuck".to_owned()),
            Some(Ok(())) => {
                oks += 1;
                // Whatever was theirs before.
                let number = |one: &str| one.rsplit('-').next().unwrap().parse::<u32>().unwrap();
                let theirs = kept.iter().find(|one| {
                    one.starts_with(PEOPLE[whose]) && name.as_ref().is_some_and(|name| number(one) <= number(name))
                });
                wrong = wrong.or(theirs.map(|one| format!("{one} came back")));
            }
            // Nobody waited for its end, which came all the same.
            Some(Err(error)) => oks += usize::from(error.contains("in time")),
        }
    }
    for (name, was_stored) in newest.into_iter().flatten() {
        if was_stored && !kept.contains(&name) {
            wrong = wrong.or(Some(format!("{name} was lost")));
        }
    }
    let told = std::iter::from_fn(|| stage.client.try_event()).filter(|event| matches!(event, Event::SignedOut(_))).count();
    if told > oks {
        wrong = wrong.or(Some(format!("told {told} of {oks}")));
    }
    wrong.map(|wrong| format!("{trace:?}: {wrong}"))
}

fn mark(stage: &Stage, newest: &mut [Option<(String, bool)>; 3]) {
    let kept = stage.store.peek();
    for (name, was_stored) in newest.iter_mut().flatten() {
        *was_stored |= kept.iter().any(|record| record.access_token.expose() == *name);
    }
}

#[test]
#[ignore = "long"]
fn x3_people_who_are_named() {
    let mut all: Vec<String> = (1..=20_000).filter_map(named_history).collect();
    all.sort_by_key(String::len);
    assert!(all.is_empty(), "{}: {:#?}", all.len(), &all[..all.len().min(12)]);
}
