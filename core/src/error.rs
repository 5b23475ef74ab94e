//! What can go wrong, told apart by what the caller can do about it.

mod decode;
mod failure;
mod invalid;
mod no_json;
mod refusal;

use std::fmt;
use std::sync::Arc;

pub use decode::DecodeError;
pub use failure::{Failure, FailureKind};
use http::StatusCode;
pub use invalid::Invalid;
pub(crate) use no_json::no_json;
pub use refusal::Refusal;
pub(crate) use refusal::request_id;

/// Why a call, a sign-in or a sign-out did not succeed. Cheap to clone; several callers may share one.
///
/// It holds no token, secret or body.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    cause: Cause,
}

enum Cause {
    None,
    Invalid(Invalid),
    Failure(Failure),
    Refusal(Box<Refusal>),
    Decode(DecodeError),
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request could not be built: an argument is wrong. Nothing was sent.
    Invalid,
    /// The transport failed: no connection, a broken one, a deadline, a body over its bound.
    Transport,
    /// The service answered and refused; see [`Error::refusal`].
    Refused,
    /// The service answered with success, and the body is not understood.
    Decode,
    /// Nobody is signed in, and only a person can change that.
    SignInRequired,
    /// The sign-in has ended for good: the service rejected its refresh token, or it was signed out elsewhere.
    SessionEnded,
    /// The session was signed out, or given another configuration, while this call waited or before this sign-in was finished.
    SignedOut,
    /// The operation doesn't take tokens of this flow. Nothing was sent.
    WrongFlow,
    /// The sign-in was not granted a scope that the operation needs. Nothing was sent.
    MissingScope,
    /// The token endpoint refuses the client itself: a wrong id or secret, a flow it may not use.
    Configuration,
    /// No token could be got just now; the sign-in itself is not in doubt.
    TokenUnavailable,
    /// The store of accounts can't be used.
    Store,
    /// The call's own time is over.
    Timeout,
    /// Too many calls are waiting.
    Overloaded,
    /// The client is closed.
    Closed,
    /// Whoever was to carry this out is gone, or it was polled after its end.
    Lost,
    /// A redirect that ended a sign-in is not the one that was begun, or reports an error.
    Redirect,
}

impl Error {
    /// An error with a text of its own.
    #[inline(never)]
    pub(crate) fn of(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner { kind, message: message.into(), cause: Cause::None }))
    }

    /// An error that a failure outside led to.
    #[inline(never)]
    pub(crate) fn failed(kind: ErrorKind, message: impl Into<String>, failure: Failure) -> Self {
        Self(Arc::new(Inner { kind, message: message.into(), cause: Cause::Failure(failure) }))
    }

    /// A failure of the store of accounts.
    #[must_use]
    pub fn of_store(failure: Failure) -> Self {
        Self::failed(ErrorKind::Store, "the store of accounts can't be used", failure)
    }

    /// An error that an answer of the service led to.
    #[inline(never)]
    pub(crate) fn refused(kind: ErrorKind, message: impl Into<String>, refusal: Refusal) -> Self {
        Self(Arc::new(Inner { kind, message: message.into(), cause: Cause::Refusal(Box::new(refusal)) }))
    }

    /// What kind it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The service's answer, where it refused.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.0.cause {
            Cause::Refusal(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The argument that was refused, where the request could not be built.
    #[must_use]
    pub fn invalid(&self) -> Option<&Invalid> {
        match &self.0.cause {
            Cause::Invalid(invalid) => Some(invalid),
            _ => None,
        }
    }

    /// The failure of transport or store, where one led to it.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match &self.0.cause {
            Cause::Failure(failure) => Some(failure),
            _ => None,
        }
    }

    /// What was not understood, where an answer was not.
    #[must_use]
    pub fn decode(&self) -> Option<&DecodeError> {
        match &self.0.cause {
            Cause::Decode(decode) => Some(decode),
            _ => None,
        }
    }

    /// The status of the service's answer, where it refused.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.refusal().map(|refusal| refusal.status)
    }

    /// The service's id of the request, where it refused and gave one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.refusal().and_then(|refusal| refusal.request_id.as_deref())
    }

    /// Whether only a new sign-in by a person helps.
    #[must_use]
    pub fn needs_sign_in(&self) -> bool {
        matches!(self.kind(), ErrorKind::SignInRequired | ErrorKind::SessionEnded | ErrorKind::SignedOut)
    }

    /// Whether the sign-in lacks a scope, by the session's own check or in the service's words.
    #[must_use]
    pub fn is_missing_scope(&self) -> bool {
        self.kind() == ErrorKind::MissingScope
    }

    /// Whether the service knows no such thing (404).
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(StatusCode::NOT_FOUND)
    }

    /// Whether the same call may succeed later: the network, a timeout, 429 or a fault of the service.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::TokenUnavailable => self.failure().is_none_or(|failure| failure.kind() != FailureKind::Tls),
            ErrorKind::Timeout | ErrorKind::Overloaded => true,
            ErrorKind::Transport => self.failure().is_some_and(|failure| {
                matches!(failure.kind(), FailureKind::Connect | FailureKind::Broken | FailureKind::Timeout | FailureKind::Lost)
            }),
            ErrorKind::Refused => self.status().is_some_and(|status| matches!(status.as_u16(), 429 | 500 | 502 | 503 | 504)),
            _ => false,
        }
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self(Arc::new(Inner { kind: ErrorKind::Invalid, message: String::new(), cause: Cause::Invalid(invalid) }))
    }
}

impl From<Failure> for Error {
    /// A failure of the transport.
    fn from(failure: Failure) -> Self {
        Self::failed(ErrorKind::Transport, "", failure)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::refused(ErrorKind::Refused, "", refusal)
    }
}

impl From<DecodeError> for Error {
    fn from(decode: DecodeError) -> Self {
        let message = "the answer was not understood".to_owned();
        Self(Arc::new(Inner { kind: ErrorKind::Decode, message, cause: Cause::Decode(decode) }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { message, cause, .. } = &*self.0;
        f.write_str(message)?;
        if !message.is_empty() && !matches!(cause, Cause::None) {
            f.write_str(": ")?;
        }
        match cause {
            Cause::None => Ok(()),
            Cause::Invalid(invalid) => invalid.fmt(f),
            Cause::Failure(failure) => failure.fmt(f),
            Cause::Refusal(refusal) => refusal.fmt(f),
            Cause::Decode(decode) => decode.fmt(f),
        }
    }
}

impl fmt::Debug for Error {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({:?})", self.kind(), self.to_string())
    }
}

impl std::error::Error for Error {}
