//! What a thread leaves in order, even if it panics.

use super::Client;
use crate::client::hub::{Bag, Hub};
use crate::error::Failure;
use crate::runtime::Clock;
use crate::session::{CallId, JobId, Reply};
use crate::store::Store;
use crate::transport::BlockingTransport;

/// Gives up a call that its thread leaves before its end.
pub(super) struct CallGuard<'c, T: BlockingTransport, S: Store, C: Clock> {
    client: &'c Client<T, S, C>,
    call: Option<CallId>,
    /// Another thread does what its call left to do.
    pub(super) relieved: bool,
}

impl<'c, T: BlockingTransport, S: Store, C: Clock> CallGuard<'c, T, S, C> {
    pub(super) const fn new(client: &'c Client<T, S, C>) -> Self {
        Self { client, call: None, relieved: false }
    }

    pub(super) fn knows(&mut self, call: CallId) {
        self.call = Some(call);
    }

    /// The thread no longer waits: somebody else minds the session's jobs and time.
    pub(super) fn leaves_the_watch(&mut self, hub: &mut Hub, bag: &mut Bag) {
        if let Some(call) = self.call {
            hub.done(call, bag);
            self.relieved = hub.pass_the_watch(bag);
        }
    }
}

impl<T: BlockingTransport, S: Store, C: Clock> Drop for CallGuard<'_, T, S, C> {
    fn drop(&mut self) {
        if let Some(call) = self.call {
            self.client.abandon(call);
        }
    }
}

/// Answers a job, as lost if its thread panics.
pub(super) struct JobGuard<'c, T: BlockingTransport, S: Store, C: Clock> {
    client: &'c Client<T, S, C>,
    id: Option<JobId>,
}

impl<'c, T: BlockingTransport, S: Store, C: Clock> JobGuard<'c, T, S, C> {
    pub(super) const fn new(client: &'c Client<T, S, C>, id: JobId) -> Self {
        Self { client, id: Some(id) }
    }

    pub(super) fn defuse(mut self) {
        self.id = None;
    }

    pub(super) fn answer(mut self, outcome: Result<Reply, Failure>) {
        self.reply(outcome);
    }

    fn reply(&mut self, outcome: Result<Reply, Failure>) {
        if let Some(id) = self.id.take() {
            let now = self.client.now();
            self.client.with(|session| session.handle_job(id, outcome, now));
        }
    }
}

impl<T: BlockingTransport, S: Store, C: Clock> Drop for JobGuard<'_, T, S, C> {
    fn drop(&mut self) {
        self.reply(Err(Failure::lost()));
    }
}
