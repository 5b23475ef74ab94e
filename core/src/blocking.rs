//! The blocking shell: the same session, carried out by the threads that call it.
//!
//! There is no thread of its own. A thread whose call has to wait draws the session's jobs and does them unlocked; one that leaves
//! does what remains. Each that waits wakes in time for the session's own timeouts, so that nobody hangs behind a job that does.

mod account;
mod cached;
mod country;
mod exchange;
mod guard;
mod sign_in;

use std::sync::{Arc, PoisonError};
use std::task::{Wake, Waker};

use crate::account::AccountKey;
use crate::answer::Answer;
use crate::call::{Call, Step};
use crate::client::hub::{Bag, Hub};
use crate::config::{Config, Environment};
use crate::endpoint::Endpoint;
use crate::error::{Error, Invalid};
use crate::limiter::LimiterState;
use crate::report::{Observed, Observer};
use crate::request::Execute;
use crate::runtime::Clock;
use crate::session::{CallId, Event, Job, Reply, Session, Work};
use crate::store::Store;
use crate::sync::{Mutex, MutexGuard, Thread, thread};
use crate::time::{Mono, Now};
use crate::transport::BlockingTransport;
use guard::{CallGuard, JobGuard, ReportGuard};
use sign_in::Handlers;

/// A client that blocks the calling thread. Cheap to clone; clones share the session, and many threads may use it at once.
///
/// A thread whose call waits does what the session needs meanwhile: it uses the store, carries out a token request, or runs a handler for
/// sign-ins. If that hangs, so does the thread, beyond the bound of its call ([`Bounds::call`](crate::config::Bounds)): nobody can take it
/// back from there, so stores and transports need bounds of their own. The other threads get past it: the session gives the job up in its
/// time ([`Bounds::store`](crate::config::Bounds), [`Bounds::token`](crate::config::Bounds)), and of those that read the same, another
/// one sends the request.
///
/// Several accounts at once are several clients. Give each a clone of one transport and of one store: they share the transport's
/// connections and the stored accounts, and have tokens, limits and cache of their own.
pub struct Client<T: BlockingTransport, S: Store, C: Clock>(Arc<Inner<T, S, C>>);

struct Inner<T, S, C> {
    transport: T,
    store: Arc<S>,
    clock: C,
    hub: Mutex<Hub>,
    handlers: Handlers,
    environment: Environment,
    observer: Observer,
}

struct Unpark(Thread);

impl Wake for Unpark {
    #[inline]
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[inline]
fn waker() -> Waker {
    Waker::from(Arc::new(Unpark(thread::current())))
}

impl<T: BlockingTransport, S: Store, C: Clock> Client<T, S, C> {
    /// A client of these parts. The seed is used for one client only.
    ///
    /// # Errors
    /// If the configuration can't be right.
    pub fn new(mut config: Config, seed: [u8; 32], transport: T, store: S, clock: C) -> Result<Self, Invalid> {
        config.check()?;
        config.reach = store.reach();
        let tokens = config.tokens.take();
        let mut session = Session::new(config, seed);
        session.watch_calls(Observer::WATCHES);
        let (hub, store) = (Mutex::new(Hub::new(session)), Arc::new(store));
        let (handlers, environment, observer) = Default::default();
        let client = Self(Arc::new(Inner { transport, store, clock, hub, handlers, environment, observer }));
        tokens.map_or(Ok(()), |tokens| client.offer(tokens))?;
        Ok(client)
    }

    /// Sends one request and waits for its answer.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub fn send<E: Endpoint>(&self, endpoint: &E) -> Result<Answer<E::Output>, Error> {
        self.call(Call::new(endpoint)?)
    }

    /// Sends a call that was made before, and waits for its answer.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind).
    pub fn call<O: Send + Sync + 'static>(&self, call: Call<O>) -> Result<Answer<O>, Error> {
        let waker = waker();
        let mut guard = CallGuard::new(self);
        let mut told = ReportGuard::new(self, call);
        loop {
            let step = self.ask(&waker, |session, now| told.call.poll(session, now), &mut guard);
            told.tell();
            let _within = told.span.enter();
            match step {
                Step::Send(attempt) => {
                    if let Some(id) = told.call.id() {
                        guard.knows(id);
                        // What its token left to do, such as a lease to release, does not wait for the answer.
                        if !guard.relieved {
                            self.work_off_beside(id);
                        }
                    }
                    let reply = self.0.transport.send(attempt.exchange);
                    told.call.receive(attempt.id, reply, self.now());
                }
                Step::Wait(ticket) => self.wait(ticket.until),
                Step::Done(outcome) => {
                    drop(guard);
                    self.work_off();
                    return outcome;
                }
            }
        }
    }

    /// Takes no more calls until it is [opened](Self::open) again; see [`Session::close`]. The transport is the application's
    /// own and stays as it is. What is owed is done before this returns.
    pub fn close(&self) {
        self.with(Session::close);
        self.work_off();
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
    /// The same of requests for tokens, which belong to no call. It is called by the thread that makes the request, outside of every lock,
    /// and should be quick. The first observer stays.
    pub fn observe(&self, observer: impl Fn(Observed<'_>) + Send + Sync + 'static) {
        self.0.observer.set(observer);
        self.with(|session| session.watch_calls(true));
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> Config {
        self.with(|session| session.config().clone())
    }

    /// What the clocks say.
    #[must_use]
    pub fn now(&self) -> Now {
        self.0.clock.now()
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<S> {
        &self.0.store
    }

    /// Does what is owed, and waits for the timers of what is to be tried again, until nothing is.
    pub fn drain(&self) {
        loop {
            self.work_off();
            let timeout = self.with(|session| if session.is_idle() { None } else { session.poll_timeout() });
            let Some(until) = timeout else { return };
            // Nobody wakes a thread that drains: should another do the work meanwhile, this one only looks later.
            self.wait(until);
            self.with(|_| ());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Hub> {
        // A panic inside the session would leave it in a state that it can be in anyhow: each of its steps stands alone.
        self.0.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<O>(&self, ask: impl FnOnce(&mut Session) -> O) -> O {
        let now = self.now();
        let mut bag = Bag::default();
        let mut hub = self.lock();
        hub.mind_the_time(now);
        let outcome = ask(&mut hub.session);
        hub.settle(&mut bag, false);
        outcome
    }

    /// Polls a call; while it waits, does the session's jobs.
    fn ask<O>(
        &self,
        waker: &Waker,
        mut poll: impl FnMut(&mut Session, Now) -> Step<O>,
        guard: &mut CallGuard<'_, T, S, C>,
    ) -> Step<O> {
        loop {
            let now = self.now();
            let mut bag = Bag::default();
            let mut hub = self.lock();
            hub.mind_the_time(now);
            let step = poll(&mut hub.session, now);
            let mut job = None;
            match &step {
                Step::Wait(ticket) => {
                    guard.knows(ticket.call);
                    job = hub.session.poll_job();
                    if job.is_some() {
                        // This thread will be busy: another one minds the session's time, and nobody waits for its call.
                        hub.session.excuse(ticket.call);
                        hub.done(ticket.call, &mut bag);
                        hub.pass_the_watch(&mut bag);
                    } else {
                        hub.wait(ticket.call, waker, &mut bag);
                    }
                }
                Step::Send(_) | Step::Done(_) => guard.leaves_the_watch(&mut hub, &mut bag),
            }
            hub.settle(&mut bag, false);
            drop(hub);
            drop(bag);
            match job {
                Some(job) => self.work(job),
                None => return step,
            }
        }
    }

    /// Waits until a time, or the session's, or until woken.
    fn wait(&self, until: Mono) {
        let timeout = self.lock().session.poll_timeout();
        let until = timeout.map_or(until, |timeout| timeout.min(until));
        thread::park_timeout(until.since(self.now().mono));
    }

    /// Does what the session wants done now.
    fn work_off(&self) {
        while let Some(job) = self.with(Session::poll_job) {
            self.work(job);
        }
    }

    /// The same, while a call of this thread is on its way. Nobody waits for that call meanwhile.
    fn work_off_beside(&self, call: CallId) {
        let draw = |session: &mut Session| session.poll_job().inspect(|_| session.excuse(call));
        while let Some(job) = self.with(draw) {
            self.work(job);
        }
    }

    /// Does one job, unlocked.
    fn work(&self, job: Job) {
        let Job { id, work, .. } = job;
        let guard = JobGuard::new(self, id);
        let outcome = match work {
            Work::Token(exchange) => self.exchange(exchange).map(Reply::Token),
            Work::Store(work) => work.run(&*self.0.store, self.now().unix).map(Reply::Store),
            Work::SignIn(wanted) => self.have_signed_in(wanted.flow, id).map(Reply::SignedIn),
            // What a thread has begun can't be taken back from it.
            Work::Cancel(_) => return guard.defuse(),
        };
        guard.answer(outcome);
    }

    fn abandon(&self, call: CallId) {
        let mut bag = Bag::default();
        let mut hub = self.lock();
        hub.session.abandon(call);
        hub.done(call, &mut bag);
        hub.pass_the_watch(&mut bag);
        hub.settle(&mut bag, false);
        drop(hub);
    }
}

impl<T: BlockingTransport, S: Store, C: Clock> Clone for Client<T, S, C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: BlockingTransport, S: Store, C: Clock> std::fmt::Debug for Client<T, S, C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("account", &self.account()).finish_non_exhaustive()
    }
}

impl<E: Endpoint, T: BlockingTransport, S: Store, C: Clock> Execute<E> for &Client<T, S, C> {
    type Reply = Result<Answer<E::Output>, Error>;

    fn execute(self, endpoint: E) -> Self::Reply {
        self.send(&endpoint)
    }
}
