//! Values in the order of their last use: a slab whose slots are linked by index.

/// No slot.
const NONE: usize = usize::MAX;

struct Slot<V> {
    value: Option<V>,
    /// The one used just after it.
    newer: usize,
    /// The one used just before it; for a free slot, the next free one.
    older: usize,
}

/// All but the walk through all takes the same time however many there are.
pub(super) struct Lru<V> {
    slots: Vec<Slot<V>>,
    free: usize,
    newest: usize,
    oldest: usize,
    len: usize,
}

impl<V> Default for Lru<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V> Lru<V> {
    pub(super) const fn new() -> Self {
        Self { slots: Vec::new(), free: NONE, newest: NONE, oldest: NONE, len: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    pub(super) fn get(&self, at: usize) -> Option<&V> {
        super::step();
        self.slots.get(at)?.value.as_ref()
    }

    /// Puts in a value as the newest. Its place stays the same until it is removed.
    pub(super) fn insert(&mut self, value: V) -> usize {
        let slot = Slot { value: Some(value), newer: NONE, older: NONE };
        let at = if self.free == NONE {
            self.slots.push(slot);
            self.slots.len() - 1
        } else {
            let at = self.free;
            self.free = self.slots[at].older;
            self.slots[at] = slot;
            at
        };
        self.len += 1;
        self.link(at);
        at
    }

    pub(super) fn remove(&mut self, at: usize) -> Option<V> {
        let value = self.slots.get_mut(at)?.value.take()?;
        self.unlink(at);
        self.slots[at].older = self.free;
        self.free = at;
        self.len -= 1;
        Some(value)
    }

    /// Makes it the newest.
    pub(super) fn renew(&mut self, at: usize) {
        if self.newest != at && self.get(at).is_some() {
            self.unlink(at);
            self.link(at);
        }
    }

    pub(super) fn oldest(&self) -> Option<usize> {
        (self.oldest != NONE).then_some(self.oldest)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &V)> {
        self.slots.iter().enumerate().filter_map(|(at, slot)| {
            super::step();
            Some((at, slot.value.as_ref()?))
        })
    }

    pub(super) fn into_values(self) -> impl Iterator<Item = V> {
        self.slots.into_iter().filter_map(|slot| slot.value)
    }

    fn link(&mut self, at: usize) {
        super::step();
        let older = std::mem::replace(&mut self.newest, at);
        (self.slots[at].newer, self.slots[at].older) = (NONE, older);
        if older == NONE { self.oldest = at } else { self.slots[older].newer = at }
    }

    fn unlink(&mut self, at: usize) {
        super::step();
        let (newer, older) = (self.slots[at].newer, self.slots[at].older);
        if newer == NONE {
            self.newest = older
        } else {
            self.slots[newer].older = older
        }
        if older == NONE { self.oldest = newer } else { self.slots[older].newer = newer }
    }
}
