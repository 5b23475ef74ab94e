//! What a session does for a caller without sending anything for it.

use super::{Authenticate, CallId, Session, SignOut};
use crate::call::Step;
use crate::time::Now;

/// An errand: [`SignOut`] or [`Authenticate`]. Clients run it; it is not for others to implement.
pub trait Errand: sealed::Sealed {
    /// What to do next: wait, or nothing more.
    fn poll(&mut self, session: &mut Session, now: Now) -> Step<()>;

    /// The call to be [abandoned](Session::abandon) when it is dropped.
    fn call(&self) -> Option<CallId>;
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::SignOut {}
    impl Sealed for super::Authenticate {}
}

impl Errand for SignOut {
    #[inline]
    fn poll(&mut self, session: &mut Session, now: Now) -> Step<()> {
        Self::poll(self, session, now)
    }

    fn call(&self) -> Option<CallId> {
        self.id()
    }
}

impl Errand for Authenticate {
    #[inline]
    fn poll(&mut self, session: &mut Session, now: Now) -> Step<()> {
        Self::poll(self, session, now)
    }

    fn call(&self) -> Option<CallId> {
        self.id()
    }
}
