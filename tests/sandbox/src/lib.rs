//! A local TIDAL to develop and test against: sign-in, tokens and a part of the API over an invented catalogue, on
//! loopback, in one process.
//!
//! It shares no code with the client, so that the two check each other. It is strict: what the official document
//! does not name (parameters, members of a body, media types) is refused, and the error says what is to blame.
//!
//! ```
//! use tidal_sandbox::{Fault, Options, Sandbox};
//!
//! let sandbox = Sandbox::start(Options::default())?;
//! println!("{} {}", sandbox.base_url(), sandbox.client_id());
//! sandbox.control().inject(Fault::status(503).path("/v2/albums"));
//! # Ok::<(), std::io::Error>(())
//! ```

mod answer;
mod api;
mod behaviour;
mod catalogue;
mod clock;
mod control;
mod fault;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod gate;
mod limiter;
mod log;
mod oauth;
mod options;
mod refusal;
mod request;
mod sandbox;
mod schema;
mod server;
mod state;
mod store;
mod urls;

/// The manual's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use behaviour::{Behaviour, Dialect, RateLimit, Refresh};
pub use clock::Clock;
pub use control::{Control, LiveToken, NoDevice, RefreshTokens};
pub use fault::{Cut, Endpoint, Fault};
pub use gate::Gate;
pub use log::{Log, Received};
pub use options::{Client, Flow, Options, Redirects, User};
pub use sandbox::{NoRedirect, Sandbox};
