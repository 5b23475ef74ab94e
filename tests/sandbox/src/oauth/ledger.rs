//! Every code and token that was ever given, and whether it is still good.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::device::Device;

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
    /// None: without PKCE.
    pub(crate) challenge: Option<String>,
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

/// Without vowels, so that no code is a word.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

pub(crate) struct Ledger {
    seed: [u64; 2],
    made: u64,
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) access: HashMap<String, Access>,
    pub(crate) refresh: HashMap<String, RefreshToken>,
    /// By device code.
    pub(crate) devices: HashMap<String, Device>,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        let random = |salt: u8| RandomState::new().hash_one(salt);
        Self {
            seed: [random(0), random(1)],
            made: 0,
            codes: HashMap::new(),
            access: HashMap::new(),
            refresh: HashMap::new(),
            devices: HashMap::new(),
        }
    }

    pub(crate) fn new_family(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// New bytes that no other sandbox knows.
    fn bytes(&mut self) -> [u8; 32] {
        self.made += 1;
        let mut hash = Sha256::new();
        for word in [self.seed[0], self.seed[1], self.made] {
            hash.update(word.to_le_bytes());
        }
        hash.finalize().into()
    }

    /// A new opaque string.
    fn opaque(&mut self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes())
    }

    /// A new code for a person to type, in the alphabet of RFC 8628 §6.1: `WDJB-MJHT`.
    pub(crate) fn new_user_code(&mut self) -> String {
        loop {
            let bytes = self.bytes();
            let letter = |byte: &u8| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
            let code: String = bytes[..8].iter().map(letter).collect();
            let code = format!("{}-{}", &code[..4], &code[4..]);
            if self.devices.values().all(|device| device.user_code != code) {
                return code;
            }
        }
    }

    pub(crate) fn add_device(&mut self, device: Device) -> String {
        let text = self.opaque();
        self.devices.insert(text.clone(), device);
        text
    }

    /// The device that waits for a person to decide, by what the person typed.
    pub(crate) fn waiting(&mut self, typed: &str, now: Timestamp) -> Option<&mut Device> {
        let letters = |text: &str| -> String {
            let letters = text.chars().filter(|letter| letter.is_ascii_alphanumeric());
            letters.map(|letter| letter.to_ascii_uppercase()).collect()
        };
        let typed = letters(typed);
        let mut devices = self.devices.values_mut();
        devices.find(|device| letters(&device.user_code) == typed && device.waits_at(now))
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
