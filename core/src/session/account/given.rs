//! Tokens that an application gives at each start. What was renewed since is in the store, and goes before them.

use super::reply::Context;
use super::{Account, Effect, Goal, Rank, Removal, Seen};
use crate::account::{AccountFilter, AccountKey, Record};
use crate::auth::Grant;
use crate::session::job::StoreWork;
use crate::time::Now;
use crate::value::Json;

impl Account {
    /// Begins with these tokens, unless the store holds an account that descends from them.
    pub(in crate::session) fn offer(&mut self, grant: Grant) {
        self.given = Some(Box::new(grant));
        self.names = true;
        self.goal = Goal::Find;
    }

    /// Whether it has tokens that are not used before the store was looked at.
    pub(in crate::session) fn is_offered(&self) -> bool {
        self.given.is_some()
    }

    /// How the store is looked at: for one account, or for those that descend from the same tokens, whatever their name.
    pub(super) fn look(&self) -> StoreWork {
        let found = self.given.is_none() || self.key.is_some();
        if found && !self.unlooked {
            return StoreWork::Find(self.selector());
        }
        let filter = AccountFilter::all().flow(self.config.flow).client_id(self.config.client_id.as_str());
        StoreWork::List(filter)
    }

    /// Takes in all accounts of this client and flow.
    pub(super) fn listed(&mut self, mut records: Vec<Record>, cx: &mut Context<'_>) {
        if std::mem::take(&mut self.unlooked) {
            if self.goal == Goal::Forget && self.has_known_name() {
                let own = self.held().cloned();
                return own.iter().for_each(|own| self.mind_kin(&records, own));
            }
            return if self.lease.is_some() { self.looked_among(records, cx) } else { self.looked_again(records, cx) };
        }
        self.clear_away(&records, cx);
        let found = self.given.as_ref().and_then(|given| take_successor(&mut records, &given.record));
        match (self.goal, found) {
            (Goal::Find, Some(record)) => {
                // What a process left without a name that ended before it could remove it.
                let is_kin = |left: &Record| self.given.as_ref().is_some_and(|given| left.is_kin(&given.record));
                let is_over = |left: &Record| left.rejected.is_some() || left.is_kin(&record);
                let is_left = |left: &Record| left.key.is_nameless() && is_kin(left) && is_over(left);
                let left = records.into_iter().find(is_left);
                left.into_iter().for_each(|left| cx.effect(Effect::Remove(Removal::of(&self.config, left.key))));
                // Should it lack scopes, nobody else's account is used in its place. To be found is to be used: it is looked for by its key.
                // The tokens are kept until then.
                self.key = Some(record.key.clone());
                self.seen = Seen::Record(Box::new(record));
            }
            (Goal::Find, None) => self.begin_with_given(cx),
            (Goal::Forget, found) => {
                let Some(given) = self.given.take() else { return };
                self.mind_kin(&records, &given.record);
                let grant = found.map_or(*given, |record| Grant::from_record(record, cx.judged));
                self.key = Some(grant.record.key.clone());
                self.grant = Some(grant);
            }
            _ => {}
        }
    }

    /// Of people whom nobody knows, what nothing can be done with any more goes, unless it tells that given tokens are over.
    fn clear_away(&self, records: &[Record], cx: &mut Context<'_>) {
        for record in records {
            let has_ended = record.expires_at.is_some_and(|at| at <= cx.judged.unix);
            let useless = has_ended && record.key.is_nameless() && record.refresh_token.is_none();
            if useless && record.precedent().is_none() {
                cx.effects.push(Effect::Remove(Removal::of(&self.config, record.key.clone())));
            }
        }
    }

    /// The store could not be looked at before the given tokens were used; it could now.
    fn looked_again(&mut self, mut records: Vec<Record>, cx: &mut Context<'_>) {
        let own = self.grant.as_ref().map(|grant| grant.record.clone());
        if let (Goal::Forget, Some(own)) = (self.goal, &own) {
            self.mind_kin(&records, own);
        }
        let kin = own.and_then(|own| take_kin(&mut records, &own));
        let Some(kin) = kin else { return };
        self.rank = Rank::Usual;
        self.key = Some(kin.key.clone());
        self.seen = Seen::Record(Box::new(kin.clone()));
        self.go_on_with(kin, cx);
        self.name_later(cx.now);
    }

    /// What descends from the same tokens is this account from now on. Where it holds the very same, calls see no other token: one that was
    /// refused stays so.
    pub(super) fn go_on_with(&mut self, kin: Record, cx: &mut Context<'_>) {
        match (&mut self.grant, self.goal) {
            (Some(grant), Goal::Renew | Goal::Keep) if grant.record.same_tokens(&kin) => {
                grant.record = kin;
                if self.goal == Goal::Keep { self.saved(cx) } else { self.unsaved = None }
            }
            (_, Goal::Renew | Goal::Keep) => self.change_to(kin, cx),
            _ => self.turn_to(kin, cx.judged),
        }
    }

    /// The given tokens are used, and stored unless something that descends from them is found after all.
    pub(super) fn begin_with_given(&mut self, cx: &mut Context<'_>) {
        let Some(grant) = self.given.take() else { return };
        self.seen = Seen::Unknown;
        self.adopt(*grant, cx.now);
        (self.rank, self.offered) = (Rank::Given, true);
        cx.effect(Effect::Promote { settle: true });
    }

    /// Has a sign-in that comes after this account in its session come in the place of the given tokens too, so that the next start with them
    /// finds it: where it is the same account's, or where nothing can be done with the old tokens any more. `offered` are those that the
    /// session began with. The account that it leaves behind for good, if there is one.
    pub(in crate::session) fn hand_down(&self, next: &mut Record, offered: Option<&Json>, now: Now) -> Option<AccountKey> {
        let before = self.grant.as_ref().map(|grant| &grant.record);
        let over = self.is_over(now);
        if over || before.is_some_and(|before| before.key == next.key) {
            // The next start finds it by those that the session began with, where this account goes back to them.
            let goes_back = |before: &Record| offered.is_some() && [before.descent(), before.precedent()].contains(&offered);
            match before {
                Some(before) if !goes_back(before) => succeed(next, before),
                _ => next.follow(offered.cloned()),
            }
        }
        let left = before.filter(|before| over && before.key.is_nameless() && before.key != next.key)?;
        self.config.store_tokens.then(|| left.key.clone())
    }

    /// Whether only a person can get another token, and the one at hand is of no use.
    fn is_over(&self, now: Now) -> bool {
        // Tokens that were given and not used yet are not over.
        let Some(grant) = &self.grant else { return self.given.is_none() };
        let record = &grant.record;
        let useless = || self.has_refused(&record.access_token) || grant.lifetime(now).is_some_and(|left| left.is_zero());
        record.rejected.is_some() || (record.refresh_token.is_none() && useless())
    }

    /// Whether what is stored there goes before the tokens that were given. Calls have used these: without a name, it is this account for
    /// sure only where it descends from them.
    pub(super) fn gives_way_to(&self, stored: &Record) -> bool {
        self.is_kin(stored)
            || (!stored.key.is_nameless() && self.grant.as_ref().is_some_and(|grant| stored.succeeds(&grant.record)))
    }

    /// Whether what is stored there can be renewed, and this can't.
    pub(super) fn is_outlived_by(&self, stored: &Record) -> bool {
        let renews = |record: &Record| record.refresh_token.is_some() && record.rejected.is_none();
        renews(stored) && self.grant.as_ref().is_some_and(|grant| !renews(&grant.record))
    }

    /// Whether it goes back to tokens given by hand.
    pub(super) fn goes_back(&self) -> bool {
        self.grant.as_ref().is_some_and(|grant| grant.record.descent().is_some())
    }

    pub(super) fn is_kin(&self, record: &Record) -> bool {
        self.grant.as_ref().is_some_and(|grant| grant.record.is_kin(record))
    }
}

/// A sign-in that takes another's place comes in the place of the tokens to which that goes back.
#[inline(never)]
pub(super) fn succeed(next: &mut Record, before: &Record) {
    let precedent = before.precedent().or_else(|| before.descent()).cloned();
    if next.precedent().is_none() {
        next.follow(precedent);
    }
}

/// The account that descends from the same given tokens as `own`.
pub(super) fn take_kin(records: &mut Vec<Record>, own: &Record) -> Option<Record> {
    take(records, own, &|record| record.is_kin(own))
}

/// The account with which a start with these tokens goes on.
fn take_successor(records: &mut Vec<Record>, given: &Record) -> Option<Record> {
    take(records, given, &|record| record.succeeds(given))
}

/// One that is not rejected, and has a name, that of `own` before others, else whichever fits; of several, the one used last.
fn take(records: &mut Vec<Record>, own: &Record, fits: &dyn Fn(&Record) -> bool) -> Option<Record> {
    let mut best = None;
    for (at, record) in records.iter().enumerate() {
        if !fits(record) {
            continue;
        }
        let rank = (record.rejected.is_some(), record.key.is_nameless(), record.key != own.key);
        if best.is_none_or(|(_, least)| rank < least) {
            best = Some((at, rank));
        }
    }
    best.map(|(at, _)| records.swap_remove(at))
}
