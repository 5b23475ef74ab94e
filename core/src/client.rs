//! The asynchronous shell: a session, and what carries out its decisions.
//!
//! The session is behind a mutex that is held around its methods only, never across an await. Whatever is foreign (a transport's
//! future, a store, decoding, wakers) runs or is dropped outside of it.

mod account;
mod asking;
mod cached;
mod country;
mod drain;
mod driver;
mod errand;
mod exchange;
mod flight;
mod handlers;
pub(crate) mod hub;
mod sign_in;
mod sleep;
mod store_job;

use std::sync::{Arc, PoisonError};

pub use drain::Drain;
pub use driver::Driver;
pub use errand::Running;
pub use exchange::CallFuture;
pub use store_job::StoreJob;

use crate::account::AccountKey;
use crate::call::Call;
use crate::config::{Config, Environment};
use crate::endpoint::Endpoint;
use crate::error::Invalid;
use crate::limiter::LimiterState;
use crate::report::{Observed, Observer};
use crate::request::{Execute, Op, Request};
use crate::runtime::{Offload, Runtime, Spawn};
use crate::session::{Event, Session};
use crate::store::Store;
use crate::sync::{Mutex, MutexGuard};
use crate::time::Now;
use crate::transport::Transport;
use handlers::Handlers;
use hub::{Bag, Hub};

/// A client: a session with a transport, a store and a runtime. Cheap to clone; clones share the session.
///
/// It is `Send` and `Sync` where its parts are, and works where they are not.
///
/// Several accounts at once are several clients. Give each a clone of one transport and of one store: they share the transport's
/// connections and the stored accounts, and have tokens, limits and cache of their own.
pub struct Client<T: Transport, S: Store, R: Runtime>(Arc<Inner<T, S, R>>);

/// How the driver is spawned: kept as a pointer, so that no other bound names it.
type Start<T, S, R> = fn(&R, Driver<T, S, R>);

struct Inner<T: Transport, S: Store, R: Runtime> {
    transport: T,
    store: Arc<S>,
    runtime: R,
    spawn: Option<Start<T, S, R>>,
    offload: fn(&R, StoreJob<S>),
    hub: Mutex<Hub>,
    handlers: Handlers,
    environment: Environment,
    observer: Observer,
}

impl<T: Transport, S: Store, R: Runtime> Client<T, S, R> {
    /// A client whose background work is spawned on its runtime. The seed is used for one client only.
    ///
    /// # Errors
    /// If the configuration can't be right.
    pub fn new(config: Config, seed: [u8; 32], transport: T, store: S, runtime: R) -> Result<Self, Invalid>
    where
        R: Spawn<Driver<T, S, R>> + Offload<StoreJob<S>>,
    {
        Self::build(config, seed, transport, store, runtime, Some(R::spawn), R::offload)
    }

    /// A client whose background work is done by polling [`drive`](Self::drive), for runtimes that can't spawn.
    ///
    /// # Errors
    /// If the configuration can't be right.
    pub fn undriven(config: Config, seed: [u8; 32], transport: T, store: S, runtime: R) -> Result<Self, Invalid>
    where
        R: Offload<StoreJob<S>>,
    {
        Self::build(config, seed, transport, store, runtime, None, R::offload)
    }

    fn build(
        mut config: Config,
        seed: [u8; 32],
        transport: T,
        store: S,
        runtime: R,
        spawn: Option<Start<T, S, R>>,
        offload: fn(&R, StoreJob<S>),
    ) -> Result<Self, Invalid> {
        config.check()?;
        config.reach = store.reach();
        let tokens = config.tokens.take();
        let mut session = Session::new(config, seed);
        session.watch_calls(Observer::WATCHES);
        let (hub, store) = (Mutex::new(Hub::new(session)), Arc::new(store));
        let (handlers, environment, observer) = Default::default();
        let client = Self(Arc::new(Inner { transport, store, runtime, spawn, offload, hub, handlers, environment, observer }));
        tokens.map_or(Ok(()), |tokens| client.offer(tokens))?;
        Ok(client)
    }

    /// Sends one request, and ends with its answer. Dropping the future gives the call up.
    #[must_use = "a future does nothing until it is polled"]
    pub fn send<E: Endpoint>(&self, endpoint: &E) -> CallFuture<T, S, R, E::Output> {
        self.call(Call::new(endpoint))
    }

    /// Sends a call that was made before.
    #[must_use = "a future does nothing until it is polled"]
    pub fn call<O: Send + Sync + 'static>(&self, call: Result<Call<O>, Invalid>) -> CallFuture<T, S, R, O> {
        CallFuture::new(self.clone(), call)
    }

    /// Takes no more calls until it is [opened](Self::open) again; see [`Session::close`]. The transport is the application's
    /// own and stays as it is. What is owed is still done: [`drain`](Self::drain) waits for it.
    pub fn close(&self) {
        self.with(Session::close);
    }

    /// Takes calls again.
    pub fn open(&self) {
        self.with(Session::open);
    }

    /// The next thing that happened to the session, if anything did that was not taken yet.
    #[must_use]
    pub fn try_event(&self) -> Option<Event> {
        self.with(Session::poll_event)
    }

    /// The account in use, once it is known.
    #[must_use]
    pub fn account(&self) -> Option<AccountKey> {
        self.with(|session| session.account().cloned())
    }

    /// How far the service's clock is ahead of the local one, where they differ by more than some seconds
    /// ([`Session::clock_offset`]).
    #[must_use]
    pub fn clock_offset(&self) -> Option<jiff::SignedDuration> {
        self.with(|session| session.clock_offset())
    }

    /// What the limiter knows: how many calls wait to be sent, and how quickly they may go.
    #[must_use]
    pub fn limiter_state(&self) -> LimiterState {
        self.with(|session| session.limiter_state())
    }

    /// Hears what calls tell of themselves from now on: attempts, ends, durations, never a secret ([`report`](crate::report)).
    /// The same of requests for tokens, which belong to no call. It is called by whoever polls the call or the background work, outside of
    /// every lock, and should be quick. The first observer stays.
    pub fn observe(&self, observer: impl Fn(Observed<'_>) + Send + Sync + 'static) {
        self.0.observer.set(observer);
        self.with(|session| session.watch_calls(true));
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> Config {
        self.with(|session| session.config().clone())
    }

    /// What the runtime's clocks say.
    #[must_use]
    pub fn now(&self) -> Now {
        self.0.runtime.now()
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<S> {
        &self.0.store
    }

    /// Ends when nothing is owed: every token saved, every lease released. Await it before the program ends.
    #[must_use = "a future does nothing until it is polled"]
    pub fn drain(&self) -> Drain<T, S, R> {
        Drain::new(self.clone(), None)
    }

    fn drain_until(&self, until: crate::Mono) -> Drain<T, S, R> {
        Drain::new(self.clone(), Some(until))
    }

    /// The background work of an [undriven](Self::undriven) client: poll it beside the calls. It never ends.
    #[must_use = "a future does nothing until it is polled"]
    pub fn drive(&self) -> Driver<T, S, R> {
        Driver::new(self.clone(), true)
    }

    fn lock(&self) -> MutexGuard<'_, Hub> {
        // A panic inside the session would leave it in a state that it can be in anyhow: each of its steps stands alone.
        self.0.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<O>(&self, ask: impl FnOnce(&mut Session) -> O) -> O {
        let mut hub = self.lock();
        let outcome = ask(&mut hub.session);
        self.settle(hub);
        outcome
    }

    /// Ends a stay in the lock: whom to wake, and whether to drive.
    fn settle(&self, mut hub: MutexGuard<'_, Hub>) {
        let mut bag = Bag::default();
        let spawn = hub.settle(&mut bag, self.0.spawn.is_some());
        drop(hub);
        drop(bag);
        if let (true, Some(start)) = (spawn, self.0.spawn) {
            start(&self.0.runtime, Driver::new(self.clone(), false));
        }
    }
}

impl<T: Transport, S: Store, R: Runtime> Clone for Client<T, S, R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Transport, S: Store, R: Runtime> std::fmt::Debug for Client<T, S, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("account", &self.account()).finish_non_exhaustive()
    }
}

impl<E: Endpoint, T: Transport, S: Store, R: Runtime> Execute<E> for &Client<T, S, R> {
    type Reply = CallFuture<T, S, R, E::Output>;

    fn execute(self, endpoint: E) -> Self::Reply {
        self.send(&endpoint)
    }
}

impl<E: Endpoint, T: Transport, S: Store, R: Runtime> Execute<E> for Client<T, S, R> {
    type Reply = CallFuture<T, S, R, E::Output>;

    fn execute(self, endpoint: E) -> Self::Reply {
        self.send(&endpoint)
    }
}

impl<O: Op, T: Transport, S: Store, R: Runtime> Request<O, &Client<T, S, R>> {
    /// The same request with a client of its own: it borrows nothing, and so do its pages.
    pub fn owned(self) -> Request<O, Client<T, S, R>> {
        self.map_client(Clone::clone)
    }
}
