//! A sign-out on its way through an asynchronous client.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Client;
use super::hub::Bag;
use super::sleep::Sleeper;
use crate::call::Step;
use crate::error::Error;
use crate::runtime::Runtime;
use crate::session::SignOut;
use crate::store::Store;
use crate::transport::Transport;

/// A sign-out under way. It begins with the first poll, and goes on even if this is dropped.
#[must_use = "a future does nothing until it is polled"]
pub struct SigningOut<T: Transport, S: Store, R: Runtime> {
    client: Client<T, S, R>,
    sign_out: SignOut,
    sleep: Sleeper<R>,
}

impl<T: Transport, S: Store, R: Runtime> SigningOut<T, S, R> {
    pub(super) fn new(client: Client<T, S, R>) -> Self {
        Self { client, sign_out: SignOut::new(), sleep: Sleeper::new() }
    }
}

impl<T: Transport, S: Store, R: Runtime> Future for SigningOut<T, S, R> {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { client, sign_out, sleep } = self.get_mut();
        loop {
            let now = client.now();
            let mut bag = Bag::default();
            let mut hub = client.lock();
            let before = sign_out.id();
            let step = sign_out.poll(&mut hub.session, now);
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
                // A sign-out sends nothing of its own: its requests are jobs.
                Step::Send(_) => {}
            }
        }
    }
}

impl<T: Transport, S: Store, R: Runtime> Drop for SigningOut<T, S, R> {
    fn drop(&mut self) {
        if let Some(id) = self.sign_out.id() {
            let mut bag = Bag::default();
            let mut hub = self.client.lock();
            hub.session.abandon(id);
            hub.done(id, &mut bag);
            self.client.settle(hub);
        }
    }
}
