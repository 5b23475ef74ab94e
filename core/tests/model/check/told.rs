//! What the session is told, and what follows from it.

use std::time::Duration;

use tidal_core::store::Lease;
use tidal_core::{AccountKey, Mono, Now, Record};

use super::{Ban, Ledger, Owed};
use crate::model::server::{Form, Issued, Server, USERS};
use crate::model::store::Change;

impl Ledger {
    fn knows(&mut self, issued: &Issued) {
        self.known.insert(issued.serial);
        self.recent.insert(issued.serial);
        self.last = Some(issued.serial);
        let user = issued.user.map(str::to_owned);
        let banned = self.bans.iter().any(|ban| ban.families.contains(&issued.family));
        let left = self.left_nameless && Some(issued.family) == self.given;
        if self.user.as_ref() == Some(&user) && !banned && !self.signed_out && !left {
            self.held.insert(issued.family);
            if user.is_none() && !self.application.is_empty() {
                self.application.push(issued.serial);
            }
        }
    }

    /// New tokens in answer to `form`.
    pub fn is_told_of_tokens(&mut self, issued: &Issued, form: &Form, account: usize) {
        if let Some(old) = &form.refresh
            && issued.refresh.as_ref() != Some(old)
        {
            self.succeeded.insert(old.clone(), (self.faults, account));
        }
        self.known.insert(issued.serial);
        if account == self.account {
            self.application = vec![issued.serial];
            self.knows(issued);
        }
        self.owe(issued);
    }

    fn owe(&mut self, issued: &Issued) {
        let user = issued.user.map(str::to_owned);
        // After a new configuration the session may go on with an older sign-in; the newer one is to be stored all the same.
        let older = self.owed.get(&user).is_some_and(|owed| owed.family > issued.family);
        // What another process stored goes before what the session has, until it has seen that.
        if !self.setup.forgetful && !older && !self.overtaken.contains(&user) {
            self.owed.insert(user, Owed { family: issued.family, serial: issued.serial, faults: self.faults });
        }
    }

    /// A sign-in, by whichever way.
    pub fn is_told_of_sign_in(&mut self, issued: &Issued, by_hand: bool) {
        if by_hand {
            self.by_hand.insert(issued.family, false);
        }
        self.account += 1;
        self.signed_out = false;
        let user = Some(issued.user.map(str::to_owned));
        if self.user.is_some() && self.user != user {
            self.begins_anew();
        }
        self.refused.clear();
        self.may_be_refused.clear();
        self.signed_in_at = self.step;
        self.user = user;
        self.adopted.insert(issued.family, issued.user.map(str::to_owned));
        self.overtaken.clear();
        self.knows(issued);
        self.owe(issued);
    }

    /// An account without a name is not known to be the one that signs in now: it is kept for itself.
    pub fn leaves_nameless(&mut self) {
        if let Some(given) = self.given {
            self.held.remove(&given);
            self.left_nameless = true;
        }
    }

    /// What the session looked for.
    pub fn is_told_of_account(&mut self, record: Option<&Record>, server: &Server, account: usize) {
        // While a sign-out is under way, it may be that which has looked.
        if account == self.account && self.bans.iter().all(|ban| ban.done) {
            let issued = record.and_then(|record| server.by_access(record.access_token.expose()));
            self.application = issued.map(|issued| issued.serial).into_iter().collect();
            let named = record.map(|record| record.key.user.clone());
            self.user = self.user.take().or_else(|| issued.map(|issued| issued.user.map(str::to_owned)).or(named));
        }
    }

    /// A look at the store.
    pub fn is_told_of_record(&mut self, record: Option<&Record>, server: &Server, account: usize) {
        match record {
            None => self.endings.push(self.step),
            Some(record) => {
                if record.rejected.is_some() {
                    self.endings.push(self.step);
                }
                let issued = server.by_access(record.access_token.expose());
                if let (Some(issued), true) = (issued, account == self.account) {
                    self.knows(issued);
                }
            }
        }
    }

    pub fn is_told_of_lease(&mut self, lease: Lease) {
        self.store_works = true;
        self.overtaken.remove(&lease.key.user);
        self.lease = Some(lease);
    }

    pub fn has_given_back(&mut self, lease: &Lease) {
        self.store_works = true;
        self.lease.take_if(|held| held == lease);
    }

    pub fn is_told_that_saved(&mut self, record: &Record, server: &Server, account: usize) {
        self.store_works = true;
        if let Some(issued) = server.by_access(record.access_token.expose())
            && account == self.account
        {
            self.is_newest(issued);
        }
    }

    /// The store failed, or said nothing in time.
    pub fn is_told_of_fault(&mut self) {
        self.faults += 1;
        self.store_works = false;
        self.failures.push(self.step);
        self.bans.iter_mut().filter(|ban| !ban.done).for_each(|ban| ban.doubtful = true);
    }

    /// Whether these were set by hand, and rejected.
    pub fn are_dead(&self, family: usize) -> bool {
        self.by_hand.get(&family) == Some(&true)
    }

    pub fn is_told_of_failure(&mut self) {
        self.failures.push(self.step);
    }

    pub fn is_told_of_rejection(&mut self, family: Option<usize>) {
        if let Some(dead) = family.and_then(|family| self.by_hand.get_mut(&family)) {
            *dead = true;
        }
        self.failures.push(self.step);
        self.endings.push(self.step);
    }

    /// A call was answered with 401, and learns of it. Whether it was sent at that step with the newest token, whether it may have been, and
    /// whether that still is it for sure: the sign-in may have ended since. An application may go on with one that it saw last, though it is older; so may
    /// a person where somebody else has signed in meanwhile. Of a token
    /// that it `asked` for, or may have, nobody else has to think the worse: it may be the request that is at fault.
    pub fn is_told_of_401(&mut self, issued: &Issued, sent: usize, (asked, may_have): (bool, bool)) -> (bool, bool, bool) {
        let last = self.last == Some(issued.serial);
        let newest = self.recent.last() == Some(&issued.serial);
        // What was sent before the last sign-in says nothing of that.
        // A later sign-in of this session's goes before what it has seen of others.
        let generation = self.newest.get(&issued.family).map(|newest| newest.0);
        let own = self.adopted.contains_key(&issued.family) && generation.is_none_or(|newest| issued.generation >= newest);
        // It is sent until the one that came in its place is stored.
        let own = own || last || self.last_sent == Some(issued.serial);
        if !(newest && asked) && sent >= self.signed_in_at {
            self.may_be_refused.insert(issued.access.clone());
            if !((newest || own) && may_have) {
                self.refused.insert(issued.access.clone());
            }
        }
        (newest, newest || own, last && newest && !self.has_ended_since(sent))
    }

    fn begins_anew(&mut self) {
        self.period += 1;
        self.user = self.of_application.then_some(None);
        self.held.clear();
        self.application.clear();
        self.refused.clear();
        self.may_be_refused.clear();
        self.newest.clear();
        self.recent.clear();
        self.last = None;
    }

    pub fn is_reconfigured(&mut self, person: bool) {
        self.account += 1;
        self.signed_out = false;
        self.of_application = !person;
        self.left_nameless = true;
        self.begins_anew();
    }

    /// A new process, which is given these tokens. What the last one had not stored is lost with it; what is `stored` of these is to go
    /// before them.
    pub fn is_restarted(&mut self, given: &Issued, stored: &[Issued], server: &Server) {
        self.account += 1;
        self.signed_out = false;
        self.of_application = false;
        self.begins_anew();
        let lasts = |refresh: &String| {
            server
                .by_refresh(refresh)
                .any(|old| stored.iter().any(|new| new.family == old.family && new.generation > old.generation))
        };
        let known = (self.faults, self.account);
        self.succeeded.retain(|refresh, _| lasts(refresh));
        self.succeeded.values_mut().for_each(|of| *of = known);
        self.owed.clear();
        self.adopted.clear();
        self.died_signing_out |= self.bans.iter().any(|ban| !ban.done);
        self.bans.retain(|ban| ban.done);
        for ban in &mut self.bans {
            ban.families.remove(&given.family);
        }
        self.known.insert(given.serial);
        self.recent.insert(given.serial);
        self.given = Some(given.family);
        self.left_nameless = false;
        self.started = self.account;
    }

    /// An account without a `name` is nobody else's: what is stored under names stays.
    pub fn signs_out(&mut self, name: bool, now: Now) {
        self.signed_out = true;
        // Should it fail, what is still stored may be found again, and be outdated.
        self.succeeded.clear();
        match &self.user {
            Some(user) => {
                self.owed.remove(user);
                self.adopted.retain(|_, own| own != user);
            }
            None => {
                // Whichever it finds.
                self.owed.clear();
                self.adopted.clear();
            }
        }
        let mut families = std::mem::take(&mut self.held);
        families.retain(|family| name || Some(*family) == self.given);
        // It may join one that is under way.
        let by = self.bans.iter().filter(|ban| !ban.done).map(|ban| ban.by).fold(now.mono + Duration::from_secs(60), Mono::min);
        let (user, account) = (self.user.clone(), self.account);
        self.bans.push(Ban {
            user,
            families,
            nameless: !name,
            done: false,
            has_succeeded: false,
            doubtful: false,
            by,
            account,
        });
        self.account += 1;
        self.begins_anew();
    }

    /// Another process changed an account.
    pub fn is_overtaken(&mut self, key: &AccountKey, change: Change) {
        if key.user.as_deref() == Some(USERS[0]) {
            // Nothing may be left there that descends from the given tokens.
            self.succeeded.clear();
        }
        self.owed.remove(&key.user);
        self.overtaken.insert(key.user.clone());
        if change == Change::Removed {
            self.removed.insert(key.user.clone());
        } else {
            self.removed.remove(&key.user);
        }
    }
}
