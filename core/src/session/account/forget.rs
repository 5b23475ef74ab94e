//! The removal of an account from the store: a sign-out's, or of what is stored twice or of no use.

use std::sync::Arc;
use std::time::Duration;

use super::{Account, Doing, Effect, Goal, Meant, Only};
use crate::account::{AccountKey, Record};
use crate::auth::{Grant, TokenRequest};
use crate::config::Config;
use crate::error::Failure;
use crate::secret::Secret;
use crate::session::job::{JobId, StoreWork, Work};
use crate::time::{Mono, Now};

/// Where something is stored.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Place {
    key: AccountKey,
    /// It is removed only if it is this.
    only: Option<Only>,
    /// It is the account's own, and not what that has come in place of: that may have been somebody else's.
    is_own: bool,
}

/// A removal in a turn of its own.
pub(in crate::session) struct Removal {
    config: Arc<Config>,
    place: Place,
    /// It is part of the sign-out that made this principal; 0 if it is part of none.
    principal: u64,
}

/// How the removal of an account ended.
pub(in crate::session) struct Removed {
    /// Of the sign-out that made this principal; 0 if nobody signs out.
    pub(in crate::session) principal: u64,
    /// What was to be removed, where that was found out.
    pub(in crate::session) key: Option<AccountKey>,
    /// Why it may still be stored, and what tries again.
    pub(in crate::session) outcome: Result<(), (Failure, Box<Account>)>,
    /// It is one part of the sign-out, and not what people call the account.
    pub(in crate::session) is_part: bool,
    /// What else is meant by it.
    pub(in crate::session) meant: Vec<Meant>,
}

impl Removal {
    /// Of what has no name, and is in the store under one too, or of no use any more.
    pub(in crate::session) fn of(config: &Arc<Config>, key: AccountKey) -> Self {
        Self { config: Arc::clone(config), place: Place { key, only: None, is_own: true }, principal: 0 }
    }

    /// The account that does it. As part of a sign-out it takes no longer than that may.
    pub(in crate::session) fn begin(self, now: Now) -> Account {
        let Self { config, place, principal } = self;
        let by = (principal > 0).then(|| now.mono + config.bounds.sign_out);
        Account {
            key: Some(place.key),
            only: place.only,
            goal: Goal::Forget,
            replaced: true,
            principal,
            forget_by: by,
            ..Account::new(config)
        }
    }
}

impl Account {
    /// Turns to the sign-out. `last` is the account that this session had before, should this one not know yet which it is. The job
    /// to be cancelled, if there is one.
    pub(in crate::session) fn forget(&mut self, last: Option<AccountKey>, principal: u64, now: Now) -> Option<JobId> {
        self.goal = Goal::Forget;
        self.principal = principal;
        self.key = self.key.take().or(last);
        // Whose it is was perhaps not looked for yet.
        let saves = self.running.is_some_and(|running| running.doing == Doing::Save);
        self.unlooked |= self.lease.is_some() && !saves && !self.is_unsure() && self.is_nameless();
        self.look_for_kin();
        if let (None, Some(key)) = (&self.grant, self.key.as_ref().filter(|key| key.is_nameless()))
            && let Some(mut given) = self.given.take()
        {
            given.record.key = key.clone();
            self.grant = Some(*given);
        }
        self.not_before = Mono::ZERO;
        self.failures = 0;
        self.unsaved = None;
        self.promote_by = None;
        self.offline = false;
        self.forget_by.get_or_insert(now.mono + self.config.bounds.sign_out);
        let running = self.running?;
        match running.doing {
            Doing::Exchange | Doing::Identify | Doing::SignIn => {}
            Doing::Save => self.doubt_the_save(),
            // What they bring is needed, or they are part of the sign-out already.
            Doing::Find | Doing::Acquire | Doing::Release | Doing::Forget | Doing::Revoke | Doing::Clear | Doing::Leave => {
                return None;
            }
        }
        self.running = None;
        Some(running.id)
    }

    /// Whether nobody is stored whom a sign-out could mean. Where a new sign-in was asked for and none was made, whoever used the store last
    /// is somebody else.
    pub(in crate::session) fn means_nobody(&self) -> bool {
        let anew = self.key.is_none() && self.config.flow.has_person() && self.config.skips_look_up();
        !self.config.store_tokens || (anew && self.selector().user.is_none())
    }

    /// The same tokens may be stored under another name too.
    pub(super) fn look_for_kin(&mut self) {
        self.unlooked |= !self.replaced && self.has_known_name() && self.held().is_some_and(|held| held.descent().is_some());
    }

    /// Whether it is stored under a name.
    pub(super) fn has_known_name(&self) -> bool {
        self.key.as_ref().is_some_and(|key| !key.is_nameless())
    }

    /// What it holds, or is to begin with.
    pub(super) fn held(&self) -> Option<&Record> {
        self.grant.as_ref().or(self.given.as_deref()).map(|grant| &grant.record)
    }

    /// Whether it is part of the sign-out that made this principal.
    pub(in crate::session) fn is_forgetting(&self, principal: u64) -> bool {
        self.goal == Goal::Forget && self.principal == principal
    }

    pub(super) fn step_forget(&mut self, now: Now, effects: &mut Vec<Effect>) -> Option<(Doing, Work, Duration)> {
        let (token, store) = (self.config.bounds.token, self.config.bounds.store);
        // What it holds at once, for the store may fail; then what it finds.
        if let Some(secret) = self.to_revoke().filter(|&secret| self.revoked.as_ref() != Some(secret)) {
            let exchange = TokenRequest::Revoke(secret).exchange(&self.config, now);
            return Some((Doing::Revoke, Work::Token(exchange), token));
        }
        if self.means_nobody() {
            self.end_forget(Ok(()), effects);
            return None;
        }
        let work = match (&self.key, &self.lease) {
            (None, _) => (Doing::Find, self.look()),
            _ if self.unlooked => (Doing::Find, self.look()),
            (Some(key), Some(lease)) if !self.is_unsure() => {
                (Doing::Forget, StoreWork::Forget { key: key.clone(), lease: lease.clone() })
            }
            _ => (Doing::Acquire, self.acquire()?),
        };
        Some((work.0, Work::Store(work.1), store))
    }

    /// The token whose revocation ends the sign-in: a refresh token takes the access tokens along (RFC 7009 §2.1).
    pub(super) fn to_revoke(&self) -> Option<&Secret> {
        self.config.revoke_url.as_ref().filter(|_| !self.replaced)?;
        let record = &self.grant.as_ref().or(self.given.as_deref())?.record;
        Some(record.refresh_token.as_ref().unwrap_or(&record.access_token))
    }

    /// It is out of the store; what else is left of it is still to go.
    pub(super) fn forgotten(&mut self, effects: &mut Vec<Effect>) {
        self.mind_places();
        for place in self.places.clone() {
            if self.key.as_ref() != Some(&place.key) {
                let (config, principal) = (Arc::clone(&self.config), self.principal);
                effects.push(Effect::Remove(Removal { config, place, principal }));
            }
        }
        self.end_forget(Ok(()), effects);
    }

    /// What may be left without a name of what it holds, which is to be removed.
    fn mind_places(&mut self) {
        let held = self.grant.as_ref().into_iter().chain(self.given.as_deref()).filter(|_| !self.replaced);
        let places = |grant: &Grant| [(grant.record.nameless_place(), true), (grant.record.preceding_place(), false)];
        let places: Vec<_> = held.flat_map(places).collect();
        for (key, is_own) in places {
            key.into_iter().for_each(|key| self.mind(Place { key, only: None, is_own }));
        }
    }

    /// The same, of accounts of other names that descend from the same tokens; and under its own name, should it be found under another.
    pub(super) fn mind_kin(&mut self, records: &[Record], own: &Record) {
        for record in records.iter().filter(|record| record.is_kin(own)).chain([own]) {
            let only = Only { place: own.nameless_place(), saved: None };
            self.mind(Place { key: record.key.clone(), only: Some(only), is_own: true });
        }
    }

    fn mind(&mut self, place: Place) {
        match self.places.iter_mut().find(|known| known.key == place.key) {
            Some(known) => known.is_own |= place.is_own,
            None => self.places.push(place),
        }
    }

    /// What is stored is to be removed. Its tokens are wanted for the revocation.
    pub(super) fn turn_to(&mut self, stored: Record, now: Now) {
        self.mind_places();
        self.grant = Some(Grant::from_record(stored, now));
    }

    pub(super) fn end_forget(&mut self, outcome: Result<(), Failure>, effects: &mut Vec<Effect>) {
        let nobody = self.means_nobody();
        self.rest();
        self.forget_by = None;
        self.not_before = Mono::ZERO;
        self.mind_places();
        let given = self.given.take().map(|given| *given);
        let held = self.grant.take().or(given);
        let places = std::mem::take(&mut self.places);
        let kin = places.iter().filter(|place| place.key.is_nameless());
        let kin = kin.map(|place| if place.is_own { Meant::Kin(place.key.clone()) } else { Meant::Left(place.key.clone()) });
        let key = self.key.take().or_else(|| held.as_ref().map(|grant| grant.record.key.clone()));
        self.key = self.doubt.as_ref().map(|doubt| doubt.lease.key.clone());
        let (principal, is_part) = (self.principal, self.replaced);
        let anybody = key.is_none() && !is_part && !nobody;
        let meant = if anybody { vec![Meant::Any(self.config.selector())] } else { kin.collect() };
        let outcome = outcome.map_err(|failure| {
            let (only, revoked) = (self.only.take(), self.revoked.take());
            let config = Arc::clone(&self.config);
            let held = held.filter(|grant| key.as_ref() == Some(grant.key()));
            let again = Self { key: key.clone(), grant: held, replaced: is_part, only, places, revoked, ..Self::new(config) };
            (failure, Box::new(again))
        });
        effects.push(Effect::Removed(Removed { principal, key, outcome, is_part, meant }));
    }
}
