//! Every code and token that was ever given, and whether it is still good.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

/// What a token stands for.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) client: String,
    /// None: the client itself (client credentials).
    pub(crate) user: Option<u64>,
    pub(crate) scopes: Vec<String>,
    /// All that came from the same sign-in is one family.
    pub(crate) family: u64,
}

pub(crate) struct Code {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    pub(crate) expires: Timestamp,
    pub(crate) used: bool,
}

pub(crate) struct Access {
    pub(crate) grant: Grant,
    pub(crate) expires: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    Live,
    /// Used, and another took its place.
    Rotated,
    Revoked,
}

pub(crate) struct RefreshToken {
    pub(crate) grant: Grant,
    pub(crate) life: Life,
}

pub(crate) struct Ledger {
    seed: [u64; 2],
    made: u64,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) access: HashMap<String, Access>,
    pub(crate) refresh: HashMap<String, RefreshToken>,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        let random = |salt: u8| RandomState::new().hash_one(salt);
        Self { seed: [random(0), random(1)], made: 0, codes: HashMap::new(), access: HashMap::new(), refresh: HashMap::new() }
    }

    pub(crate) fn new_family(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// A new opaque string that no other sandbox knows.
    fn opaque(&mut self) -> String {
        self.made += 1;
        let mut hash = Sha256::new();
        for word in [self.seed[0], self.seed[1], self.made] {
            hash.update(word.to_le_bytes());
        }
        URL_SAFE_NO_PAD.encode(hash.finalize())
    }

    pub(crate) fn add_code(&mut self, code: Code) -> String {
        let text = self.opaque();
        self.codes.insert(text.clone(), code);
        text
    }

    pub(crate) fn add_access(&mut self, grant: Grant, expires: Timestamp) -> String {
        let text = self.opaque();
        self.access.insert(text.clone(), Access { grant, expires });
        text
    }

    pub(crate) fn add_refresh(&mut self, grant: Grant) -> String {
        let text = self.opaque();
        let life = Life::Live;
        self.refresh.insert(text.clone(), RefreshToken { grant, life });
        text
    }

    /// What an access token stands for, if it is good at this time.
    pub(crate) fn check(&self, token: &str, now: Timestamp) -> Option<&Grant> {
        let access = self.access.get(token)?;
        (now < access.expires).then_some(&access.grant)
    }

    /// Ends everything that came from one sign-in.
    pub(crate) fn revoke_family(&mut self, family: u64) {
        self.access.retain(|_, token| token.grant.family != family);
        for token in self.refresh.values_mut() {
            if token.grant.family == family {
                token.life = Life::Revoked;
            }
        }
    }

    /// Ends everything that this person granted.
    pub(crate) fn revoke_user(&mut self, user: u64) {
        self.access.retain(|_, token| token.grant.user != Some(user));
        for token in self.refresh.values_mut() {
            if token.grant.user == Some(user) {
                token.life = Life::Revoked;
            }
        }
    }

    /// Ends all access tokens; says how many there were.
    pub(crate) fn expire_access(&mut self) -> usize {
        let count = self.access.len();
        self.access.clear();
        count
    }
}

/// The time after a lifetime.
pub(crate) fn later(now: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}
