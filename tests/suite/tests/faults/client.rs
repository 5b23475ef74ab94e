//! The clients of the three adapters as one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tidal_blocking::{SystemClock, Ureq};
use tidal_core::api::Albums;
use tidal_core::store::{NoStore, Store};
use tidal_core::{Config, Error};
use tidal_hyper::{Hyper, TokioRuntime};
use tidal_isahc::{AsyncStdRuntime, Isahc};

use crate::counting::Counting;
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
    Hyper(tidal_core::Client<Counting<Hyper>, Keeper, TokioRuntime>),
    Isahc(tidal_core::Client<Counting<Isahc>, Keeper, AsyncStdRuntime>),
    Blocking(tidal_core::blocking::Client<Counting<Ureq>, Keeper, SystemClock>),
}

/// A client, and the number of exchanges that it has sent.
pub(crate) struct Client {
    kind: Kind,
    count: Arc<AtomicUsize>,
}

impl Client {
    pub(crate) fn new(adapter: Adapter, config: Config) -> Self {
        Self::keeping(adapter, config, Arc::new(NoStore))
    }

    /// A client with a store.
    pub(crate) fn keeping(adapter: Adapter, config: Config, store: Keeper) -> Self {
        let count = Arc::<AtomicUsize>::default();
        let seed = [adapter as u8; 32];
        let kind = match adapter {
            Adapter::Hyper => {
                let transport = Counting { inner: Hyper::new().unwrap(), count: Arc::clone(&count) };
                let runtime = TokioRuntime::new(runtime().handle().clone());
                Kind::Hyper(tidal_core::Client::new(config, seed, transport, store, runtime).unwrap())
            }
            Adapter::Isahc => {
                let transport = Counting { inner: Isahc::new().unwrap(), count: Arc::clone(&count) };
                Kind::Isahc(tidal_core::Client::new(config, seed, transport, store, AsyncStdRuntime).unwrap())
            }
            Adapter::Blocking => {
                let transport = Counting { inner: Ureq::new(), count: Arc::clone(&count) };
                Kind::Blocking(tidal_core::blocking::Client::new(config, seed, transport, store, SystemClock).unwrap())
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
}
