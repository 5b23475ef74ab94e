//! The background work of an asynchronous client: all jobs and timers, in one future.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::Client;
use super::flight::Sending;
use super::hub::Bag;
use super::sign_in::SignIn;
use super::sleep::Sleeper;
use super::store_job::{Slot, StoreJob};
use crate::error::Failure;
use crate::runtime::Runtime;
use crate::session::{Job, JobId, Reply, StoreWork, Work};
use crate::store::Store;
use crate::transport::Transport;

/// Does the jobs of a client's session and minds its timers. It is spawned when something is owed, and ends when nothing is; the one
/// that [`Client::drive`] returns never ends.
#[must_use = "a future does nothing until it is polled"]
pub struct Driver<T: Transport, S: Store, R: Runtime> {
    client: Client<T, S, R>,
    /// Its name in the hub, from its first look on.
    id: Option<u64>,
    /// Taken, and not begun yet.
    todo: VecDeque<Job>,
    tasks: Vec<(JobId, Task<T, S, R>)>,
    sleep: Sleeper<R>,
    forever: bool,
    ended: bool,
}

enum Task<T: Transport, S: Store, R: Runtime> {
    Exchange(Box<Sending<T, S, R>>),
    Store(Arc<Slot>),
    Acquire(Arc<Slot>),
    SignIn(Box<SignIn<T, S, R>>),
    Ended(Box<Result<Reply, Failure>>),
}

impl<T: Transport, S: Store, R: Runtime> Task<T, S, R> {
    fn poll(&mut self, client: &Client<T, S, R>, job: JobId, cx: &mut Context<'_>) {
        let poll = match self {
            Self::SignIn(sign_in) => sign_in.poll(client, job, cx).map_ok(Reply::SignedIn),
            Self::Exchange(sending) => sending.poll(cx).map_ok(Reply::Token),
            Self::Store(slot) | Self::Acquire(slot) => slot.poll(cx).map_ok(Reply::Store),
            Self::Ended(_) => return,
        };
        if let Poll::Ready(outcome) = poll {
            *self = Self::Ended(Box::new(outcome));
        }
    }
}

/// What a look at the session told.
struct Look {
    timeout: Option<crate::Mono>,
    idle: bool,
}

impl<T: Transport, S: Store, R: Runtime> Driver<T, S, R> {
    pub(super) fn new(client: Client<T, S, R>, forever: bool) -> Self {
        Self { client, id: None, todo: VecDeque::new(), tasks: Vec::new(), sleep: Sleeper::new(), forever, ended: false }
    }

    /// Takes out what has ended.
    fn take_ended(&mut self) -> Vec<(JobId, Result<Reply, Failure>)> {
        let (mut ended, mut under_way) = (Vec::new(), Vec::new());
        for (id, task) in self.tasks.drain(..) {
            match task {
                Task::Ended(outcome) => ended.push((id, *outcome)),
                task => under_way.push((id, task)),
            }
        }
        self.tasks = under_way;
        ended
    }

    fn look(&mut self, cx: &Context<'_>) -> Look {
        let ended = self.take_ended();
        let now = self.client.now();
        let mut bag = Bag::default();
        let mut hub = self.client.lock();
        for (id, outcome) in ended {
            hub.session.handle_job(id, outcome, now);
        }
        hub.mind_the_time(now);
        self.todo.extend(std::iter::from_fn(|| hub.session.poll_job()));
        let timeout = hub.session.poll_timeout();
        let idle = self.todo.is_empty() && self.tasks.is_empty() && timeout.is_none();
        let waker = (self.forever || !idle).then_some(cx.waker());
        hub.driver_looked(&mut self.id, waker, timeout, &mut bag);
        self.client.settle(hub);
        Look { timeout, idle }
    }

    fn begin(&mut self, job: Job) {
        let inner = &self.client.0;
        if let Work::Cancel(id) = job.work {
            // A lease that comes too late is given back: the session wants to hear of it.
            self.tasks.retain(|(known, task)| *known != id || matches!(task, Task::Acquire(_)));
            return;
        }
        // Should the transport or the runtime panic, this is how it ended.
        self.tasks.push((job.id, Task::Ended(Box::new(Err(Failure::lost())))));
        let task = match job.work {
            Work::Token(exchange) => Task::Exchange(Box::new(Sending::new(&self.client, exchange))),
            Work::Store(work) => {
                let acquires = matches!(work, StoreWork::Acquire { .. });
                let (store_job, slot) = StoreJob::new(Arc::clone(&inner.store), work, inner.runtime.now().unix);
                (inner.offload)(&inner.runtime, store_job);
                if acquires { Task::Acquire(slot) } else { Task::Store(slot) }
            }
            Work::SignIn(wanted) => match SignIn::begin(&self.client, wanted.flow) {
                Ok(sign_in) => Task::SignIn(Box::new(sign_in)),
                Err(failure) => Task::Ended(Box::new(Err(failure))),
            },
            Work::Cancel(_) => return,
        };
        if let Some((_, begun)) = self.tasks.last_mut() {
            *begun = task;
        }
    }
}

impl<T: Transport, S: Store, R: Runtime> Future for Driver<T, S, R> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        loop {
            this.tasks.iter_mut().for_each(|(job, task)| task.poll(&this.client, *job, cx));
            let Look { timeout, idle } = this.look(cx);
            if idle && !this.forever {
                this.ended = true;
                return Poll::Ready(());
            }
            if !this.todo.is_empty() {
                while let Some(job) = this.todo.pop_front() {
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
        if self.ended || (self.forever && self.id.is_none()) {
            return;
        }
        let ended = self.take_ended();
        let mut lost: Vec<JobId> =
            self.tasks.drain(..).map(|(id, _)| id).chain(self.todo.drain(..).map(|job| job.id)).collect();
        let now = self.client.now();
        let mut bag = Bag::default();
        let mut hub = self.client.lock();
        for (id, outcome) in ended {
            hub.session.handle_job(id, outcome, now);
        }
        for _ in 0..ROUNDS {
            if !hub.has_other_driver(self.id) {
                lost.extend(std::iter::from_fn(|| hub.session.poll_job()).map(|job| job.id));
            }
            if lost.is_empty() {
                break;
            }
            for id in lost.drain(..) {
                hub.session.handle_job(id, Err(Failure::lost()), now);
            }
        }
        hub.driver_dropped(self.id, &mut bag);
        // Nothing is spawned from here: the runtime may be the one that is ending.
        hub.settle(&mut bag, false);
    }
}
