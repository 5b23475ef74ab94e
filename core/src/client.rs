//! The asynchronous shell: a session, and what carries out its decisions.
//!
//! The session is behind a mutex that is held around its methods only, never across an await. Whatever is foreign (a transport's
//! future, a store, decoding, wakers) runs or is dropped outside of it.

mod drain;
mod driver;
mod exchange;
pub(crate) mod hub;
mod sign_out;
mod sleep;
mod store_job;

use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

pub use drain::Drain;
pub use driver::Driver;
pub use exchange::CallFuture;
pub use sign_out::SigningOut;
pub use store_job::StoreJob;

use crate::account::AccountKey;
use crate::auth::{CodeExchange, Grant, PendingSignIn};
use crate::call::Call;
use crate::config::Config;
use crate::endpoint::Endpoint;
use crate::error::{Error, Failure, Invalid};
use crate::message::{Exchange, Response};
use crate::request::{Execute, Op, Request};
use crate::runtime::{Offload, Runtime, Spawn};
use crate::session::{Event, Session};
use crate::store::Store;
use crate::time::Now;
use crate::transport::Transport;
use hub::{Bag, Hub};
use sleep::Sleeper;

/// A client: a session with a transport, a store and a runtime. Cheap to clone; clones share the session.
///
/// It is `Send` and `Sync` where its parts are, and works where they are not.
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
        let hub = Mutex::new(Hub::new(Session::new(config, seed)));
        Ok(Self(Arc::new(Inner { transport, store: Arc::new(store), runtime, spawn, offload, hub })))
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

    /// Begins a sign-in by a person: send their browser to the [address](PendingSignIn::authorize_url) that it names.
    ///
    /// # Errors
    /// If the configuration is for another flow or lacks the redirect URI.
    pub fn begin_sign_in(&self) -> Result<PendingSignIn, Error> {
        let now = self.now();
        Ok(self.with(|session| session.begin_sign_in(now))?)
    }

    /// Ends a sign-in: exchanges the code for tokens, adopts and stores them.
    ///
    /// # Errors
    /// If the service refuses the code, or can't be reached. A code works once: begin a new sign-in.
    pub fn finish_sign_in(&self, code: CodeExchange) -> impl Future<Output = Result<AccountKey, Error>> + use<T, S, R> {
        let client = self.clone();
        async move {
            let config = client.config();
            let (exchange, answer) = code.send(&config, client.now())?;
            let reply = client.exchange(exchange).await;
            let grant = answer.receive(reply, client.now())?;
            let key = grant.key().clone();
            client.adopt(grant);
            client.drain_until(client.now().mono + config.bounds.store).await;
            Ok(key)
        }
    }

    /// Carries out an exchange that belongs to no call and no job. Its deadline holds whatever the transport does.
    async fn exchange(&self, exchange: Exchange) -> Result<Response, Failure> {
        let until = exchange.deadline;
        let mut flight = Box::pin(self.0.transport.send(exchange));
        let mut sleep = Sleeper::new();
        let late = || Err(Failure::timeout("no whole answer within the bound"));
        poll_fn(move |cx| match flight.as_mut().poll(cx) {
            Poll::Ready(reply) => Poll::Ready(reply),
            Poll::Pending => sleep.poll(&self.0.runtime, until, cx).map(|()| late()),
        })
        .await
    }

    /// Takes a finished sign-in, or tokens given by hand.
    pub fn adopt(&self, grant: Grant) {
        let now = self.now();
        self.with(|session| session.adopt(grant, now));
    }

    /// Signs out and removes the account from the store; see [`SignOut`](crate::SignOut).
    #[must_use = "a future does nothing until it is polled"]
    pub fn sign_out(&self) -> SigningOut<T, S, R> {
        SigningOut::new(self.clone())
    }

    /// Replaces the configuration; see [`Session::reconfigure`].
    ///
    /// # Errors
    /// If the configuration can't be right. Nothing is changed then.
    pub fn reconfigure(&self, mut config: Config) -> Result<(), Invalid> {
        config.check()?;
        config.reach = self.0.store.reach();
        let now = self.now();
        self.with(|session| session.reconfigure(config, now));
        Ok(())
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
