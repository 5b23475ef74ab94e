//! The protocol core of a client for the official TIDAL API (v2: JSON:API over OAuth 2).

pub mod document;
mod error;
mod message;
pub mod model;
pub mod runtime;
mod secret;
pub mod time;
pub mod transport;
pub mod value;

pub use error::{DecodeError, Failure, FailureKind, Invalid};
pub use message::{Exchange, Head, Response};
pub use secret::Secret;
pub use time::{Mono, Now, Unix};

// The crates whose types appear in this one's signatures.
pub use bytes;
pub use http;
pub use jiff;
