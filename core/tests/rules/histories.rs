//! Whatever happens, in whatever order: once a sign-out or a removal has succeeded, nothing of what it meant is stored, or comes back.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestError, TestRunner};
use tidal_core::auth::Grant;
use tidal_core::config::Tokens;
use tidal_core::testing::Reply;

use crate::accounts;
use crate::given::{ME, USER, as_user, first, secret, with};
use crate::sign_outs::{Ended, ending, signing_out};
use crate::stage::{ALBUM, FlakyStore, Stage, pkce};

/// How many histories. Ten to twenty times as many are worth their time where sign-outs are changed.
const CASES: u32 = 3_000;

/// What the store does, and time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trouble {
    /// The next use of the store that says this of itself hangs.
    Hang(&'static str),
    /// What hangs comes to its end.
    Land,
    /// These uses of the store fail from now on, and no others.
    Break(&'static [&'static str]),
    /// So many seconds pass.
    Pass(u64),
}

impl Trouble {
    pub(crate) fn comes_to(self, stage: &Stage) {
        match self {
            Self::Hang(work) => stage.hang_at(work),
            Self::Land if stage.hangs() => stage.end_hung(),
            Self::Land => {}
            Self::Break(uses) => stage.store.fail_from_now_on(uses),
            Self::Pass(seconds) => stage.let_pass(seconds),
        }
    }
}

pub(crate) fn trouble() -> impl Strategy<Value = Trouble> {
    use prop::sample::select;
    let works = ["saving", "removing the", "acquiring", "listing", "looking", "releasing"];
    let broken: [&'static [&'static str]; 8] =
        [&[], &["acquire 77"], &["acquire 42"], &["acquire"], &["forget"], &["save"], &["release"], &["find", "list"]];
    prop_oneof![
        1 => select(works.to_vec()).prop_map(Trouble::Hang),
        1 => Just(Trouble::Land),
        1 => select(broken.to_vec()).prop_map(Trouble::Break),
        2 => select(&[0, 1, 3, 8, 30, 100][..]).prop_map(Trouble::Pass),
    ]
}

/// The store works again, and what hangs comes to its end.
pub(crate) fn heal(stage: &Stage) {
    stage.store.fail_from_now_on(&[]);
    while stage.hangs() {
        stage.end_hung();
    }
}

/// Shows what holds in so many histories, the same ones each time.
pub(crate) fn whatever_happens<H: Strategy>(cases: u32, histories: &H, holds: impl Fn(H::Value) -> Result<(), TestCaseError>) {
    let config = Config {
        cases,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..Config::default()
    };
    match TestRunner::new(config).run(histories, holds) {
        Ok(()) => {}
        Err(TestError::Fail(reason, history)) => panic!("{reason}\n{history:#?}"),
        Err(other) => panic!("{other}"),
    }
}

/// Who is configured: nobody, the one that the service tells of, or a name that the application has chosen.
const USERS: [Option<&str>; 3] = [None, Some("77"), Some("work")];

#[derive(Clone, Copy, Debug)]
enum Happens {
    /// This user signs in.
    SignIn(&'static str),
    /// Tokens that nobody has seen yet are set.
    Set,
    /// The same tokens as ever are set.
    SetFirst,
    /// Tokens that nobody has seen yet come with another configuration, for this user.
    Start(Option<&'static str>),
    /// The same tokens as ever do.
    StartWithFirst(Option<&'static str>),
    /// Another configuration comes without any.
    Reconfigure(Option<&'static str>),
    SignOut,
    RemoveAll,
    Trouble(Trouble),
}

fn history() -> impl Strategy<Value = Vec<Happens>> {
    use prop::sample::select;
    let happens = prop_oneof![
        2 => select(&["42", "88", "77"][..]).prop_map(Happens::SignIn),
        1 => Just(Happens::Set),
        1 => Just(Happens::SetFirst),
        1 => select(&USERS[..]).prop_map(Happens::Start),
        1 => select(&USERS[..]).prop_map(Happens::StartWithFirst),
        1 => select(&USERS[..]).prop_map(Happens::Reconfigure),
        2 => Just(Happens::SignOut),
        1 => Just(Happens::RemoveAll),
        5 => trouble().prop_map(Happens::Trouble),
    ];
    prop::collection::vec(happens, 3..17)
}

fn of(user: Option<&str>, config: tidal_core::Config) -> tidal_core::Config {
    match user {
        Some(user) => as_user(config, user),
        None => secret(config),
    }
}

/// A client, and what is known of it from outside. Tokens are known by their access token.
struct World {
    stage: Stage,
    /// How many sign-ins there were.
    count: u32,
    /// Whose tokens the client has, as far as it was told.
    held: Option<String>,
    /// All that it was ever given.
    all: Vec<String>,
    /// Sign-outs and removals that have not ended, and what they mean.
    under_way: Vec<(Ended, Vec<String>)>,
    /// What is not to be stored any more.
    gone: Vec<String>,
}

impl World {
    fn new() -> Self {
        let stage = accounts::stage(secret(pkce()), &FlakyStore::default());
        stage.script.on(ME).always(Reply::answer(200, USER));
        stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
        Self { stage, count: 0, held: None, all: Vec::new(), under_way: Vec::new(), gone: Vec::new() }
    }

    /// Tokens that no one has seen yet.
    fn other(&mut self, user: &str) -> Tokens {
        self.count += 1;
        let name = format!("{user}-{}", self.count);
        self.holds(&name);
        Tokens::new(name.clone()).refresh_token(format!("r-{name}"))
    }

    /// The same as ever; to give them once more is to want them stored.
    fn same(&mut self) -> Tokens {
        self.holds("first");
        self.gone.retain(|gone| gone != "first");
        self.under_way.iter_mut().for_each(|(_, meant)| meant.retain(|one| one != "first"));
        first()
    }

    fn holds(&mut self, name: &str) {
        self.held = Some(name.to_owned());
        self.all.push(name.to_owned());
    }

    fn goes_on(&mut self, what: Happens) {
        match what {
            Happens::SignIn(user) => {
                let mut config = pkce();
                config.user = Some(user.to_owned());
                let grant = Grant::from_tokens(&config, self.other(user), self.stage.runtime_now()).unwrap();
                self.stage.client.adopt(grant).unwrap();
            }
            Happens::Set => {
                let tokens = self.other("given");
                self.stage.client.set_tokens(tokens).unwrap();
            }
            Happens::SetFirst => {
                let tokens = self.same();
                self.stage.client.set_tokens(tokens).unwrap();
            }
            Happens::Start(user) => {
                let config = of(user, with(self.other("given")));
                self.stage.block_on(self.stage.client.reconfigure(config)).unwrap();
            }
            Happens::StartWithFirst(user) => {
                let config = of(user, with(self.same()));
                self.stage.block_on(self.stage.client.reconfigure(config)).unwrap();
            }
            Happens::Reconfigure(user) => {
                self.held = None;
                self.stage.block_on(self.stage.client.reconfigure(of(user, pkce()))).unwrap();
            }
            Happens::SignOut => {
                let meant = self.held.take().into_iter().collect();
                self.under_way.push((signing_out(&self.stage), meant));
            }
            Happens::RemoveAll => {
                self.under_way.push((ending(&self.stage, self.stage.client.remove_all_tokens()), self.all.clone()));
            }
            Happens::Trouble(trouble) => trouble.comes_to(&self.stage),
        }
    }

    fn check(&mut self) -> Result<(), TestCaseError> {
        let gone = &mut self.gone;
        self.under_way.retain(|(ended, meant)| {
            let ended = ended.borrow();
            if *ended == Some(Ok(())) {
                gone.extend(meant.iter().cloned());
            }
            ended.is_none()
        });
        let stored = self.stage.store.peek().into_iter();
        let stored = stored.map(|record| (record.key.user, record.access_token.expose().to_owned()));
        let back: Vec<_> = stored.filter(|(_, token)| self.gone.contains(token)).collect();
        prop_assert_eq!(back, [], "signed out of or removed, and stored");
        Ok(())
    }

    /// Time goes on; then the store works again, and what hangs comes to its end.
    fn ends(mut self) -> Result<(), TestCaseError> {
        for _ in 0..2 {
            for _ in 0..140 {
                self.stage.let_pass(1);
                self.check()?;
            }
            heal(&self.stage);
            self.check()?;
        }
        prop_assert!(self.under_way.is_empty(), "a sign-out or a removal does not end");
        self.stage.drain();
        self.check()
    }
}

pub(crate) fn what_a_sign_out_or_a_removal_meant_is_gone_whatever_happens() {
    whatever_happens(CASES, &history(), |history| {
        let mut world = World::new();
        for what in history {
            world.goes_on(what);
            world.check()?;
        }
        world.ends()
    });
}
