//! A runtime on one thread whose time is virtual: it jumps to the next sleep when nothing else can be done.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use crate::runtime::{Blocking, Clock, Offload, Runtime, Spawn};
use crate::time::{Mono, Now, Unix};

/// The runtime. Clones are the same one. It is not `Send`, and shows that clients don't need that.
#[derive(Clone, Default)]
pub struct VirtualRuntime(Rc<State>);

#[derive(Default)]
struct State {
    now: RefCell<Now>,
    spawned: RefCell<VecDeque<Pin<Box<dyn Future<Output = ()>>>>>,
    tasks: RefCell<Vec<Task>>,
    /// Who sleeps, and until when: those who wake first come last.
    sleeps: RefCell<Vec<(Mono, Waker)>>,
}

struct Task {
    future: Pin<Box<dyn Future<Output = ()>>>,
    flag: Arc<Flag>,
}

/// Whether a task is to be polled.
struct Flag(AtomicBool);

impl Flag {
    #[inline]
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicBool::new(true)))
    }

    #[inline]
    fn take(&self) -> bool {
        self.0.swap(false, Ordering::AcqRel)
    }
}

impl Wake for Flag {
    #[inline]
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

impl VirtualRuntime {
    /// A runtime whose clocks begin at 2026-01-01T00:00:00Z.
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        let runtime = Self::default();
        *runtime.0.now.borrow_mut() = Now { mono: Mono::ZERO, unix: Unix::from_secs(1_767_225_600) };
        runtime
    }

    /// Lets time pass; sleeps that are over wake.
    #[inline]
    pub fn advance(&self, by: Duration) {
        let now = *self.0.now.borrow() + by;
        *self.0.now.borrow_mut() = now;
        self.wake_sleepers(now.mono);
    }

    /// Sets the Unix clock alone, as a person or a time server may.
    #[inline]
    pub fn set_unix(&self, unix: Unix) {
        self.0.now.borrow_mut().unix = unix;
    }

    /// Runs `future` to its end, and what was spawned beside it. When nothing can go on, time jumps to the next sleep.
    ///
    /// # Panics
    /// If nothing can go on and nobody sleeps: the future would never end.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        let flag = Flag::new();
        let waker = Waker::from(Arc::clone(&flag));
        loop {
            if flag.take()
                && let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker))
            {
                return output;
            }
            if self.turn() || flag.0.load(Ordering::Acquire) {
                continue;
            }
            assert!(self.jump(), "nothing can go on and nobody sleeps: the future would never end");
        }
    }

    /// Polls what was spawned, until nothing can go on without time passing.
    #[inline]
    pub fn settle(&self) {
        while self.turn() {}
    }

    /// Polls whatever is woken, once. Whether anything was.
    #[inline]
    fn turn(&self) -> bool {
        let spawned: Vec<_> = self.0.spawned.borrow_mut().drain(..).collect();
        self.0.tasks.borrow_mut().extend(spawned.into_iter().map(|future| Task { future, flag: Flag::new() }));
        // Taken out, so that tasks may spawn.
        let tasks = std::mem::take(&mut *self.0.tasks.borrow_mut());
        let mut any = false;
        let mut kept = Vec::with_capacity(tasks.len());
        for mut task in tasks {
            if task.flag.take() {
                any = true;
                let waker = Waker::from(Arc::clone(&task.flag));
                if task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                    continue;
                }
            }
            kept.push(task);
        }
        self.0.tasks.borrow_mut().append(&mut kept);
        any || !self.0.spawned.borrow().is_empty()
    }

    /// To the next sleep's end.
    #[inline]
    fn jump(&self) -> bool {
        let next = self.0.sleeps.borrow().last().map(|(until, _)| *until);
        let Some(until) = next else { return false };
        let by = until.since(self.now().mono);
        self.advance(by);
        true
    }

    #[inline]
    fn wake_sleepers(&self, mono: Mono) {
        let due = {
            let mut sleeps = self.0.sleeps.borrow_mut();
            let later = sleeps.partition_point(|(until, _)| *until > mono);
            sleeps.split_off(later)
        };
        due.into_iter().rev().for_each(|(_, waker)| waker.wake());
    }
}

impl Clock for VirtualRuntime {
    #[inline]
    fn now(&self) -> Now {
        *self.0.now.borrow()
    }
}

impl Runtime for VirtualRuntime {
    type Sleep = VirtualSleep;

    #[inline]
    fn sleep(&self, until: Mono) -> VirtualSleep {
        VirtualSleep { runtime: self.clone(), until }
    }
}

impl<F: Future<Output = ()> + 'static> Spawn<F> for VirtualRuntime {
    fn spawn(&self, future: F) {
        self.0.spawned.borrow_mut().push_back(Box::pin(future));
    }
}

impl<J: Blocking> Offload<J> for VirtualRuntime {
    fn offload(&self, job: J) {
        job.run();
    }
}

/// A sleep of a [`VirtualRuntime`].
pub struct VirtualSleep {
    runtime: VirtualRuntime,
    until: Mono,
}

impl Future for VirtualSleep {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.runtime.now().mono >= self.until {
            return Poll::Ready(());
        }
        let mut sleeps = self.runtime.0.sleeps.borrow_mut();
        let at = sleeps.partition_point(|(until, _)| *until > self.until);
        sleeps.insert(at, (self.until, cx.waker().clone()));
        Poll::Pending
    }
}
