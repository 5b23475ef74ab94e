//! TIDAL API client without an async runtime, on ureq.
//!
//! [`Ureq`] is the transport: HTTP/1.1, pooled connections, the calling thread does the work. [`SystemClock`] is the clock beside
//! it. The core is re-exported, so that an application needs this crate and a store.
//!
//! TLS is rustls with the *ring* provider, named explicitly: it needs a C compiler and nothing else, and a process may hold
//! other providers besides. The roots are Mozilla's, compiled in: the same on every machine, and there in a container that has
//! no certificates. Where others are wanted, [`Ureq::with_tls`] takes any configuration of ureq. Proxies named in the environment
//! are not used.
//!
//! Answers are decompressed here, and bounded by what comes out. A program that turns ureq's own feature `gzip` on, itself or by
//! another dependency, has ureq do it instead; then a damaged encoding is told as [`FailureKind::Broken`], not as
//! [`FailureKind::Protocol`].
//!
//! ureq writes whole messages, tokens included, at the trace level of the `log` crate, and can't be told not to. The feature
//! `mute-trace`, on by default, compiles that level out, for the whole program. Without it, keep the target `ureq_proto` at debug.

use tidal_core::store::Store;

mod agent;
mod failure;

pub use tidal_core;
pub use tidal_core::*;
pub use tidal_transport::{SystemClock, complete, seed, variable};
pub use ureq;

pub use crate::agent::Ureq;

/// A client that blocks, on [`Ureq`] and [`SystemClock`].
pub type Client<S> = tidal_core::blocking::Client<Ureq, S, SystemClock>;

/// A client that blocks. Where other parts are wanted, [`Client::new`](tidal_core::blocking::Client::new) takes them.
///
/// # Errors
/// If the configuration can't be right, client id and secret being taken from the environment or the store where it leaves them out
/// ([`complete`]).
pub fn client<S: Store>(config: Config, store: S) -> Result<Client<S>, Error> {
    let config = complete(config, &store)?;
    let client = Client::new(config, seed(), Ureq::new(), store, SystemClock)?;
    client.use_environment(variable);
    Ok(client)
}
