//! Randomness from one seed: the core draws no other.

use std::hash::{BuildHasher, DefaultHasher, Hasher};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A cryptographically secure generator: SHA-256 of the seed and a counter. The same seed gives the same bytes.
pub(crate) struct Entropy {
    seed: [u8; 32],
    drawn: u64,
}

impl Entropy {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self { seed, drawn: 0 }
    }

    /// The next 256 bits.
    fn draw(&mut self) -> [u8; 32] {
        self.drawn += 1;
        let mut block = [0; 40];
        block[..32].copy_from_slice(&self.seed);
        block[32..].copy_from_slice(&self.drawn.to_le_bytes());
        sha256(&block)
    }

    #[inline(never)]
    fn number(&mut self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.draw();
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }

    /// 256 bits as 43 characters that are unreserved in URLs: a verifier (RFC 7636 §4.1) or a state.
    pub(crate) fn token(&mut self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.draw())
    }

    /// A number below `bound`, or zero. The slight bias does not matter to delays.
    fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.number() % bound }
    }

    /// A duration between 0.8 and 1 times `full`.
    #[inline(never)]
    pub(crate) fn jitter(&mut self, full: Duration) -> Duration {
        let fifth = u64::try_from(full.as_micros() / 5).unwrap_or(u64::MAX);
        full.saturating_sub(Duration::from_micros(self.below(fifth)))
    }

    /// Keys for a hash map.
    pub(crate) fn hash_keys(&mut self) -> HashKeys {
        HashKeys(self.number(), self.number())
    }
}

/// The SHA-256 of a text, compiled once.
#[inline(never)]
pub(crate) fn sha256(text: &[u8]) -> [u8; 32] {
    Sha256::digest(text).into()
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
