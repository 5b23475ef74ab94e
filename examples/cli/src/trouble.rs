//! What went wrong, and how the program ends for it.

use std::fmt::Write as _;
use std::process::ExitCode;

use tidal_core::{Error, ErrorKind, Failure, Invalid};

/// Why the program ends early.
pub(crate) enum Trouble {
    /// What was asked for can't be right; nothing was sent.
    Usage(String),
    /// It was refused or did not work.
    Failed(String),
    /// Nobody reads what is printed.
    Unread,
}

pub(crate) type Outcome<T = ()> = Result<T, Trouble>;

pub(crate) fn usage<T>(message: impl Into<String>) -> Outcome<T> {
    Err(Trouble::Usage(message.into()))
}

pub(crate) fn failed<T>(message: impl Into<String>) -> Outcome<T> {
    Err(Trouble::Failed(message.into()))
}

impl Trouble {
    /// Tells the person, and says how the program ends.
    pub(crate) fn tell(&self) -> ExitCode {
        match self {
            Self::Usage(message) => {
                eprintln!("tidal: {message}\nTry tidal --help.");
                ExitCode::from(2)
            }
            Self::Failed(message) => {
                eprintln!("tidal: {message}");
                ExitCode::FAILURE
            }
            Self::Unread => ExitCode::SUCCESS,
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match (error.invalid(), error.kind()) {
            (Some(invalid), _) => Self::Usage(invalid.to_string()),
            (None, ErrorKind::WrongFlow | ErrorKind::MissingScope) => {
                Self::Failed(format!("{error} (tidal login does that; --unchecked asks the service all the same)"))
            }
            (None, _) if error.needs_sign_in() => Self::Failed(format!("{error} (tidal login does that)")),
            (None, _) => Self::Failed(refusal(&error).unwrap_or_else(|| error.to_string())),
        }
    }
}

impl From<Invalid> for Trouble {
    fn from(invalid: Invalid) -> Self {
        Self::Usage(invalid.to_string())
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.to_string())
    }
}

impl From<lexopt::Error> for Trouble {
    fn from(error: lexopt::Error) -> Self {
        Self::Usage(error.to_string())
    }
}

/// The service's refusal of a call: its status, and each of its errors on a line.
fn refusal(error: &Error) -> Option<String> {
    let refusal = error.refusal().filter(|refusal| error.kind() == ErrorKind::Refused && !refusal.body.errors.is_empty())?;
    let mut text = format!("the service answered {}", refusal.status);
    if let Some(after) = &refusal.retry_after {
        let _ = write!(text, " (retry after {after})");
    }
    for one in &refusal.body.errors {
        let _ = write!(text, "\n  {one}");
    }
    if let Some(id) = &refusal.request_id {
        let _ = write!(text, "\n  request {id}");
    }
    Some(text)
}
