//! Who has come to the limiter, and the queues of those who wait.

use super::lane::Lane;
use crate::by_id::ById;
use crate::entropy::HashKeys;
use crate::session::CallId;

/// How far a call has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is in its lane's queue, between these two.
    Waiting { before: Option<CallId>, after: Option<CallId> },
    /// It may send the request of this number, and doesn't know it yet.
    Granted(u64),
    /// It was told to send it.
    Out(u64),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Seat {
    pub(super) lane: Lane,
    pub(super) stage: Stage,
}

#[derive(Clone, Copy, Default)]
struct Line {
    first: Option<CallId>,
    last: Option<CallId>,
    /// The last of those who stepped aside: they stand before all others.
    aside: Option<CallId>,
    len: usize,
}

/// A queue for each lane, as lists through one map: a call is found by its name, and leaves from anywhere, without a look at others
/// than its neighbours.
pub(super) struct Seats {
    map: ById<Seat>,
    lines: [Line; 2],
    /// How many seats were looked at.
    #[cfg(test)]
    pub(super) looks: u64,
}

impl Seats {
    pub(super) fn new(keys: HashKeys) -> Self {
        Self {
            map: ById::new(keys),
            lines: [Line::default(); 2],
            #[cfg(test)]
            looks: 0,
        }
    }

    /// All looks into the map go through here.
    fn at(&mut self, id: CallId) -> Option<&mut Seat> {
        #[cfg(test)]
        {
            self.looks += 1;
        }
        self.map.get_mut(id.0)
    }

    pub(super) fn get(&mut self, id: CallId) -> Option<Seat> {
        self.at(id).copied()
    }

    /// How many wait in a lane.
    pub(super) fn waiting(&self, lane: Lane) -> usize {
        self.lines[lane as usize].len
    }

    /// Sets the stage of a call that doesn't wait.
    pub(super) fn set(&mut self, id: CallId, lane: Lane, stage: Stage) {
        self.map.insert(id.0, Seat { lane, stage });
    }

    /// Puts a call at the end of its lane's queue.
    pub(super) fn push(&mut self, id: CallId, lane: Lane) {
        let last = self.lines[lane as usize].last;
        self.insert(id, lane, last, None);
    }

    /// Puts a call that had its turn before all others in its lane's queue but those of its kind that are older. These are no more than
    /// may be in flight, and mostly none of them is younger.
    pub(super) fn put_aside(&mut self, id: CallId, lane: Lane) {
        let aside = self.lines[lane as usize].aside;
        let mut place = (aside, aside.map_or(self.lines[lane as usize].first, |last| self.neighbours(last).1));
        while let Some(younger) = place.0.filter(|other| *other > id) {
            place = (self.neighbours(younger).0, Some(younger));
        }
        self.insert(id, lane, place.0, place.1);
        if place.0 == aside {
            self.lines[lane as usize].aside = Some(id);
        }
    }

    fn insert(&mut self, id: CallId, lane: Lane, before: Option<CallId>, after: Option<CallId>) {
        self.set(id, lane, Stage::Waiting { before: None, after: None });
        self.link(before, Some(id), lane);
        self.link(Some(id), after, lane);
        self.lines[lane as usize].len += 1;
    }

    fn neighbours(&mut self, id: CallId) -> (Option<CallId>, Option<CallId>) {
        match self.get(id).map(|seat| seat.stage) {
            Some(Stage::Waiting { before, after }) => (before, after),
            _ => (None, None),
        }
    }

    /// Grants the first in a lane its turn, if there is one.
    pub(super) fn grant_first(&mut self, lane: Lane, number: u64) -> Option<CallId> {
        let id = self.lines[lane as usize].first?;
        self.remove(id);
        self.set(id, lane, Stage::Granted(number));
        Some(id)
    }

    /// Forgets a call. What it was.
    pub(super) fn remove(&mut self, id: CallId) -> Option<Seat> {
        let seat = self.get(id)?;
        self.map.remove(id.0);
        if let Stage::Waiting { before, after } = seat.stage {
            self.link(before, after, seat.lane);
            let line = &mut self.lines[seat.lane as usize];
            line.len -= 1;
            if line.aside == Some(id) {
                line.aside = before;
            }
        }
        Some(seat)
    }

    /// Makes two calls neighbours in a lane's queue; nobody stands for its end.
    fn link(&mut self, left: Option<CallId>, right: Option<CallId>, lane: Lane) {
        match left.and_then(|id| self.at(id)).map(|seat| &mut seat.stage) {
            Some(Stage::Waiting { after, .. }) => *after = right,
            _ => self.lines[lane as usize].first = right,
        }
        match right.and_then(|id| self.at(id)).map(|seat| &mut seat.stage) {
            Some(Stage::Waiting { before, .. }) => *before = left,
            _ => self.lines[lane as usize].last = left,
        }
    }
}
