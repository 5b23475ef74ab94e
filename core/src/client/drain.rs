//! Waiting until nothing is owed.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Client;
use super::sleep::Sleeper;
use crate::runtime::Runtime;
use crate::store::Store;
use crate::time::Mono;
use crate::transport::Transport;

/// Ends when the session owes nothing: every token is saved or given up, every lease released.
#[must_use = "a future does nothing until it is polled"]
pub struct Drain<T: Transport, S: Store, R: Runtime> {
    client: Client<T, S, R>,
    until: Option<Mono>,
    sleep: Sleeper<R>,
}

impl<T: Transport, S: Store, R: Runtime> Drain<T, S, R> {
    pub(super) fn new(client: Client<T, S, R>, until: Option<Mono>) -> Self {
        Self { client, until, sleep: Sleeper::new() }
    }
}

impl<T: Transport, S: Store, R: Runtime> Future for Drain<T, S, R> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { client, until, sleep } = self.get_mut();
        let mut hub = client.lock();
        let idle = hub.session.is_idle();
        if !idle {
            hub.wait_for_idle(cx.waker());
        }
        client.settle(hub);
        match until {
            _ if idle => Poll::Ready(()),
            Some(until) => sleep.poll(&client.0.runtime, *until, cx),
            None => Poll::Pending,
        }
    }
}
