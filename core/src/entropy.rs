//! Randomness from one seed: the core draws no other.

use std::hash::{BuildHasher, DefaultHasher, Hasher};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A cryptographically secure generator. The same seed gives the same bytes.
pub(crate) struct Entropy(ChaCha20Rng);

impl Entropy {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// 256 bits as 43 characters that are unreserved in URLs: a verifier (RFC 7636 §4.1) or a state.
    pub(crate) fn token(&mut self) -> String {
        let mut bytes = [0; 32];
        self.0.fill_bytes(&mut bytes);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// A number below `bound`, or zero. The slight bias does not matter to delays.
    fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.0.next_u64() % bound }
    }

    /// A duration between 0.8 and 1 times `full`.
    pub(crate) fn jitter(&mut self, full: Duration) -> Duration {
        let fifth = u64::try_from(full.as_micros() / 5).unwrap_or(u64::MAX);
        full.saturating_sub(Duration::from_micros(self.below(fifth)))
    }

    /// Keys for a hash map.
    pub(crate) fn hash_keys(&mut self) -> HashKeys {
        HashKeys(self.0.next_u64(), self.0.next_u64())
    }
}

/// Builds hashers that are keyed from the session's seed instead of std's own randomness.
#[derive(Clone, Copy)]
pub(crate) struct HashKeys(u64, u64);

impl BuildHasher for HashKeys {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.0);
        hasher.write_u64(self.1);
        hasher
    }
}
