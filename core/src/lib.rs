//! The protocol core of a client for the official TIDAL API (v2: JSON:API over OAuth 2).

pub mod account;
mod answer;
pub mod api;
pub mod auth;
pub mod blocking;
mod call;
pub mod client;
pub mod config;
pub mod document;
mod endpoint;
mod entropy;
mod error;
mod flow;
mod message;
pub mod model;
pub mod operation;
pub mod pages;
mod raw;
pub mod request;
pub mod runtime;
pub mod scope;
mod secret;
pub mod session;
pub mod store;
mod template;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time;
pub mod transport;
pub mod value;

pub use account::{AccountKey, Record, Selector};
pub use answer::{Answer, How, Limits};
pub use call::{Attempt, AttemptId, Call, Step, Ticket};
pub use client::Client;
pub use config::Config;
pub use endpoint::{Endpoint, FromAnswer};
pub use error::{DecodeError, Error, ErrorKind, Failure, FailureKind, Invalid, Refusal};
pub use flow::Flow;
pub use message::{Exchange, Head, Response};
pub use operation::Operation;
pub use pages::{Pages, Position};
pub use raw::{Raw, RawAnswer};
pub use request::Request;
pub use scope::Scopes;
pub use secret::Secret;
pub use session::{Event, Session, SignOut};
pub use template::RequestWriter;
pub use time::{Mono, Now, Unix};

// The crates whose types appear in this one's signatures.
pub use bytes;
pub use http;
pub use jiff;
pub use url;
