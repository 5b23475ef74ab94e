//! A session: who is signed in, which calls are under way, what needs doing. It decides, and does nothing.
//!
//! Everything from outside enters as an argument, everything that must happen outside leaves as a value:
//!
//! - calls ask it what to do next ([`Call::poll`](crate::Call::poll)) and tell nobody when they wait: [`Session::poll_wake`] says
//!   which of them to poll again;
//! - [`Session::poll_job`] gives the work that belongs to no call, [`Session::handle_job`] takes its outcome;
//! - [`Session::poll_timeout`] says when to come back, [`Session::handle_timeout`] is coming back;
//! - [`Session::poll_event`] tells what happened.
//!
//! After any of these, and after polling a call, a shell looks whether there are wakes, jobs and a new timeout.

mod account;
mod accounts;
mod ask;
mod authenticate;
mod basis;
mod cached;
mod calls;
mod clock;
mod errand;
mod event;
mod job;
mod reads;
mod sign_out;
mod token;

use std::collections::VecDeque;
use std::sync::Arc;

pub use authenticate::Authenticate;
pub use basis::Basis;
pub use cached::Discarded;
pub(crate) use cached::Reading;
pub use calls::CallId;
pub(crate) use clock::Dated;
pub use errand::Errand;
pub use event::Event;
pub use job::{Job, JobId, Reply, StoreReply, StoreWork, Work};
pub use sign_out::SignOut;

pub(crate) use ask::Carry;
pub(crate) use reads::{Outcome, Role};
pub(crate) use token::{Epoch, Token};

use crate::account::AccountKey;
use crate::auth::{DeviceAnswer, Grant, PendingImplicit, PendingSignIn, begin_device};
use crate::config::Config;
use crate::entropy::{Entropy, HashKeys};
use crate::error::{Error, ErrorKind, Failure, Invalid};
use crate::flow::Flow;
use crate::limiter::LimiterState;
use crate::message::Exchange;
use crate::scope::Scopes;
use crate::store::Acquired;
use crate::time::{Mono, Now};
use crate::value::{Country, Json};
use account::{Account, Context, Doing};
use cached::Cached;
use calls::Calls;
use clock::Offset;
use event::Events;
use sign_out::Leaving;

/// The protocol's state for one sign-in.
pub struct Session {
    config: Arc<Config>,
    entropy: Entropy,
    calls: Calls,
    cached: Cached,
    events: Events,
    jobs: VecDeque<Job>,
    next_job: u64,
    next_attempt: u64,
    next_number: u64,
    watches_calls: bool,
    clock: Offset,
    /// An answer agreed with the clock by which the newest token was dated, after that or with it.
    dated_right: bool,
    /// Grows with every token and every sign-out.
    epoch: Epoch,
    token: Option<Arc<Token>>,
    /// The epoch of the token that the service refused with 401.
    refused: Option<Epoch>,
    /// Changes when calls begun before must not go on: they belong to somebody else.
    principal: u64,
    /// Changes when sign-ins that somebody finishes just now must not be taken.
    era: u64,
    signed_out: bool,
    closed: bool,
    /// Sign-outs under way, and the last one if it has failed.
    leaving: Vec<Leaving>,
    /// The fingerprint of the tokens that an application gave to begin with.
    offered: Option<Json>,
    current: Account,
    /// Accounts that have something to finish.
    retired: Vec<Account>,
}

impl Session {
    /// A session that has looked nowhere yet. The seed is used for one session only: verifiers, states and keys are drawn from it.
    #[must_use]
    pub fn new(mut config: Config, seed: [u8; 32]) -> Self {
        let mut entropy = Entropy::new(seed);
        let store_failure = config.store_failure.take();
        let config = Arc::new(config);
        let bounds = &config.bounds;
        let mut session = Self {
            calls: Calls::new(&mut entropy, bounds),
            cached: Cached::new(&config, entropy.hash_keys()),
            events: Events::new(bounds.events),
            current: Account::new(Arc::clone(&config)),
            config,
            entropy,
            jobs: VecDeque::new(),
            next_job: 0,
            next_attempt: 0,
            next_number: 0,
            watches_calls: false,
            clock: Offset::default(),
            dated_right: false,
            epoch: Epoch(0),
            token: None,
            refused: None,
            principal: 0,
            era: 0,
            signed_out: false,
            leaving: Vec::new(),
            closed: false,
            offered: None,
            retired: Vec::new(),
        };
        session.tell_store_failure(store_failure);
        session.mind_the_scopes();
        session
    }

    /// Client credentials have no scopes (RFC 6749 §4.4.2 leaves them optional, TIDAL knows none): says so where some are configured.
    fn mind_the_scopes(&mut self) {
        if self.config.flow == Flow::ClientCredentials && !self.config.scopes.is_empty() {
            self.events.push(Event::ScopesIgnored(self.config.scopes.clone()));
        }
    }

    /// Keys for the maps of a shell.
    pub(crate) fn hash_keys(&self) -> HashKeys {
        self.calls.hash_keys()
    }

    /// Its configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The account in use, once it is known.
    #[must_use]
    pub fn account(&self) -> Option<&AccountKey> {
        self.current.key()
    }

    /// The scopes of the token in use, once there is one.
    #[must_use]
    pub fn scopes(&self) -> Option<&Scopes> {
        self.token.as_ref().map(|token| &token.scopes)
    }

    /// What its limiter knows: how many calls wait to be sent, and how quickly they may go.
    #[must_use]
    #[inline]
    pub fn limiter_state(&self) -> LimiterState {
        self.calls.limiter_state()
    }

    /// How far the service's clock is ahead of the local one, where they differ by more than some seconds: negative where it is behind.
    /// It is learnt from the `Date` of answers (RFC 9110 §6.6.1), the token endpoint's too, when two in a row agree. Expiry of tokens is judged by the
    /// service's clock then; leases of stores, which other processes judge too, by the local one.
    #[must_use]
    pub fn clock_offset(&self) -> Option<jiff::SignedDuration> {
        self.clock.known()
    }

    /// The next job to do.
    pub fn poll_job(&mut self) -> Option<Job> {
        self.jobs.pop_front()
    }

    /// Takes the outcome of a job. One that comes too late, or twice, is ignored; but a lease that comes too late is given back.
    pub fn handle_job(&mut self, id: JobId, reply: Result<Reply, Failure>, now: Now) {
        let runs = |index: &usize| self.nth(*index).running.is_some_and(|job| job.id == id);
        let index = (0..=self.retired.len()).find(runs);
        self.hear_store(&reply, now);
        let Some(index) = index else { return self.too_late(reply, now) };
        let Some(running) = self.nth(index).running else { return };
        if let (0, Doing::Exchange, Ok(Reply::Token(response))) = (index, running.doing, &reply) {
            self.hear_issuer(response, running.begun, now);
        }
        let mut effects = Vec::new();
        let judged = self.clock.correct(now);
        let account = if index == 0 { &mut self.current } else { &mut self.retired[index - 1] };
        account.running = None;
        account.handle(running.doing, reply, &mut Context { now, judged, entropy: &mut self.entropy, effects: &mut effects });
        if index > 0 {
            account.retire();
        }
        self.apply(index == 0, effects, now);
        self.advance(now);
    }

    /// An account that was acquired is no longer in doubt; and where the store works, those that are can be kept out.
    fn hear_store(&mut self, reply: &Result<Reply, Failure>, now: Now) {
        let Ok(Reply::Store(reply)) = reply else { return };
        for index in 0..=self.retired.len() {
            let account = self.nth_mut(index);
            if let StoreReply::Acquired(Acquired::Lease(lease, _)) = reply {
                account.settle(lease);
            }
            if index > 0 {
                account.fence_again(now);
            }
        }
    }

    /// Nobody waits for this any more. What it holds would keep others waiting until its time is over.
    fn too_late(&mut self, reply: Result<Reply, Failure>, now: Now) {
        let Ok(Reply::Store(StoreReply::Acquired(Acquired::Lease(lease, _)))) = reply else { return };
        // The reply may be one that comes twice.
        if !self.any_account(|account| account.holds(&lease)) {
            self.retired.push(Account::of_lease(Arc::clone(&self.config), lease, None));
            self.advance(now);
        }
    }

    /// The next call to poll again.
    pub fn poll_wake(&mut self) -> Option<CallId> {
        self.calls.poll_wake()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Mono> {
        let mut next = earlier(self.current.timeout(), self.calls.poll_timeout());
        for account in &self.retired {
            next = earlier(next, account.timeout());
        }
        next
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Now) {
        self.calls.handle_timeout(now.mono);
        let mut late = Vec::new();
        for index in 0..=self.retired.len() {
            if let Some(job) = self.nth(index).running
                && now.mono >= job.deadline
            {
                late.push(job.id);
            }
        }
        for id in late {
            self.cancel(id, now);
            self.handle_job(id, Err(Failure::timeout("no answer within the bound")), now);
        }
        for index in 0..=self.retired.len() {
            let mut effects = Vec::new();
            if let Some(job) = self.nth_mut(index).handle_timeout(now, &mut effects) {
                self.cancel(job, now);
            }
            self.apply(index == 0, effects, now);
        }
        self.advance(now);
    }

    /// Lets go of a call that nobody waits for any more. What was begun for all calls goes on.
    pub fn abandon(&mut self, call: CallId) {
        self.calls.remove(call);
        if let Some(promoted) = self.cached.let_go(call) {
            self.calls.wake(promoted);
        }
    }

    /// Takes a finished sign-in, or tokens given by hand. They are used at once, and stored in place of what was. The account's key: where
    /// nobody said who that is, it gets a name of its own.
    ///
    /// # Errors
    /// If they are another client's or of another flow. Nothing is changed then.
    pub fn adopt(&mut self, grant: Grant, now: Now) -> Result<AccountKey, Invalid> {
        self.take_in(grant, false, now)
    }

    /// The same; with `asked`, the session itself had asked for it.
    fn take_in(&mut self, mut grant: Grant, asked: bool, now: Now) -> Result<AccountKey, Invalid> {
        self.is_for_this(&grant)?;
        self.make_room(&mut grant, asked, now);
        let key = grant.key().clone();
        self.forsake(&key.selector(), now);
        self.current.adopt(grant, now);
        self.dated_right = false;
        self.promote();
        self.calls.settle_token(Ok(()));
        self.advance(now);
        Ok(key)
    }

    /// Takes tokens that an application has from elsewhere and gives at each start. The store is looked at first: if it holds an account that
    /// descends from them, made by an earlier start or by another process, that one is taken. Otherwise they are used and stored as
    /// [`adopt`](Self::adopt) does.
    ///
    /// # Errors
    /// As [`adopt`](Self::adopt).
    #[inline]
    pub fn offer(&mut self, mut grant: Grant, now: Now) -> Result<(), Invalid> {
        self.is_for_this(&grant)?;
        self.offered = grant.record.descent().cloned();
        if !self.config.store_tokens || self.config.skips_look_up() {
            return self.adopt(grant, now).map(drop);
        }
        self.make_room(&mut grant, false, now);
        self.current.offer(grant);
        self.advance(now);
        Ok(())
    }

    /// Begins anew with another configuration, which replaces all of the old one. Calls that wait end with `SignedOut`, and so do sign-ins
    /// that are being finished; the stored account stays.
    #[inline]
    pub fn reconfigure(&mut self, mut config: Config, now: Now) {
        self.tell_store_failure(config.store_failure.take());
        self.config = Arc::new(config);
        self.mind_the_scopes();
        self.end_sign_ins();
        self.change_principal("the session was given another configuration");
        self.cached.reconfigure(&self.config);
        self.calls.reconfigure(&self.config.bounds);
        self.events.resize(self.config.bounds.events);
        self.signed_out = false;
        self.leaving.retain(Leaving::is_under_way);
        self.offered = None;
        self.replace_account(Account::new(Arc::clone(&self.config)), now);
        self.advance(now);
    }

    /// Sets the `countryCode` of calls that take one and don't name one, for those that begin from now on. Nothing else of the
    /// configuration changes, and no call ends.
    #[inline]
    pub fn set_country(&mut self, country: Option<Country>) {
        Arc::make_mut(&mut self.config).country = country;
    }

    /// Begins a sign-in by authorization code, with PKCE or without.
    ///
    /// # Errors
    /// If the configuration is for another flow or lacks the redirect URI.
    #[inline]
    pub fn begin_sign_in(&mut self, now: Now) -> Result<PendingSignIn, Invalid> {
        PendingSignIn::begin(&self.config, &mut self.entropy, now)
    }

    /// Takes no more calls, until it is [opened](Self::open) again. Calls that wait end with `Closed`; requests that were sent
    /// already may finish for their caller. What is owed (a token to be saved, a lease to be released) is still done.
    pub fn close(&mut self) {
        self.closed = true;
        self.calls.end_waiting(&closed());
    }

    /// Takes calls again.
    pub fn open(&mut self) {
        self.closed = false;
    }

    /// Begins a sign-in by implicit grant.
    ///
    /// # Errors
    /// If the configuration is for another flow or lacks the redirect URI.
    #[inline]
    pub fn begin_implicit_sign_in(&mut self, now: Now) -> Result<PendingImplicit, Invalid> {
        PendingImplicit::begin(&self.config, &mut self.entropy, now)
    }

    /// Begins a sign-in on another device: carry out the exchange, and hand its outcome to the answer.
    ///
    /// # Errors
    /// If the configuration is for another flow.
    #[inline]
    pub fn begin_device_sign_in(&self, now: Now) -> Result<(Exchange, DeviceAnswer), Invalid> {
        begin_device(&self.config, now)
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop()
    }

    /// Whether nothing is owed: no job to do, in flight, or to be tried again. Calls may still be under way.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.jobs.is_empty() && self.current.is_at_rest() && self.retired.iter().all(Account::is_at_rest)
    }

    /// Whether the outcome of this job is still waited for.
    #[inline]
    pub(crate) fn awaits(&self, job: JobId) -> bool {
        self.any_account(|account| account.running.is_some_and(|running| running.id == job))
    }

    /// Whether there is a job to [poll](Self::poll_job).
    #[must_use]
    pub fn has_jobs(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// Whether no call is known: all have ended or were abandoned.
    #[must_use]
    pub fn has_no_calls(&self) -> bool {
        self.calls.is_empty()
    }
}

fn earlier(one: Option<Mono>, other: Option<Mono>) -> Option<Mono> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn closed() -> Error {
    Error::of(ErrorKind::Closed, "the client is closed; open it to go on")
}
