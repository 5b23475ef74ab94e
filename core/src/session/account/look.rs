//! What an account makes of what is stored, at a look under its lease.

use super::given::succeed;
use super::reply::Context;
use super::{Account, Effect, Goal, Rank, Seen};
use crate::account::Record;
use crate::error::{Error, ErrorKind};
use crate::store::Lease;

impl Account {
    /// Looks at what is stored, under a new lease.
    pub(super) fn acquired(&mut self, lease: Lease, stored: Option<Box<Record>>, cx: &mut Context<'_>) {
        self.busy = 0;
        self.lease = Some(lease);
        if self.is_nameless() && !self.replaced && (self.rank != Rank::New || self.goal == Goal::Forget) {
            self.unlooked = true;
            return;
        }
        self.slow = 0;
        self.looked(stored, cx);
    }

    /// Takes in what is stored under the lease.
    pub(super) fn looked(&mut self, stored: Option<Box<Record>>, cx: &mut Context<'_>) {
        if self.goal == Goal::Forget {
            match stored {
                None => self.forgotten(cx.effects),
                Some(stored) if self.spares(&stored) => self.end_forget(Ok(()), cx.effects),
                Some(stored) => self.turn_to(*stored, cx.judged),
            }
            return;
        }
        // Who has nothing to decide by it has not looked.
        if !matches!(self.goal, Goal::Renew | Goal::Keep) {
            return;
        }
        let in_doubt = std::mem::take(&mut self.in_doubt);
        let tried = self.tried.take();
        let before = std::mem::replace(&mut self.seen, stored.clone().map_or(Seen::Nothing, Seen::Record));
        let succeeds = stored.as_ref().is_some_and(|stored| self.gives_way_to(stored));
        // A new sign-in goes before whatever it finds, and behind what comes after that.
        let given = match std::mem::take(&mut self.rank) {
            Rank::New if self.offered && stored.as_ref().is_some_and(|stored| self.is_outlived_by(stored)) => {
                // It is used while it lasts, and left to whoever gave it.
                self.lose_name(cx.effects);
                self.unsaved = None;
                self.rest();
                if self.promote_by.take().is_some() {
                    cx.effect(Effect::Promote { settle: true });
                }
                return;
            }
            Rank::New => {
                if let (Some(grant), Some(stored)) = (&mut self.grant, &stored) {
                    succeed(&mut grant.record, stored);
                }
                return;
            }
            Rank::Given if !succeeds => {
                // What has ended takes nobody's place before it was renewed, and what can't be renewed not that of what can.
                let ended = self.grant.as_ref().and_then(|grant| grant.lifetime(cx.judged)).is_some_and(|left| left.is_zero());
                let keeps_place = stored.as_ref().is_some_and(|stored| ended || self.is_outlived_by(stored));
                if keeps_place && self.goal == Goal::Keep {
                    self.unsaved = None;
                    self.rest();
                }
                return;
            }
            rank => rank == Rank::Given,
        };
        let Some(stored) = stored else {
            if matches!(before, Seen::Record(_)) && !in_doubt && self.config.flow.has_person() {
                self.gone(cx);
            }
            return;
        };
        let ours = self.grant.as_ref().is_some_and(|grant| grant.record.same_tokens(&stored));
        if ours && self.goal == Goal::Keep {
            // A save whose answer was lost has landed; or it is stored, but without a name.
            if !self.may_be_named(cx.now) {
                self.saved(cx);
            }
        } else if ours {
            self.unsaved = None;
        } else if self.has_spent(&stored) {
            // A save of long ago has landed.
        } else if given || (!tried.is_some_and(|tried| tried.same_tokens(&stored)) && self.is_newer(&stored, &before)) {
            self.promote_by = None;
            self.change_to(*stored, cx);
        }
    }

    /// Goes on with what somebody else stored, unless it was granted less than is asked for and the session has.
    pub(super) fn change_to(&mut self, stored: Record, cx: &mut Context<'_>) {
        let missing = self.config.scopes.missing_in(&stored.scopes);
        let had = |scope| self.grant.as_ref().is_none_or(|grant| grant.record.scopes.contains(scope));
        if self.config.flow.has_person() && missing.iter().any(had) {
            // What it replaced is dead.
            self.grant = None;
            self.unsaved = None;
            self.lacks_scopes(&stored, &missing, cx);
        } else {
            self.take(stored, cx);
        }
    }

    /// What the account before it has replaced, it does not go back to either.
    pub(in crate::session) fn knows_spent_of(&mut self, before: &Self) {
        self.spent.clone_from(&before.spent);
    }

    /// Whether it has what this account had before its last renewals.
    pub(super) fn has_spent(&self, stored: &Record) -> bool {
        stored.refresh_token.as_ref().is_some_and(|refresh| self.spent.contains(refresh))
    }

    /// Whether somebody else stored this after the session had its own. `before` is what was seen at the last look.
    fn is_newer(&self, stored: &Record, before: &Seen) -> bool {
        match (before, &self.grant) {
            (Seen::Record(before), Some(grant)) if self.unsaved.is_some() && grant.record.rejected.is_none() => {
                // Should somebody have tried the token that this grant replaced, and found it rejected, this one is still good.
                before.access_token != stored.access_token || before.refresh_token != stored.refresh_token
            }
            (Seen::Record(before), _) => !before.same_tokens(stored),
            // An application's tokens that the store could not be asked for before: the ones that last are the better ones.
            (Seen::Unknown, Some(grant)) => match (grant.record.expires_at, stored.expires_at) {
                (Some(own), Some(other)) => other > own,
                (own, _) => own.is_some(),
            },
            (Seen::Unknown, None) | (Seen::Nothing, _) => true,
        }
    }

    /// Nothing is stored where something was seen.
    fn gone(&mut self, cx: &mut Context<'_>) {
        self.grant = None;
        self.unsaved = None;
        self.promote_by = None;
        self.rest();
        let error = Error::of(ErrorKind::SessionEnded, "signed out elsewhere; sign in again");
        cx.effect(Effect::End { error, settle: true });
    }
}
