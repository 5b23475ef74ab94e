//! The limiter, held to two plain queues.
//!
//! Three bytes are one thing that happens: a call comes, is answered, goes, has its turn and can't send yet; the queues are held; time
//! passes. Never are more in flight than may be; turns
//! come in the order of each lane; who waits while there is room waits for a time that comes soon enough, and then somebody goes;
//! and when all is well again, everybody gets a turn.
#![no_main]

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use tidal_core::Mono;
use tidal_core::fuzzing::FuzzedLimiter;
use tidal_core::http::{HeaderMap, HeaderName, StatusCode};

const CALLS: u64 = 24;
const LONGEST: usize = 300;
/// The longest pause for one answer, and the longest time between two requests.
const PATIENCE: Duration = Duration::from_secs(300 + 60);
const STATUS: [u16; 8] = [200, 200, 200, 404, 429, 429, 500, 503];
const NUMBERS: [&str; 6] = ["0", "1", "3", "10", "4294967295", "soon"];

struct World {
    limiter: FuzzedLimiter,
    most: usize,
    now: Mono,
    queues: [VecDeque<u64>; 2],
    /// Those in a queue who had a turn and stepped aside: they are before all others, the older first.
    aside: BTreeSet<u64>,
    held: bool,
    /// Named, and not come yet.
    named: BTreeSet<u64>,
    out: BTreeSet<u64>,
}

fuzz_target!(|data: &[u8]| {
    let [most, happens @ ..] = data else { return };
    let most = 1 + usize::from(most % 10);
    let limiter = FuzzedLimiter::new(most);
    let (now, queues) = (Mono::ZERO, Default::default());
    let (aside, named, out) = Default::default();
    let mut world = World { limiter, most, now, queues, aside, held: false, named, out };
    let (happens, _) = happens.as_chunks::<3>();
    for one in happens.iter().take(LONGEST) {
        world.act(*one);
    }
    world.end();
});

fn lane(id: u64) -> usize {
    (id % 2) as usize
}

fn headers(bits: u8) -> HeaderMap {
    let number = |n: u8| NUMBERS[usize::from(n) % NUMBERS.len()];
    let mut headers = HeaderMap::new();
    let mut set = |name: &'static str, value: &'static str| {
        headers.insert(HeaderName::from_static(name), value.parse().expect("it is a value"));
    };
    if bits & 1 > 0 {
        set("retry-after", number(bits >> 1));
    }
    if bits & 2 > 0 {
        set("x-ratelimit-remaining", number(bits >> 2));
        set("x-ratelimit-requested-tokens", number(bits >> 3));
        set("x-ratelimit-burst-capacity", number(bits >> 4));
        set("x-ratelimit-replenish-rate", number(bits >> 5));
    }
    headers
}

impl World {
    fn act(&mut self, [what, a, b]: [u8; 3]) {
        let id = u64::from(a) % CALLS;
        match what % 8 {
            0..3 => self.enter(id),
            3 => self.answer(id, STATUS[usize::from(what / 8 % 8)], b),
            4 => {
                self.limiter.leave(id);
                self.forget(id);
            }
            5 => self.now = self.now + Duration::from_millis(u64::from(a) * u64::from(b)),
            6 => self.limiter.handle_timeout(self.now),
            _ if a < 64 => {
                self.most = (1 + usize::from(b % 10)).max(self.in_flight());
                self.limiter.resize(self.most);
            }
            _ if a < 96 => {
                self.held = b % 2 > 0;
                self.limiter.hold(self.held);
            }
            _ if a < 160 => {
                let nth = usize::from(b).checked_rem(self.named.len());
                if let Some(id) = nth.and_then(|nth| self.named.iter().copied().nth(nth)) {
                    self.step_aside(id);
                }
            }
            _ => self.now = self.now + Duration::from_secs(u64::from(a)),
        }
        self.look(None);
        self.nobody_is_forgotten();
    }

    fn step_aside(&mut self, id: u64) {
        self.named.remove(&id);
        self.aside.insert(id);
        let queue = &mut self.queues[lane(id)];
        let before = queue.iter().take_while(|other| self.aside.contains(other) && **other < id).count();
        queue.insert(before, id);
        self.limiter.step_aside(id);
    }

    fn in_flight(&self) -> usize {
        self.named.len() + self.out.len()
    }

    fn of_lane(&self, which: usize) -> usize {
        self.named.iter().chain(&self.out).filter(|id| lane(**id) == which).count()
    }

    /// A lane leaves an eighth to the other.
    fn lane_max(&self) -> usize {
        self.most - self.most / 8
    }

    /// Takes the turns. Each is of the first in its queue, but for one that was just told to go.
    fn look(&mut self, went: Option<u64>) {
        let mut went = went;
        while let Some(id) = self.limiter.poll_wake() {
            let queue = &mut self.queues[lane(id)];
            if went.is_some() && queue.front() == went.as_ref() {
                queue.pop_front();
                went = None;
            }
            assert_eq!(queue.pop_front(), Some(id), "not the first in its queue");
            assert!(!self.held, "{id} has a turn while the queues are held");
            self.aside.remove(&id);
            assert!(self.named.insert(id), "{id} is named twice");
        }
        if let Some(id) = went {
            assert_eq!(self.queues[lane(id)].pop_front(), Some(id), "{id} overtook others");
        }
        assert!(self.in_flight() <= self.most, "{} in flight", self.in_flight());
        let state = self.limiter.state();
        for (which, told) in [state.reads, state.writes].into_iter().enumerate() {
            assert_eq!((told.waiting, told.in_flight), (self.queues[which].len(), self.of_lane(which)));
        }
    }

    fn enter(&mut self, id: u64) {
        let (waited, known) = (self.queues[lane(id)].contains(&id), self.named.contains(&id) || self.out.contains(&id));
        if self.limiter.enter(id, self.now) {
            self.named.remove(&id);
            self.out.insert(id);
            self.look(waited.then_some(id));
            assert!(known || waited || self.queues[lane(id)].is_empty(), "{id} overtook others");
        } else {
            assert!(!known, "{id} had a turn");
            if !waited {
                self.queues[lane(id)].push_back(id);
            }
        }
    }

    fn answer(&mut self, id: u64, status: u16, bits: u8) {
        let status = StatusCode::from_u16(status).expect("it is a status");
        self.limiter.learn(id, status, &headers(bits), self.now);
        self.look(None);
        if self.out.contains(&id) {
            self.limiter.leave(id);
            self.forget(id);
        }
    }

    fn forget(&mut self, id: u64) {
        self.aside.remove(&id);
        self.named.remove(&id);
        self.out.remove(&id);
        self.queues[lane(id)].retain(|other| *other != id);
    }

    fn has_room(&self, which: usize) -> bool {
        self.in_flight() < self.most && self.of_lane(which) < self.lane_max()
    }

    fn nobody_is_forgotten(&mut self) {
        let waits = !self.held && (0..2).any(|which| !self.queues[which].is_empty() && self.has_room(which));
        let Some(due) = self.limiter.poll_timeout() else { return assert!(!waits, "somebody waits for nothing") };
        assert!(waits, "a timer for nobody");
        assert!(due <= self.now + PATIENCE, "the next turn is too far away");
        if due <= self.now {
            let before = self.in_flight();
            self.limiter.handle_timeout(self.now);
            self.look(None);
            assert!(self.in_flight() > before, "the time has come, and nobody goes");
        }
    }

    /// From here on all is well.
    fn end(&mut self) {
        self.held = false;
        self.limiter.hold(false);
        self.look(None);
        for _ in 0..10 * CALLS {
            for id in self.named.clone() {
                self.enter(id);
                assert!(self.out.contains(&id), "{id} was named and may not go");
            }
            if let Some(id) = self.out.first().copied() {
                self.answer(id, 200, 0);
            } else if let Some(due) = self.limiter.poll_timeout() {
                self.now = self.now.max(due);
                self.limiter.handle_timeout(self.now);
            }
            self.look(None);
        }
        assert!(self.queues.iter().all(VecDeque::is_empty), "{:?} wait for ever", self.queues);
        assert_eq!((self.in_flight(), self.limiter.poll_timeout()), (0, None));
    }
}
