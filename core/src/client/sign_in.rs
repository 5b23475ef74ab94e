//! A sign-in that the application's handler brings a person through, and what follows: the code's exchange, and who it is.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::Client;
use crate::auth::{CodeAnswer, CodeExchange, Grant};
use crate::error::{Error, Failure, FailureKind};
use crate::runtime::Runtime;
use crate::store::Store;
use crate::transport::{BoxFuture, Transport};

/// ```text
/// Handler ──▶ Code ──▶ Identify ──▶ the grant
///               └──────────────────────▲
/// ```
pub(super) enum SignIn<T: Transport> {
    Handler(BoxFuture<Result<CodeExchange, Failure>>),
    Code(Pin<Box<T::Future>>, Option<Box<CodeAnswer>>),
    Identify(Pin<Box<T::Future>>, Option<Box<Grant>>),
}

fn failed(error: Error) -> Failure {
    Failure::new(FailureKind::SignIn, error.to_string())
}

impl<T: Transport> SignIn<T> {
    pub(super) fn begin<S: Store, R: Runtime>(client: &Client<T, S, R>) -> Result<Self, Failure> {
        let handler = client.0.handler.get().ok_or_else(Failure::no_handler)?;
        Ok(Self::Handler(handler(client.begin_sign_in().map_err(failed)?)))
    }

    pub(super) fn poll<S: Store, R: Runtime>(
        &mut self,
        client: &Client<T, S, R>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Grant, Failure>> {
        let send = |exchange| Box::pin(client.0.transport.send(exchange));
        loop {
            *self = match self {
                Self::Handler(future) => {
                    let code = ready!(future.as_mut().poll(cx))?;
                    let sent = code.send(&client.config(), client.now());
                    let (exchange, answer) = sent.map_err(|invalid| failed(invalid.into()))?;
                    Self::Code(send(exchange), Some(Box::new(answer)))
                }
                Self::Code(future, answer) => {
                    let reply = ready!(future.as_mut().poll(cx));
                    let answer = answer.take().ok_or_else(Failure::lost)?;
                    let grant = answer.receive(reply, client.now()).map_err(failed)?;
                    match grant.identify(&client.config(), client.now()) {
                        Some(exchange) => Self::Identify(send(exchange), Some(Box::new(grant))),
                        None => return Poll::Ready(Ok(grant)),
                    }
                }
                Self::Identify(future, grant) => {
                    let reply = ready!(future.as_mut().poll(cx));
                    return Poll::Ready(grant.take().map(|grant| grant.identified(reply)).ok_or_else(Failure::lost));
                }
            };
        }
    }
}
