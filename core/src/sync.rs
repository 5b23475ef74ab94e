//! The locks and threads of the shells: the standard library's. With `--cfg shuttle` they are those of a scheduler that tries out
//! interleavings, for `tests/interleavings.rs`.

#[cfg(not(shuttle))]
pub(crate) use std::{
    sync::{Mutex, MutexGuard},
    thread::{self, Thread},
};

#[cfg(shuttle)]
pub use scheduled as thread;
#[cfg(shuttle)]
pub(crate) use scheduled::Thread;
#[cfg(shuttle)]
pub(crate) use shuttle::sync::{Mutex, MutexGuard};

/// Threads that park for a time, where no time passes but what a test lets pass. The scheduler knows of none, and wakes whoever parks
/// for no reason at all now and then, which would hide a wake that was lost: here, threads are woken only by others and by time.
#[cfg(shuttle)]
pub mod scheduled {
    use std::cell::RefCell;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    // The scheduler runs all of a test's threads on one of the system's.
    thread_local!(static PARKED: RefCell<Vec<(Duration, Thread)>> = const { RefCell::new(Vec::new()) });
    shuttle::thread_local!(static WOKEN: Arc<AtomicBool> = Arc::default());

    /// A thread that may park.
    #[derive(Clone, Debug)]
    pub struct Thread {
        inner: shuttle::thread::Thread,
        woken: Arc<AtomicBool>,
    }

    impl Thread {
        /// Ends its parking, or the next one.
        pub fn unpark(&self) {
            self.woken.store(true, Ordering::SeqCst);
            PARKED.with_borrow_mut(|parked| parked.retain(|(_, known)| !Arc::ptr_eq(&known.woken, &self.woken)));
            self.inner.unpark();
        }
    }

    /// The thread that asks.
    #[must_use]
    pub fn current() -> Thread {
        Thread { inner: shuttle::thread::current(), woken: WOKEN.with(Arc::clone) }
    }

    /// Waits for so long, or until unparked.
    pub fn park_timeout(time: Duration) {
        let me = current();
        if time.is_zero() {
            return;
        }
        if !me.woken.load(Ordering::SeqCst) {
            PARKED.with_borrow_mut(|parked| parked.push((time, me.clone())));
        }
        while !me.woken.swap(false, Ordering::SeqCst) {
            shuttle::thread::park();
        }
    }

    /// How many threads are parked, and not about to go on.
    #[must_use]
    pub fn parked() -> usize {
        PARKED.with_borrow(Vec::len)
    }

    /// Ends the shortest parking, and those that end with it, once `advance` has set the clock so much forward.
    pub fn pass_time(advance: impl FnOnce(Duration)) {
        let due = PARKED.with_borrow_mut(|parked| {
            let by = parked.iter().map(|(time, _)| *time).min()?;
            parked.iter_mut().for_each(|(time, _)| *time -= by);
            Some((by, parked.extract_if(.., |(time, _)| time.is_zero()).collect::<Vec<_>>()))
        });
        if let Some((by, due)) = due {
            advance(by);
            due.iter().for_each(|(_, thread)| thread.unpark());
        }
    }
}
