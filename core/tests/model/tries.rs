//! How often a call is sent: counted from what it was told, and held against what it does.

use std::time::Duration;

use tidal_core::{Backoff, ErrorKind, Mono, Now, Retries};

use crate::model::check::Ledger;
use crate::model::ops::{Budgets, Kind};

/// How long a call takes at most, waiting included.
pub const LONGEST: Duration = Duration::from_secs(120);

/// A class of failures that have a budget of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Network,
    Timeout,
    Status,
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// A success that can be read.
    Answer,
    /// 401: nothing was done, and it counts as nothing.
    Unauthorized,
    /// A failure; with a class, it may be tried again, after so long at least.
    Failure(Option<Class>, Duration),
}

impl Budgets {
    /// How many tries of a class follow the first, and the first and the longest pause before them, in milliseconds.
    const fn of(self, class: Class) -> (u32, u64, u64) {
        match (self, class) {
            (Self::None, _) => (0, 0, 0),
            (Self::Small, Class::Network) => (2, 0, 0),
            (Self::Small, Class::Timeout) => (1, 2_000, 2_000),
            (Self::Small, Class::Status) => (3, 1_000, 2_000),
            (Self::Usual, Class::Network) => (10, 1_000, 16_000),
            (Self::Usual, Class::Timeout) => (3, 8_000, 32_000),
            (Self::Usual, Class::Status) => (3, 500, 16_000),
        }
    }

    /// The same, as the session is told it.
    pub fn retries(self) -> Retries {
        let backoff = |class| {
            let (tries, first, longest) = self.of(class);
            Backoff::new(tries, Duration::from_millis(first), Duration::from_millis(longest))
        };
        let mut retries = Retries::NONE;
        match self {
            Self::None => {}
            Self::Usual => retries = Retries::default(),
            Self::Small => {
                retries.network = backoff(Class::Network);
                retries.timeout = backoff(Class::Timeout);
                retries.status = backoff(Class::Status);
            }
        }
        retries
    }
}

/// When a call may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// As soon as it has a token and its turn.
    Free,
    /// After a pause that ends between these.
    Pauses(Mono, Mono),
    /// Not again.
    Never,
}

/// What a call has used of its budgets.
pub struct Tries {
    kind: Kind,
    budgets: Budgets,
    pub sends: u32,
    /// Failures, by class.
    failures: [u32; 3],
    next: Next,
    /// What came of the last attempt that is over.
    came: Option<Came>,
    key: Option<String>,
    /// When its time is over; nothing before its first poll.
    pub ends: Option<Mono>,
}

impl Tries {
    pub fn new(kind: Kind, budgets: Budgets) -> Self {
        Self { kind, budgets, sends: 0, failures: [0; 3], next: Next::Free, came: None, key: None, ends: None }
    }

    pub fn begins(&mut self, now: Now) {
        self.ends = Some(now.mono + LONGEST);
    }

    /// An attempt is over, and the call learns of it.
    pub fn learns(&mut self, came: Came, now: Now) {
        self.came = Some(came);
        self.next = match came {
            Came::Unauthorized => Next::Free,
            Came::Failure(Some(class), after) if self.kind != Kind::Once => self.pause(class, after, now),
            Came::Answer | Came::Failure(..) => Next::Never,
        };
    }

    fn pause(&mut self, class: Class, after: Duration, now: Now) -> Next {
        let failures = &mut self.failures[class as usize];
        *failures += 1;
        let (tries, first, longest) = self.budgets.of(class);
        if *failures > tries {
            return Next::Never;
        }
        let pause = Duration::from_millis((first << (*failures - 1)).min(longest));
        // A random part of up to a fifth is taken off.
        Next::Pauses(now.mono + after + pause * 4 / 5, now.mono + after + pause)
    }

    /// It is sent.
    pub fn sends(&mut self, key: Option<String>, now: Now, number: usize, ledger: &mut Ledger) {
        match self.next {
            Next::Free => {}
            Next::Never if self.kind == Kind::Once => ledger.broken.push(format!("mutation {number} was sent twice")),
            Next::Never => ledger.broken.push(format!("call {number} was sent beyond its budgets: {:?}", self.failures)),
            Next::Pauses(from, _) => ledger.must(now.mono >= from, || format!("call {number} was sent within its pause")),
        }
        ledger.must(self.ends.is_some_and(|ends| now.mono < ends), || format!("call {number} was sent after its time"));
        let same = self.sends == 0 || self.key == key;
        ledger.must(same && key.is_some() == (self.kind == Kind::Keyed), || format!("the key of mutation {number} changed"));
        self.key = key;
        self.next = Next::Never;
        self.sends += 1;
    }

    /// It waits, and is not in flight.
    pub fn waits(&self, until: Mono, now: Now, number: usize, ledger: &mut Ledger) {
        let ends = self.ends.is_some_and(|ends| until <= ends && now.mono < ends);
        ledger.must(ends, || format!("call {number} waits beyond its time"));
        let fits = match self.next {
            Next::Pauses(from, to) if self.ends != Some(until) => from <= until && until <= to,
            Next::Pauses(from, _) => from <= now.mono,
            Next::Free => self.ends == Some(until),
            Next::Never => false,
        };
        ledger.must(fits, || format!("call {number} waits until {until:?}, and may go {:?}", self.next));
    }

    /// It ends with an answer, which it asked for itself.
    pub fn succeeds(&self, number: usize, ledger: &mut Ledger) {
        ledger.must(self.came == Some(Came::Answer), || format!("call {number} has an answer, and was told {:?}", self.came));
    }

    /// It ends with an error.
    pub fn fails(&self, kind: ErrorKind, now: Now, number: usize, ledger: &mut Ledger) {
        let has_time = |to: Mono| self.ends.is_some_and(|ends| to < ends);
        match (kind, self.next) {
            (ErrorKind::Timeout, _) => ledger.must(!has_time(now.mono), || format!("call {number} ended before its time")),
            (ErrorKind::Transport | ErrorKind::Refused | ErrorKind::Decode, next) if self.sends > 0 => {
                let fits = matches!(self.came, Some(Came::Failure(..) | Came::Unauthorized));
                ledger.must(fits, || format!("call {number} ended with {kind:?}, and was told {:?}", self.came));
                let early = matches!(next, Next::Pauses(_, to) if has_time(to));
                ledger.must(!early, || format!("call {number} gave up early: {:?}", self.failures));
            }
            _ => {}
        }
    }
}
