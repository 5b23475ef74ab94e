//! Tokens that an application gives at each start. What was renewed since is in the store, and goes before them.

use super::reply::Context;
use super::{Account, Effect, Goal, Rank, Seen};
use crate::account::{AccountFilter, Record};
use crate::auth::Grant;
use crate::session::job::StoreWork;

impl Account {
    /// Begins with these tokens, unless the store holds an account that descends from them.
    pub(in crate::session) fn offer(&mut self, grant: Grant) {
        self.given = Some(Box::new(grant));
        self.names = true;
        self.goal = Goal::Find;
    }

    /// How the store is looked at: for one account, or for those that descend from the same tokens, whatever their name.
    pub(super) fn look(&self) -> StoreWork {
        if self.given.is_none() && !self.unlooked {
            return StoreWork::Find(self.selector());
        }
        let filter = AccountFilter::all().flow(self.config.flow).client_id(self.config.client_id.as_str());
        StoreWork::List(filter)
    }

    /// Takes in all accounts of this client and flow.
    pub(super) fn listed(&mut self, mut records: Vec<Record>, cx: &mut Context<'_>) {
        if std::mem::take(&mut self.unlooked) {
            return if self.lease.is_some() { self.looked_among(records, cx) } else { self.looked_again(records, cx) };
        }
        let kin = self.given.as_ref().and_then(|given| take_kin(&mut records, &given.record));
        match (self.goal, kin) {
            (Goal::Find, Some(record)) => {
                // What a process left without a name that ended before it could remove it.
                let left = records.into_iter().find(|left| left.key.user.is_none() && left.is_kin(&record));
                left.into_iter().for_each(|left| cx.effect(Effect::Remove(Box::new(left))));
                self.given = None;
                // Should it lack scopes, nobody else's account is used in its place.
                self.key = Some(record.key.clone());
                self.found(Some(Box::new(record)), cx);
                self.name_later(cx.now);
            }
            (Goal::Find, None) => self.begin_with_given(cx),
            (Goal::Forget, kin) => {
                let Some(given) = self.given.take() else { return };
                let grant = kin.map_or(*given, |record| Grant::from_record(record, cx.judged));
                self.key = Some(grant.record.key.clone());
                self.grant = Some(grant);
            }
            _ => {}
        }
    }

    /// The store could not be looked at before the given tokens were used; it could now.
    fn looked_again(&mut self, mut records: Vec<Record>, cx: &mut Context<'_>) {
        let kin = self.grant.as_ref().and_then(|grant| take_kin(&mut records, &grant.record));
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
            // Its tokens are wanted for the revocation.
            _ => self.grant = Some(Grant::from_record(kin, cx.judged)),
        }
    }

    /// The given tokens are used, and stored unless something that descends from them is found after all.
    pub(super) fn begin_with_given(&mut self, cx: &mut Context<'_>) {
        let Some(grant) = self.given.take() else { return };
        self.seen = Seen::Unknown;
        self.adopt(*grant, cx.now);
        self.rank = Rank::Given;
        cx.effect(Effect::Promote { settle: true });
    }

    pub(super) fn is_kin(&self, record: &Record) -> bool {
        self.grant.as_ref().is_some_and(|grant| grant.record.is_kin(record))
    }
}

/// The account that descends from the same given tokens as `own`, under its name if it has one, else the one without a name; if `own`
/// has no name, the one used last of those that have any.
pub(super) fn take_kin(records: &mut Vec<Record>, own: &Record) -> Option<Record> {
    let name = own.key.user.as_ref();
    let fits = |record: &Record| record.key.user.as_ref().is_none_or(|user| name.is_none_or(|name| name == user));
    let kin = (0..records.len()).filter(|&at| records[at].is_kin(own) && fits(&records[at]));
    let at = kin.min_by_key(|&at| records[at].key.user.is_none())?;
    Some(records.swap_remove(at))
}
