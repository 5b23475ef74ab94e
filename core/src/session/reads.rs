//! Identical reads under way: one of them is sent, the others follow it and share its answer.
//!
//! ```text
//!   joins ──▶ leads ──▶ its outcome is for all
//!     │         ▲
//!     └▶ follows┘ the one before gave up, or ended in a way that was its own
//! ```
//!
//! A read that began before a mutation touched what it is about is joined by nobody any more; the next one leads a flight of its own.

use std::collections::VecDeque;

use super::calls::CallId;
use crate::answer::How;
use crate::by_id::ById;
use crate::cache::{Begun, Cache, Index, Key, Tag};
use crate::call::Shared;
use crate::entropy::HashKeys;
use crate::error::Error;

/// How a read ended, for whoever shares it.
pub(crate) type Outcome = Result<(Shared, How), Error>;

/// What a call is to its flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It sends.
    Leads,
    /// It waits for the one that sends.
    Follows,
}

struct Flight {
    key: Key,
    begun: Begun,
    /// Those who follow, in the order in which they came; some may be gone.
    followers: VecDeque<CallId>,
}

enum Place {
    Leads(usize),
    Follows,
    Ended(Outcome),
}

pub(super) struct Reads {
    /// The flights to join.
    open: Index,
    flights: ById<Flight>,
    calls: ById<Place>,
    next: usize,
}

impl Reads {
    pub(super) fn new(keys: HashKeys) -> Self {
        Self { open: Index::new(keys), flights: ById::new(keys), calls: ById::new(keys), next: 0 }
    }

    /// Takes in a read.
    pub(super) fn join(&mut self, call: CallId, key: &Key, tags: &[Tag], begun: Begun, cache: &Cache) -> Role {
        if let Some(id) = self.open.get(key)
            && let Some(flight) = self.flights.get_mut(id as u64).filter(|flight| cache.is_current(tags, flight.begun))
        {
            flight.followers.push_back(call);
            self.calls.insert(call.0, Place::Follows);
            return Role::Follows;
        }
        let id = self.next;
        self.next += 1;
        self.flights.insert(id as u64, Flight { key: key.clone(), begun, followers: VecDeque::new() });
        self.open.insert(key.clone(), id);
        self.calls.insert(call.0, Place::Leads(id));
        Role::Leads
    }

    /// The flight's request is sent anew.
    pub(super) fn begin(&mut self, leader: CallId, begun: Begun) {
        if let Some(Place::Leads(id)) = self.calls.get(leader.0)
            && let Some(flight) = self.flights.get_mut(*id as u64)
        {
            flight.begun = begun;
        }
    }

    /// What a call is by now, or how it ended.
    pub(super) fn look(&mut self, call: CallId) -> Result<Role, Outcome> {
        match self.calls.get(call.0) {
            Some(Place::Follows) => Ok(Role::Follows),
            Some(Place::Leads(_)) | None => Ok(Role::Leads),
            Some(Place::Ended(_)) => match self.calls.remove(call.0) {
                Some(Place::Ended(outcome)) => Err(outcome),
                _ => Ok(Role::Leads),
            },
        }
    }

    /// The flight that this call leads has ended, for all. Those who followed.
    pub(super) fn end(&mut self, leader: CallId, outcome: &Outcome) -> Vec<CallId> {
        let Some(Place::Leads(id)) = self.calls.get(leader.0) else { return Vec::new() };
        let id = *id;
        self.calls.remove(leader.0);
        let Some(Flight { key, followers, .. }) = self.flights.remove(id as u64) else { return Vec::new() };
        self.close(&key, id);
        let mut ended = Vec::with_capacity(followers.len());
        for call in followers {
            if let Some(place) = self.calls.get_mut(call.0) {
                let joined = |(value, how): &(Shared, How)| (Shared::clone(value), How { joined: true, ..how.clone() });
                *place = Place::Ended(outcome.as_ref().map(joined).map_err(Clone::clone));
                ended.push(call);
            }
        }
        ended
    }

    /// The call is gone. If it led, the first that follows leads now, and has to be woken. An outcome that it has not taken comes back,
    /// to be dropped where no lock is held.
    pub(super) fn remove(&mut self, call: CallId) -> (Option<CallId>, Option<Outcome>) {
        match self.calls.remove(call.0) {
            Some(Place::Leads(id)) => (self.promote(id), None),
            Some(Place::Ended(outcome)) => (None, Some(outcome)),
            Some(Place::Follows) | None => (None, None),
        }
    }

    fn promote(&mut self, id: usize) -> Option<CallId> {
        let flight = self.flights.get_mut(id as u64)?;
        while let Some(next) = flight.followers.pop_front() {
            if let Some(place) = self.calls.get_mut(next.0) {
                *place = Place::Leads(id);
                return Some(next);
            }
        }
        let key = self.flights.remove(id as u64)?.key;
        self.close(&key, id);
        None
    }

    /// Nobody joins this flight any more; a newer one of the same key stays.
    fn close(&mut self, key: &Key, id: usize) {
        if self.open.get(key) == Some(id) {
            self.open.remove(key);
        }
    }
}
