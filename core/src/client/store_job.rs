//! One use of the store, moved off the runtime's threads.

use std::fmt;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::error::Failure;
use crate::runtime::Blocking;
use crate::session::{StoreReply, StoreWork};
use crate::store::Store;
use crate::sync::Mutex;
use crate::time::Unix;

/// One use of the store. If it is dropped, or panics, it answers as lost.
pub struct StoreJob<S: Store> {
    store: Arc<S>,
    work: StoreWork,
    now: Unix,
    slot: Arc<Slot>,
}

/// Where the outcome is left for the driver.
#[derive(Default)]
pub(super) struct Slot(Mutex<Left>);

#[derive(Default)]
struct Left {
    outcome: Option<Result<StoreReply, Failure>>,
    waker: Option<Waker>,
}

impl Slot {
    fn fill(&self, outcome: Result<StoreReply, Failure>) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.outcome.get_or_insert(outcome);
        let waker = slot.waker.take();
        drop(slot);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<Result<StoreReply, Failure>> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match slot.outcome.take() {
            Some(outcome) => Poll::Ready(outcome),
            None => {
                let old = slot.waker.replace(cx.waker().clone());
                drop(slot);
                drop(old);
                Poll::Pending
            }
        }
    }
}

impl<S: Store> StoreJob<S> {
    pub(super) fn new(store: Arc<S>, work: StoreWork, now: Unix) -> (Self, Arc<Slot>) {
        let slot = Arc::new(Slot::default());
        (Self { store, work, now, slot: Arc::clone(&slot) }, slot)
    }
}

impl<S: Store> Blocking for StoreJob<S> {
    fn run(self) {
        let outcome = self.work.run(&*self.store, self.now);
        self.slot.fill(outcome);
    }
}

impl<S: Store> Drop for StoreJob<S> {
    fn drop(&mut self) {
        // Where it has run, the slot is full or read already, and this is nothing.
        self.slot.fill(Err(Failure::lost()));
    }
}

impl<S: Store> fmt::Debug for StoreJob<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreJob({})", self.work)
    }
}
