//! What may be asked of the cache.

use super::Client;
use crate::cache::{Part, Statistics};
use crate::runtime::Runtime;
use crate::store::Store;
use crate::transport::Transport;

/// The cache.
impl<T: Transport, S: Store, R: Runtime> Client<T, S, R> {
    /// What the cache did so far, and what is in it.
    #[must_use]
    pub fn cache_statistics(&self) -> Statistics {
        self.with(|session| session.cache_statistics())
    }

    /// Forgets answers, all of them or a part. Reads under way are answered, but not kept.
    pub fn clear_cache(&self, part: Part<'_>) {
        self.with(|session| session.clear_cache(part));
    }

    /// Switches the cache on or off. Off, it forgets all, and each call sends its own request.
    pub fn switch_cache(&self, on: bool) {
        self.with(|session| session.switch_cache(on));
    }

    /// Whether the cache is on.
    #[must_use]
    pub fn is_cache_on(&self) -> bool {
        self.with(|session| session.is_cache_on())
    }
}
