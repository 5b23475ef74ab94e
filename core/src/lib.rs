//! The protocol core of a client for the official TIDAL API (v2: JSON:API over OAuth 2).

pub mod account;
pub mod document;
mod error;
mod flow;
mod message;
pub mod model;
pub mod runtime;
pub mod scope;
mod secret;
pub mod store;
pub mod time;
pub mod transport;
pub mod value;

pub use account::{AccountKey, Record, Selector};
pub use error::{DecodeError, Failure, FailureKind, Invalid};
pub use flow::Flow;
pub use message::{Exchange, Head, Response};
pub use scope::Scopes;
pub use secret::Secret;
pub use time::{Mono, Now, Unix};

// The crates whose types appear in this one's signatures.
pub use bytes;
pub use http;
pub use jiff;
