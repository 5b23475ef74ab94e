//! Random histories, against two plain lists.

use std::collections::{BTreeSet, VecDeque};

use proptest::prelude::*;

use super::*;

const CALLS: u64 = 24;

#[derive(Clone, Debug)]
enum Op {
    /// A call comes, or looks again.
    Enter(u64),
    /// A call that is out is answered: status, Retry-After, whether limits are stated, and which.
    Answer(u64, u16, Option<u64>, Option<Limits>),
    /// A call goes, wherever it is.
    Drop(u64),
    /// One of the calls whose turn has come can't send yet.
    Aside(usize),
    /// One of those that stepped aside goes.
    DropAside(usize),
    Hold(bool),
    /// All that are out are answered, and then none of those whose turn has come can send: the token is over.
    TokenIsOver,
    Pass(u64),
    /// The clock is looked at.
    Timeout,
}

fn op() -> impl Strategy<Value = Op> {
    let status = prop::sample::select(vec![200, 200, 200, 404, 429, 500, 503]);
    let small = || prop::option::weighted(0.9, prop::sample::select(vec![0, 1, 3, 10, u32::MAX]));
    let limits = (small(), small(), small(), small()).prop_map(|(remaining, requested, burst, replenish)| Limits {
        remaining,
        requested,
        burst,
        replenish,
    });
    let after = prop::option::of(prop::sample::select(vec![0, 1, 7, u64::MAX]));
    prop_oneof![
        6 => (0..CALLS).prop_map(Op::Enter),
        4 => (0..CALLS, status, after, prop::option::weighted(0.3, limits)).prop_map(|(n, status, after, limits)| Op::Answer(n, status, after, limits)),
        2 => (0..CALLS).prop_map(Op::Drop),
        4 => any::<usize>().prop_map(Op::Aside),
        1 => any::<usize>().prop_map(Op::DropAside),
        1 => any::<bool>().prop_map(Op::Hold),
        1 => Just(Op::TokenIsOver),
        2 => prop_oneof![0..300_u64, 0..20_000_u64].prop_map(Op::Pass),
        2 => Just(Op::Timeout),
    ]
}

/// Even calls read, odd ones write.
fn lane(id: u64) -> Lane {
    if id.is_multiple_of(2) { Lane::Reads } else { Lane::Writes }
}

/// One of these, if there is any.
fn nth(of: &BTreeSet<u64>, n: usize) -> Option<u64> {
    of.iter().copied().nth(n.checked_rem(of.len())?)
}

struct World {
    limiter: Limiter,
    in_flight_max: usize,
    now: Mono,
    queues: [VecDeque<u64>; 2],
    /// Those in a queue who had a turn and stepped aside: they are before all others, the older first.
    aside: BTreeSet<u64>,
    held: bool,
    /// Named, and not come yet.
    named: BTreeSet<u64>,
    out: BTreeSet<u64>,
}

impl World {
    fn new(in_flight_max: usize) -> Self {
        let limiter = limiter(in_flight_max);
        let (aside, named, out) = Default::default();
        Self { limiter, in_flight_max, now: at(0), queues: Default::default(), aside, held: false, named, out }
    }

    fn in_flight(&self, lane: Option<Lane>) -> usize {
        self.named.iter().chain(&self.out).filter(|id| lane.is_none_or(|lane| lane == self::lane(**id))).count()
    }

    fn has_room(&self, lane: Lane) -> bool {
        let most = self.in_flight_max - self.in_flight_max / 8;
        self.in_flight(None) < self.in_flight_max && self.in_flight(Some(lane)) < most
    }

    /// Takes the wakes. Each names the first of its lane's queue, but for one that has just been told to go.
    fn look(&mut self, went: Option<u64>) {
        let mut went = went;
        for id in wakes(&mut self.limiter) {
            let queue = &mut self.queues[lane(id) as usize];
            if went.is_some() && queue.front() == went.as_ref() {
                queue.pop_front();
                went = None;
            }
            assert_eq!(queue.pop_front(), Some(id), "not the first in the queue");
            assert!(!self.held, "{id} has a turn while the queues are held");
            self.aside.remove(&id);
            assert!(self.named.insert(id));
        }
        if let Some(id) = went {
            assert_eq!(self.queues[lane(id) as usize].pop_front(), Some(id), "{id} overtook others");
        }
        assert!(self.in_flight(None) <= self.in_flight_max);
        let state = self.limiter.state();
        for (lane, state) in [(Lane::Reads, state.reads), (Lane::Writes, state.writes)] {
            assert!(state.in_flight <= self.in_flight_max - self.in_flight_max / 8);
            assert_eq!((state.waiting, state.in_flight), (self.queues[lane as usize].len(), self.in_flight(Some(lane))));
        }
    }

    fn enter(&mut self, id: u64) {
        match self.limiter.enter(CallId(id), lane(id), self.now) {
            Turn::Go => {
                let waited = self.queues[lane(id) as usize].contains(&id);
                let held = self.named.remove(&id);
                let fresh = self.out.insert(id) && !held && !waited;
                self.look(waited.then_some(id));
                assert!(!fresh || self.queues[lane(id) as usize].is_empty(), "{id} overtook others");
            }
            Turn::Wait => {
                assert!(!self.named.contains(&id) && !self.out.contains(&id));
                if !self.queues[lane(id) as usize].contains(&id) {
                    self.queues[lane(id) as usize].push_back(id);
                }
            }
        }
        self.look(None);
    }

    fn forget(&mut self, id: u64) {
        self.aside.remove(&id);
        self.named.remove(&id);
        self.out.remove(&id);
        self.queues[lane(id) as usize].retain(|other| *other != id);
    }

    fn step_aside(&mut self, id: u64) {
        self.named.remove(&id);
        self.aside.insert(id);
        let queue = &mut self.queues[lane(id) as usize];
        let before = queue.iter().take_while(|other| self.aside.contains(other) && **other < id).count();
        queue.insert(before, id);
        self.limiter.step_aside(CallId(id));
    }

    fn drop(&mut self, id: u64) {
        self.limiter.leave(CallId(id));
        self.forget(id);
    }

    fn step(&mut self, op: Op) {
        match op {
            Op::Enter(id) => self.enter(id),
            Op::Answer(id, status, after, limits) if self.out.contains(&id) => {
                self.limiter.learn(CallId(id), &signals(status, after, limits), self.now);
                self.look(None);
                self.limiter.leave(CallId(id));
                self.forget(id);
            }
            Op::Answer(id, status, after, limits) => {
                self.limiter.learn(CallId(id), &signals(status, after, limits), self.now);
            }
            Op::Drop(id) => self.drop(id),
            Op::Aside(n) => drop(nth(&self.named, n).map(|id| self.step_aside(id))),
            Op::DropAside(n) => drop(nth(&self.aside, n).map(|id| self.drop(id))),
            Op::Hold(held) => {
                self.held = held;
                self.limiter.hold(held);
            }
            Op::TokenIsOver => {
                for id in self.out.clone() {
                    self.step(Op::Answer(id, 200, None, None));
                }
                self.step(Op::Hold(true));
                for n in 0..self.named.len() {
                    self.step(Op::Aside(n / 2));
                }
            }
            Op::Pass(millis) => self.now = self.now + Duration::from_millis(millis),
            Op::Timeout => self.limiter.handle_timeout(self.now),
        }
        self.look(None);
        self.nobody_is_forgotten();
    }

    /// Who waits while there is room waits for a time, and when it comes, somebody goes.
    fn nobody_is_forgotten(&mut self) {
        let waits = |lane: Lane| !self.held && !self.queues[lane as usize].is_empty();
        let with_room = Lane::ALL.into_iter().any(|lane| waits(lane) && self.has_room(lane));
        let Some(due) = self.limiter.poll_timeout() else { return assert!(!with_room, "somebody waits for nothing") };
        assert!(with_room, "a timer for nobody");
        assert!(due <= self.now + PAUSE_MAX + Duration::from_secs(60));
        if due <= self.now {
            let before = self.in_flight(None);
            self.limiter.handle_timeout(self.now);
            self.look(None);
            assert!(self.in_flight(None) > before, "the time has come, and nobody goes");
        }
    }

    /// From here on all is well: everybody gets an answer.
    fn end(&mut self) {
        self.step(Op::Hold(false));
        for _ in 0..10 * CALLS {
            for id in self.named.clone() {
                self.enter(id);
                assert!(self.out.contains(&id), "{id} was named and may not go");
            }
            if let Some(id) = self.out.first().copied() {
                self.step(Op::Answer(id, 200, None, None));
            } else if let Some(due) = self.limiter.poll_timeout() {
                self.now = self.now.max(due);
                self.step(Op::Timeout);
            }
        }
        assert!(self.queues.iter().all(VecDeque::is_empty), "{:?} wait for ever", self.queues);
        assert_eq!((self.in_flight(None), self.limiter.poll_timeout()), (0, None));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn in_order_within_bounds_and_nobody_forgotten(
        in_flight in prop::sample::select(vec![1, 2, 5, 8, 9]),
        ops in prop::collection::vec(op(), 1..120),
    ) {
        let mut world = World::new(in_flight);
        for op in ops {
            world.step(op);
        }
        world.end();
    }
}
