//! What is behind the lock of a shell: the session, and who waits for it.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::task::Waker;

use crate::session::{CallId, Session};
use crate::time::Mono;

pub(crate) struct Hub {
    pub(crate) session: Session,
    /// Call ids are the session's own and count up: their hashes need no key.
    wakers: HashMap<CallId, Waker, BuildHasherDefault<DefaultHasher>>,
    drains: Vec<Waker>,
    /// The driver is there, or has been asked for.
    pub(crate) driving: bool,
    /// How to wake it, once it has been polled.
    pub(crate) driver: Option<Waker>,
    /// The timeout that it knows of.
    pub(crate) driver_timeout: Option<Mono>,
}

/// Wakers that are fired, and others that are dropped, outside of the lock: a waker may own a task that owns a call.
#[derive(Default)]
pub(crate) struct Bag {
    fire: Vec<Waker>,
    forget: Vec<Waker>,
}

impl Bag {
    pub(crate) fn forget(&mut self, waker: Option<Waker>) {
        self.forget.extend(waker);
    }
}

impl Drop for Bag {
    fn drop(&mut self) {
        for waker in self.fire.drain(..) {
            waker.wake();
        }
    }
}

impl Hub {
    pub(crate) fn new(session: Session) -> Self {
        Self { session, wakers: HashMap::default(), drains: Vec::new(), driving: false, driver: None, driver_timeout: None }
    }

    /// Whom to wake when the session names this call.
    pub(crate) fn wait(&mut self, call: CallId, waker: &Waker, bag: &mut Bag) {
        match self.wakers.get_mut(&call) {
            Some(known) if known.will_wake(waker) => {}
            Some(known) => bag.forget(Some(std::mem::replace(known, waker.clone()))),
            None => drop(self.wakers.insert(call, waker.clone())),
        }
    }

    /// The call is over, or does not wait.
    pub(crate) fn done(&mut self, call: CallId, bag: &mut Bag) {
        bag.forget(self.wakers.remove(&call));
    }

    pub(crate) fn wait_for_idle(&mut self, waker: &Waker) {
        self.drains.push(waker.clone());
    }

    /// Gathers whom to wake. Whether a driver has to be spawned.
    pub(crate) fn settle(&mut self, bag: &mut Bag, spawns: bool) -> bool {
        while let Some(call) = self.session.poll_wake() {
            bag.fire.extend(self.wakers.remove(&call));
        }
        if self.session.is_idle() {
            bag.fire.append(&mut self.drains);
        }
        let timeout = self.session.poll_timeout();
        let owed = self.session.has_jobs() || timeout != self.driver_timeout;
        if !self.driving {
            self.driving = spawns && (self.session.has_jobs() || timeout.is_some());
            return self.driving;
        }
        if owed {
            bag.fire.extend(self.driver.take());
        }
        false
    }

    /// Wakes one of those who wait, so that somebody looks after the session's time.
    pub(crate) fn pass_the_watch(&mut self, except: Option<CallId>, bag: &mut Bag) {
        let next = self.wakers.keys().find(|call| Some(**call) != except).copied();
        bag.fire.extend(next.and_then(|call| self.wakers.remove(&call)));
    }
}
