//! How clients carry batches out.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::plan::{Flight, Plan};
use super::{Batch, BatchError, BatchOp, BatchRequest};
use crate::answer::Answer;
use crate::blocking;
use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::pages::PageRequest;
use crate::request::Execute;
use crate::runtime::{Clock, Runtime};
use crate::store::Store;
use crate::transport::{BlockingTransport, Transport};

/// Carries out batches. Clients implement it for references to themselves.
pub trait ExecuteBatch<O: BatchOp> {
    /// What sending returns: a future, or the result itself.
    type Reply;

    /// Carries out.
    fn execute_batch(self, batch: BatchRequest<O>) -> Self::Reply;
}

/// What is asked for, and the reply that will come.
type Airborne<O, C> = (Flight<O>, Pin<Box<<C as Execute<PageRequest<O>>>::Reply>>);

/// A batch on its way: it polls its requests itself and spawns nothing. Dropping it gives all of them up.
#[must_use = "a future does nothing until it is polled"]
pub struct Gather<O: BatchOp, C: Execute<PageRequest<O>>> {
    client: C,
    at_once: usize,
    plan: Option<Plan<O>>,
    flights: Vec<Airborne<O, C>>,
}

impl<O: BatchOp, C: Execute<PageRequest<O>>> Gather<O, C> {
    /// The batch, carried out by `client`: for middleware around a client.
    pub fn new(client: C, batch: BatchRequest<O>) -> Self {
        Self { client, at_once: batch.at_once, plan: Some(Plan::new(batch)), flights: Vec::new() }
    }
}

/// Nothing in it is pinned in place.
impl<O: BatchOp, C: Execute<PageRequest<O>>> Unpin for Gather<O, C> {}

impl<O, C> Future for Gather<O, C>
where
    O: BatchOp,
    C: Execute<PageRequest<O>, Reply: Future<Output = Result<Answer<O::Output>, Error>>> + Clone,
{
    type Output = Result<Batch<O>, BatchError<O>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { client, at_once, plan: slot, flights } = &mut *self;
        let Some(plan) = slot.as_mut() else {
            return Poll::Ready(Err(Plan::lost(Error::of(ErrorKind::Lost, "polled after its end"))));
        };
        loop {
            while flights.len() < *at_once
                && let Some((flight, request)) = plan.begin()
            {
                flights.push((flight, Box::pin(client.clone().execute(request))));
            }
            let before = flights.len();
            let mut rest = Vec::with_capacity(before);
            let mut landed = false;
            for (mut flight, mut reply) in flights.drain(..) {
                match reply.as_mut().poll(cx) {
                    Poll::Pending => rest.push((flight, reply)),
                    Poll::Ready(reply) => {
                        landed = true;
                        if let Some(request) = plan.take(&mut flight, reply) {
                            rest.push((flight, Box::pin(client.clone().execute(request))));
                        }
                    }
                }
            }
            *flights = rest;
            if before > 0 && !landed {
                return Poll::Pending;
            }
            if before == 0 {
                break;
            }
        }
        match slot.take() {
            Some(plan) => Poll::Ready(plan.finish()),
            None => Poll::Pending,
        }
    }
}

impl<O: BatchOp, T: Transport, S: Store, R: Runtime> ExecuteBatch<O> for &Client<T, S, R> {
    type Reply = Gather<O, Client<T, S, R>>;

    fn execute_batch(self, batch: BatchRequest<O>) -> Self::Reply {
        Gather::new(self.clone(), batch)
    }
}

impl<O: BatchOp, T: Transport, S: Store, R: Runtime> ExecuteBatch<O> for Client<T, S, R> {
    type Reply = Gather<O, Self>;

    fn execute_batch(self, batch: BatchRequest<O>) -> Self::Reply {
        Gather::new(self, batch)
    }
}

impl<O: BatchOp, T: BlockingTransport, S: Store, C: Clock> ExecuteBatch<O> for &blocking::Client<T, S, C> {
    type Reply = Result<Batch<O>, BatchError<O>>;

    fn execute_batch(self, batch: BatchRequest<O>) -> Self::Reply {
        let mut plan = Plan::new(batch);
        while let Some((mut flight, request)) = plan.begin() {
            let mut next = Some(request);
            while let Some(request) = next {
                next = plan.take(&mut flight, self.send(&request));
            }
        }
        plan.finish()
    }
}
