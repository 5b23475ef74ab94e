//! What an account is to others of its session: which it may be, and who comes first.

use super::{Account, Doing, Goal};
use crate::account::{AccountKey, Selector};
use crate::store::Lease;

impl Account {
    /// Whether it works under this lease.
    pub(in crate::session) fn holds(&self, lease: &Lease) -> bool {
        self.lease.as_ref() == Some(lease) || self.nameless.as_ref().is_some_and(|nameless| nameless.holds(lease))
    }

    /// Whether it is being removed from the store, and may be what `other` is or looks for.
    pub(in crate::session) fn holds_back(&self, other: &Self) -> bool {
        // Who is to be signed out, whoever that is, is not the one that is gone already.
        let looks = other.goal != Goal::Forget || (other.key.is_none() && self.key.is_some());
        let forgets = self.goal == Goal::Forget && looks;
        let same_client = (&self.config.client_id, self.config.flow) == (&other.config.client_id, other.config.flow);
        // Of one without a name it may be found out yet whose it is.
        let nameless = !self.replaced && self.key.as_ref().is_some_and(AccountKey::is_nameless);
        forgets && self.config.store_tokens && (self.may_be(&other.selector()) || (nameless && same_client))
    }

    /// Whether it is one of those wanted, or may turn out to be.
    pub(in crate::session) fn may_be(&self, wanted: &Selector) -> bool {
        match &self.key {
            Some(key) => wanted.matches(key),
            None => wanted.client_id == self.config.client_id && wanted.flow == self.config.flow,
        }
    }

    /// Whether it has yet to store what `other` would look for.
    pub(in crate::session) fn owes_to(&self, other: &Self) -> bool {
        self.owes() && self.may_be(&other.selector())
    }

    /// Whether it has yet to store something.
    pub(in crate::session) fn owes(&self) -> bool {
        let exchanges = self.running.is_some_and(|running| running.doing == Doing::Exchange);
        let owes = self.goal == Goal::Keep || (self.goal != Goal::Forget && (exchanges || self.will_save_again()));
        owes && self.config.store_tokens
    }

    pub(in crate::session) fn key(&self) -> Option<&AccountKey> {
        self.key.as_ref()
    }

    /// The same, or that of the tokens that it is to begin with.
    pub(in crate::session) fn key_to_be(&self) -> Option<&AccountKey> {
        self.key.as_ref().or_else(|| self.given.as_ref().map(|given| given.key()))
    }
}
