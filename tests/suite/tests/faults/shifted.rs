//! A runtime whose Unix time is set to another.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tidal_core::runtime::{Blocking, Clock, Offload, Runtime, Spawn};
use tidal_core::{Mono, Now, Unix};

/// By how many milliseconds a clock is ahead.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shift(Arc<AtomicI64>);

impl Shift {
    pub(crate) fn forward(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn back(&self, by: Duration) {
        self.0.fetch_sub(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn of(&self, unix: Unix) -> Unix {
        Unix::from_millis(unix.as_millis() + self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct Shifted<R> {
    pub(crate) inner: R,
    pub(crate) shift: Shift,
}

impl<R: Clock> Clock for Shifted<R> {
    fn now(&self) -> Now {
        let now = self.inner.now();
        Now { unix: self.shift.of(now.unix), ..now }
    }
}

impl<R: Runtime> Runtime for Shifted<R> {
    type Sleep = R::Sleep;

    fn sleep(&self, until: Mono) -> R::Sleep {
        self.inner.sleep(until)
    }
}

impl<F: Future<Output = ()>, R: Spawn<F>> Spawn<F> for Shifted<R> {
    fn spawn(&self, future: F) {
        self.inner.spawn(future);
    }
}

impl<J: Blocking, R: Offload<J>> Offload<J> for Shifted<R> {
    fn offload(&self, job: J) {
        self.inner.offload(job);
    }
}
