//! How a history ends: everything works again, time goes on, and then nothing may be left.

use tidal_core::{Flow, Record};

use crate::model::check::Owed;
use crate::model::ops::{Kind, Op, Outage, Outcome, Said, Setup, Terms};
use crate::model::store::{is_nameless, key};
use crate::model::world::World;

/// Lives a history through; what it told, and what did not hold.
pub fn live(setup: Setup, ops: &[Op], trace: bool) -> (Vec<String>, Vec<String>) {
    let mut world = World::new(setup);
    world.trace = trace.then(Vec::new);
    for op in ops {
        world.act(*op);
        if !world.ledger.broken.is_empty() {
            break;
        }
    }
    if world.ledger.broken.is_empty() {
        world.end();
    }
    (world.trace.unwrap_or_default(), world.ledger.broken)
}

impl World {
    /// Lets everything come to its end.
    pub fn end(&mut self) {
        self.note(|| "-- the end".to_owned());
        self.outage = Outage::Nowhere;
        self.store.end_leases();
        self.come_to_rest();
        let (left, open) = (self.callers.len(), self.open.len());
        self.ledger.must(left == 0, || format!("{left} calls never ended"));
        self.ledger.must(open == 0 && self.session.is_idle(), || "the session never came to rest".to_owned());
        let none = self.session.has_no_calls();
        self.ledger.must(none, || "the session knows calls that have ended".to_owned());
        self.nothing_is_lost();
        self.all_permits_are_there();
    }

    /// Time goes on until nothing is left.
    fn come_to_rest(&mut self) {
        for _ in 0..600 {
            self.drain();
            let rests = self.callers.is_empty() && self.open.is_empty() && self.session.is_idle();
            if rests || !self.ledger.broken.is_empty() {
                return;
            }
            self.tick();
        }
    }

    /// All that is to be done is done, and goes well.
    fn drain(&mut self) {
        for open in &mut self.open {
            open.hangs = open.landed;
        }
        for _ in 0..300 {
            self.poll_all();
            if let Some(index) = self.open.iter().position(|open| !open.hangs) {
                self.reply(index, Outcome::Good(Terms::PLAIN));
            } else if let Some(index) = self.callers.iter().position(|caller| caller.is_in_flight()) {
                self.answer(index, Said::Good);
            } else if !self.callers.iter().any(|caller| self.is_due(caller)) {
                return;
            }
        }
    }

    /// The store holds the newest tokens that the session was told of, unless it failed for as often as it is tried, or somebody else
    /// had the last word.
    fn nothing_is_lost(&mut self) {
        let owed: Vec<_> = self.ledger.owed.iter().map(|(user, owed)| (user.clone(), *owed)).collect();
        for (user, Owed { family, serial, faults }) in owed {
            // A person's may be stored without a name.
            let own = key(user.as_deref());
            let fits = |record: &Record| record.key == own || (user.is_some() && is_nameless(&record.key));
            let records: Vec<_> = self.store.records().into_iter().filter(fits).collect();
            let stored: Vec<_> =
                records.iter().filter_map(|record| self.server.by_access(record.access_token.expose())).collect();
            let fit = stored.iter().any(|stored| {
                // Another process's tokens of the application, of another sign-in, or got with the same refresh token.
                let own = self.server.get(serial);
                let other = !stored.ours && (stored.family != family || stored.generation == own.generation);
                let dead = stored.family != family && self.ledger.are_dead(family);
                stored.serial == serial || dead || stored.family > family || user.is_none() || other
            });
            let stored: Vec<usize> = stored.iter().map(|issued| issued.serial).collect();
            let removed = stored.is_empty() && self.ledger.removed.contains(&user);
            let excused = self.ledger.faults - faults >= 4 || removed;
            self.ledger.must(excused || fit, || format!("{stored:?} is stored instead of {serial}"));
        }
    }

    /// As many calls as may be in flight can all be sent, and not one more.
    fn all_permits_are_there(&mut self) {
        self.config.user = None;
        self.session.reconfigure(self.config.clone(), self.now);
        self.ledger.is_reconfigured(self.config.flow == Flow::Pkce);
        self.kept.is_reconfigured();
        self.adopt(0, true, 0);
        if self.config.flow != Flow::Pkce {
            self.begin(Kind::Read, 0);
        }
        self.come_to_rest();
        self.lane_opens();
        let most = self.lanes.most_of_one();
        for n in 0..=most {
            self.begin(Kind::Read, 0);
            let sent = self.poll(self.callers.len() - 1);
            self.ledger.must(sent == (n < most), || format!("call {n} of {most} in flight at most was sent: {sent}"));
        }
    }

    /// While the service takes all that comes, calls go ever quicker, until nothing slows them down.
    fn lane_opens(&mut self) {
        for _ in 0..130 {
            let reads = self.session.limiter_state().reads;
            if reads.gap.is_zero() && reads.closed_until.is_none() {
                return;
            }
            self.begin(Kind::Read, 0);
            self.come_to_rest();
        }
        self.ledger.broken.push("reads are slowed down for ever".to_owned());
    }
}
