//! An errand of a session, such as a sign-out, on its way through an asynchronous client.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Client;
use super::hub::Bag;
use super::sleep::Sleeper;
use crate::call::Step;
use crate::error::Error;
use crate::runtime::Runtime;
use crate::session::Errand;
use crate::store::Store;
use crate::transport::Transport;

/// An errand under way. It begins with the first poll.
#[must_use = "a future does nothing until it is polled"]
pub struct Running<T: Transport, S: Store, R: Runtime, E: Errand> {
    client: Client<T, S, R>,
    errand: E,
    sleep: Sleeper<R>,
}

impl<T: Transport, S: Store, R: Runtime, E: Errand> Running<T, S, R, E> {
    pub(super) fn new(client: Client<T, S, R>, errand: E) -> Self {
        Self { client, errand, sleep: Sleeper::new() }
    }
}

impl<T: Transport, S: Store, R: Runtime, E: Errand + Unpin> Future for Running<T, S, R, E> {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { client, errand, sleep } = self.get_mut();
        loop {
            let now = client.now();
            let mut bag = Bag::default();
            let mut hub = client.lock();
            let before = errand.call();
            let step = errand.poll(&mut hub.session, now);
            match (&step, before) {
                (Step::Wait(ticket), _) => hub.wait(ticket.call, cx.waker(), &mut bag),
                (_, Some(id)) => hub.done(id, &mut bag),
                _ => {}
            }
            client.settle(hub);
            match step {
                Step::Wait(ticket) => {
                    if sleep.poll(&client.0.runtime, ticket.until, cx).is_pending() {
                        return Poll::Pending;
                    }
                }
                Step::Done(outcome) => return Poll::Ready(outcome),
                // An errand sends nothing of its own: its requests are jobs.
                Step::Send(_) => {}
            }
        }
    }
}

impl<T: Transport, S: Store, R: Runtime, E: Errand> Drop for Running<T, S, R, E> {
    fn drop(&mut self) {
        if let Some(id) = self.errand.call() {
            let mut bag = Bag::default();
            let mut hub = self.client.lock();
            hub.session.abandon(id);
            hub.done(id, &mut bag);
            self.client.settle(hub);
        }
    }
}
