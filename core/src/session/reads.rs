//! Identical reads under way: one of them is sent, the others follow it and share its answer.
//!
//! ```text
//!   joins ──▶ leads ──▶ its outcome is for all
//!     │         ▲
//!     └▶ follows┘ the one before gave up, or ended in a way that was its own
//! ```
//!
//! One whose caller is busy with something else leads nobody meanwhile: the first that follows, or that comes, leads in its place. When
//! it is back it follows, or leads again if nobody does.
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
    /// It sends, and nobody follows it.
    Alone,
    /// It sends.
    Leads,
    /// It waits for the one that sends.
    Follows,
}

struct Flight {
    key: Key,
    begun: Begun,
    /// Those who follow or are away, in the order in which they came; some may be gone.
    followers: VecDeque<CallId>,
    /// Somebody leads. If not, it waits for one who is away, or comes.
    is_led: bool,
    /// How many are away.
    away: usize,
}

enum Place {
    Leads(usize),
    Follows(usize),
    /// Its caller is busy with something else.
    Away(usize),
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

    #[cfg(test)]
    pub(super) fn flights(&self) -> usize {
        self.flights.len()
    }

    /// Takes in a read.
    pub(super) fn join(&mut self, call: CallId, key: &Key, tags: &[Tag], begun: Begun, cache: &Cache) -> Role {
        if let Some(id) = self.open.get(key)
            && let Some(flight) = self.flights.get_mut(id as u64).filter(|flight| cache.is_current(tags, flight.begun))
        {
            if !std::mem::replace(&mut flight.is_led, true) {
                self.calls.insert(call.0, Place::Leads(id));
                return Role::Leads;
            }
            flight.followers.push_back(call);
            self.calls.insert(call.0, Place::Follows(id));
            return Role::Follows;
        }
        let id = self.next;
        self.next += 1;
        self.flights.insert(id as u64, Flight { key: key.clone(), begun, followers: VecDeque::new(), is_led: true, away: 0 });
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

    /// What a call that joined is by now, or how it ended. If it was away, it is back.
    pub(super) fn look(&mut self, call: CallId) -> Result<Role, Outcome> {
        match self.calls.get_mut(call.0) {
            Some(Place::Follows(_)) => Ok(Role::Follows),
            Some(place @ Place::Away(_)) => {
                if let Place::Away(id) = *place
                    && let Some(flight) = self.flights.get_mut(id as u64)
                {
                    flight.away -= 1;
                    if std::mem::replace(&mut flight.is_led, true) {
                        *place = Place::Follows(id);
                        return Ok(Role::Follows);
                    }
                    *place = Place::Leads(id);
                }
                Ok(Role::Leads)
            }
            Some(Place::Leads(_)) | None => Ok(Role::Leads),
            Some(Place::Ended(_)) => match self.calls.remove(call.0) {
                Some(Place::Ended(outcome)) => Err(outcome),
                _ => Ok(Role::Leads),
            },
        }
    }

    /// The call's caller is busy with something else until it looks again. If it led, the first that follows leads now, and has
    /// to be woken.
    pub(super) fn go_away(&mut self, call: CallId) -> Option<CallId> {
        let place = self.calls.get_mut(call.0)?;
        let (id, led) = match *place {
            Place::Follows(id) => (id, false),
            Place::Leads(id) => (id, true),
            Place::Away(_) | Place::Ended(_) => return None,
        };
        *place = Place::Away(id);
        let flight = self.flights.get_mut(id as u64)?;
        flight.away += 1;
        if !led {
            return None;
        }
        flight.followers.push_back(call);
        self.promote(id)
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
            Some(Place::Away(id)) => {
                if let Some(flight) = self.flights.get_mut(id as u64) {
                    flight.away -= 1;
                }
                self.close_if_left(id);
                (None, None)
            }
            Some(Place::Follows(_)) | None => (None, None),
        }
    }

    /// The first that follows leads; if there is none, whoever comes back does.
    fn promote(&mut self, id: usize) -> Option<CallId> {
        let flight = self.flights.get_mut(id as u64)?;
        let mut away = VecDeque::new();
        flight.is_led = false;
        while let Some(next) = flight.followers.pop_front() {
            match self.calls.get_mut(next.0) {
                Some(place @ Place::Follows(_)) => {
                    *place = Place::Leads(id);
                    flight.is_led = true;
                    flight.followers.append(&mut away);
                    return Some(next);
                }
                Some(Place::Away(_)) => away.push_back(next),
                _ => {}
            }
        }
        flight.followers = away;
        self.close_if_left(id);
        None
    }

    /// A flight that nobody leads, and to which nobody will come back, is over.
    fn close_if_left(&mut self, id: usize) {
        if self.flights.get(id as u64).is_some_and(|flight| !flight.is_led && flight.away == 0)
            && let Some(Flight { key, .. }) = self.flights.remove(id as u64)
        {
            self.close(&key, id);
        }
    }

    /// Nobody joins this flight any more; a newer one of the same key stays.
    fn close(&mut self, key: &Key, id: usize) {
        if self.open.get(key) == Some(id) {
            self.open.remove(key);
        }
    }
}
