//! What the application gave to bring people through sign-ins.

use std::future::Future;
use std::sync::OnceLock;

use super::Client;
use crate::auth::{CodeExchange, DevicePrompt, ImplicitToken, PendingImplicit, PendingSignIn};
use crate::error::Failure;
use crate::runtime::Runtime;
use crate::store::Store;
use crate::transport::{BoxFuture, Transport};

type Handler<P, A> = OnceLock<Box<dyn Fn(P) -> BoxFuture<Result<A, Failure>> + Send + Sync>>;

/// One for each way in which a person signs in.
#[derive(Default)]
pub(super) struct Handlers {
    pub(super) code: Handler<PendingSignIn, CodeExchange>,
    pub(super) implicit: Handler<PendingImplicit, ImplicitToken>,
    pub(super) device: Handler<DevicePrompt, ()>,
}

/// Handlers, which bring a person through a sign-in when calls need one.
///
/// Where [`Config::handles_sign_in`](crate::Config::handles_sign_in) says so and a person has to sign in, the handler for the flow
/// is asked, once for all calls that wait; then they go on. They wait within their own bound ([`Bounds::call`](crate::config::Bounds)),
/// and the sign-in within its own ([`Bounds::sign_in`](crate::config::Bounds)). It is polled with the client's other work: what blocks
/// belongs elsewhere.
///
/// When the sign-in's time is over, or somebody signs out, the handler's future is dropped before another is asked. What it brings
/// at that very moment is not used: its code is not exchanged.
///
/// A handler that fails, with [`FailureKind::SignIn`](crate::FailureKind::SignIn), ends the waiting calls with
/// [`ErrorKind::SignInRequired`](crate::ErrorKind::SignInRequired). The first handler for a kind of sign-in stays. It stays as long as the
/// client, so one that holds that client keeps both for good.
impl<T: Transport, S: Store, R: Runtime> Client<T, S, R> {
    /// The handler for the authorization code flows, with PKCE and without: it sends the person's browser to the address and takes
    /// what comes back. `tidal-redirect` has what such a handler does.
    pub fn handle_sign_ins<F>(&self, handler: impl Fn(PendingSignIn) -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<CodeExchange, Failure>> + Send + 'static,
    {
        self.0.handlers.code.get_or_init(|| Box::new(move |pending| Box::pin(handler(pending))));
    }

    /// The handler for the flow `implicit`: the same, where the browser brings the token itself.
    pub fn handle_implicit_sign_ins<F>(&self, handler: impl Fn(PendingImplicit) -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<ImplicitToken, Failure>> + Send + 'static,
    {
        self.0.handlers.implicit.get_or_init(|| Box::new(move |pending| Box::pin(handler(pending))));
    }

    /// The handler for the flow `device`: it shows the person the code. The client itself asks the service as often as that wants,
    /// until the person has signed in or declined, or the code has expired.
    ///
    /// The handler may return as soon as the code is shown, or keep it on the screen: its future is polled beside the questions,
    /// and dropped when the sign-in is over. One that fails gives the sign-in up.
    pub fn handle_device_sign_ins<F>(&self, handler: impl Fn(DevicePrompt) -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        self.0.handlers.device.get_or_init(|| Box::new(move |prompt| Box::pin(handler(prompt))));
    }
}
