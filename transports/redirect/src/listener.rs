//! A listener on loopback, to which the browser comes back (RFC 8252 §7.3).

mod bind_error;
mod connection;
mod desk;
mod doors;
mod head;
mod loopback;
mod page;

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use tidal_core::auth::{CodeExchange, PendingSignIn};
use tidal_core::runtime::Clock;

pub use self::bind_error::BindError;
use self::desk::{Desk, Event, Phase};
use self::doors::Doors;
use self::loopback::Loopback;
use self::page::Page;
use crate::refusal::take;
use crate::unfinished::{Reason, Unfinished};

/// Bounds on what the listener takes from whoever connects. Every program on the machine can, and every page in a browser.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a connection may take to send its request, and to take the answer. 10 s.
    pub connection: Duration,
    /// How many bytes the head of a request may have. 64 KiB: the cookies of everything on `localhost` may be among them.
    pub head: usize,
    /// How many connections are served at once. 64; one more pushes out the oldest.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connection: Duration::from_secs(10), head: 64 * 1024, connections: 64 }
    }
}

/// Listens on loopback for the browser to come back, takes one code, and says in the browser what happened.
///
/// Requests are served by threads of its own from [`bind`](Self::bind) on until the listener is dropped. Keep it until the code
/// was exchanged: a browser that comes once more is told then that the sign-in is already done.
///
/// Nothing but a navigation of the browser to the redirect URI, by that very host, counts as coming back. An address with a missing
/// or another state is answered with an error page, and the wait goes on: nobody else can end the sign-in.
pub struct Listener {
    desk: Arc<Desk>,
    // closes when dropped
    _doors: Doors,
}

impl Listener {
    /// Listens on the host and port of `redirect_uri`, an `http` URI with the host `localhost` (on IPv4 and IPv6), `127.0.0.1` or
    /// `::1`. Without a port it is 80; port 0 takes any free port, for authorization servers that accept any.
    ///
    /// # Errors
    /// If the URI is none of these, or the port is taken on any of its addresses.
    pub fn bind(redirect_uri: &str) -> Result<Self, BindError> {
        Self::bind_within(redirect_uri, Limits::default())
    }

    /// Does the same within other limits.
    ///
    /// # Errors
    /// As for [`bind`](Self::bind).
    pub fn bind_within(redirect_uri: &str, limits: Limits) -> Result<Self, BindError> {
        let mut redirect = Loopback::parse(redirect_uri)?;
        let sockets = redirect.bind()?;
        let desk = Arc::new(Desk::new(redirect, limits));
        let doors = Doors::open(sockets, &desk).map_err(BindError::Thread)?;
        Ok(Self { desk, _doors: doors })
    }

    /// The redirect URI to begin the sign-in with, which names the port if any free one was asked for.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.desk.redirect.uri
    }

    /// Waits until the browser comes back, for `timeout` at most. It blocks the thread: see [`spawn`](Self::spawn).
    ///
    /// After an error it may be called again, with the sign-in that was handed back.
    ///
    /// # Errors
    /// If the sign-in page reports an error (`access_denied`: the person declined), the time is over, the wait is cancelled, or
    /// the sign-in was begun with another redirect URI.
    pub fn wait(&mut self, pending: PendingSignIn, timeout: Duration, clock: &impl Clock) -> Result<CodeExchange, Unfinished> {
        match self.begin(&pending) {
            Ok(events) => self.attend(pending, events, timeout, clock),
            Err(reason) => Err(Unfinished::new(pending, reason)),
        }
    }

    /// Waits on a thread of its own, and calls `then` there. It is how an asynchronous program waits: `then` sends to a channel
    /// of its runtime. The listener is handed on for as long as it shall serve.
    ///
    /// # Errors
    /// If no thread can be started, the wait was cancelled before, or the sign-in was begun with another redirect URI.
    pub fn spawn<C, F>(self, pending: PendingSignIn, timeout: Duration, clock: C, then: F) -> Result<Canceller, Unfinished>
    where
        C: Clock + Send + 'static,
        F: FnOnce(Self, Result<CodeExchange, Unfinished>) + Send + 'static,
    {
        let events = match self.begin(&pending) {
            Ok(events) => events,
            Err(reason) => return Err(Unfinished::new(pending, reason)),
        };
        let canceller = self.canceller();
        let (hand, take) = mpsc::sync_channel(1);
        let started = thread::Builder::new().name("tidal-redirect".to_owned()).spawn(move || {
            if let Ok(pending) = take.recv() {
                let ended = self.attend(pending, events, timeout, &clock);
                then(self, ended);
            }
        });
        match started {
            // the thread is there and takes it
            Ok(_) => hand.send(pending).map(|()| canceller).map_err(|lost| Unfinished::new(lost.0, Reason::Cancelled)),
            Err(error) => Err(Unfinished::new(pending, Reason::Io(error))),
        }
    }

    /// What ends the wait from another thread.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        Canceller(Arc::clone(&self.desk))
    }

    /// From here on the browser may come.
    fn begin(&self, pending: &PendingSignIn) -> Result<Receiver<Event>, Reason> {
        if pending.redirect_uri() != self.redirect_uri() {
            return Err(Reason::OtherRedirectUri);
        }
        let (sender, events) = mpsc::channel();
        if self.desk.begin(sender) { Ok(events) } else { Err(Reason::Cancelled) }
    }

    fn attend(
        &self,
        pending: PendingSignIn,
        events: Receiver<Event>,
        timeout: Duration,
        clock: &impl Clock,
    ) -> Result<CodeExchange, Unfinished> {
        let ended = attend(pending, &events, timeout, clock);
        // first, since those whose turn did not come look at the phase when the events are dropped
        self.desk.set(if ended.is_ok() { Phase::Done } else { Phase::Idle });
        drop(events);
        ended
    }
}

/// Ends the wait of a [`Listener`] from elsewhere. Dropping it does nothing.
#[derive(Clone)]
pub struct Canceller(Arc<Desk>);

impl Canceller {
    /// Ends the wait with [`Reason::Cancelled`]; where none has begun, the next one ends at once.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// Judges what comes in until a code is there or none is to be expected.
fn attend(
    mut pending: PendingSignIn,
    events: &Receiver<Event>,
    timeout: Duration,
    clock: &impl Clock,
) -> Result<CodeExchange, Unfinished> {
    let begun = Instant::now();
    loop {
        let left = timeout.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return Err(Unfinished::new(pending, Reason::TimedOut));
        }
        let visit = match events.recv_timeout(left) {
            Ok(Event::Visit(visit)) => visit,
            Ok(Event::Cancelled) => return Err(Unfinished::new(pending, Reason::Cancelled)),
            Err(_) => return Err(Unfinished::new(pending, Reason::TimedOut)),
        };
        match take(pending, &visit.address, clock.now()) {
            Ok(code) => {
                visit.end_with(Page::done());
                return Ok(code);
            }
            Err(refused) if refused.refusal.is_final() => {
                visit.end_with(Page::refused(refused.refusal, &refused.error));
                return Err((*refused).into());
            }
            Err(refused) => {
                visit.answer(Page::refused(refused.refusal, &refused.error));
                pending = refused.pending;
            }
        }
    }
}
