//! TIDAL API client without an async runtime, on ureq.
//!
//! [`Ureq`] is the transport: HTTP/1.1, pooled connections, the calling thread does the work. [`SystemClock`] is the clock beside
//! it. The core is re-exported, so that an application needs this crate and a store.
//!
//! TLS is rustls with the *ring* provider, named explicitly: it needs a C compiler and nothing else, and a process may hold
//! other providers besides. The roots are Mozilla's, compiled in: the same on every machine, and there in a container that has
//! no certificates. Where others are wanted, [`Ureq::with_tls`] takes any configuration of ureq. Proxies named in the environment
//! are not used.

mod agent;
mod failure;

pub use tidal_core;
pub use tidal_core::*;
pub use tidal_transport::{SystemClock, seed};
pub use ureq;

pub use crate::agent::Ureq;
