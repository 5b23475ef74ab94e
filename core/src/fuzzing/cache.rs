//! The cache, with numbers for keys and documents.

use std::any::TypeId;
use std::sync::Arc;

use http::StatusCode;

use crate::answer::How;
use crate::cache::{Begun, Cache, Document, Key, Part, Room, Statistics, Tag};
use crate::entropy::Entropy;
use crate::operation::CacheClass;
use crate::time::Now;

/// A read that is under way.
#[derive(Clone, Copy)]
pub struct FuzzedRead(Begun);

/// A cache.
pub struct FuzzedCache(Cache);

#[inline]
fn key(name: u8) -> Key {
    Key::new(TypeId::of::<u64>(), &[[name].as_slice()])
}

#[inline]
fn tags(path: &str, includes: bool) -> Vec<Tag> {
    Tag::of_read("operation", path, includes)
}

impl FuzzedCache {
    /// One with room for so many entries and bytes.
    #[must_use]
    #[inline]
    pub fn new(entries: usize, bytes: usize) -> Self {
        Self(Cache::new(true, Room { entries, bytes }, Entropy::new([7; 32]).hash_keys()))
    }

    /// A read begins.
    #[must_use]
    #[inline]
    pub fn begin(&self, now: Now) -> FuzzedRead {
        FuzzedRead(self.0.begin(now))
    }

    /// It ends with the document `value`, decoded from `body` bytes. Whether it is kept.
    #[allow(clippy::too_many_arguments, reason = "what the cache itself is told")]
    #[inline]
    pub fn store(
        &mut self,
        name: u8,
        value: u64,
        body: usize,
        path: &str,
        includes: bool,
        class: CacheClass,
        read: FuzzedRead,
    ) -> bool {
        let how = How { status: StatusCode::OK, attempts: 1, cached: false, joined: false, request_id: None, limits: None };
        let document = Document { value: Arc::new(value), how, body };
        self.0.store(key(name), document, &tags(path, includes), class, read.0)
    }

    /// What is found.
    #[inline]
    pub fn lookup(&mut self, name: u8, now: Now) -> Option<u64> {
        self.0.lookup(&key(name), now).and_then(|hit| hit.value.downcast_ref::<u64>().copied())
    }

    /// A mutation of `path` is sent or ends.
    #[inline]
    pub fn touch(&mut self, path: &str, written: &[(&str, &str)]) {
        self.0.touch(Tag::of_mutation(path, written.iter().copied()));
    }

    /// A part is cleared.
    #[inline]
    pub fn clear(&mut self, part: Part<'_>) {
        self.0.clear(part.tags().as_deref());
    }

    /// It is switched on or off.
    #[inline]
    pub fn switch(&mut self, on: bool) {
        self.0.switch(on);
    }

    /// Other bounds.
    #[inline]
    pub fn make_room(&mut self, entries: usize, bytes: usize) {
        self.0.make_room(Room { entries, bytes });
    }

    /// What happened.
    #[must_use]
    #[inline]
    pub fn statistics(&self) -> Statistics {
        self.0.statistics()
    }

    /// How many documents have left since the last time.
    #[inline]
    pub fn take_bag(&mut self) -> usize {
        self.0.take_bag().len()
    }
}
