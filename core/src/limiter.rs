//! The limiter: which of a session's calls may send, and when.
//!
//! A call that wants to send [enters](Limiter::enter) one of two [lanes](Lane). It goes if nobody waits there, if there is room in
//! flight, and if the service's limits allow it; otherwise it is queued. Its turn is granted, never fought for: whoever is
//! [named](Limiter::poll_wake) holds it, and the first in the queue is always next.
//!
//! A wait ends in one of these ways, and none hangs on another call that waits:
//!
//! - there was no room: the call that [leaves](Limiter::leave) passes its turn on;
//! - there was no token to send with: the queues were [held](Limiter::hold), and are let go;
//! - the lane is closed: [`poll_timeout`](Limiter::poll_timeout) says until when, for the lane and not for its first call. A first
//!   call that is dropped takes no timer with it.
//!
//! How quickly a lane goes is learned from answers ([`Valve`]): a pause that was asked for, a bucket that was stated, a pace that was
//! found by trial. Nothing here looks at more calls than it grants a turn, and their neighbours.

mod lane;
mod meter;
mod pace;
mod seats;
mod signals;
mod state;
mod stated;
#[cfg(test)]
mod tests;
mod valve;

use std::collections::VecDeque;
use std::time::Duration;

pub(crate) use lane::Lane;
pub(crate) use signals::Signals;
pub use state::{LaneState, LimiterState};

use crate::entropy::HashKeys;
use crate::session::CallId;
use crate::time::Mono;
use seats::{Seat, Seats, Stage};
use valve::Valve;

/// The longest pause that a lane makes at one answer's word, whatever it says. After it, a request tries whether it was meant.
pub(crate) const PAUSE_MAX: Duration = Duration::from_secs(300);

/// Whether a call may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It may, now.
    Go,
    /// It will be named when it may.
    Wait,
}

#[derive(Debug)]
struct Side {
    valve: Valve,
    /// Calls that may send, or have sent.
    in_flight: usize,
}

/// The limiter of a session.
pub(crate) struct Limiter {
    seats: Seats,
    sides: [Side; 2],
    /// Which lane comes first, where both may go.
    next: Lane,
    wakes: VecDeque<(CallId, u64)>,
    /// Nobody in a queue gets a turn.
    held: bool,
    /// The latest time that was told.
    clock: Mono,
    in_flight_max: usize,
    /// A lane leaves an eighth to the other, so that slow reads don't hold up writes, nor the other way round.
    lane_max: usize,
}

impl Limiter {
    /// At most `in_flight_max` calls in flight, at least one.
    pub(crate) fn new(in_flight_max: usize, keys: HashKeys) -> Self {
        let side = || Side { valve: Valve::new(), in_flight: 0 };
        let mut limiter = Self {
            seats: Seats::new(keys),
            sides: [side(), side()],
            next: Lane::Reads,
            wakes: VecDeque::new(),
            held: false,
            clock: Mono::ZERO,
            in_flight_max: 0,
            lane_max: 0,
        };
        limiter.resize(in_flight_max);
        limiter
    }

    /// Another bound on calls in flight. Those that are keep their turns.
    pub(crate) fn resize(&mut self, in_flight_max: usize) {
        self.in_flight_max = in_flight_max.max(1);
        self.lane_max = self.in_flight_max - self.in_flight_max / 8;
        self.pass_on();
    }

    /// Holds the queues, or lets them go on. A call that comes when nobody waits, and whoever was granted a turn, may go all the same.
    pub(crate) fn hold(&mut self, held: bool) {
        self.held = held;
        self.pass_on();
    }

    /// A call whose turn has come can't send yet: it gives the turn back as if it had not been granted, and waits before all others.
    /// One that has no turn stays where it is.
    pub(crate) fn step_aside(&mut self, id: CallId) {
        let Some(Seat { lane, stage: Stage::Granted(number) }) = self.seats.get(id) else { return };
        let side = &mut self.sides[lane as usize];
        side.valve.give_back(number);
        side.in_flight -= 1;
        self.seats.put_aside(id, lane);
        self.pass_on();
    }

    /// Whether a call may send now. If not, it is queued, where it isn't yet, and will be [named](Self::poll_wake).
    ///
    /// A call that was told to go holds its turn until it [leaves](Self::leave), and is told the same again until then.
    pub(crate) fn enter(&mut self, id: CallId, lane: Lane, now: Mono) -> Turn {
        self.pass(now);
        match self.seats.get(id) {
            Some(Seat { stage: Stage::Waiting { .. }, .. }) => return Turn::Wait,
            Some(Seat { stage: Stage::Out(_), .. }) => return Turn::Go,
            Some(Seat { stage: Stage::Granted(number), lane }) => {
                self.seats.set(id, lane, Stage::Out(number));
                return Turn::Go;
            }
            None => {}
        }
        if self.seats.waiting(lane) == 0 && self.is_open(lane) {
            let number = self.take(lane);
            self.seats.set(id, lane, Stage::Out(number));
            return Turn::Go;
        }
        self.seats.push(id, lane);
        Turn::Wait
    }

    /// Takes what the answer to a call's request says. The call is still in flight, and leaves after that.
    pub(crate) fn learn(&mut self, id: CallId, signals: &Signals, now: Mono) {
        self.clock = self.clock.max(now);
        if let Some(Seat { lane, stage: Stage::Out(number) }) = self.seats.get(id) {
            let side = &mut self.sides[lane as usize];
            side.valve.learn(number, side.in_flight.saturating_sub(1), signals, self.clock);
        }
        self.pass_on();
    }

    /// A call has its answer, gives its attempt up, or is gone: its turn, or its place in the queue, goes to the next.
    ///
    /// What was granted and not sent is not counted as sent.
    pub(crate) fn leave(&mut self, id: CallId) {
        let Some(Seat { lane, stage }) = self.seats.remove(id) else { return };
        let side = &mut self.sides[lane as usize];
        match stage {
            Stage::Waiting { .. } => return,
            Stage::Granted(number) => side.valve.give_back(number),
            Stage::Out(_) => {}
        }
        side.in_flight -= 1;
        self.pass_on();
    }

    /// The next call whose turn has come. Each is named once for each time that it waited, and not if it has come or left before.
    #[inline(never)]
    pub(crate) fn poll_wake(&mut self) -> Option<CallId> {
        while let Some((id, number)) = self.wakes.pop_front() {
            if self.seats.get(id).is_some_and(|seat| seat.stage == Stage::Granted(number)) {
                return Some(id);
            }
        }
        None
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due: the first lane opens in which calls wait, that has room and isn't held.
    pub(crate) fn poll_timeout(&self) -> Option<Mono> {
        let mut soonest = None;
        for lane in Lane::ALL {
            if self.is_wanted(lane) && self.has_room(lane) {
                let opens = self.sides[lane as usize].valve.opens();
                soonest = Some(soonest.map_or(opens, |soonest: Mono| soonest.min(opens)));
            }
        }
        soonest
    }

    /// Lets go whoever's time has come.
    pub(crate) fn handle_timeout(&mut self, now: Mono) {
        self.pass(now);
    }

    /// What is known.
    #[inline]
    pub(crate) fn state(&self) -> LimiterState {
        let state = |lane: Lane| {
            let side = &self.sides[lane as usize];
            LaneState {
                waiting: self.seats.waiting(lane),
                in_flight: side.in_flight,
                gap: side.valve.gap(),
                closed_until: Some(side.valve.opens()).filter(|opens| *opens > self.clock),
            }
        };
        LimiterState { reads: state(Lane::Reads), writes: state(Lane::Writes) }
    }

    /// How many calls may send, or have sent.
    pub(crate) fn in_flight(&self) -> usize {
        self.sides.iter().map(|side| side.in_flight).sum()
    }

    /// Whether anybody in its queue may get a turn.
    fn is_wanted(&self, lane: Lane) -> bool {
        !self.held && self.seats.waiting(lane) > 0
    }

    fn has_room(&self, lane: Lane) -> bool {
        self.in_flight() < self.in_flight_max && self.sides[lane as usize].in_flight < self.lane_max
    }

    fn is_open(&self, lane: Lane) -> bool {
        self.has_room(lane) && self.sides[lane as usize].valve.opens() <= self.clock
    }

    /// A call of this lane goes. The number of its request.
    fn take(&mut self, lane: Lane) -> u64 {
        let side = &mut self.sides[lane as usize];
        side.in_flight += 1;
        side.valve.take(self.clock)
    }

    /// Time has passed, if it has. A clock that goes back stands still.
    fn pass(&mut self, now: Mono) {
        self.clock = self.clock.max(now);
        self.pass_on();
    }

    /// Grants turns while there are any; the lanes take them in turn.
    fn pass_on(&mut self) {
        let ready = |limiter: &Self, lane: Lane| limiter.is_wanted(lane) && limiter.is_open(lane);
        while let Some(lane) = [self.next, self.next.other()].into_iter().find(|lane| ready(self, *lane)) {
            let number = self.take(lane);
            if let Some(id) = self.seats.grant_first(lane, number) {
                self.wakes.push_back((id, number));
            }
            self.next = lane.other();
        }
    }
}
