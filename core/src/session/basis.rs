//! On what a sign-in is finished that takes time: the configuration by which it asks, for as long as nobody signs out or gives another one.

use std::sync::Arc;

use super::Session;
use crate::account::AccountKey;
use crate::auth::Grant;
use crate::config::Config;
use crate::error::{Error, ErrorKind, Invalid};
use crate::time::Now;

/// What the session was when somebody began to finish a sign-in. All that the sign-in asks of the service it asks by this configuration:
/// the session's own may be another client's by the time an answer comes.
#[derive(Clone)]
pub struct Basis {
    era: u64,
    config: Arc<Config>,
}

impl Basis {
    /// The configuration of then.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }
}

impl std::fmt::Debug for Basis {
    #[inline]
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Basis").field("era", &self.era).finish_non_exhaustive()
    }
}

impl Session {
    /// What a sign-in is finished on that begins to be finished now.
    #[must_use]
    pub fn basis(&self) -> Basis {
        Basis { era: self.era, config: Arc::clone(&self.config) }
    }

    /// Whether a sign-in may go on: nobody has signed out and no other configuration was given since. Ask it before each request of the
    /// sign-in. Another sign-in in between doesn't matter: of two, the one that is finished last counts.
    ///
    /// # Errors
    /// [`ErrorKind::SignedOut`] if it may not.
    pub fn stands_on(&self, basis: &Basis) -> Result<(), Error> {
        if basis.era == self.era {
            return Ok(());
        }
        let message = "somebody signed out, or the session was given another configuration, before this sign-in was finished";
        Err(Error::of(ErrorKind::SignedOut, message))
    }

    /// Takes a finished sign-in, as [`adopt`](Self::adopt) does, if it [may go on](Self::stands_on).
    ///
    /// # Errors
    /// [`ErrorKind::SignedOut`] if it may not: the tokens are let go. As [`adopt`](Self::adopt) otherwise.
    pub fn adopt_on(&mut self, basis: &Basis, grant: Grant, now: Now) -> Result<AccountKey, Error> {
        self.stands_on(basis)?;
        Ok(self.adopt(grant, now)?)
    }

    /// A sign-in that is being finished ends without effect.
    pub(super) fn end_sign_ins(&mut self) {
        self.era += 1;
    }

    /// The tokens of another client, or of another flow, would be renewed as this one's.
    pub(super) fn is_for_this(&self, grant: &Grant) -> Result<(), Invalid> {
        if grant.is_of(&self.config) {
            return Ok(());
        }
        Err(Invalid::new("grant", "is not of the client and the flow that this session is configured for"))
    }
}
