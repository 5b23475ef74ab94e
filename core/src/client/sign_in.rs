//! A sign-in that the application's handler brings a person through, and what follows: what the flow asks of the service, and who
//! it is.

use std::task::{Context, Poll, ready};

use super::Client;
use super::asking::Asking;
use super::flight::Flight;
use crate::auth::{CodeAnswer, CodeExchange, DeviceAnswer, Grant, ImplicitToken};
use crate::error::{Error, Failure};
use crate::flow::Flow;
use crate::runtime::Runtime;
use crate::session::{Basis, JobId};
use crate::store::Store;
use crate::transport::{BoxFuture, Transport};

/// A sign-in under way, and what it asks by.
pub(super) struct SignIn<T: Transport, S: Store, R: Runtime> {
    basis: Basis,
    step: Step<T, S, R>,
}

/// ```text
/// Browser ──▶ Code ─────┐
/// Implicit ─────────────┼──▶ Identify ──▶ the grant
/// DeviceCode ─▶ Device ─┘
/// ```
/// Where the flow's answer says who it is, `Identify` is left out.
enum Step<T: Transport, S: Store, R: Runtime> {
    Browser(BoxFuture<Result<CodeExchange, Failure>>),
    Code(Flight<T, S, R>, Option<Box<CodeAnswer>>),
    Implicit(BoxFuture<Result<ImplicitToken, Failure>>),
    DeviceCode(Flight<T, S, R>, Option<Box<DeviceAnswer>>),
    /// The handler, until it returns, and the questions beside it.
    Device(Option<BoxFuture<Result<(), Failure>>>, Asking<T, S, R>),
    Identify(Flight<T, S, R>, Option<Box<Grant>>),
}

impl<T: Transport, S: Store, R: Runtime> SignIn<T, S, R> {
    /// For an account of this flow. Should the session have another one by now, nobody is asked.
    pub(super) fn begin(client: &Client<T, S, R>, flow: Flow) -> Result<Self, Failure> {
        let basis = client.with(|session| session.basis());
        Ok(Self { basis, step: Step::begin(client, flow)? })
    }

    /// For this job. Once nobody waits for it any more, it fails, and does nothing more: what a handler brought at that moment is not
    /// used, and its code stays good.
    pub(super) fn poll(&mut self, client: &Client<T, S, R>, job: JobId, cx: &mut Context<'_>) -> Poll<Result<Grant, Failure>> {
        client.awaits(job)?;
        self.step.poll(client, &self.basis, job, cx)
    }
}

impl<T: Transport, S: Store, R: Runtime> Step<T, S, R> {
    /// For an account of this flow. Should the session have another one by now, nobody is asked.
    fn begin(client: &Client<T, S, R>, flow: Flow) -> Result<Self, Failure> {
        let handlers = &client.0.handlers;
        Ok(match flow {
            Flow::Device => {
                handlers.device.get().ok_or_else(|| Failure::no_handler("handle_device_sign_ins"))?;
                let now = client.now();
                let begun = client.with(|session| session.begin_device_sign_in(now));
                let (exchange, answer) = begun.map_err(|invalid| failed(invalid.into()))?;
                Self::DeviceCode(Flight::new(client, exchange), Some(Box::new(answer)))
            }
            Flow::Implicit => {
                let handler = handlers.implicit.get().ok_or_else(|| Failure::no_handler("handle_implicit_sign_ins"))?;
                Self::Implicit(handler(client.begin_implicit_sign_in().map_err(failed)?))
            }
            _ => {
                let handler = handlers.code.get().ok_or_else(|| Failure::no_handler("handle_sign_ins"))?;
                Self::Browser(handler(client.begin_sign_in().map_err(failed)?))
            }
        })
    }

    fn poll(
        &mut self,
        client: &Client<T, S, R>,
        basis: &Basis,
        job: JobId,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Grant, Failure>> {
        loop {
            let grant = match self {
                Self::Browser(handler) => {
                    let code = ready!(handler.as_mut().poll(cx))?;
                    client.awaits(job)?;
                    let sent = code.send(basis.config(), client.now());
                    let (exchange, answer) = sent.map_err(|invalid| failed(invalid.into()))?;
                    *self = Self::Code(Flight::new(client, exchange), Some(Box::new(answer)));
                    continue;
                }
                Self::Code(flight, answer) => {
                    let reply = ready!(flight.poll(cx));
                    let answer = answer.take().ok_or_else(Failure::lost)?;
                    answer.receive(reply, client.now()).map_err(failed)?
                }
                Self::Implicit(handler) => {
                    let token = ready!(handler.as_mut().poll(cx))?;
                    client.awaits(job)?;
                    token.grant(basis.config()).map_err(|invalid| failed(invalid.into()))?
                }
                Self::DeviceCode(flight, answer) => {
                    let reply = ready!(flight.poll(cx));
                    let answer = answer.take().ok_or_else(Failure::lost)?;
                    let pending = answer.receive(reply, client.now()).map_err(failed)?;
                    let shown = client.0.handlers.device.get().map(|handler| handler(pending.prompt()));
                    *self = Self::Device(shown, Asking::new(pending));
                    continue;
                }
                Self::Device(shown, asking) => {
                    if let Some(Poll::Ready(outcome)) = shown.as_mut().map(|handler| handler.as_mut().poll(cx)) {
                        *shown = None;
                        outcome?;
                        client.awaits(job)?;
                    }
                    ready!(asking.poll(client, basis, cx)).map_err(failed)?
                }
                Self::Identify(flight, grant) => {
                    let reply = ready!(flight.poll(cx));
                    return Poll::Ready(grant.take().map(|grant| grant.identified(reply)).ok_or_else(Failure::lost));
                }
            };
            // Another thread may have signed out while the answer came.
            client.awaits(job)?;
            match grant.identify(basis.config(), client.now()) {
                Some(exchange) => *self = Self::Identify(Flight::new(client, exchange), Some(Box::new(grant))),
                None => return Poll::Ready(Ok(grant)),
            }
        }
    }
}

impl<T: Transport, S: Store, R: Runtime> Client<T, S, R> {
    /// Fails if the session does not wait for this job any more: its time is over, or somebody has signed out.
    fn awaits(&self, job: JobId) -> Result<(), Failure> {
        let now = self.now();
        let mut hub = self.lock();
        hub.mind_the_time(now);
        let awaits = hub.session.awaits(job);
        self.settle(hub);
        if awaits { Ok(()) } else { Err(Failure::lost()) }
    }
}

#[inline]
fn failed(error: Error) -> Failure {
    Failure::sign_in(&error)
}
