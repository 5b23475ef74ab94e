//! When each tag was touched last.

use std::collections::HashMap;

use super::tag::Tag;
use crate::entropy::HashKeys;

/// How many tags are remembered one by one.
pub(super) const MOST: usize = 65_536;

/// Counts mutations and clearings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Generation(u64);

pub(super) struct Stamps {
    now: Generation,
    /// What began before this is stale, whatever its tags.
    floor: Generation,
    touched: HashMap<Tag, Generation, HashKeys>,
}

impl Stamps {
    pub(super) fn new(keys: HashKeys) -> Self {
        Self { now: Generation(0), floor: Generation(0), touched: HashMap::with_hasher(keys) }
    }

    pub(super) const fn now(&self) -> Generation {
        self.now
    }

    pub(super) fn touch(&mut self, tags: impl IntoIterator<Item = Tag>) {
        self.now.0 += 1;
        for tag in tags {
            super::step();
            // Rather than to remember ever more, all of them count as touched now.
            if self.touched.len() >= MOST && !self.touched.contains_key(&tag) {
                self.floor = self.now;
                self.touched.clear();
            }
            self.touched.insert(tag, self.now);
        }
    }

    pub(super) fn touch_all(&mut self) {
        self.now.0 += 1;
        self.floor = self.now;
        self.touched.clear();
    }

    /// Whether any of the tags was touched after `begun`.
    #[inline(never)]
    pub(super) fn touched_since(&self, tags: &[Tag], begun: Generation) -> bool {
        let touched = |tag| {
            super::step();
            self.touched.get(tag).is_some_and(|at| *at > begun)
        };
        self.floor > begun || tags.iter().any(touched)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.touched.len()
    }
}
