//! Exchanges that belong to no call.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Client;
use super::sleep::Sleeper;
use crate::error::Failure;
use crate::message::{Exchange, Response};
use crate::report::Watch;
use crate::runtime::Runtime;
use crate::session::Session;
use crate::store::Store;
use crate::time::Mono;
use crate::transport::Transport;

/// A request on its way, of which it is told how it ends, even if it is dropped.
pub(super) struct Sending<T: Transport, S: Store, R: Runtime> {
    client: Client<T, S, R>,
    reply: Pin<Box<T::Future>>,
    deadline: Mono,
    watch: Option<Watch>,
}

impl<T: Transport, S: Store, R: Runtime> Sending<T, S, R> {
    pub(super) fn new(client: &Client<T, S, R>, exchange: Exchange) -> Self {
        let (deadline, since) = (exchange.deadline, client.now().mono);
        let operation = exchange.operation().filter(|_| client.0.observer.watches());
        let reply = Box::pin(client.0.transport.send(exchange));
        let watch = operation.map(|operation| Watch::begin(client.with(Session::number_call), operation, since));
        Self { client: client.clone(), reply, deadline, watch }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response, Failure>> {
        let polled = {
            let _within = self.watch.as_ref().map(|watch| watch.span.enter());
            self.reply.as_mut().poll(cx)
        };
        if let (Poll::Ready(reply), Some(watch)) = (&polled, self.watch.take_if(|_| polled.is_ready())) {
            watch.over(reply.as_ref(), &self.client.0.observer, self.client.now().mono);
        }
        polled
    }
}

fn late() -> Failure {
    Failure::timeout("no whole answer within the bound")
}

impl<T: Transport, S: Store, R: Runtime> Drop for Sending<T, S, R> {
    /// Whoever waits past its deadline drops it.
    fn drop(&mut self) {
        let Some(watch) = self.watch.take() else { return };
        let (observer, now) = (&self.client.0.observer, self.client.now().mono);
        if now < self.deadline {
            watch.dropped(observer, now);
        } else {
            watch.over(Err(&late()), observer, now);
        }
    }
}

/// An exchange under way that belongs to no job of the session either. Its deadline holds whatever the transport does.
pub(super) struct Flight<T: Transport, S: Store, R: Runtime> {
    sending: Sending<T, S, R>,
    sleep: Sleeper<R>,
}

impl<T: Transport, S: Store, R: Runtime> Flight<T, S, R> {
    pub(super) fn new(client: &Client<T, S, R>, exchange: Exchange) -> Self {
        Self { sending: Sending::new(client, exchange), sleep: Sleeper::new() }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Response, Failure>> {
        match self.sending.poll(cx) {
            Poll::Ready(reply) => Poll::Ready(reply),
            Poll::Pending => {
                let Sending { client, deadline, .. } = &self.sending;
                self.sleep.poll(&client.0.runtime, *deadline, cx).map(|()| Err(late()))
            }
        }
    }
}
