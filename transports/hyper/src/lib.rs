//! TIDAL API client on tokio, hyper and rustls.
//!
//! [`Hyper`] is the transport: HTTP/1.1 and HTTP/2, pooled connections. [`TokioRuntime`] is the runtime beside it. The core is
//! re-exported, so that an application needs this crate and a store.
//!
//! TLS is rustls with the *ring* provider, named explicitly: it needs a C compiler and nothing else, and a process may hold
//! other providers besides. The roots are Mozilla's, compiled in: the same on every machine, and there in a container that has
//! no certificates. Where others are wanted (a company's own, the platform's verifier), [`Hyper::with_tls`] takes any
//! configuration of rustls. Proxies named in the environment are not used.

use tidal_core::store::Store;

mod failure;
mod hyper;
mod tokio_runtime;

pub use rustls;
pub use tidal_core;
pub use tidal_core::*;
pub use tidal_transport::{SystemClock, complete, seed, variable};
pub use tokio;

pub use crate::hyper::Hyper;
pub use crate::tokio_runtime::TokioRuntime;

/// A client on [`Hyper`] and [`TokioRuntime`].
pub type Client<S> = tidal_core::Client<Hyper, S, TokioRuntime>;

/// A client on the tokio runtime that the caller runs in. Where other parts are wanted, [`Client::new`](tidal_core::Client::new)
/// takes them.
///
/// # Errors
/// If the configuration can't be right, client id and secret being taken from the environment or the store where it leaves them out
/// ([`complete`]), no tokio runtime runs here, or TLS can't be set up.
pub fn client<S: Store + Send + Sync + 'static>(config: Config, store: S) -> Result<Client<S>, Error> {
    let config = complete(config, &store)?;
    let client = Client::new(config, seed(), Hyper::new()?, store, TokioRuntime::current()?)?;
    client.use_environment(variable);
    Ok(client)
}
