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

/// Threads that park for a time, where no time passes but what a test lets pass: the scheduler knows of none, and would let them
/// park for ever.
#[cfg(shuttle)]
pub mod scheduled {
    use std::cell::RefCell;
    use std::time::Duration;

    // The scheduler runs all of a test's threads on one of the system's.
    thread_local!(static PARKED: RefCell<Vec<(Duration, Thread)>> = const { RefCell::new(Vec::new()) });

    /// A thread that may park.
    #[derive(Clone, Debug)]
    pub struct Thread(shuttle::thread::Thread);

    impl Thread {
        /// Ends its parking, or the next one.
        pub fn unpark(&self) {
            PARKED.with_borrow_mut(|parked| parked.retain(|(_, known)| known.0.id() != self.0.id()));
            self.0.unpark();
        }
    }

    /// The thread that asks.
    #[must_use]
    pub fn current() -> Thread {
        Thread(shuttle::thread::current())
    }

    /// Waits for so long, or until unparked.
    pub fn park_timeout(time: Duration) {
        let me = current();
        PARKED.with_borrow_mut(|parked| parked.push((time, me.clone())));
        shuttle::thread::park();
        PARKED.with_borrow_mut(|parked| parked.retain(|(_, known)| known.0.id() != me.0.id()));
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
