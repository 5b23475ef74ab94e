//! A sign-in that got no code.

use std::{fmt, io};

use tidal_core::auth::PendingSignIn;
use tidal_core::{Error, Failure, FailureKind};

use crate::Refusal;
use crate::refusal::Refused;

/// No code came back. The sign-in is handed back, still pending, and nothing was stored.
pub struct Unfinished {
    /// The sign-in, to go on with.
    pub pending: Box<PendingSignIn>,
    /// Why it got no code.
    pub reason: Reason,
}

/// Why a sign-in got no code.
#[derive(Debug)]
#[non_exhaustive]
pub enum Reason {
    /// An address came back and was refused.
    Refused {
        /// What is wrong with it.
        refusal: Refusal,
        /// The same in words, with what the sign-in page said.
        error: Error,
    },
    /// Nothing came back in time.
    TimedOut,
    /// The program itself [ended the wait](crate::Canceller::cancel).
    Cancelled,
    /// The input ended before an address was read from it.
    EndOfInput,
    /// The listener serves another redirect URI than this sign-in's.
    OtherRedirectUri,
    /// Reading, writing or starting a thread failed.
    Io(io::Error),
}

impl Unfinished {
    pub(crate) fn new(pending: PendingSignIn, reason: Reason) -> Self {
        Self { pending: Box::new(pending), reason }
    }

    /// What was wrong with the address that ended it, if one did.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        match self.reason {
            Reason::Refused { refusal, .. } => Some(refusal),
            _ => None,
        }
    }
}

impl From<Refused> for Unfinished {
    fn from(refused: Refused) -> Self {
        let Refused { pending, refusal, error } = refused;
        Self::new(pending, Reason::Refused { refusal, error })
    }
}

impl From<Unfinished> for Failure {
    /// For a handler of sign-ins, which gives the sign-in up then.
    fn from(unfinished: Unfinished) -> Self {
        Self::new(FailureKind::SignIn, unfinished.to_string())
    }
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the sign-in got no code: ")?;
        match &self.reason {
            Reason::Refused { error, .. } => error.fmt(f),
            Reason::TimedOut => f.write_str("the browser did not come back in time"),
            Reason::Cancelled => f.write_str("the wait for the browser was cancelled"),
            Reason::EndOfInput => f.write_str("the input ended before an address was pasted"),
            Reason::OtherRedirectUri => {
                let own = self.pending.redirect_uri();
                write!(f, "the listener does not serve {own}; begin the sign-in with the listener's redirect URI")
            }
            Reason::Io(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Unfinished").field(&self.reason).finish()
    }
}

impl std::error::Error for Unfinished {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.reason {
            Reason::Io(error) => Some(error),
            _ => None,
        }
    }
}
