//! What is kept by an id: a number that is given out once. The hashing is compiled once, whatever is kept.

use std::collections::HashMap;

use crate::entropy::HashKeys;

/// Finding, adding and removing take the same time however many there are. The order is none in particular.
pub(crate) struct ById<T> {
    places: Places,
    items: Vec<(u64, T)>,
}

/// Where the items are.
struct Places(HashMap<u64, usize, HashKeys>);

impl<T> ById<T> {
    pub(crate) fn new(keys: HashKeys) -> Self {
        Self { places: Places(HashMap::with_hasher(keys)), items: Vec::new() }
    }

    pub(crate) fn keys(&self) -> HashKeys {
        *self.places.0.hasher()
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(crate) fn get(&self, id: u64) -> Option<&T> {
        self.items.get(self.places.of(id)?).map(|(_, item)| item)
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut T> {
        self.items.get_mut(self.places.of(id)?).map(|(_, item)| item)
    }

    /// Keeps `item`. What was kept by this id.
    pub(crate) fn insert(&mut self, id: u64, item: T) -> Option<T> {
        if let Some(known) = self.get_mut(id) {
            return Some(std::mem::replace(known, item));
        }
        self.places.set(id, self.items.len());
        self.items.push((id, item));
        None
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<T> {
        let at = self.places.remove(id)?;
        // The last one takes its place.
        let (_, item) = self.items.swap_remove(at);
        if let Some((moved, _)) = self.items.get(at) {
            self.places.set(*moved, at);
        }
        Some(item)
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, (u64, T)> {
        self.items.iter()
    }

    /// Takes all of them out.
    pub(crate) fn take(&mut self) -> Vec<(u64, T)> {
        self.places.0.clear();
        std::mem::take(&mut self.items)
    }
}

impl Places {
    fn of(&self, id: u64) -> Option<usize> {
        self.0.get(&id).copied()
    }

    fn set(&mut self, id: u64, at: usize) {
        self.0.insert(id, at);
    }

    fn remove(&mut self, id: u64) -> Option<usize> {
        self.0.remove(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::Entropy;

    #[test]
    fn what_moves_when_another_goes_is_found_still() {
        let mut kept = ById::new(Entropy::new([1; 32]).hash_keys());
        for id in 0..5 {
            assert_eq!(kept.insert(id, id * 10), None);
        }
        assert_eq!(kept.insert(3, 33), Some(30));
        assert_eq!((kept.remove(1), kept.remove(1), kept.remove(4)), (Some(10), None, Some(40)));
        let left: Vec<_> = (0..5).map(|id| kept.get(id).copied()).collect();
        assert_eq!(left, [Some(0), None, Some(20), Some(33), None]);
        assert_eq!((kept.len(), kept.take().len(), kept.is_empty(), kept.get(0)), (3, 3, true, None));
    }
}
