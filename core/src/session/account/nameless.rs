//! Accounts that have no name yet, made from tokens given by hand: who they belong to is found out before they are stored under a
//! name, and what was stored without one goes then.
//!
//! Until it has a name, the lease of the account without one keeps other processes from the same tokens. It is held until the account is stored
//! under its name, so that whoever acquires it after that finds the name among the accounts of this client.

use std::sync::Arc;
use std::time::Duration;

use super::given::take_kin;
use super::reply::Context;
use super::{Account, Doing, Effect, Goal, Rank, Removal, Seen};
use crate::account::{AccountKey, Record};
use crate::auth::told_user;
use crate::error::Failure;
use crate::message::Response;
use crate::session::job::{StoreWork, Work};
use crate::store::Lease;
use crate::time::Now;

/// What an account had before it had a name.
pub(super) struct Nameless {
    lease: Lease,
    /// What was stored without a name.
    seen: Seen,
}

impl Nameless {
    pub(super) fn holds(&self, lease: &Lease) -> bool {
        self.lease == *lease
    }

    /// Where it was stored so far, and may be again.
    pub(super) fn key(&self) -> &AccountKey {
        &self.lease.key
    }

    /// What was stored without a name stays.
    pub(super) fn leave(&mut self) {
        self.seen = Seen::Nothing;
    }
}

impl Account {
    /// Whether it is a person's who isn't known, and goes back to tokens given by hand.
    pub(super) fn is_nameless(&self) -> bool {
        let grant = self.grant.as_ref().filter(|_| self.config.flow.has_person());
        grant.is_some_and(|grant| grant.record.key.is_nameless() && grant.record.descent().is_some())
    }

    /// Whether its name is known or can be asked for now. One that was not given to this session, or is no longer its own, stays as it
    /// is: it may belong to somebody who has signed in since.
    pub(super) fn lacks_name(&self, now: Now) -> bool {
        let Some(grant) = self.grant.as_ref().filter(|_| self.is_nameless() && self.names) else { return false };
        let access = &grant.record.access_token;
        let works = grant.record.rejected.is_none() && !self.has_refused(access);
        let alive = grant.lifetime(now).is_none_or(|left| !left.is_zero());
        self.asked.as_ref() != Some(access) && (self.told_name().is_some() || (works && alive))
    }

    fn told_name(&self) -> Option<String> {
        let told = self.grant.as_ref().and_then(|grant| grant.user.clone());
        self.config.key(told).user
    }

    /// Whether it lacks a name, and its lease lasts for as long as it takes to ask and to save.
    pub(super) fn may_be_named(&self, now: Now) -> bool {
        self.lacks_name(now) && self.lease_outlasts(now, self.config.bounds.store.saturating_mul(3))
    }

    /// The way to a name, under the lease of the account without one. Asking takes no longer than a save may: calls wait for both.
    pub(super) fn step_name(&mut self, now: Now) -> Option<(Doing, Work, Duration)> {
        let bound = self.config.bounds.store;
        if let Some(name) = self.told_name() {
            self.take_name(name);
        } else if let Some(mut exchange) = self.grant.as_ref().and_then(|grant| grant.identify(&self.config, now)) {
            exchange.deadline = exchange.deadline.min(now.mono + bound);
            return Some((Doing::Identify, Work::Token(exchange), bound));
        } else {
            self.asked = self.grant.as_ref().map(|grant| grant.record.access_token.clone());
        }
        self.acquire().map(|work| (Doing::Acquire, Work::Store(work), bound))
    }

    /// Takes in who the service says this is.
    pub(super) fn identified(&mut self, reply: Result<Response, Failure>) {
        let Some(grant) = &mut self.grant else { return };
        grant.user = told_user(reply);
        if grant.user.is_none() {
            self.asked = Some(grant.record.access_token.clone());
        }
    }

    /// It is stored under this name from now on.
    fn take_name(&mut self, name: String) {
        let (Some(lease), Some(grant)) = (self.lease.take(), &mut self.grant) else { return };
        let key = AccountKey { user: Some(name), ..lease.key.clone() };
        grant.record.key = key.clone();
        self.key = Some(key);
        self.nameless = Some(Nameless { lease, seen: std::mem::replace(&mut self.seen, Seen::Unknown) });
        self.rank = Rank::New;
    }

    /// It can't be stored under its name just now: it has none until there is another token. Before the lease of the account without
    /// one ends, it is stored there, or others would spend its refresh token.
    pub(super) fn lose_name(&mut self, effects: &mut Vec<Effect>) {
        let (Some(Nameless { lease, seen }), Some(grant)) = (self.nameless.take(), &mut self.grant) else { return };
        grant.record.key = lease.key.clone();
        self.asked = Some(grant.record.access_token.clone());
        self.key = Some(lease.key.clone());
        let doubt = self.doubt.take();
        let held = self.lease.take().or_else(|| doubt.as_ref().map(|doubt| doubt.lease.clone()));
        effects.extend(held.map(|lease| Effect::GiveBack(Arc::clone(&self.config), lease, doubt)));
        self.give_up_lease();
        (self.lease, self.seen, self.rank, self.tried) = (Some(lease), seen, Rank::Usual, None);
    }

    /// A nameless account that was found is to be stored under its name.
    pub(super) fn name_later(&mut self, now: Now) {
        if self.goal == Goal::Rest && self.lacks_name(now) {
            self.unsaved = Some((0, now.mono));
            self.goal = Goal::Keep;
        }
    }

    /// What is stored under the lease of the account without a name, unless it has one by now.
    pub(super) fn looked_among(&mut self, mut records: Vec<Record>, cx: &mut Context<'_>) {
        let Some(own) = self.grant.as_ref().map(|grant| grant.record.clone()) else { return };
        let stored = records.iter().find(|record| record.key == own.key).cloned().map(Box::new);
        self.slow = 0;
        if self.goal == Goal::Forget {
            self.mind_kin(&records, &own);
        } else {
            records.retain(|record| !self.has_spent(record));
        }
        let named = take_kin(&mut records, &own).filter(|record| !record.key.is_nameless());
        let Some(named) = named else { return self.looked(stored, cx) };
        let seen = stored.map_or(Seen::Nothing, Seen::Record);
        self.nameless = self.lease.take().map(|lease| Nameless { lease, seen });
        self.key = Some(named.key.clone());
        self.seen = Seen::Record(Box::new(named.clone()));
        self.rank = Rank::Usual;
        self.go_on_with(named, cx);
    }

    /// What is to be done with what was stored without a name: it goes once the account is stored under one.
    pub(super) fn step_nameless(&mut self, pausing: bool, effects: &mut Vec<Effect>) -> Option<(Doing, StoreWork)> {
        let Nameless { lease, seen } = self.nameless.as_ref()?;
        if self.unsaved.is_some() {
            if pausing && self.lease.is_none() {
                self.lose_name(effects);
            }
            return None;
        }
        let lease = lease.clone();
        Some(match seen {
            Seen::Record(_) => (Doing::Clear, StoreWork::Forget { key: lease.key.clone(), lease }),
            _ => (Doing::Leave, StoreWork::Release(lease)),
        })
    }

    /// What was stored without a name is gone, or is to be removed in a turn of its own.
    pub(super) fn cleared(&mut self, gone: bool, effects: &mut Vec<Effect>) {
        let Some(nameless) = &mut self.nameless else { return };
        nameless.seen = Seen::Nothing;
        if !gone {
            effects.push(Effect::Remove(Removal::of(&self.config, nameless.lease.key.clone())));
        }
    }
}
