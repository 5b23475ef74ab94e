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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::mpsc::{Sender, channel};
    use std::time::Duration;

    use super::*;

    struct Tell(Sender<&'static str>);

    impl Blocking for Tell {
        fn run(self) {
            self.0.send("offloaded").unwrap();
        }
    }

    #[test]
    fn it_sleeps_spawns_and_offloads() {
        let until = AsyncStdRuntime.now().mono + Duration::from_millis(5);
        async_std::task::block_on(AsyncStdRuntime.sleep(until));
        assert!(AsyncStdRuntime.now().mono >= until);
        async_std::task::block_on(AsyncStdRuntime.sleep(Mono::ZERO));

        let (tell, told) = channel();
        let spawned = tell.clone();
        AsyncStdRuntime.spawn(async move { spawned.send("spawned").unwrap() });
        assert_eq!(told.recv(), Ok("spawned"));
        AsyncStdRuntime.offload(Tell(tell));
        assert_eq!(told.recv(), Ok("offloaded"));
    }

    #[test]
    fn a_client_can_be_made() {
        crate::client(crate::Config::anonymous(), tidal_store_memory::MemoryStore::new()).unwrap();
    }
}
