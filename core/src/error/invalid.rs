//! A request that can't be built.

use std::borrow::Cow;
use std::fmt;

/// Input that was refused before anything was sent: it names what was wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    what: Cow<'static, str>,
    why: Cow<'static, str>,
}

impl Invalid {
    /// `what` is the argument as its caller knows it (`album id`, `countryCode`); `why` says what is wrong with it and what would
    /// be right. Neither may hold a secret.
    #[inline(never)]
    pub fn new(what: impl Into<Cow<'static, str>>, why: impl Into<Cow<'static, str>>) -> Self {
        Self { what: what.into(), why: why.into() }
    }

    /// The argument that was refused.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What is wrong with it, and what would be right.
    #[must_use]
    pub fn why(&self) -> &str {
        &self.why
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}

impl std::error::Error for Invalid {}
