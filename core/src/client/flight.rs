//! An exchange that belongs to no call and to no job of the session.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Client;
use super::sleep::Sleeper;
use crate::error::Failure;
use crate::message::{Exchange, Response};
use crate::runtime::Runtime;
use crate::store::Store;
use crate::time::Mono;
use crate::transport::Transport;

/// An exchange under way. Its deadline holds whatever the transport does.
pub(super) struct Flight<T: Transport, R: Runtime> {
    reply: Pin<Box<T::Future>>,
    until: Mono,
    sleep: Sleeper<R>,
}

impl<T: Transport, R: Runtime> Flight<T, R> {
    pub(super) fn new<S: Store>(client: &Client<T, S, R>, exchange: Exchange) -> Self {
        let until = exchange.deadline;
        Self { reply: Box::pin(client.0.transport.send(exchange)), until, sleep: Sleeper::new() }
    }

    pub(super) fn poll(&mut self, runtime: &R, cx: &mut Context<'_>) -> Poll<Result<Response, Failure>> {
        match self.reply.as_mut().poll(cx) {
            Poll::Ready(reply) => Poll::Ready(reply),
            Poll::Pending => {
                self.sleep.poll(runtime, self.until, cx).map(|()| Err(Failure::timeout("no whole answer within the bound")))
            }
        }
    }
}
