//! What a call ends in.

use tidal_core::{Error, ErrorKind, FailureKind};

/// Parts of tokens and client secrets here. It is in no error's text.
pub(crate) const SECRET: &str = "hunter2";

/// What a call ends in, and after how many requests.
#[derive(Clone, Debug)]
pub(crate) enum Ends {
    Answered { tries: usize },
    Fails { kind: Kind, tries: usize, retryable: bool, says: &'static [&'static str] },
}

/// Kinds of errors, and what they stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Transport(FailureKind),
    Refused(u16),
    Other(ErrorKind),
}

impl Kind {
    fn of(error: &Error) -> Self {
        match (error.kind(), error.failure(), error.status()) {
            (ErrorKind::Transport, Some(failure), _) => Self::Transport(failure.kind()),
            (ErrorKind::Refused, _, Some(status)) => Self::Refused(status.as_u16()),
            (kind, _, _) => Self::Other(kind),
        }
    }
}

impl Ends {
    /// Whether a call has ended so.
    pub(crate) fn check(&self, outcome: &Result<String, Error>, tries: usize) -> Result<(), String> {
        let told = format!("after {tries} requests {outcome:?}, not {self:?}");
        let as_expected = match (self, outcome) {
            (Self::Answered { tries: expected }, Ok(title)) => tries == *expected && title == "Harvest",
            (Self::Fails { kind, tries: expected, retryable, says }, Err(error)) => {
                let text = error.to_string();
                tries == *expected
                    && Kind::of(error) == *kind
                    && error.is_retryable() == *retryable
                    && says.iter().all(|part| text.contains(part))
                    && !format!("{error} {error:?}").contains(SECRET)
            }
            _ => false,
        };
        if as_expected { Ok(()) } else { Err(told) }
    }
}
