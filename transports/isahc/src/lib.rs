//! TIDAL API client on async-std and isahc.
//!
//! [`Isahc`] is the transport: curl on a thread of its own, HTTP/1.1 and HTTP/2, pooled connections. It works under any executor.
//! [`AsyncStdRuntime`] is the runtime beside it; async-std is no longer developed, and nothing outside this crate depends on it.
//! The core is re-exported, so that an application needs this crate and a store.
//!
//! curl is compiled in, with rustls and the *aws-lc-rs* provider, which it names itself: a C compiler is all that it takes. The
//! roots are Mozilla's, compiled in: the same on every machine, and there in a container that has no certificates. Where others
//! are wanted, [`Isahc::with_tls`] takes any configuration of isahc. Proxies named in the environment are not used.

use tidal_core::store::Store;

mod async_std_runtime;
mod failure;
mod http_client;
mod mute;

pub use isahc;
pub use tidal_core;
pub use tidal_core::*;
pub use tidal_transport::{SystemClock, complete, seed, variable};

pub use crate::async_std_runtime::AsyncStdRuntime;
pub use crate::http_client::Isahc;

/// A client on [`Isahc`] and [`AsyncStdRuntime`].
pub type Client<S> = tidal_core::Client<Isahc, S, AsyncStdRuntime>;

/// A client on async-std's runtime. Where other parts are wanted, [`Client::new`](tidal_core::Client::new) takes them.
///
/// # Errors
/// If the configuration can't be right, client id and secret being taken from the environment or the store where it leaves them out
/// ([`complete`]), or curl can't be started.
pub fn client<S: Store + Send + Sync + 'static>(config: Config, store: S) -> Result<Client<S>, Error> {
    let config = complete(config, &store)?;
    let client = Client::new(config, seed(), Isahc::new()?, store, AsyncStdRuntime)?;
    client.use_environment(variable);
    Ok(client)
}
