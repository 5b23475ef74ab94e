//! Sign-ins that the application's handlers bring a person through.

use std::sync::{OnceLock, TryLockError};

use super::Client;
use crate::auth::{
    CodeExchange, DeviceOutcome, DevicePrompt, Grant, ImplicitToken, PendingDevice, PendingImplicit, PendingSignIn,
};
use crate::error::{Error, Failure, FailureKind};
use crate::flow::Flow;
use crate::runtime::Clock;
use crate::session::{Basis, JobId, Session};
use crate::store::Store;
use crate::sync::{Mutex, MutexGuard};
use crate::transport::BlockingTransport;

type Handler<P, A> = OnceLock<Box<dyn Fn(P) -> Result<A, Failure> + Send + Sync>>;

/// One for each way in which a person signs in.
#[derive(Default)]
pub(super) struct Handlers {
    code: Handler<PendingSignIn, CodeExchange>,
    implicit: Handler<PendingImplicit, ImplicitToken>,
    device: Handler<DevicePrompt, ()>,
    /// Held while one of them runs.
    running: Mutex<()>,
}

type Turn<'a> = MutexGuard<'a, ()>;

impl Handlers {
    /// The right to run one of them, until it is dropped.
    #[inline]
    fn turn(&self) -> Result<Turn<'_>, Failure> {
        match self.running.try_lock() {
            Ok(turn) => Ok(turn),
            // The one before has panicked, and runs no more.
            Err(TryLockError::Poisoned(turn)) => Ok(turn.into_inner()),
            Err(TryLockError::WouldBlock) => Err(Failure::new(
                FailureKind::SignIn,
                "the handler of a sign-in that was given up, by a sign-out or at the end of its time, still runs; \
                 another one is asked once it has returned",
            )),
        }
    }
}

/// Handlers, which bring a person through a sign-in when calls need one.
///
/// Where [`Config::handles_sign_in`](crate::Config::handles_sign_in) says so and a person has to sign in, the handler for the flow
/// is asked, once for all calls that wait; then they go on. It runs on a thread that uses the client, which is busy with it until the
/// sign-in is over. The others wait within their own bound ([`Bounds::call`](crate::config::Bounds)), and the sign-in has its own
/// ([`Bounds::sign_in`](crate::config::Bounds)).
///
/// A handler that runs can't be stopped. What it brings after the sign-in's time is over, or after somebody has signed out, is not
/// used: its code is not exchanged. Until it returns, no other handler of this client is asked: calls that need a sign-in meanwhile fail
/// at once with [`ErrorKind::SignInRequired`](crate::ErrorKind::SignInRequired), rather than hang behind it. So a handler should
/// not wait longer than the sign-in may last; the listener in `tidal-redirect` takes such a bound.
///
/// A handler that fails, with [`FailureKind::SignIn`], ends the waiting calls with
/// [`ErrorKind::SignInRequired`](crate::ErrorKind::SignInRequired). The first handler for a kind of sign-in stays. It stays as long as the
/// client, so one that holds that client keeps both for good.
impl<T: BlockingTransport, S: Store, C: Clock> Client<T, S, C> {
    /// The handler for the authorization code flows, with PKCE and without: it sends the person's browser to the address and takes
    /// what comes back. `tidal-redirect` has what such a handler does.
    pub fn handle_sign_ins(&self, handler: impl Fn(PendingSignIn) -> Result<CodeExchange, Failure> + Send + Sync + 'static) {
        self.0.handlers.code.get_or_init(|| Box::new(handler));
    }

    /// The handler for the flow `implicit`: the same, where the browser brings the token itself.
    pub fn handle_implicit_sign_ins(
        &self,
        handler: impl Fn(PendingImplicit) -> Result<ImplicitToken, Failure> + Send + Sync + 'static,
    ) {
        self.0.handlers.implicit.get_or_init(|| Box::new(handler));
    }

    /// The handler for the flow `device`: it shows the person the code, and returns. The client itself then asks the service as
    /// often as that wants, until the person has signed in or declined, or the code has expired.
    pub fn handle_device_sign_ins(&self, handler: impl Fn(DevicePrompt) -> Result<(), Failure> + Send + Sync + 'static) {
        self.0.handlers.device.get_or_init(|| Box::new(handler));
    }

    /// Does what the session asks its application for: a sign-in to an account of this flow. Should the session have another one by now,
    /// nobody is asked.
    pub(super) fn have_signed_in(&self, flow: Flow, job: JobId) -> Result<Grant, Failure> {
        let failed = |error: Error| Failure::sign_in(&error);
        let handlers = &self.0.handlers;
        let turn = handlers.turn()?;
        let basis = self.basis();
        let grant = match flow {
            Flow::Device => {
                let show = handlers.device.get().ok_or_else(|| Failure::no_handler("handle_device_sign_ins"))?;
                let pending = self.begin_device_sign_in().map_err(failed)?;
                self.awaits(job)?;
                self.brought(job, turn, show(pending.prompt()))?;
                let wanted = |session: &Session| awaits(session, job).map_err(Error::from);
                self.ask_about_device(pending, &basis, wanted).map_err(failed)?
            }
            Flow::Implicit => {
                let handler = handlers.implicit.get().ok_or_else(|| Failure::no_handler("handle_implicit_sign_ins"))?;
                let token = self.brought(job, turn, handler(self.begin_implicit_sign_in().map_err(failed)?))?;
                token.grant(basis.config()).map_err(|invalid| failed(invalid.into()))?
            }
            _ => {
                let handler = handlers.code.get().ok_or_else(|| Failure::no_handler("handle_sign_ins"))?;
                let code = self.brought(job, turn, handler(self.begin_sign_in().map_err(failed)?))?;
                let (exchange, answer) = code.send(basis.config(), self.now()).map_err(|invalid| failed(invalid.into()))?;
                answer.receive(self.exchange(exchange), self.now()).map_err(failed)?
            }
        };
        // Another thread may have signed out while the answer came.
        self.awaits(job)?;
        Ok(self.identified(&basis, grant))
    }

    /// What a handler brought that had its turn until now: nothing, if nobody waits for it any more.
    fn brought<A>(&self, job: JobId, turn: Turn<'_>, brought: Result<A, Failure>) -> Result<A, Failure> {
        drop(turn);
        let brought = brought?;
        self.awaits(job).map(|()| brought)
    }

    /// Fails if the session does not wait for this job any more: its time is over, or somebody has signed out.
    fn awaits(&self, job: JobId) -> Result<(), Failure> {
        self.with(|session| awaits(session, job))
    }

    /// Asks as often as the service wants whether a person has signed in on another device, for as long as this is `wanted`.
    pub(super) fn ask_about_device(
        &self,
        mut pending: PendingDevice,
        basis: &Basis,
        wanted: impl Fn(&Session) -> Result<(), Error>,
    ) -> Result<Grant, Error> {
        loop {
            self.with(|session| wanted(session))?;
            if self.now().mono < pending.ask_at() {
                // Early wake-ups only lead to another look.
                self.wait(pending.ask_at());
                continue;
            }
            let (exchange, poll) = pending.ask(basis.config(), self.now())?;
            match poll.receive(self.exchange(exchange), self.now())? {
                DeviceOutcome::Granted(grant) => return Ok(*grant),
                DeviceOutcome::Pending(again) => pending = again,
            }
        }
    }

    /// Says who it is, where the token answer doesn't.
    pub(super) fn identified(&self, basis: &Basis, grant: Grant) -> Grant {
        match grant.identify(basis.config(), self.now()) {
            Some(exchange) => grant.identified(self.exchange(exchange)),
            None => grant,
        }
    }
}

#[inline]
fn awaits(session: &Session, job: JobId) -> Result<(), Failure> {
    if session.awaits(job) { Ok(()) } else { Err(Failure::lost()) }
}
