//! What can go wrong outside the core: in a transport, in a store, on the way to either.

use std::fmt;
use std::sync::Arc;

/// Why an exchange or a job gave no reply.
#[derive(Clone, Debug)]
pub struct Failure {
    kind: FailureKind,
    message: Arc<str>,
}

/// The kinds of [`Failure`], as far as the core treats them differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// No connection came about: name resolution, refusal. Or the service said that it did not begin with the request, where the
    /// transport can tell (HTTP/2: RFC 9113 §8.7). Nothing was done.
    Connect,
    /// TLS failed, and would again: a certificate that is not trusted or is for another name, no common version.
    Tls,
    /// The connection broke. The request may have been carried out.
    Broken,
    /// The deadline passed. The request may have been carried out.
    Timeout,
    /// The answer exceeds the bound that its request set.
    TooLarge,
    /// The answer is no HTTP, or its encoding is damaged.
    Protocol,
    /// The store can't be used: missing rights, a full disk, a damaged file.
    Store,
    /// The person did not sign in, or the service refused the sign-in.
    SignIn,
    /// Whoever should have answered is gone: a task was dropped, a thread panicked.
    Lost,
    /// This shell doesn't do that kind of work (for example, no handler for sign-ins was given).
    Unsupported,
}

impl Failure {
    /// `message` goes to people and logs: it must hold no token, secret or body.
    pub fn new(kind: FailureKind, message: impl Into<Arc<str>>) -> Self {
        Self { kind, message: message.into() }
    }

    /// The deadline passed.
    #[must_use]
    pub fn timeout(message: impl Into<Arc<str>>) -> Self {
        Self::new(FailureKind::Timeout, message)
    }

    /// Whoever should have answered is gone.
    #[must_use]
    pub fn lost() -> Self {
        Self::new(FailureKind::Lost, "the task that did this was dropped before it ended")
    }

    /// A sign-in ended so.
    #[inline]
    pub(crate) fn sign_in(error: &super::Error) -> Self {
        Self::new(FailureKind::SignIn, error.to_string())
    }

    /// The application gave none by this method.
    #[inline]
    pub(crate) fn no_handler(method: &str) -> Self {
        let message =
            format!("this client has no handler for sign-ins; give it one ({method}), or sign in and finish it yourself");
        Self::new(FailureKind::Unsupported, message)
    }

    /// What kind it is.
    #[must_use]
    pub fn kind(&self) -> FailureKind {
        self.kind
    }

    /// What happened, for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
