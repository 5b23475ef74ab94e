//! How many calls are in flight, and when: reads and writes are limited apart.

use std::time::Duration;

use tidal_core::{Mono, Now};

use crate::model::check::Ledger;
use crate::model::ops::Kind;

/// What the service lets through, by lane: reads, then writes.
pub struct Lanes {
    /// Calls in flight at most.
    most: usize,
    /// Until when the service wants no request.
    closed: [Mono; 2],
    /// At which step it said so last.
    told: [usize; 2],
}

pub fn lane(kind: Kind) -> usize {
    usize::from(kind != Kind::Read)
}

impl Lanes {
    pub const fn new(most: usize) -> Self {
        Self { most, closed: [Mono::ZERO; 2], told: [0; 2] }
    }

    /// Of one lane. An eighth of all is left to the other.
    pub const fn most_of_one(&self) -> usize {
        self.most - self.most / 8
    }

    /// The answer to a call says that no request is welcome for so long.
    pub fn learns(&mut self, kind: Kind, closes: Duration, now: Now, step: usize) {
        if !closes.is_zero() {
            let closed = &mut self.closed[lane(kind)];
            *closed = (*closed).max(now.mono + closes);
            self.told[lane(kind)] = step;
        }
    }

    /// A call is sent while so many are in flight. One that was `named` before the lane was closed, and is polled only now, may have
    /// got its turn by then, and keeps it.
    pub fn sends(&self, kind: Kind, in_flight: [usize; 2], named: Option<usize>, now: Now, number: usize, ledger: &mut Ledger) {
        let [reads, writes] = in_flight;
        ledger.must(reads + writes < self.most, || format!("call {number} is sent beside {reads} reads and {writes} writes"));
        let own = in_flight[lane(kind)];
        ledger.must(own < self.most_of_one(), || format!("call {number} is sent beside {own} of its lane"));
        let closed = self.closed[lane(kind)];
        let granted = named.is_some_and(|step| step < self.told[lane(kind)]);
        ledger
            .must(granted || closed <= now.mono, || format!("call {number} is sent while its lane is closed until {closed:?}"));
    }
}
