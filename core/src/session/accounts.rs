//! What a session's accounts bring about: the one in use, and those that have something to finish.

use std::sync::Arc;

use super::Session;
use super::account::{Account, Effect, Removal, Running};
use super::event::Event;
use super::job::{Job, JobId, Work};
use super::sign_out::Leaving;
use super::token::Token;
use crate::account::{AccountKey, Selector};
use crate::auth::Grant;
use crate::error::{Error, ErrorKind};
use crate::time::{Mono, Now};

impl Session {
    /// The account in use is the first, those that have something to finish follow.
    pub(super) fn nth(&self, index: usize) -> &Account {
        if index == 0 { &self.current } else { &self.retired[index - 1] }
    }

    pub(super) fn any_account(&self, fits: impl Fn(&Account) -> bool) -> bool {
        fits(&self.current) || self.retired.iter().any(fits)
    }

    pub(super) fn nth_mut(&mut self, index: usize) -> &mut Account {
        if index == 0 { &mut self.current } else { &mut self.retired[index - 1] }
    }

    /// Takes the current account out of service for a new sign-in.
    pub(super) fn make_room(&mut self, grant: &mut Grant, asked: bool, now: Now) {
        grant.record.name_unknown();
        let left = self.current.hand_down(&mut grant.record, self.offered.as_ref(), now);
        // Once they are somebody else's whose sign-in does not come in their place, no later one does.
        self.offered.take_if(|offered| {
            let record = &grant.record;
            ![record.descent(), record.precedent()].contains(&Some(&*offered))
        });
        // Two of whom nobody knows who they are may be two people; and whose the tokens are that are looked for, is not known yet.
        let nameless = self.current.key().is_some_and(AccountKey::is_nameless);
        let same = !self.current.is_offered() && self.current.key().is_none_or(|key| key == grant.key() && !nameless);
        if asked && nameless && grant.key().is_nameless() {
            // Calls wait for just that person. What is kept was the other's.
            self.cached.change_audience();
        } else if !same {
            self.change_principal("another account was signed in");
        }
        self.signed_out = false;
        self.leaving.retain(Leaving::is_under_way);
        self.replace_account(Account::new(Arc::clone(&self.config)), now);
        if let Some(left) = left {
            self.forsake(&left.selector(), now);
            self.retired.push(Removal::of(&self.config, left).begin(now));
        }
    }

    /// The account in use is another.
    pub(super) fn begin_with(&mut self, mut next: Account) -> Account {
        next.since = self.principal;
        next.knows_spent_of(&self.current);
        std::mem::replace(&mut self.current, next)
    }

    /// Takes the current account out of service; it finishes what it has begun.
    pub(super) fn replace_account(&mut self, next: Account, now: Now) {
        let mut old = self.begin_with(next);
        old.save_once_more(now);
        if let Some(job) = old.retire() {
            self.cancel(job, now);
        }
        self.retired.push(old);
    }

    /// Nothing that retired accounts have of `selector` is stored any more: a new sign-in or a sign-out takes its place.
    pub(super) fn forsake(&mut self, selector: &Selector, now: Now) {
        let meant = self.retired.iter_mut().filter(|account| account.may_be(selector));
        let jobs: Vec<_> = meant.filter_map(Account::forsake).collect();
        for job in jobs {
            self.cancel(job, now);
        }
    }

    pub(super) fn change_principal(&mut self, why: &str) {
        self.principal += 1;
        self.drop_token();
        self.calls.end_waiting(&Error::of(ErrorKind::SignedOut, format!("{why} while the call waited")));
    }

    pub(super) fn drop_token(&mut self) {
        self.epoch.0 += 1;
        self.token = None;
        self.refused = None;
        self.cached.change_audience();
    }

    pub(super) fn cancel(&mut self, id: JobId, now: Now) {
        let before = self.jobs.len();
        self.jobs.retain(|job| job.id != id);
        if self.jobs.len() == before {
            self.push_job(Work::Cancel(id), now.mono);
        }
    }

    pub(super) fn push_job(&mut self, work: Work, deadline: Mono) {
        self.jobs.push_back(Job { id: JobId(self.next_job), deadline, work });
        self.next_job += 1;
    }

    /// Picks the next job of every account.
    pub(super) fn advance(&mut self, now: Now) {
        if self.calls.any_awaits_token() && !self.signed_out {
            self.current.want();
        }
        // What comes to its end without a job may be what others wait for.
        let mut goes_on = true;
        while std::mem::take(&mut goes_on) {
            self.hold_back();
            for index in 0..=self.retired.len() {
                while self.step(index, now) {
                    goes_on = true;
                }
            }
        }
        self.retired.retain(|account| !account.is_at_rest() || account.in_doubt().is_some());
    }

    /// Has accounts wait for those that come before them: for a sign-out, and the current one also for what is still to be stored.
    pub(super) fn hold_back(&mut self) {
        for index in 0..=self.retired.len() {
            let account = self.nth(index);
            let holds = |other: &Account| other.holds_back(account) || (index == 0 && other.owes_to(account));
            let held = self.retired.iter().any(holds);
            self.nth_mut(index).held_back = held;
        }
    }

    /// One step of one account. Whether another may follow: it brought something about, but no job.
    pub(super) fn step(&mut self, index: usize, now: Now) -> bool {
        let mut effects = Vec::new();
        let account = if index == 0 { &mut self.current } else { &mut self.retired[index - 1] };
        let job = account.step(now, &mut effects);
        let again = job.is_none() && !effects.is_empty();
        if let Some((doing, work, bound)) = job {
            let (id, deadline) = (JobId(self.next_job), now.mono + bound);
            account.running = Some(Running { id, doing, begun: now, deadline });
            self.push_job(work, deadline);
        }
        self.apply(index == 0, effects, now);
        again
    }

    pub(super) fn apply(&mut self, is_current: bool, effects: Vec<Effect>, now: Now) {
        for effect in effects {
            match effect {
                Effect::Event(event) => self.events.push(event),
                Effect::Remove(removal) => self.retired.push(removal.begin(now)),
                Effect::GiveBack(config, lease, doubt) => self.retired.push(Account::of_lease(config, lease, doubt)),
                Effect::Removed(removed) => self.removed(removed, now),
                _ if !is_current => {}
                Effect::Promote { settle } => {
                    self.promote();
                    if settle {
                        self.calls.settle_token(Ok(()));
                    }
                }
                Effect::Adopt(grant) => {
                    if let Err(invalid) = self.take_in(*grant, true, now) {
                        let message = format!("the sign-in did not succeed: {invalid}");
                        self.calls.settle_token(Err(Error::of(ErrorKind::SignInRequired, message)));
                    }
                }
                Effect::Fail(error) => self.calls.settle_token(Err(error)),
                Effect::FailUnlessUsable(error) => {
                    let usable = self.fit_token(None, now).is_some();
                    self.calls.settle_token(if usable { Ok(()) } else { Err(error) });
                }
                Effect::End { error, settle } => {
                    self.drop_token();
                    if let Some(key) = self.current.key() {
                        self.events.push(Event::SessionEnded(key.clone(), error.clone()));
                    }
                    if settle {
                        self.calls.settle_token(Err(error));
                    }
                }
            }
        }
    }

    /// From now on calls carry the current account's token.
    pub(super) fn promote(&mut self) {
        let Some(grant) = &self.current.grant else { return };
        self.epoch.0 += 1;
        let token = Token::new(grant, self.epoch, self.config.bounds.renew_before).map(Arc::new);
        let scopes = |token: &Option<Arc<Token>>| token.as_ref().map(|token| token.scopes.clone());
        // The service leaves out what a token's scopes don't let it say.
        if self.token.is_some() && scopes(&self.token) != scopes(&token) {
            self.cached.change_audience();
        }
        self.token = token;
        self.refused = self.current.has_refused(&grant.record.access_token).then_some(self.epoch);
        self.events.push(Event::TokenChanged(grant.record.key.clone()));
    }
}
