//! The runtime.

use std::future::Future;

use tidal_core::runtime::{Blocking, Clock, Offload, Runtime, Spawn};
use tidal_core::transport::BoxFuture;
use tidal_core::{Mono, Now};
use tidal_transport::SystemClock;

/// async-std's runtime, of which a process has one.
#[derive(Clone, Copy, Debug, Default)]
pub struct AsyncStdRuntime;

impl Clock for AsyncStdRuntime {
    fn now(&self) -> Now {
        SystemClock.now()
    }
}

impl Runtime for AsyncStdRuntime {
    type Sleep = BoxFuture<()>;

    fn sleep(&self, until: Mono) -> BoxFuture<()> {
        Box::pin(async_std::task::sleep(until.since(SystemClock::read())))
    }
}

impl<F: Future<Output = ()> + Send + 'static> Spawn<F> for AsyncStdRuntime {
    fn spawn(&self, future: F) {
        drop(async_std::task::spawn(future));
    }
}

impl<J: Blocking + Send + 'static> Offload<J> for AsyncStdRuntime {
    fn offload(&self, job: J) {
        drop(async_std::task::spawn_blocking(|| job.run()));
    }
}
