//! A listener that can't listen.

use std::net::SocketAddr;
use std::{fmt, io};

use tidal_core::Invalid;

/// Why nothing can be listened on.
#[derive(Debug)]
#[non_exhaustive]
pub enum BindError {
    /// The redirect URI is none that a loopback listener can serve.
    Invalid(Invalid),
    /// The address can't be listened on, for instance because another program does.
    Bind {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// No thread could be started.
    Thread(io::Error),
}

impl From<Invalid> for BindError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(invalid) => invalid.fmt(f),
            Self::Bind { address, source } => write!(f, "can't listen on {address} for the redirect: {source}"),
            Self::Thread(source) => write!(f, "can't listen for the redirect: no thread could be started: {source}"),
        }
    }
}

impl std::error::Error for BindError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Invalid(invalid) => Some(invalid),
            Self::Bind { source, .. } | Self::Thread(source) => Some(source),
        }
    }
}
