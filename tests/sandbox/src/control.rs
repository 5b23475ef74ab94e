//! The handle by which a test (or a program's author) steers a sandbox and looks into it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::behaviour::Behaviour;
use crate::clock::Clock;
use crate::fault::Fault;
use crate::log::Log;
use crate::oauth::decision::Decision;
use crate::oauth::device;
use crate::oauth::ledger::Life;
use crate::server::Shared;

/// Steers a running sandbox. Clones steer the same one; they may outlive it, without effect.
#[derive(Clone)]
pub struct Control(pub(crate) Arc<Shared>);

/// An access token that is good now.
#[derive(Clone)]
pub struct LiveToken {
    token: String,
    /// Whose client it is.
    pub client: String,
    /// The person that it acts for; none for client credentials.
    pub user: Option<u64>,
    /// What it may.
    pub scopes: Vec<String>,
    /// When it expires, by the sandbox's clock.
    pub expires: SystemTime,
}

impl LiveToken {
    /// The token itself.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.token
    }
}

impl fmt::Debug for LiveToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveToken")
            .field("client", &self.client)
            .field("user", &self.user)
            .field("scopes", &self.scopes)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// How many refresh tokens are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RefreshTokens {
    /// Good.
    pub live: usize,
    /// Used once, and replaced.
    pub rotated: usize,
    /// Dead.
    pub revoked: usize,
}

impl Control {
    /// The time.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The requests.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.0.log
    }

    /// How many requests went to exactly this path (`/v1/oauth2/token`, `/v2/albums`).
    #[must_use]
    pub fn count(&self, path: &str) -> usize {
        self.0.log.count(path)
    }

    /// Adds a fault behind those that wait already.
    pub fn inject(&self, fault: Fault) {
        self.0.state().faults.inject(fault);
    }

    /// Takes back all faults that still wait.
    pub fn clear_faults(&self) {
        self.0.state().faults.clear();
    }

    /// How many faults still wait for a request.
    #[must_use]
    pub fn pending_faults(&self) -> usize {
        self.0.state().faults.pending()
    }

    /// Changes switches.
    pub fn behave(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.0.state().behaviour);
    }

    /// The switches as they are.
    #[must_use]
    pub fn behaviour(&self) -> Behaviour {
        self.0.state().behaviour.clone()
    }

    /// Ends all access tokens now; refresh tokens stay good. Says how many there were.
    pub fn expire_access_tokens(&self) -> usize {
        self.0.state().ledger.expire_access()
    }

    /// Ends everything that a person granted, as if they had removed the application in their account.
    pub fn revoke_user(&self, user: u64) {
        self.0.state().ledger.revoke_user(user);
    }

    /// The first person enters this code at the device page, and consents.
    ///
    /// # Errors
    /// [`NoDevice`] where the page would not know the code.
    pub fn approve_device(&self, user_code: &str) -> Result<(), NoDevice> {
        let user = self.0.state().users.first().map_or(0, |user| user.id);
        self.approve_device_as(user, user_code)
    }

    /// The same for the person with this id.
    ///
    /// # Errors
    /// As there, and if there is no such person.
    pub fn approve_device_as(&self, user: u64, user_code: &str) -> Result<(), NoDevice> {
        self.decide_device(user_code, Decision::Approve(user))
    }

    /// A person enters this code at the device page, and says no.
    ///
    /// # Errors
    /// As for [`approve_device`](Self::approve_device).
    pub fn deny_device(&self, user_code: &str) -> Result<(), NoDevice> {
        self.decide_device(user_code, Decision::Deny)
    }

    fn decide_device(&self, user_code: &str, decision: Decision) -> Result<(), NoDevice> {
        let now = self.0.clock.timestamp();
        device::decide(&mut self.0.state(), user_code, decision, now).map_err(NoDevice)
    }

    /// The access tokens that are good now.
    #[must_use]
    pub fn access_tokens(&self) -> Vec<LiveToken> {
        let now = self.0.clock.timestamp();
        let state = self.0.state();
        let live = state.ledger.access.iter();
        live.filter(|(_, token)| now < token.expires)
            .map(|(text, token)| LiveToken {
                token: text.clone(),
                client: token.grant.client.clone(),
                user: token.grant.user,
                scopes: token.grant.scopes.clone(),
                expires: UNIX_EPOCH + millis(token.expires.as_millisecond()),
            })
            .collect()
    }

    /// What became of all refresh tokens.
    #[must_use]
    pub fn refresh_tokens(&self) -> RefreshTokens {
        let mut count = RefreshTokens::default();
        for token in self.0.state().ledger.refresh.values() {
            match token.life {
                Life::Live => count.live += 1,
                Life::Rotated => count.rotated += 1,
                Life::Revoked => count.revoked += 1,
            }
        }
        count
    }

    /// The ids of all resources of a type (`albums`, `tracks`, `playlists`, …), in order.
    #[must_use]
    pub fn ids(&self, kind: &str) -> Vec<String> {
        let state = self.0.state();
        state.store.all(kind).map(|(id, _)| id.clone()).collect()
    }

    /// The attributes of a resource.
    #[must_use]
    pub fn attributes(&self, kind: &str, id: &str) -> Option<Value> {
        let state = self.0.state();
        let entry = state.store.get(kind, id)?;
        Some(Value::Object(entry.attributes.clone()))
    }

    /// All members of a relationship, as resource identifiers.
    #[must_use]
    pub fn linkage(&self, kind: &str, id: &str, relationship: &str) -> Vec<Value> {
        let state = self.0.state();
        let entry = state.store.get(kind, id);
        let linkages = entry.map_or(&[][..], |entry| entry.linkages(relationship));
        linkages.iter().map(|to| json!({ "type": to.kind, "id": to.id, "meta": to.meta })).collect()
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").field("clock", self.clock()).finish_non_exhaustive()
    }
}

/// No device waits under this code: it is not known, has expired, or was decided; or there is no such person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoDevice(&'static str);

impl fmt::Display for NoDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for NoDevice {}

fn millis(count: i64) -> Duration {
    Duration::from_millis(count.unsigned_abs())
}
