//! What an account does next.

use std::time::Duration;

use super::{Account, Doing, Effect, Goal, LONGEST_PAUSE, PAUSE, Rank};
use crate::account::{AccountKey, Selector};
use crate::auth::TokenRequest;
use crate::entropy::Entropy;
use crate::error::{Error, ErrorKind};
use crate::session::job::{StoreWork, Work};
use crate::time::Now;

impl Account {
    /// The next job, if there is one to do now, and its bound.
    pub(in crate::session) fn step(&mut self, now: Now, effects: &mut Vec<Effect>) -> Option<(Doing, Work, Duration)> {
        if self.running.is_some() {
            return None;
        }
        let bounds = &self.config.bounds;
        let (token, store, sign_in) = (bounds.token, bounds.store, bounds.sign_in);
        let stored = |doing, work| Some((doing, Work::Store(work), store));
        // No lease is held through a pause, nor through a person's sign-in.
        // Who has nothing to do but to give back a lease waits for nobody, who may wait for that.
        let pausing = now.mono < self.pauses_until() || (self.held_back && self.goal != Goal::Rest);
        if let Some((doing, work)) = self.step_nameless(pausing, effects) {
            return stored(doing, work);
        }
        if (pausing || matches!(self.goal, Goal::Rest | Goal::SignIn))
            && let Some(lease) = self.lease.clone()
            && !self.fences
        {
            return stored(Doing::Release, StoreWork::Release(lease));
        }
        if pausing {
            return None;
        }
        match self.goal {
            Goal::Rest if self.fences => self.acquire().and_then(|work| stored(Doing::Acquire, work)),
            Goal::Rest => None,
            Goal::Find => stored(Doing::Find, self.look()),
            Goal::SignIn => Some((Doing::SignIn, Work::SignIn(self.selector()), sign_in)),
            Goal::Renew => {
                if self.rank == Rank::New && self.request().is_none() {
                    self.need_person(effects);
                    return self.step(now, effects);
                }
                if self.unlooked && !self.offline {
                    return stored(Doing::Find, self.look());
                }
                if self.config.store_tokens && !self.offline && !self.lease_outlasts(now, token.saturating_add(store)) {
                    return self.acquire().and_then(|work| stored(Doing::Acquire, work));
                }
                match self.request() {
                    Some(request) => Some((Doing::Exchange, Work::Token(request.exchange(&self.config, now)), token)),
                    None => {
                        self.need_person(effects);
                        self.step(now, effects)
                    }
                }
            }
            Goal::Keep => match (&self.lease, &self.grant) {
                _ if self.unlooked => stored(Doing::Find, self.look()),
                (Some(_), Some(_)) if !self.is_unsure() && self.may_be_named(now) => self.step_name(now),
                (Some(lease), Some(grant)) if !self.is_unsure() => {
                    let (record, lease) = (Box::new(grant.record.clone()), lease.clone());
                    stored(Doing::Save, StoreWork::Save { record, lease })
                }
                _ => self.acquire().and_then(|work| stored(Doing::Acquire, work)),
            },
            Goal::Forget => self.step_forget(now, effects),
        }
    }

    /// Which account is looked for: the one at hand, or the one configured.
    pub(in crate::session) fn selector(&self) -> Selector {
        self.key.as_ref().map_or_else(|| self.config.selector(), AccountKey::selector)
    }

    /// Acquires the lease of this account, in place of the one held.
    pub(super) fn acquire(&mut self) -> Option<StoreWork> {
        // Client credentials have their key from the start; a person's account has it once it was found or signed in.
        let key = self.key.get_or_insert_with(|| self.config.key(None)).clone();
        let held = self.lease.clone().or_else(|| self.doubt.as_ref().map(|doubt| doubt.lease.clone()));
        let instead_of = held.filter(|lease| lease.key == key);
        Some(StoreWork::Acquire { key, ttl: self.config.lease_ttl(), instead_of })
    }

    pub(super) fn give_up_lease(&mut self) {
        self.lease = None;
        self.unlooked &= self.goal == Goal::Forget && self.has_known_name();
    }

    pub(super) fn lease_outlasts(&self, now: Now, bound: Duration) -> bool {
        !self.is_unsure() && self.lease.as_ref().is_some_and(|lease| lease.until >= now.unix + bound)
    }

    /// What to ask of the token endpoint; nothing if it takes a person.
    fn request(&self) -> Option<TokenRequest<'_>> {
        if !self.config.flow.has_person() {
            return Some(TokenRequest::ClientCredentials);
        }
        let record = &self.grant.as_ref()?.record;
        if record.rejected.is_some() { None } else { record.refresh_token.as_ref().map(TokenRequest::Refresh) }
    }

    /// Only a person can help: the application's handler, if there is one.
    pub(super) fn need_person(&mut self, effects: &mut Vec<Effect>) {
        if self.config.handles_sign_in {
            self.goal = Goal::SignIn;
            return;
        }
        self.rest();
        effects.push(Effect::Fail(match self.grant.as_ref().and_then(|grant| grant.record.rejected.as_deref()) {
            Some(reason) => Error::of(ErrorKind::SessionEnded, format!("the sign-in has ended, sign in again: {reason}")),
            None if self.refused.is_some() || self.grant.is_some() => {
                let message = "the access token no longer works and there is no refresh token; sign in again";
                Error::of(ErrorKind::SignInRequired, message)
            }
            None => Error::of(ErrorKind::SignInRequired, "nobody is signed in; begin a sign-in and finish it first"),
        }));
    }

    pub(super) fn rest(&mut self) {
        self.goal = Goal::Rest;
        self.offline = false;
    }

    /// A pause after the `n`th failure in a row.
    pub(super) fn pause(n: u32, entropy: &mut Entropy) -> Duration {
        entropy.jitter((PAUSE * 2u32.saturating_pow(n.saturating_sub(1).min(10))).min(LONGEST_PAUSE))
    }
}
