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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::mpsc::{Sender, channel};
    use std::thread::{self, ThreadId};
    use std::time::Duration;

    use super::*;

    struct Tell(Sender<ThreadId>);

    impl Blocking for Tell {
        fn run(self) {
            self.0.send(thread::current().id()).unwrap();
        }
    }

    /// The handle is used from outside the runtime on purpose.
    #[test]
    fn it_sleeps_spawns_and_offloads_by_its_handle() {
        let tokio = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let runtime = TokioRuntime::new(tokio.handle().clone());
        let until = runtime.now().mono + Duration::from_millis(5);
        let sleep = runtime.sleep(until);
        tokio.block_on(sleep);
        assert!(runtime.now().mono >= until);
        tokio.block_on(runtime.sleep(Mono::ZERO));

        let (tell, told) = channel();
        let spawned = tell.clone();
        runtime.spawn(async move { spawned.send(thread::current().id()).unwrap() });
        tokio.block_on(async {
            while told.try_recv() != Ok(thread::current().id()) {
                tokio::task::yield_now().await
            }
        });

        runtime.offload(Tell(tell));
        assert_ne!(told.recv().unwrap(), thread::current().id());
    }

    #[test]
    fn a_client_is_made_within_a_runtime_only() {
        let make = || crate::client(crate::Config::anonymous(), tidal_store_memory::MemoryStore::new());
        assert!(make().is_err_and(|error| error.to_string().contains("tokio")));
        let tokio = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        tokio.block_on(async { make().unwrap() });
    }
}
