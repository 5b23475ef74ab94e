//! What can happen in a history, and how a history begins. Both are made from bytes, so that whoever has bytes can draw them.

/// How a history begins. All fields are drawn from small numbers, so that they shrink to the plainest.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// A person's session, or an application's.
    pub person: bool,
    /// The store is a fleet's.
    pub fleet: bool,
    /// Nothing is stored.
    pub forgetful: bool,
    /// The application handles sign-ins.
    pub handles_sign_in: bool,
    /// Tokens are revoked at sign-out.
    pub revokes: bool,
    /// The configuration names the user.
    pub named: bool,
    /// What is stored at the beginning.
    pub stored: Stored,
    /// Calls in flight at most.
    pub in_flight: usize,
    /// Calls waiting at most.
    pub waiting: usize,
    /// How often calls are tried again.
    pub budgets: Budgets,
    /// What may be kept of answers.
    pub room: Room,
}

/// How often calls are tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budgets {
    None,
    Small,
    /// As the configuration has it by itself.
    Usual,
}

/// What may be kept of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// The cache is off.
    None,
    /// More than a history fills.
    Ample,
    Entries(usize),
    Bytes(usize),
}

/// What is stored at the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    Nothing,
    Fresh,
    Expired,
    Ageless,
    Unrenewable,
}

/// One thing that happens. Numbers choose among what there is at that moment, modulo their count.
#[derive(Clone, Copy, Debug)]
pub enum Op {
    /// All that can be done now is done, and all goes well, until nothing is left but to wait.
    Pump,
    /// A call begins. The number says what it is about, and whether it takes no answer but a fresh one.
    Begin(Kind, u8),
    PollAll,
    Poll(u8),
    /// The API answers a request.
    Answer(u8, Said),
    /// A job is answered.
    Job(u8, Outcome),
    /// All jobs fail, and those that follow from it at the same moment.
    FailJobs,
    /// From now on, the store fails: always, or for the places that this says, or for none.
    Outage(Outage),
    /// Time goes on to the next moment that something waits for, and that is done.
    Tick,
    /// `handle_timeout`, if it is due.
    Timeout,
    /// Both clocks go on.
    Advance(u8),
    /// Time goes on, from one moment to the next, and all that can be done is done.
    Pass(u8),
    /// The Unix clock goes on alone, as while the machine sleeps.
    Suspend(u8),
    /// Somebody puts the Unix clock back.
    PutBack(u8),
    Drop(u8),
    SignOut,
    Adopt {
        user: u8,
        by_hand: bool,
        lifetime: u8,
    },
    Reconfigure(u8),
    /// The process dies, and starts anew with the same given tokens.
    Restart(u8),
    /// Another process does something.
    Elsewhere(Deed, u8),
    /// A job that nobody waits for any more takes effect after all.
    Late(u8),
    /// Answers are forgotten: all, or those that hold one thing.
    Clear(u8),
    /// The cache is switched off, or on again.
    Switch,
}

/// Where the store fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outage {
    #[default]
    Nowhere,
    Everywhere,
    /// Where a user's account is stored.
    Named,
    /// Where nobody knows whose it is, and at all looks at several.
    Nameless,
    /// Whatever is saved hangs.
    Saves,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Read,
    Once,
    Keyed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    Good,
    Unauthorized,
    Fault,
    Broken,
    /// 200 where the token is one that the server takes, otherwise 401.
    Honest,
    /// 429, perhaps with a `Retry-After`.
    TooMany(Option<u16>),
    /// 503 with a `Retry-After`.
    Unavailable(u16),
    /// 200, and there is nothing left for a second.
    Empty,
    /// The transport's time was over.
    Late,
    /// 404.
    NotFound,
    /// No HTTP.
    Nonsense,
    /// 200 with a body that is none.
    Garbled,
}

impl Said {
    /// The first half of all bytes says what has to do with tokens.
    fn of(n: u8) -> Self {
        if n < 128 {
            return [Self::Honest, Self::Unauthorized, Self::Unauthorized, Self::Good, Self::Fault, Self::Broken]
                [usize::from(n % 6)];
        }
        match n % 16 {
            0..4 => Self::Good,
            4 => Self::TooMany(None),
            5 => Self::TooMany(Some(1)),
            6 => Self::TooMany(Some([40, 130, 1000, 0][usize::from(n / 16 % 4)])),
            7 => Self::Unavailable(2),
            8 => Self::Empty,
            9 => Self::Late,
            10 => Self::NotFound,
            11 => Self::Nonsense,
            12 => Self::Garbled,
            13 => Self::Fault,
            _ => Self::Broken,
        }
    }
}

/// How a job ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Good(Terms),
    /// It took effect, but the answer is lost.
    AnswerLost,
    /// It did not take effect.
    Failed,
    /// It hangs until the session gives it up; then it may take effect late.
    Hangs,
    /// The token endpoint says something else. To a job of the store this is a failure.
    Says(Refusal),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    InvalidGrant,
    InvalidClient,
    TooMany(u16),
    Html,
    HtmlOk,
    Fault,
}

/// What a token answer grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub refresh: Refresh,
    /// Seconds; nothing if the answer does not say.
    pub lifetime: Option<i64>,
}

/// What an answer says of the refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    Rotated,
    Same,
    Absent,
}

/// What another process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Refresh,
    SignIn,
    SignOut,
    /// It acquires the lease, has the token renewed, and then hangs.
    Begin,
    /// It goes on from there.
    Finish,
    /// It dies.
    Die,
}

impl Terms {
    pub const PLAIN: Self = Self { refresh: Refresh::Rotated, lifetime: Some(3600) };

    fn of(n: u8) -> Self {
        let refresh = [Refresh::Rotated, Refresh::Rotated, Refresh::Same, Refresh::Absent][usize::from(n % 4)];
        let lifetime =
            [Some(3600), Some(90), Some(3600), Some(20), None, Some(0), Some(3600), Some(-5)][usize::from(n / 4 % 8)];
        Self { refresh, lifetime }
    }
}

impl Outcome {
    fn of(n: u8) -> Self {
        match n {
            0..120 => Self::Good(Terms::of(n)),
            120..150 => Self::AnswerLost,
            150..185 => Self::Failed,
            185..215 => Self::Hangs,
            _ => Self::Says(match n % 8 {
                0..3 => Refusal::InvalidGrant,
                3 => Refusal::InvalidClient,
                4 => Refusal::TooMany([1, 30, 300, 40_000][usize::from(n / 8 % 4)]),
                5 => Refusal::Html,
                6 => Refusal::HtmlOk,
                _ => Refusal::Fault,
            }),
        }
    }
}

/// Milliseconds by which a clock moves.
pub fn span(n: u8) -> u64 {
    [1, 100, 1_000, 5_000, 10_000, 30_000, 61_000, 125_000, 3_700_000][usize::from(n % 9)]
}

impl Op {
    pub fn of([what, a, b]: [u8; 3]) -> Self {
        match what {
            0..27 => Self::Pump,
            27..29 => Self::Clear(a),
            29 => Self::Switch,
            30..70 => Self::Begin([Kind::Read, Kind::Once, Kind::Keyed, Kind::Read][usize::from(a % 4)], b),
            70..95 => Self::PollAll,
            95..105 => Self::Poll(a),
            105..130 => Self::Answer(a, Said::of(b)),
            130..170 => Self::Job(a, Outcome::of(b)),
            170..172 => Self::FailJobs,
            172 => Self::Outage(
                [Outage::Nowhere, Outage::Saves, Outage::Named, Outage::Nameless, Outage::Everywhere][usize::from(a % 5)],
            ),
            173..190 => Self::Tick,
            190..195 => Self::Timeout,
            195..202 => Self::Advance(a),
            202..205 => Self::Pass(a),
            205..208 => Self::Suspend(a),
            208..210 => Self::PutBack(a),
            210..215 => Self::Drop(a),
            215..222 => Self::SignOut,
            222..230 => Self::Adopt { user: a, by_hand: b % 2 == 0, lifetime: b / 2 },
            230..234 => Self::Reconfigure(a),
            234..248 => Self::Elsewhere(
                [Deed::Refresh, Deed::SignIn, Deed::SignOut, Deed::Begin, Deed::Begin, Deed::Finish, Deed::Finish, Deed::Die]
                    [usize::from(a % 8)],
                b,
            ),
            248..251 => Self::Restart(a),
            _ => Self::Late(a),
        }
    }
}

impl Setup {
    /// All bytes are good: those that choose among a few are taken modulo their count.
    pub fn of(person: bool, [bits, rare, stored, in_flight, waiting]: [u8; 5]) -> Self {
        Self {
            person,
            fleet: bits & 3 == 3,
            forgetful: rare & 15 == 15,
            handles_sign_in: bits >> 2 & 3 == 3,
            revokes: bits >> 4 & 3 == 3,
            named: bits >> 6 & 1 == 1,
            stored: [Stored::Fresh, Stored::Expired, Stored::Nothing, Stored::Ageless, Stored::Unrenewable]
                [usize::from(stored % 5)],
            in_flight: [1, 2, 3, 8][usize::from(in_flight % 4)],
            waiting: 3 + usize::from(waiting % 6),
            budgets: [Budgets::None, Budgets::Small, Budgets::Usual, Budgets::Small][usize::from(rare >> 4 & 3)],
            room: [Room::None, Room::Ample, Room::Entries(2), Room::Bytes(3_000)][usize::from(rare >> 6)],
        }
    }
}
