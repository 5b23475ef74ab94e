//! What a session spares: answers that it has, and requests that are under way already.

#[cfg(test)]
mod tests;

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::reads::{Outcome, Reads, Role};
use super::{CallId, Session};
use crate::by_id::ById;
use crate::cache::{Begun, Cache, Document, Hit, Key, Part, Room, Statistics, Tag};
use crate::config::Config;
use crate::entropy::HashKeys;
use crate::operation::CacheClass;
use crate::time::Now;

/// Decoded answers that a session has no more use for. To be dropped where no lock is held: they may be large.
#[derive(Default)]
#[must_use = "it is taken out of the session so that it can be dropped elsewhere"]
pub struct Discarded(Vec<Arc<dyn Any + Send + Sync>>);

impl fmt::Debug for Discarded {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Discarded({})", self.0.len())
    }
}

/// A read whose answer may be kept.
pub(crate) struct Reading {
    pub(crate) key: Key,
    pub(crate) tags: Vec<Tag>,
    pub(crate) class: CacheClass,
    pub(crate) begun: Begun,
}

pub(super) struct Cached {
    cache: Cache,
    reads: Reads,
    /// What the changes that were sent make stale, once more when they end.
    changes: ById<Vec<Tag>>,
    /// Changes when what the service answers may be another: with whoever asks, and with the scopes of the token.
    audience: u64,
    discarded: Vec<Arc<dyn Any + Send + Sync>>,
}

impl Cached {
    pub(super) fn new(config: &Config, keys: HashKeys) -> Self {
        Self {
            cache: Cache::new(config.cache, room(config), keys),
            reads: Reads::new(keys),
            changes: ById::new(keys),
            audience: 0,
            discarded: Vec::new(),
        }
    }

    pub(super) fn change_audience(&mut self) {
        self.audience += 1;
        self.cache.clear_all();
    }

    pub(super) fn reconfigure(&mut self, config: &Config) {
        self.cache.switch(config.cache);
        self.cache.make_room(room(config));
    }

    /// A call is gone. Who leads in its place, and has to be woken.
    pub(super) fn let_go(&mut self, call: CallId) -> Option<CallId> {
        if let Some(tags) = self.changes.remove(call.0) {
            self.cache.touch(tags);
        }
        let (promoted, outcome) = self.reads.remove(call);
        if let Some(Ok((value, _))) = outcome {
            self.discarded.push(value);
        }
        promoted
    }
}

fn room(config: &Config) -> Room {
    Room { entries: config.bounds.cache_entries, bytes: config.bounds.cache_bytes }
}

/// The cache.
impl Session {
    /// What the cache did so far, and what is in it.
    #[must_use]
    pub fn cache_statistics(&self) -> Statistics {
        self.cached.cache.statistics()
    }

    /// Forgets answers, all of them or a part. Reads under way are answered, but not kept.
    #[inline]
    pub fn clear_cache(&mut self, part: Part<'_>) {
        self.cached.cache.clear(part.tags().as_deref());
    }

    /// Switches the cache on or off. Off, it forgets all, and each call sends its own request.
    pub fn switch_cache(&mut self, on: bool) {
        self.cached.cache.switch(on);
    }

    /// Whether the cache is on.
    #[must_use]
    pub fn is_cache_on(&self) -> bool {
        self.cached.cache.is_on()
    }

    /// What has left the cache since the last time, if anything has.
    pub fn take_discarded(&mut self) -> Option<Discarded> {
        let mut discarded = std::mem::take(&mut self.cached.discarded);
        discarded.append(&mut self.cached.cache.take_bag());
        (!discarded.is_empty()).then_some(Discarded(discarded))
    }

    pub(crate) fn audience(&self) -> u64 {
        self.cached.audience
    }

    /// A kept answer that is fresh.
    pub(crate) fn look_up(&mut self, key: &Key, now: Now) -> Option<Hit> {
        self.cached.cache.lookup(key, now)
    }

    /// To be called at the start of a read, and again when its request is sent.
    pub(crate) fn begin_read(&mut self, call: Option<CallId>, now: Now) -> Begun {
        let begun = self.cached.cache.begin(now);
        if let Some(call) = call {
            self.cached.reads.begin(call, begun);
        }
        begun
    }

    /// Takes a read in among those under way.
    pub(crate) fn join_reads(&mut self, call: CallId, reading: &Reading) -> Role {
        let Reading { key, tags, begun, .. } = reading;
        self.cached.reads.join(call, key, tags, *begun, &self.cached.cache)
    }

    /// What a read that joined others is by now, or how it ended with them.
    pub(crate) fn look_at_read(&mut self, call: CallId) -> Result<Role, Outcome> {
        self.cached.reads.look(call)
    }

    /// Keeps the answer of a read.
    pub(crate) fn keep(&mut self, reading: Reading, document: Document) {
        // Whoever drives the session without taking these gets rid of them now.
        drop(self.take_discarded());
        let Reading { key, tags, class, begun } = reading;
        self.cached.cache.store(key, document, &tags, class, begun);
    }

    /// Whoever polls this call is busy with something else from now on, such as a job that may hang: of other calls that are the same,
    /// and wait for its answer, one goes ahead in its place. At its next poll it is one of them again.
    ///
    /// For shells in which a thread does jobs while its own call waits.
    pub fn excuse(&mut self, call: CallId) {
        if let Some(promoted) = self.cached.reads.go_away(call) {
            // What it waits for, the other one waits for now. A request that it has been given already it sends all the same.
            if !self.calls.is_sent(call) {
                self.stand_back(call);
            }
            self.calls.wake(promoted);
        }
    }

    /// The call follows another: it needs neither a token nor a turn of its own.
    pub(crate) fn stand_back(&mut self, call: CallId) {
        self.calls.has_token(call);
        self.calls.give_back(call);
    }

    /// Tells those who follow this call how it ended.
    pub(crate) fn share(&mut self, call: CallId, outcome: &Outcome) {
        for follower in self.cached.reads.end(call, outcome) {
            self.calls.wake(follower);
        }
    }

    /// A change is being sent.
    pub(crate) fn changes(&mut self, call: CallId, tags: Vec<Tag>) {
        self.cached.cache.touch(tags.iter().cloned());
        self.cached.changes.insert(call.0, tags);
    }
}
