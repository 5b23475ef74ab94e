//! A runtime whose date can be set, as a person or a time server sets that of a machine. Its monotonic clock goes on as it was.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tidal_core::runtime::{Blocking, Clock, Offload, Runtime, Spawn};
use tidal_core::{Mono, Now, Unix};

/// By how many milliseconds the date is off.
pub(crate) type Shift = Arc<AtomicI64>;

pub(crate) struct Shifted<R> {
    pub(crate) inner: R,
    pub(crate) by: Shift,
}

impl<R: Clock> Clock for Shifted<R> {
    fn now(&self) -> Now {
        let Now { mono, unix } = self.inner.now();
        Now { mono, unix: Unix::from_millis(unix.as_millis() + self.by.load(Ordering::SeqCst)) }
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
