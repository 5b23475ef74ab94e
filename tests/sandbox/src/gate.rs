//! A gate holds requests until a test lets them go: the order of things without any timing.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// Holds the requests that a [`Fault`](crate::Fault) sends to it. Clones are the same gate.
#[derive(Clone, Default)]
pub struct Gate(Arc<Inner>);

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
    released: Notify,
}

#[derive(Default)]
struct State {
    held: usize,
    open: bool,
}

impl Gate {
    /// A closed gate.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets go what is held, and whatever comes later, too.
    pub fn open(&self) {
        self.state().open = true;
        self.0.released.notify_waiters();
    }

    /// How many requests stand at the gate now. A client that hangs up leaves it.
    #[must_use]
    pub fn held(&self) -> usize {
        self.state().held
    }

    /// Blocks this thread until `count` requests stand at the gate; false if that takes longer than `at_most`.
    #[must_use]
    pub fn wait_until_held(&self, count: usize, at_most: Duration) -> bool {
        self.wait_until(at_most, |held| held >= count)
    }

    /// Blocks this thread until nobody stands at the gate; false if that takes longer than `at_most`.
    #[must_use]
    pub fn wait_until_empty(&self, at_most: Duration) -> bool {
        self.wait_until(at_most, |held| held == 0)
    }

    fn wait_until(&self, at_most: Duration, enough: impl Fn(usize) -> bool) -> bool {
        let end = Instant::now() + at_most;
        let mut state = self.state();
        while !enough(state.held) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.0.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Stands at the gate until it is open.
    pub(crate) async fn pass(&self) {
        let _standing = Standing::at(self);
        loop {
            let released = self.0.released.notified();
            let mut released = std::pin::pin!(released);
            // Enabled before the look, so that an opening in between is not missed.
            released.as_mut().enable();
            if self.state().open {
                return;
            }
            released.await;
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a request while it stands at the gate, and no longer.
struct Standing<'a>(&'a Gate);

impl<'a> Standing<'a> {
    fn at(gate: &'a Gate) -> Self {
        gate.state().held += 1;
        gate.0.changed.notify_all();
        Self(gate)
    }
}

impl Drop for Standing<'_> {
    fn drop(&mut self) {
        self.0.state().held -= 1;
        self.0.0.changed.notify_all();
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Gate").field("held", &state.held).field("open", &state.open).finish()
    }
}
