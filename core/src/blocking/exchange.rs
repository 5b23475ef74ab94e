//! Requests that belong to no call.

use super::Client;
use super::guard::WatchGuard;
use crate::error::Failure;
use crate::message::{Exchange, Response};
use crate::report::Watch;
use crate::runtime::Clock;
use crate::session::Session;
use crate::store::Store;
use crate::transport::BlockingTransport;

impl<T: BlockingTransport, S: Store, C: Clock> Client<T, S, C> {
    /// Carries out a request of a sign-in or of a job, and tells of it.
    pub(super) fn exchange(&self, exchange: Exchange) -> Result<Response, Failure> {
        let operation = exchange.operation().filter(|_| self.0.observer.watches());
        let begin = |operation| Watch::begin(self.with(Session::number_call), operation, self.now().mono);
        let guard = WatchGuard::new(self, operation.map(begin));
        let reply = {
            let _within = guard.enter();
            self.0.transport.send(exchange)
        };
        guard.over(reply.as_ref());
        reply
    }
}
