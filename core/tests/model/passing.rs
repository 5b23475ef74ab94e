//! How time goes on, and what happens meanwhile: at once, elsewhere, and in the next process.

use std::time::Duration;

use tidal_core::auth::Grant;
use tidal_core::config::Tokens;
use tidal_core::{Flow, Mono, Secret, Session, Unix};

use crate::model::lanes::Lanes;
use crate::model::ops::{Deed, Outcome, Terms};
use crate::model::server::{Issued, USERS};
use crate::model::store::Change;
use crate::model::world::{Open, World};

impl World {
    /// The process dies, with all that is under way, and starts anew. The first time, the tokens that it is given are new.
    pub fn restart(&mut self, n: u8) {
        if self.config.flow != Flow::Pkce {
            return;
        }
        let serial = self.given.unwrap_or_else(|| {
            let lifetime = [Some(3600), Some(0), None][usize::from(n % 3)];
            self.server.sign_in(USERS[0], true, lifetime, true, self.now)
        });
        self.given = Some(serial);
        let issued = self.server.get(serial).clone();
        self.callers.clear();
        let dead = self.open.drain(..).filter(|open| !open.landed).map(|open| Open { dead: true, ..open });
        self.late.extend(dead);
        self.late.iter_mut().for_each(|open| open.dead = true);
        self.config.user = (n / 3).is_multiple_of(4).then(|| USERS[0].to_owned());
        self.session = Session::new(self.config.clone(), [n; 32]);
        let mut tokens = Tokens::new(issued.access.as_str());
        tokens.refresh_token = issued.refresh.as_deref().map(Secret::from);
        tokens.expires_at = issued.ends.map(|ends| ends.unix);
        let grant = Grant::from_tokens(&self.config, tokens, self.now).unwrap();
        let stored: Vec<Issued> = self
            .store
            .records()
            .iter()
            .filter_map(|record| self.server.by_access(record.access_token.expose()).cloned())
            .collect();
        self.ledger.is_restarted(&issued, &stored, &self.server);
        self.kept.is_restarted();
        self.lanes = Lanes::new(self.setup.in_flight);
        self.session.offer(grant, self.now).unwrap();
    }

    pub fn elsewhere(&mut self, deed: Deed, n: u8) {
        let person = self.setup.person;
        let (key, change) = self.other.act(deed, n, person, &mut self.server, &self.store, self.now);
        self.note(|| format!("   elsewhere: {key:?} {change:?}"));
        if change != Change::None {
            self.ledger.is_overtaken(&key, change);
        }
    }

    /// Everything fails, and what follows from it.
    pub fn fail_jobs(&mut self) {
        for _ in 0..40 {
            let Some(index) = self.open.iter().position(|open| !open.hangs) else { return };
            self.reply(index, Outcome::Failed);
        }
        self.ledger.broken.push("what fails is tried again without a pause".to_owned());
    }

    /// All that can be done now is done, and goes well.
    pub fn pump(&mut self) {
        for _ in 0..200 {
            self.poll_all();
            if let Some(index) = self.open.iter().position(|open| !open.hangs) {
                self.reply(index, Outcome::Good(Terms::PLAIN));
            } else if let Some(index) = self.callers.iter().position(|caller| caller.is_in_flight()) {
                self.answer(index, crate::model::ops::Said::Honest);
            } else if !self.callers.iter().any(|caller| self.is_due(caller)) {
                return;
            }
        }
        self.ledger.broken.push("what goes well does not come to an end".to_owned());
    }

    pub fn timeout(&mut self) {
        if self.session.poll_timeout().is_none_or(|at| at > self.now.mono) {
            return;
        }
        self.ledger.step += 1;
        self.session.handle_timeout(self.now);
        let next = self.session.poll_timeout();
        self.ledger.must(next.is_none_or(|at| at > self.now.mono), || format!("the timeout {next:?} does not go on"));
        self.settle();
    }

    /// On to the next moment that something waits for.
    pub fn tick(&mut self) {
        let waits = self.callers.iter().filter_map(super::calls::Caller::until);
        let next: Option<Mono> = waits.chain(self.session.poll_timeout()).filter(|at| *at > self.now.mono).min();
        if let Some(next) = next {
            self.advance(next.since(self.now.mono));
        }
        self.timeout();
        self.poll_all();
    }

    /// Time goes on by at least so much, and what can be done meanwhile is.
    pub fn pass(&mut self, by: Duration) {
        let until = self.now.mono + by;
        for _ in 0..60 {
            self.pump();
            if self.now.mono >= until || self.session.poll_timeout().is_none() {
                return;
            }
            self.tick();
        }
    }

    pub fn advance(&mut self, by: Duration) {
        self.now = self.now + by;
        self.ledger.time_goes_on(by, self.now);
        let now = self.now;
        self.note(|| format!("   it is {now:?}"));
    }

    pub fn set_unix(&mut self, unix: Unix) {
        self.now.unix = unix;
        self.ledger.time_goes_on(Duration::ZERO, self.now);
    }
}
