//! What an asynchronous shell needs of its runtime, piece by piece.

use std::future::Future;

use crate::time::{Mono, Now};

/// Reads the clocks.
pub trait Clock {
    /// What they say.
    fn now(&self) -> Now;
}

/// A clock that can wake.
pub trait Runtime: Clock {
    /// What [`sleep`](Self::sleep) returns.
    type Sleep: Future<Output = ()>;

    /// Ends at `until`, or soon after.
    fn sleep(&self, until: Mono) -> Self::Sleep;
}

/// Runs futures in the background.
pub trait Spawn<F: Future<Output = ()>> {
    /// Runs `future` to its end, beside everything else.
    fn spawn(&self, future: F);
}

/// A piece of blocking work that owns everything it needs.
pub trait Blocking {
    /// Does it.
    fn run(self);
}

/// Moves blocking work off a runtime's threads.
pub trait Offload<J: Blocking> {
    /// Sees to it that `job` [runs](Blocking::run), here or elsewhere. Dropping it instead is safe: it answers as lost.
    fn offload(&self, job: J);
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> Now {
        (**self).now()
    }
}

impl<C: Clock + ?Sized> Clock for std::rc::Rc<C> {
    fn now(&self) -> Now {
        (**self).now()
    }
}
