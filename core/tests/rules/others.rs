//! Whatever happens, in whatever order, to people who are named throughout: a sign-out takes whoever is signed in, and nobody else.

use proptest::prelude::*;
use tidal_core::auth::Grant;
use tidal_core::config::Tokens;

use crate::accounts;
use crate::given::{as_user, with};
use crate::histories::{Trouble, heal, trouble, whatever_happens};
use crate::sign_outs::{Ended, signing_out, told};
use crate::stage::{FlakyStore, Stage, pkce};

/// How many histories. Ten to twenty times as many are worth their time where sign-outs are changed.
const CASES: u32 = 1_500;

const PEOPLE: [&str; 3] = ["42", "88", "77"];

/// What happens to one of these people, or to the one who was last.
#[derive(Clone, Copy, Debug)]
enum Happens {
    SignIn(usize),
    /// Tokens of theirs come with another configuration.
    Start(usize),
    /// Another configuration comes without any.
    Reconfigure(usize),
    SignOut,
    Trouble(Trouble),
}

fn history() -> impl Strategy<Value = Vec<Happens>> {
    let person = || 0..PEOPLE.len();
    let happens = prop_oneof![
        2 => person().prop_map(Happens::SignIn),
        2 => person().prop_map(Happens::Start),
        1 => person().prop_map(Happens::Reconfigure),
        3 => Just(Happens::SignOut),
        5 => trouble().prop_map(Happens::Trouble),
    ];
    prop::collection::vec(happens, 3..17)
}

/// A person's tokens: the number is in the access token.
#[derive(Clone, Copy)]
struct Newest {
    number: u32,
    was_stored: bool,
}

struct World {
    stage: Stage,
    /// How many sign-ins there were.
    count: u32,
    /// Who was last.
    person: usize,
    /// Of each person, what came since their last sign-out.
    newest: [Option<Newest>; PEOPLE.len()],
    /// The sign-outs: how they end, whose they are, and the newest tokens that they mean.
    sign_outs: Vec<(Ended, usize, Option<u32>)>,
}

impl World {
    fn new() -> Self {
        let stage = accounts::stage(as_user(pkce(), PEOPLE[0]), &FlakyStore::default());
        Self { stage, count: 0, person: 0, newest: [None; PEOPLE.len()], sign_outs: Vec::new() }
    }

    /// Tokens that no one has seen yet.
    fn other(&mut self, person: usize) -> Tokens {
        self.count += 1;
        self.person = person;
        self.newest[person] = Some(Newest { number: self.count, was_stored: false });
        let name = format!("{}-{}", PEOPLE[person], self.count);
        Tokens::new(name.clone()).refresh_token(format!("r-{name}"))
    }

    fn goes_on(&mut self, what: Happens) {
        match what {
            Happens::SignIn(person) => {
                let (config, tokens) = (as_user(pkce(), PEOPLE[person]), self.other(person));
                self.stage.client.adopt(Grant::from_tokens(&config, tokens, self.stage.runtime_now()).unwrap()).unwrap();
            }
            Happens::Start(person) => {
                let config = as_user(with(self.other(person)), PEOPLE[person]);
                self.stage.block_on(self.stage.client.reconfigure(config)).unwrap();
            }
            Happens::Reconfigure(person) => {
                self.person = person;
                self.stage.block_on(self.stage.client.reconfigure(as_user(pkce(), PEOPLE[person]))).unwrap();
            }
            Happens::SignOut => {
                let meant = self.newest[self.person].take().map(|newest| newest.number);
                self.sign_outs.push((signing_out(&self.stage), self.person, meant));
            }
            Happens::Trouble(trouble) => trouble.comes_to(&self.stage),
        }
        self.stage.runtime.settle();
        self.mark();
    }

    /// The numbers of a person's tokens that are stored.
    fn stored(&self, person: usize) -> Vec<u32> {
        let theirs = |token: &str| token.strip_prefix(PEOPLE[person])?.strip_prefix('-')?.parse().ok();
        self.stage.store.peek().iter().filter_map(|record| theirs(record.access_token.expose())).collect()
    }

    fn mark(&mut self) {
        for person in 0..PEOPLE.len() {
            let stored = self.stored(person);
            if let Some(newest) = &mut self.newest[person] {
                newest.was_stored |= stored.contains(&newest.number);
            }
        }
    }

    fn ends(mut self) -> Result<(), TestCaseError> {
        for _ in 0..3 {
            self.stage.let_pass(140);
            self.mark();
            heal(&self.stage);
        }
        self.stage.drain();
        let mut successes = 0;
        for (ended, person, meant) in &self.sign_outs {
            match &*ended.borrow() {
                None => prop_assert!(false, "a sign-out does not end"),
                Some(Ok(())) => {
                    successes += 1;
                    let back = self.stored(*person).into_iter().find(|number| meant.is_some_and(|newest| *number <= newest));
                    prop_assert_eq!(back, None, "{} signed out, and is stored", PEOPLE[*person]);
                }
                // Nobody waited for its end, which came all the same.
                Some(Err(error)) => successes += usize::from(error.contains("in time")),
            }
        }
        for (person, newest) in self.newest.iter().enumerate() {
            if let Some(newest) = newest.filter(|newest| newest.was_stored) {
                prop_assert!(self.stored(person).contains(&newest.number), "{} was lost", PEOPLE[person]);
            }
        }
        let told = told(&self.stage);
        prop_assert!(told <= successes, "told of {told} sign-outs, of which {successes} succeeded");
        Ok(())
    }
}

pub(crate) fn a_sign_out_takes_nobody_else_whatever_happens() {
    whatever_happens(CASES, &history(), |history| {
        let mut world = World::new();
        for what in history {
            world.goes_on(what);
        }
        world.ends()
    });
}
