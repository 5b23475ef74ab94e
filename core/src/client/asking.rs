//! The questions whether a person has signed in on another device.

use std::task::{Context, Poll, ready};

use super::Client;
use super::flight::Flight;
use super::sleep::Sleeper;
use crate::auth::{DeviceOutcome, DevicePoll, Grant, PendingDevice};
use crate::error::{Error, Failure};
use crate::runtime::Runtime;
use crate::session::Basis;
use crate::store::Store;
use crate::time::Mono;
use crate::transport::Transport;

/// ```text
/// Pause ──▶ Question ──▶ the grant
///   ▲          │ not yet
///   └──────────┘
/// ```
pub(super) enum Asking<T: Transport, S: Store, R: Runtime> {
    Pause(Mono, Option<Box<PendingDevice>>, Sleeper<R>),
    Question(Flight<T, S, R>, Option<Box<DevicePoll>>),
}

impl<T: Transport, S: Store, R: Runtime> Asking<T, S, R> {
    pub(super) fn new(pending: PendingDevice) -> Self {
        Self::Pause(pending.ask_at(), Some(Box::new(pending)), Sleeper::new())
    }

    /// Ready once the person has signed in or the sign-in is over. It is not polled again after that. The service of the basis is asked,
    /// while the session still stands on it.
    pub(super) fn poll(&mut self, client: &Client<T, S, R>, basis: &Basis, cx: &mut Context<'_>) -> Poll<Result<Grant, Error>> {
        loop {
            *self = match self {
                Self::Pause(until, pending, sleep) => {
                    ready!(sleep.poll(&client.0.runtime, *until, cx));
                    let pending = pending.take().ok_or_else(Failure::lost)?;
                    client.with(|session| session.stands_on(basis))?;
                    let (exchange, poll) = pending.ask(basis.config(), client.now())?;
                    Self::Question(Flight::new(client, exchange), Some(Box::new(poll)))
                }
                Self::Question(flight, poll) => {
                    let reply = ready!(flight.poll(cx));
                    let poll = poll.take().ok_or_else(Failure::lost)?;
                    match poll.receive(reply, client.now())? {
                        DeviceOutcome::Granted(grant) => return Poll::Ready(Ok(*grant)),
                        DeviceOutcome::Pending(pending) => Self::new(pending),
                    }
                }
            };
        }
    }
}
