//! The clients of the three adapters as one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tidal_blocking::{SystemClock, Ureq};
use tidal_core::api::Albums;
use tidal_core::http::Method;
use tidal_core::store::{NoStore, Store};
use tidal_core::{Config, Error, Raw};
use tidal_hyper::{Hyper, TokioRuntime};
use tidal_isahc::{AsyncStdRuntime, Isahc};

use crate::counting::Counting;
use crate::shifted::{Shift, Shifted};
use crate::tls_server::TlsServer;
use crate::trusting;
use crate::waiting::runtime;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Adapter {
    Hyper,
    Isahc,
    Blocking,
}

impl Adapter {
    pub(crate) const ALL: [Self; 3] = [Self::Hyper, Self::Isahc, Self::Blocking];
}

/// Whichever store.
pub(crate) type Keeper = Arc<dyn Store + Send + Sync>;

enum Kind {
    Hyper(tidal_core::Client<Counting<Hyper>, Keeper, Shifted<TokioRuntime>>),
    Isahc(tidal_core::Client<Counting<Isahc>, Keeper, Shifted<AsyncStdRuntime>>),
    Blocking(tidal_core::blocking::Client<Counting<Ureq>, Keeper, Shifted<SystemClock>>),
}

/// What a client is put into.
pub(crate) struct Around<'a> {
    pub(crate) store: Keeper,
    pub(crate) shift: Shift,
    /// The server whose certificate it trusts.
    pub(crate) trusts: Option<&'a TlsServer>,
}

impl Default for Around<'_> {
    fn default() -> Self {
        Self { store: Arc::new(NoStore), shift: Shift::default(), trusts: None }
    }
}

/// A client, and the number of exchanges that it has sent.
pub(crate) struct Client {
    kind: Kind,
    count: Arc<AtomicUsize>,
}

impl Client {
    pub(crate) fn new(adapter: Adapter, config: Config) -> Self {
        Self::with(adapter, config, Around::default())
    }

    pub(crate) fn with(adapter: Adapter, config: Config, around: Around<'_>) -> Self {
        let Around { store, shift, trusts } = around;
        let count = Arc::<AtomicUsize>::default();
        let seed = [adapter as u8; 32];
        let kind = match adapter {
            Adapter::Hyper => {
                let inner = trusts.map_or_else(|| Hyper::new().unwrap(), trusting::hyper);
                let transport = Counting { inner, count: Arc::clone(&count) };
                let runtime = Shifted { inner: TokioRuntime::new(runtime().handle().clone()), shift };
                Kind::Hyper(tidal_core::Client::new(config, seed, transport, store, runtime).unwrap())
            }
            Adapter::Isahc => {
                let inner = trusts.map_or_else(|| Isahc::new().unwrap(), trusting::isahc);
                let transport = Counting { inner, count: Arc::clone(&count) };
                let runtime = Shifted { inner: AsyncStdRuntime, shift };
                Kind::Isahc(tidal_core::Client::new(config, seed, transport, store, runtime).unwrap())
            }
            Adapter::Blocking => {
                let inner = trusts.map_or_else(Ureq::new, trusting::blocking);
                let transport = Counting { inner, count: Arc::clone(&count) };
                let clock = Shifted { inner: SystemClock, shift };
                Kind::Blocking(tidal_core::blocking::Client::new(config, seed, transport, store, clock).unwrap())
            }
        };
        Self { kind, count }
    }

    /// How many exchanges were sent.
    pub(crate) fn sent(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    pub(crate) fn sign_out(&self) -> Result<(), Error> {
        match &self.kind {
            Kind::Hyper(client) => runtime().block_on(client.sign_out()),
            Kind::Isahc(client) => pollster::block_on(client.sign_out()),
            Kind::Blocking(client) => client.sign_out(),
        }
    }

    /// Until nothing is owed to the store.
    pub(crate) fn drain(&self) {
        match &self.kind {
            Kind::Hyper(client) => runtime().block_on(client.drain()),
            Kind::Isahc(client) => pollster::block_on(client.drain()),
            Kind::Blocking(client) => client.drain(),
        }
    }

    /// Asks for an album, and says its title.
    pub(crate) fn album(&self, id: &str) -> Result<String, Error> {
        let request = Albums::new().get(id).country("NO");
        let answer = match &self.kind {
            Kind::Hyper(client) => runtime().block_on(client.send(&request)),
            Kind::Isahc(client) => pollster::block_on(client.send(&request)),
            Kind::Blocking(client) => client.send(&request),
        }?;
        Ok(answer.data.title.as_deref().unwrap_or_default().to_owned())
    }

    /// Sends a change that takes no idempotency key, and says what the answer holds.
    pub(crate) fn change(&self) -> Result<String, Error> {
        let request = Raw::new(Method::PATCH, "/albums/17").body("{}");
        let answer = match &self.kind {
            Kind::Hyper(client) => runtime().block_on(client.send(&request)),
            Kind::Isahc(client) => pollster::block_on(client.send(&request)),
            Kind::Blocking(client) => client.send(&request),
        }?;
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
    }
}
