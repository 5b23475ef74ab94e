//! The cache: decoded answers, kept for as long as their class says, within a bound in entries and one in bytes.
//!
//! It is a pure policy: time comes in as an argument, and what leaves it is put in a bag, which the caller empties outside its
//! lock. An entry is stale when either clock says that its time is over, or when a mutation has since touched something that it
//! is about. Both are judged from the moment at which its read began, so that neither a slow answer nor one that a mutation
//! has overtaken counts as new.
//!
//! Looking up, storing and touching cost the same however much is kept. Stale entries stay until they are asked for or are the
//! oldest; clearing a part alone walks through all.
//!
//! A session keeps one, unless its configuration [says otherwise](crate::Config::cache). The clients tell what it
//! [did](Statistics), and clear [parts](Part) of it.

mod key;
mod lru;
mod part;
mod stamps;
mod tag;
#[cfg(test)]
pub(crate) mod tests;

use std::time::Duration;

pub(crate) use key::{Index, Key};
pub use part::Part;
pub(crate) use tag::Tag;

use crate::answer::How;
use crate::call::Shared;
use crate::entropy::HashKeys;
use crate::operation::CacheClass;
use crate::time::Now;
use lru::Lru;
use stamps::{Generation, Stamps};

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// Entries.
    pub(crate) entries: usize,
    /// Bytes, as [weighed](weight).
    pub(crate) bytes: usize,
}

/// What happened so far, and what is kept now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Answers given.
    pub hits: u64,
    /// Answers that were not there, or stale.
    pub misses: u64,
    /// Answers put in.
    pub stored: u64,
    /// Entries that gave way to others.
    pub evicted: u64,
    /// Entries found too old.
    pub expired: u64,
    /// Entries found older than a mutation, or cleared.
    pub invalidated: u64,
    /// Entries kept, stale ones included.
    pub entries: usize,
    /// Bytes that they take, roughly.
    pub bytes: usize,
}

/// The moment at which a read began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begun {
    at: Now,
    generation: Generation,
}

/// What is put in.
#[derive(Clone)]
pub(crate) struct Document {
    pub(crate) value: Shared,
    pub(crate) how: How,
    /// Bytes of the body from which it was decoded.
    pub(crate) body: usize,
}

/// What is found.
#[derive(Clone)]
pub(crate) struct Hit {
    pub(crate) value: Shared,
    /// How it came when it was put in, now from the cache and after no attempt.
    pub(crate) how: How,
}

struct Entry {
    key: Key,
    value: Shared,
    how: How,
    tags: Box<[Tag]>,
    begun: Begun,
    ttl: Duration,
    weight: usize,
}

/// Answers by key.
pub(crate) struct Cache {
    is_on: bool,
    room: Room,
    index: Index,
    entries: Lru<Entry>,
    stamps: Stamps,
    bag: Vec<Shared>,
    statistics: Statistics,
}

impl Cache {
    pub(crate) fn new(is_on: bool, room: Room, keys: HashKeys) -> Self {
        Self {
            is_on,
            room,
            index: Index::new(keys),
            entries: Lru::new(),
            stamps: Stamps::new(keys),
            bag: Vec::new(),
            statistics: Statistics::default(),
        }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.is_on
    }

    /// Switches it on or off. Off, it forgets all and finds nothing; mutations are still noted.
    pub(crate) fn switch(&mut self, on: bool) {
        if self.is_on && !on {
            self.clear_all();
        }
        self.is_on = on;
    }

    /// Keeps no more than this from now on.
    pub(crate) fn make_room(&mut self, room: Room) {
        self.room = room;
        self.evict(0, 0);
    }

    /// To be kept by a read from before it is sent until it is [stored](Self::store).
    pub(crate) fn begin(&self, now: Now) -> Begun {
        Begun { at: now, generation: self.stamps.now() }
    }

    /// The answer under `key`, if it is fresh. It is then the last to give way.
    pub(crate) fn lookup(&mut self, key: &Key, now: Now) -> Option<Hit> {
        if !self.is_on {
            return None;
        }
        let found = self.index.get(key);
        let Some((at, entry)) = found.and_then(|at| self.entries.get(at).map(|entry| (at, entry))) else {
            self.statistics.misses += 1;
            return None;
        };
        let too_old = entry.is_too_old(now);
        if too_old || self.stamps.touched_since(&entry.tags, entry.begun.generation) {
            let count = if too_old { &mut self.statistics.expired } else { &mut self.statistics.invalidated };
            *count += 1;
            self.statistics.misses += 1;
            self.remove(at);
            return None;
        }
        let hit = Hit { value: entry.value.clone(), how: How { cached: true, attempts: 0, limits: None, ..entry.how.clone() } };
        self.entries.renew(at);
        self.statistics.hits += 1;
        Some(hit)
    }

    /// Whether no mutation has touched one of the tags since.
    pub(crate) fn is_current(&self, tags: &[Tag], begun: Begun) -> bool {
        !self.stamps.touched_since(tags, begun.generation)
    }

    /// Keeps the answer of a read, unless its class says not to, a mutation has touched it since it began, or it is heavier than all
    /// that may be kept. What was under that key goes. Whether it is kept.
    pub(crate) fn store(&mut self, key: Key, document: Document, tags: &[Tag], class: CacheClass, begun: Begun) -> bool {
        let Document { value, how, body } = document;
        let weight = weight(body, &key);
        let ttl = class.ttl();
        let fits = weight <= self.room.bytes && self.room.entries > 0;
        if !self.is_on || ttl.is_zero() || !fits || self.stamps.touched_since(tags, begun.generation) {
            self.bag.push(value);
            return false;
        }
        if let Some(at) = self.index.get(&key) {
            self.remove(at);
        }
        self.evict(1, weight);
        let entry = Entry { key: key.clone(), value, how, tags: tags.into(), begun, ttl, weight };
        let at = self.entries.insert(entry);
        self.index.insert(key, at);
        self.statistics.bytes += weight;
        self.statistics.stored += 1;
        true
    }

    /// A mutation was sent, or has ended in whatever way: what has one of these tags is stale, and so are reads under way.
    pub(crate) fn touch(&mut self, tags: impl IntoIterator<Item = Tag>) {
        self.stamps.touch(tags);
    }

    /// Forgets all. Reads under way are not kept either.
    pub(crate) fn clear_all(&mut self) {
        let before = self.entries.len();
        self.stamps.touch_all();
        self.index.clear();
        for entry in std::mem::take(&mut self.entries).into_values() {
            self.bag.push(entry.value);
        }
        self.statistics.bytes = 0;
        self.statistics.invalidated += before as u64;
    }

    /// Forgets all, or what has one of these tags. Reads under way are not kept either.
    #[inline]
    pub(crate) fn clear(&mut self, tags: Option<&[Tag]>) {
        let Some(tags) = tags else { return self.clear_all() };
        let before = self.entries.len();
        let mut tagged = Vec::new();
        for (at, entry) in self.entries.iter() {
            if entry.tags.iter().any(|tag| tags.contains(tag)) {
                tagged.push(at);
            }
        }
        for at in tagged {
            self.remove(at);
        }
        self.stamps.touch(tags.iter().cloned());
        self.statistics.invalidated += (before - self.entries.len()) as u64;
    }

    pub(crate) fn statistics(&self) -> Statistics {
        Statistics { entries: self.entries.len(), ..self.statistics }
    }

    /// What has left the cache since the last time: to be dropped where no lock is held.
    pub(crate) fn take_bag(&mut self) -> Vec<Shared> {
        std::mem::take(&mut self.bag)
    }

    /// Until there is room for so much more.
    fn evict(&mut self, entries: usize, bytes: usize) {
        while self.entries.len() + entries > self.room.entries || self.statistics.bytes + bytes > self.room.bytes {
            let Some(oldest) = self.entries.oldest() else { break };
            self.remove(oldest);
            self.statistics.evicted += 1;
        }
    }

    fn remove(&mut self, at: usize) {
        let Some(entry) = self.entries.remove(at) else { return };
        self.index.remove(&entry.key);
        self.statistics.bytes -= entry.weight;
        self.bag.push(entry.value);
    }
}

impl Entry {
    /// A suspended machine stops the one clock, a person who sets the date moves the other: either is believed.
    fn is_too_old(&self, now: Now) -> bool {
        now.mono.since(self.begun.at.mono) >= self.ttl || now.unix.since(self.begun.at.unix) >= self.ttl
    }
}

/// A decoded document takes about twice its body.
fn weight(body: usize, key: &Key) -> usize {
    body.saturating_mul(2).saturating_add(key.len())
}

/// Counts a step, for the test that shows that the cost does not grow.
#[inline]
fn step() {
    #[cfg(test)]
    tests::STEPS.with(|steps| steps.set(steps.get() + 1));
}
