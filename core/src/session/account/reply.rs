//! What replies do to an account.

use std::time::Duration;

use super::given::succeed;
use super::{
    Account, BUSY_PAUSE, Doing, Effect, FORGET_TRIES, Goal, LONGEST_ASKED, LONGEST_PAUSE, Rank, SLOW_TRIES, SPENT, Seen,
};
use crate::account::Record;
use crate::auth::{Grant, TokenAnswer, TokenRefused, client_secrets};
use crate::entropy::Entropy;
use crate::error::{Error, ErrorKind, Failure, FailureKind, Refusal};
use crate::message::Response;
use crate::scope::Scopes;
use crate::session::event::Event;
use crate::session::job::{Reply, StoreReply};
use crate::store::{Acquired, Kept, Reach};
use crate::time::{Now, Unix};

/// What a reply is taken in with.
pub(in crate::session) struct Context<'a> {
    pub(in crate::session) now: Now,
    /// The same by the service's clock, by which expiry is judged; leases are kept by `now`.
    pub(in crate::session) judged: Now,
    pub(in crate::session) entropy: &'a mut Entropy,
    pub(in crate::session) effects: &'a mut Vec<Effect>,
}

impl Context<'_> {
    pub(super) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    fn event(&mut self, event: Event) {
        self.effects.push(Effect::Event(event));
    }
}

impl Account {
    /// Takes in the reply to the job in flight, which did `doing`.
    pub(in crate::session) fn handle(&mut self, doing: Doing, reply: Result<Reply, Failure>, cx: &mut Context<'_>) {
        match (doing, reply) {
            (Doing::Find, Ok(Reply::Store(StoreReply::Found(record)))) => self.found(record, cx),
            (Doing::Find, Ok(Reply::Store(StoreReply::Listed(records)))) => self.listed(records, cx),
            (Doing::Acquire, Ok(Reply::Store(StoreReply::Acquired(Acquired::Lease(lease, stored))))) => {
                self.acquired(lease, stored, cx);
                let bounds = &self.config.bounds;
                let needed = bounds.token.saturating_add(bounds.store);
                if self.goal == Goal::Renew && !self.lease_outlasts(cx.now, needed) {
                    let message = "the store gives leases that end before a token could be got and saved; give longer ones";
                    self.without_store(Failure::new(FailureKind::Store, message), cx);
                }
            }
            (Doing::Acquire, Ok(Reply::Store(StoreReply::Acquired(Acquired::Busy(until))))) => self.busy(until, cx),
            (Doing::Exchange, Ok(Reply::Token(response))) => self.answered(Ok(response), cx),
            (Doing::Identify, Ok(Reply::Token(response))) => self.identified(Ok(response)),
            (Doing::Identify, reply) => self.identified(reply.and(Err(Failure::lost()))),
            (Doing::SignIn, Ok(Reply::SignedIn(grant))) => {
                self.rest();
                cx.effect(Effect::Adopt(Box::new(grant)));
            }
            (Doing::Save, Ok(Reply::Store(StoreReply::Saved(Kept::Done)))) => self.saved(cx),
            (Doing::Forget, Ok(Reply::Store(StoreReply::Forgotten(Kept::Done)))) => self.forgotten(cx.effects),
            // Somebody has acquired the account since: acquire it again, and look.
            (Doing::Save, Ok(Reply::Store(StoreReply::Saved(Kept::Stale))))
            | (Doing::Forget, Ok(Reply::Store(StoreReply::Forgotten(Kept::Stale)))) => {
                self.give_up_lease();
                self.doubt = None;
            }
            (Doing::Release, _) => self.give_up_lease(),
            (Doing::Revoke, _) => self.revoked = self.to_revoke().cloned(),
            (Doing::Leave, _) => self.nameless = None,
            (Doing::Clear, Err(failure)) if self.goal == Goal::Forget => self.store_failed(failure, cx),
            (Doing::Clear, reply) => self.cleared(reply.is_ok(), cx.effects),
            (doing, reply) => {
                let unfit = || Failure::new(FailureKind::Protocol, "the reply does not fit the job");
                self.failed(doing, reply.err().unwrap_or_else(unfit), cx);
            }
        }
    }

    fn failed(&mut self, doing: Doing, failure: Failure, cx: &mut Context<'_>) {
        if doing == Doing::Save {
            // It may have taken effect, or do so yet: nothing more is saved under this lease.
            self.doubt_the_save();
            self.tried = self.grant.as_ref().map(|grant| Box::new(grant.record.clone()));
        }
        match doing {
            Doing::Exchange => self.answered(Err(failure), cx),
            Doing::SignIn => {
                self.rest();
                let message = "the sign-in did not succeed; try again";
                cx.effect(Effect::Fail(Error::failed(ErrorKind::SignInRequired, message, failure)));
            }
            _ => self.store_failed(failure, cx),
        }
    }

    pub(super) fn found(&mut self, mut record: Option<Box<Record>>, cx: &mut Context<'_>) {
        if let (Goal::Find, Some(record), Some(given)) = (self.goal, &mut record, &self.given) {
            // Whoever has signed in there since comes in their place.
            succeed(record, &given.record);
        }
        self.seen = record.clone().map_or(Seen::Nothing, Seen::Record);
        (self.in_doubt, self.slow) = (false, 0);
        if self.goal == Goal::Find {
            self.given = None;
        }
        match (self.goal, record) {
            (Goal::Forget, _) if self.key.is_some() => {}
            (Goal::Forget, None) => self.end_forget(Ok(()), cx.effects),
            (Goal::Forget, Some(record)) => {
                self.key = Some(record.key.clone());
                self.turn_to(*record, cx.judged);
                self.look_for_kin();
            }
            // Without a name, the store finds whoever was used last.
            (Goal::Find, Some(record)) if self.key.as_ref().is_some_and(|key| *key != record.key) => {
                self.need_person(cx.effects)
            }
            (Goal::Find, Some(record)) => {
                let missing = self.config.scopes.missing_in(&record.scopes);
                if self.config.flow.has_person() && !missing.is_empty() {
                    self.lacks_scopes(&record, &missing, cx);
                } else {
                    self.key = Some(record.key.clone());
                    self.take(*record, cx);
                    self.name_later(cx.now);
                }
            }
            (Goal::Find, None) => {
                self.grant = None;
                if self.config.flow.has_person() { self.need_person(cx.effects) } else { self.goal = Goal::Renew }
            }
            _ => {}
        }
    }

    /// A stored account that was granted less than is asked for is not used silently.
    pub(super) fn lacks_scopes(&mut self, record: &Record, missing: &Scopes, cx: &mut Context<'_>) {
        if self.config.handles_sign_in {
            self.goal = Goal::SignIn;
            return;
        }
        self.rest();
        let user = record.key.user.as_deref().unwrap_or("without a name");
        let message =
            format!("the stored account {user} lacks the scopes {missing}: sign in again to grant them, or ask for fewer");
        cx.effect(Effect::Fail(Error::of(ErrorKind::MissingScope, message)));
    }

    /// Goes on with what is stored: calls use it, or it is renewed.
    pub(super) fn take(&mut self, record: Record, cx: &mut Context<'_>) {
        let grant = Grant::from_record(record, cx.judged);
        let margin = grant.margin(self.config.bounds.renew_before);
        let fresh =
            grant.lifetime(cx.judged).is_none_or(|lifetime| lifetime > margin) && !self.has_refused(&grant.record.access_token);
        let rejected = grant.record.rejected.clone();
        self.grant = Some(grant);
        self.unsaved = None;
        match rejected {
            Some(_) if self.config.handles_sign_in => self.goal = Goal::SignIn,
            Some(_) => self.need_person(cx.effects),
            None if fresh => {
                self.rest();
                cx.effect(Effect::Promote { settle: true });
            }
            None => {
                self.goal = Goal::Renew;
                cx.effect(Effect::Promote { settle: false });
            }
        }
    }

    fn busy(&mut self, until: Unix, cx: &mut Context<'_>) {
        // If it was to supersede a lease of ours, that one has ended, and somebody else came in between.
        self.give_up_lease();
        (self.doubt, self.fences) = (None, false);
        if self.nameless.is_some() {
            return self.lose_name(cx.effects);
        }
        let pause = cx.entropy.jitter(BUSY_PAUSE * 2u32.pow(self.busy.min(4)));
        self.busy = self.busy.saturating_add(1);
        self.not_before = cx.now.mono + pause.min(until.since(cx.now.unix).max(BUSY_PAUSE));
    }

    fn answered(&mut self, reply: Result<Response, Failure>, cx: &mut Context<'_>) {
        let before = self.grant.as_ref().map(|grant| grant.record.clone());
        let mut sent = client_secrets(&self.config);
        if let Some(record) = &before {
            sent.extend(record.refresh_token.clone());
            sent.push(record.access_token.clone());
        }
        match TokenAnswer::parse(reply, &sent, cx.now.unix) {
            Ok(answer) => {
                let grant = Grant::from_answer(&self.config, answer, before.as_ref(), cx.judged);
                self.renewed(grant, cx);
            }
            Err(TokenRefused::Rejected(refusal)) if self.config.flow.has_person() => self.rejected(refusal, cx),
            Err(TokenRefused::Rejected(refusal)) => {
                let message = "the token endpoint refuses this client";
                self.in_vain(Error::refused(ErrorKind::Configuration, message, refusal), None, cx);
            }
            Err(TokenRefused::Configuration(error)) => self.in_vain(error, None, cx),
            Err(TokenRefused::Later(error, after)) => self.in_vain(error, after, cx),
        }
    }

    fn renewed(&mut self, grant: Grant, cx: &mut Context<'_>) {
        self.key = Some(grant.record.key.clone());
        let next = grant.record.refresh_token.clone();
        let before = self.grant.replace(grant).and_then(|before| before.record.refresh_token);
        if let Some(spent) = before.filter(|before| next.as_ref() != Some(before)) {
            self.spent.drain(..(self.spent.len() + 1).saturating_sub(SPENT));
            self.spent.push(spent);
        }
        if self.rank == Rank::Given {
            // What descends from them too is older.
            self.rank = Rank::New;
        }
        self.failures = 0;
        self.unsaved = self.config.store_tokens.then_some((0, cx.now.mono));
        if self.lease.is_some() {
            self.goal = Goal::Keep;
            self.promote_by = Some(cx.now.mono + self.config.bounds.store);
        } else {
            self.rest();
            self.save_later(cx);
            cx.effect(Effect::Promote { settle: true });
        }
    }

    fn rejected(&mut self, refusal: Refusal, cx: &mut Context<'_>) {
        if let Some(grant) = &mut self.grant {
            grant.record.rejected = Some(refusal.to_string());
        }
        // Given tokens that are worth nothing take nobody's place.
        let foreign = matches!(&self.seen, Seen::Record(seen) if self.goes_back() && !self.is_kin(seen));
        self.unsaved = (self.config.store_tokens && !foreign).then_some((0, cx.now.mono));
        self.rest();
        if self.lease.is_some() && !foreign {
            self.goal = Goal::Keep;
        }
        let error = Error::refused(ErrorKind::SessionEnded, "the sign-in has ended, sign in again", refusal);
        cx.effect(Effect::End { error, settle: !self.config.handles_sign_in });
    }

    /// A renewal failed; the stored account is as it was.
    fn in_vain(&mut self, error: Error, after: Option<Duration>, cx: &mut Context<'_>) {
        self.rest();
        self.failures = self.failures.saturating_add(1);
        let asked = after.unwrap_or_default().min(LONGEST_ASKED);
        self.renew_after = cx.now.mono + Self::pause(self.failures, cx.entropy).max(asked);
        cx.event(Event::RenewalFailed(error.clone()));
        cx.effect(Effect::FailUnlessUsable(error));
    }

    pub(super) fn saved(&mut self, cx: &mut Context<'_>) {
        self.unsaved = None;
        self.rest();
        if let Some(grant) = &self.grant {
            self.seen = Seen::Record(Box::new(grant.record.clone()));
            cx.event(Event::Saved(grant.record.key.clone()));
        }
        if self.promote_by.take().is_some() {
            cx.effect(Effect::Promote { settle: true });
        }
    }

    fn save_later(&mut self, cx: &mut Context<'_>) {
        if let Some((tries, at)) = &mut self.unsaved {
            *tries += 1;
            *at = cx.now.mono + Self::pause(*tries, cx.entropy);
        }
    }

    /// The store failed, or gave no answer in time.
    fn store_failed(&mut self, failure: Failure, cx: &mut Context<'_>) {
        match self.goal {
            Goal::Forget => {
                self.failures += 1;
                if self.failures >= FORGET_TRIES {
                    self.end_forget(Err(failure), cx.effects);
                } else {
                    self.not_before = cx.now.mono + Self::pause(self.failures, cx.entropy);
                }
            }
            Goal::Keep => {
                if let Some(key) = self.key.clone() {
                    cx.event(Event::SaveFailed(key, failure));
                }
                if self.nameless.is_some() {
                    return self.lose_name(cx.effects);
                }
                self.rest();
                self.save_later(cx);
                if self.promote_by.take().is_some() {
                    cx.effect(Effect::Promote { settle: true });
                }
            }
            Goal::Find | Goal::Renew => self.without_store(failure, cx),
            // The lease ends by itself. What is in doubt stays so until the store works again, or somebody asks for the removal.
            Goal::Rest if self.fences => {
                self.failures += 1;
                self.fences = self.failures < FORGET_TRIES;
                self.not_before = cx.now.mono + Self::pause(self.failures, cx.entropy);
                self.fence_after = cx.now.mono + LONGEST_PAUSE;
            }
            Goal::Rest | Goal::SignIn => {}
        }
    }

    /// A local store's session goes on in memory; a fleet's fails, rather than spend a refresh token that others hold too. So does
    /// a person's whose store gives no answer in time: it may be busy with others who hold that token. So do tokens that were given at the
    /// start, before the store could be looked at.
    fn without_store(&mut self, failure: Failure, cx: &mut Context<'_>) {
        // Whatever was seen there may be set aside by the time it works again.
        self.in_doubt = true;
        cx.event(Event::StoreFailed(failure.clone()));
        if self.goal == Goal::Find
            && let (true, Seen::Record(listed)) = (self.given.is_some(), &self.seen)
        {
            // What came of the given tokens was told just now.
            let listed = listed.clone();
            self.found(Some(listed), cx);
            self.in_doubt = true;
            return;
        }
        if self.goal == Goal::Find && self.given.is_some() {
            // It is asked again before they are renewed or stored.
            self.unlooked = true;
            return self.begin_with_given(cx);
        }
        let has_person = self.config.flow.has_person();
        let slow = has_person && failure.kind() == FailureKind::Timeout;
        self.slow = if slow { self.slow + 1 } else { 0 };
        if (1..SLOW_TRIES).contains(&self.slow) {
            self.not_before = cx.now.mono + cx.entropy.jitter(BUSY_PAUSE * 2u32.pow(self.slow));
            return;
        }
        self.slow = 0;
        // What descends from them may be stored, and then theirs is spent.
        let unsure = has_person && self.rank == Rank::Given && failure.kind() != FailureKind::Unsupported;
        let error = Error::of_store(failure);
        match (self.config.reach, self.goal) {
            (Reach::Local, Goal::Find) if has_person => {
                self.rest();
                cx.effect(Effect::Fail(error));
            }
            (Reach::Local, _) if !slow && !unsure => {
                self.offline = true;
                self.goal = Goal::Renew;
            }
            _ => self.in_vain(error, None, cx),
        }
    }
}
