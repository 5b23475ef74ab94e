//! A call on its way through an asynchronous client.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Client;
use super::hub::Bag;
use super::sleep::Sleeper;
use crate::answer::Answer;
use crate::call::{AttemptId, Call, Step};
use crate::error::{Error, ErrorKind, Invalid};
use crate::report::Span;
use crate::runtime::Runtime;
use crate::store::Store;
use crate::time::Mono;
use crate::transport::Transport;

/// A call under way. It owns what it needs; dropping it gives the call up, and nothing else.
#[must_use = "a future does nothing until it is polled"]
pub struct CallFuture<T: Transport, S: Store, R: Runtime, O> {
    client: Client<T, S, R>,
    call: Option<Result<Call<O>, Invalid>>,
    flight: Option<Flight<T>>,
    sleep: Sleeper<R>,
    span: Span,
}

struct Flight<T: Transport> {
    id: AttemptId,
    deadline: Mono,
    future: Pin<Box<T::Future>>,
}

impl<T: Transport, S: Store, R: Runtime, O: Send + Sync + 'static> CallFuture<T, S, R, O> {
    pub(super) fn new(client: Client<T, S, R>, call: Result<Call<O>, Invalid>) -> Self {
        Self { client, call: Some(call), flight: None, sleep: Sleeper::new(), span: Span::default() }
    }

    fn ask(client: &Client<T, S, R>, call: &mut Call<O>, cx: &Context<'_>) -> Step<Answer<O>> {
        let now = client.now();
        let mut bag = Bag::default();
        let mut hub = client.lock();
        let before = call.id();
        let step = call.poll(&mut hub.session, now);
        match (&step, before) {
            (Step::Wait(ticket), _) => hub.wait(ticket.call, cx.waker(), &mut bag),
            (_, Some(id)) => hub.done(id, &mut bag),
            _ => {}
        }
        client.settle(hub);
        step
    }
}

impl<T: Transport, S: Store, R: Runtime, O: Send + Sync + 'static> Future for CallFuture<T, S, R, O> {
    type Output = Result<Answer<O>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { client, call: slot, flight, sleep, span } = self.get_mut();
        let call = match slot {
            Some(Ok(call)) => call,
            Some(Err(invalid)) => {
                let error = invalid.clone().into();
                *slot = None;
                return Poll::Ready(Err(error));
            }
            None => return Poll::Ready(Err(Error::of(ErrorKind::Lost, "polled after its end"))),
        };
        loop {
            if let Some(Flight { id, deadline, future }) = flight {
                let polled = {
                    let _within = span.enter();
                    future.as_mut().poll(cx)
                };
                if let Poll::Ready(reply) = polled {
                    call.receive(*id, reply, client.now());
                    *flight = None;
                } else {
                    let deadline = *deadline;
                    if sleep.poll(&client.0.runtime, deadline, cx).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
            let step = Self::ask(client, call, cx);
            client.0.observer.hear(call, span);
            match step {
                Step::Send(attempt) => {
                    let (id, deadline) = (attempt.id, attempt.exchange.deadline);
                    let future = Box::pin(client.0.transport.send(attempt.exchange));
                    *flight = Some(Flight { id, deadline, future });
                }
                Step::Wait(ticket) => {
                    // What is waited for is no longer this attempt: the call has given it up.
                    if flight.as_ref().is_some_and(|flight| ticket.until > flight.deadline) {
                        *flight = None;
                    }
                    if sleep.poll(&client.0.runtime, ticket.until, cx).is_pending() {
                        return Poll::Pending;
                    }
                }
                Step::Done(outcome) => {
                    *flight = None;
                    *slot = None;
                    return Poll::Ready(outcome);
                }
            }
        }
    }
}

impl<T: Transport, S: Store, R: Runtime, O> Drop for CallFuture<T, S, R, O> {
    fn drop(&mut self) {
        let Some(Ok(call)) = &mut self.call else { return };
        let id = call.id();
        call.dropped(self.client.now());
        self.client.0.observer.hear(call, &mut self.span);
        if let Some(id) = id {
            let mut bag = Bag::default();
            let mut hub = self.client.lock();
            hub.session.abandon(id);
            hub.done(id, &mut bag);
            self.client.settle(hub);
        }
    }
}
