//! The clients of the three adapters as one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tidal_blocking::{SystemClock, Ureq};
use tidal_core::api::{Albums, TakesCountry};
use tidal_core::{Config, Error, Event};
use tidal_hyper::{Hyper, TokioRuntime};
use tidal_isahc::{AsyncStdRuntime, Isahc};

use crate::counting::{Before, Counting};
use crate::shelf::Shelf;
use crate::shifted::{Shift, Shifted};
use crate::trusting;
use crate::waiting::runtime;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Adapter {
    Hyper,
    Isahc,
    Blocking,
}

impl Adapter {
    pub(crate) const ALL: [Self; 3] = [Self::Hyper, Self::Isahc, Self::Blocking];
}

/// What a client is made of.
pub(crate) struct Parts {
    pub(crate) config: Config,
    pub(crate) shelf: Shelf,
    pub(crate) shift: Shift,
    /// Done before each exchange.
    pub(crate) before: Before,
    /// A certificate to be trusted, and no other.
    pub(crate) trust: Option<trusting::Certificate>,
}

impl Parts {
    pub(crate) fn new(config: Config) -> Self {
        let (shelf, shift) = (Shelf::default(), Shift::default());
        Self { config, shelf, shift, before: Arc::new(|_| ()), trust: None }
    }
}

#[derive(Clone)]
pub(crate) enum Client {
    Hyper(tidal_core::Client<Counting<Hyper>, Shelf, Shifted<TokioRuntime>>),
    Isahc(tidal_core::Client<Counting<Isahc>, Shelf, Shifted<AsyncStdRuntime>>),
    Blocking(tidal_core::blocking::Client<Counting<Ureq>, Shelf, Shifted<SystemClock>>),
}

/// A client, and the number of exchanges that it has sent.
pub(crate) struct Counted {
    pub(crate) client: Client,
    count: Arc<AtomicUsize>,
}

impl Counted {
    pub(crate) fn new(adapter: Adapter, parts: Parts) -> Self {
        let Parts { config, shelf, shift, before, trust } = parts;
        let count = Arc::<AtomicUsize>::default();
        let seed = [adapter as u8; 32];
        let client = match adapter {
            Adapter::Hyper => {
                let inner = trust.map_or_else(|| Hyper::new().unwrap(), |trust| trusting::hyper_transport(&trust));
                let transport = Counting { inner, count: Arc::clone(&count), before };
                let runtime = Shifted { inner: TokioRuntime::new(runtime().handle().clone()), by: shift };
                Client::Hyper(tidal_core::Client::new(config, seed, transport, shelf, runtime).unwrap())
            }
            Adapter::Isahc => {
                let inner = trust.map_or_else(|| Isahc::new().unwrap(), |trust| trusting::isahc_transport(&trust));
                let transport = Counting { inner, count: Arc::clone(&count), before };
                let runtime = Shifted { inner: AsyncStdRuntime, by: shift };
                Client::Isahc(tidal_core::Client::new(config, seed, transport, shelf, runtime).unwrap())
            }
            Adapter::Blocking => {
                let inner = trust.map_or_else(Ureq::new, |trust| trusting::blocking_transport(&trust));
                let transport = Counting { inner, count: Arc::clone(&count), before };
                let clock = Shifted { inner: SystemClock, by: shift };
                Client::Blocking(tidal_core::blocking::Client::new(config, seed, transport, shelf, clock).unwrap())
            }
        };
        Self { client, count }
    }

    /// How many exchanges were sent.
    pub(crate) fn sent(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

impl Client {
    /// Asks for an album, and says its title.
    pub(crate) fn album(&self, id: &str) -> Result<String, Error> {
        let request = Albums::new().get(id).country("NO");
        let answer = match self {
            Self::Hyper(client) => runtime().block_on(client.send(&request)),
            Self::Isahc(client) => pollster::block_on(client.send(&request)),
            Self::Blocking(client) => client.send(&request),
        }?;
        Ok(answer.data.title.as_deref().unwrap_or_default().to_owned())
    }

    pub(crate) fn sign_out(&self) -> Result<(), Error> {
        match self {
            Self::Hyper(client) => runtime().block_on(client.sign_out()),
            Self::Isahc(client) => pollster::block_on(client.sign_out()),
            Self::Blocking(client) => client.sign_out(),
        }
    }

    /// What happened to the session.
    pub(crate) fn events(&self) -> Vec<Event> {
        let next = || match self {
            Self::Hyper(client) => client.try_event(),
            Self::Isahc(client) => client.try_event(),
            Self::Blocking(client) => client.try_event(),
        };
        std::iter::from_fn(next).collect()
    }
}
