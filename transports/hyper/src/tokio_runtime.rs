//! The runtime.

use std::future::Future;

use tidal_core::runtime::{Blocking, Clock, Offload, Runtime, Spawn};
use tidal_core::{Failure, FailureKind, Mono, Now};
use tidal_transport::SystemClock;
use tokio::runtime::Handle;
use tokio::time::Sleep;

/// A tokio runtime, by its handle. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct TokioRuntime {
    handle: Handle,
}

impl TokioRuntime {
    /// The runtime behind `handle`. It needs its timer enabled.
    #[must_use]
    pub fn new(handle: Handle) -> Self {
        Self { handle }
    }

    /// The runtime that the caller runs in.
    ///
    /// # Errors
    /// [`FailureKind::Unsupported`] if the caller runs in none.
    pub fn current() -> Result<Self, Failure> {
        let handle = Handle::try_current().map_err(|_| Failure::new(FailureKind::Unsupported, "no tokio runtime runs here"))?;
        Ok(Self::new(handle))
    }
}

impl Clock for TokioRuntime {
    fn now(&self) -> Now {
        SystemClock.now()
    }
}

impl Runtime for TokioRuntime {
    type Sleep = Sleep;

    fn sleep(&self, until: Mono) -> Sleep {
        // A sleep belongs to the runtime that it is made in.
        let _inside = self.handle.enter();
        tokio::time::sleep(until.since(SystemClock::read()))
    }
}

impl<F: Future<Output = ()> + Send + 'static> Spawn<F> for TokioRuntime {
    fn spawn(&self, future: F) {
        drop(self.handle.spawn(future));
    }
}

impl<J: Blocking + Send + 'static> Offload<J> for TokioRuntime {
    fn offload(&self, job: J) {
        drop(self.handle.spawn_blocking(|| job.run()));
    }
}
