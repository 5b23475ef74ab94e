//! The background work of an asynchronous client: all jobs and timers, in one future.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::Client;
use super::hub::Bag;
use super::sleep::Sleeper;
use super::store_job::{Slot, StoreJob};
use crate::error::{Failure, FailureKind};
use crate::runtime::Runtime;
use crate::session::{Job, JobId, Reply, Work};
use crate::store::Store;
use crate::transport::Transport;

/// Does the jobs of a client's session and minds its timers. It is spawned when something is owed, and ends when nothing is; the one
/// that [`Client::drive`] returns never ends.
#[must_use = "a future does nothing until it is polled"]
pub struct Driver<T: Transport, S: Store, R: Runtime> {
    client: Client<T, S, R>,
    tasks: Vec<(JobId, Task<T>)>,
    sleep: Sleeper<R>,
    forever: bool,
    ended: bool,
}

enum Task<T: Transport> {
    Exchange(Pin<Box<T::Future>>),
    Store(Arc<Slot>),
    Refused,
}

impl<T: Transport> Task<T> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Reply, Failure>> {
        match self {
            Self::Exchange(future) => future.as_mut().poll(cx).map_ok(Reply::Token),
            Self::Store(slot) => slot.poll(cx).map_ok(Reply::Store),
            Self::Refused => {
                let message = "this client has no handler for sign-ins";
                Poll::Ready(Err(Failure::new(FailureKind::Unsupported, message)))
            }
        }
    }
}

/// What a look at the session told.
struct Look {
    jobs: Vec<Job>,
    timeout: Option<crate::Mono>,
    idle: bool,
}

impl<T: Transport, S: Store, R: Runtime> Driver<T, S, R> {
    pub(super) fn new(client: Client<T, S, R>, forever: bool) -> Self {
        Self { client, tasks: Vec::new(), sleep: Sleeper::new(), forever, ended: false }
    }

    /// Polls the jobs under way; those that have ended.
    fn poll_tasks(&mut self, cx: &mut Context<'_>) -> Vec<(JobId, Result<Reply, Failure>)> {
        let mut ended = Vec::new();
        self.tasks.retain_mut(|(id, task)| match task.poll(cx) {
            Poll::Ready(outcome) => {
                ended.push((*id, outcome));
                false
            }
            Poll::Pending => true,
        });
        ended
    }

    fn look(&self, ended: Vec<(JobId, Result<Reply, Failure>)>, cx: &Context<'_>) -> Look {
        let now = self.client.now();
        let mut bag = Bag::default();
        let mut hub = self.client.lock();
        for (id, outcome) in ended {
            hub.session.handle_job(id, outcome, now);
        }
        if hub.session.poll_timeout().is_some_and(|at| now.mono >= at) {
            hub.session.handle_timeout(now);
        }
        let jobs: Vec<Job> = std::iter::from_fn(|| hub.session.poll_job()).collect();
        let timeout = hub.session.poll_timeout();
        let idle = jobs.is_empty() && self.tasks.is_empty() && timeout.is_none();
        let waker = (self.forever || !idle).then(|| cx.waker().clone());
        hub.driving = waker.is_some();
        hub.driver_timeout = timeout;
        bag.forget(std::mem::replace(&mut hub.driver, waker));
        self.client.settle(hub);
        Look { jobs, timeout, idle }
    }

    fn begin(&mut self, job: Job) {
        let inner = &self.client.0;
        let task = match job.work {
            Work::Token(exchange) => Task::Exchange(Box::pin(inner.transport.send(exchange))),
            Work::Store(work) => {
                let (store_job, slot) = StoreJob::new(Arc::clone(&inner.store), work, inner.runtime.now().unix);
                (inner.offload)(&inner.runtime, store_job);
                Task::Store(slot)
            }
            Work::SignIn(_) => Task::Refused,
            Work::Cancel(id) => {
                self.tasks.retain(|(known, _)| *known != id);
                return;
            }
        };
        self.tasks.push((job.id, task));
    }
}

impl<T: Transport, S: Store, R: Runtime> Future for Driver<T, S, R> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        loop {
            let ended = this.poll_tasks(cx);
            let Look { jobs, timeout, idle } = this.look(ended, cx);
            if idle && !this.forever {
                this.ended = true;
                return Poll::Ready(());
            }
            if !jobs.is_empty() {
                for job in jobs {
                    this.begin(job);
                }
                continue;
            }
            let due = timeout.is_some_and(|until| this.sleep.poll(&this.client.0.runtime, until, cx).is_ready());
            if !due {
                return Poll::Pending;
            }
        }
    }
}

/// How many rounds of jobs a dropped driver answers as lost. Each answer may lead to another job; a failed round ends in a pause.
const ROUNDS: usize = 16;

impl<T: Transport, S: Store, R: Runtime> Drop for Driver<T, S, R> {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let mut lost: Vec<JobId> = self.tasks.drain(..).map(|(id, _)| id).collect();
        let now = self.client.now();
        let mut bag = Bag::default();
        let mut hub = self.client.lock();
        for _ in 0..ROUNDS {
            lost.extend(std::iter::from_fn(|| hub.session.poll_job()).map(|job| job.id));
            if lost.is_empty() {
                break;
            }
            for id in lost.drain(..) {
                hub.session.handle_job(id, Err(Failure::lost()), now);
            }
        }
        hub.driving = false;
        bag.forget(hub.driver.take());
        // Nothing is spawned from here: the runtime may be the one that is ending.
        hub.settle(&mut bag, false);
    }
}
