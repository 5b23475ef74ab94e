//! What is behind the lock of a shell: the session, and who waits for it.

use std::task::Waker;

use crate::by_id::ById;
use crate::session::{CallId, Discarded, Session};
use crate::time::{Mono, Now};

pub(crate) struct Hub {
    pub(crate) session: Session,
    wakers: ById<Waker>,
    drains: Vec<Waker>,
    /// A driver was asked for, and has not looked yet.
    starting: bool,
    /// How to wake those that have. More than one is there where several are polled by hand.
    drivers: Vec<(u64, Waker)>,
    next_driver: u64,
    /// The timeout that they know of.
    pub(crate) driver_timeout: Option<Mono>,
}

/// What is done outside of the lock: wakers are fired, and others dropped, for a waker may own a task that owns a call; answers are
/// freed.
#[derive(Default)]
pub(crate) struct Bag {
    fire: Vec<Waker>,
    forget: Vec<Waker>,
    discarded: Vec<Discarded>,
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
        Self {
            wakers: ById::new(session.hash_keys()),
            session,
            drains: Vec::new(),
            starting: false,
            drivers: Vec::new(),
            next_driver: 0,
            driver_timeout: None,
        }
    }

    /// Tells the session what time it is, where it waits for that.
    pub(crate) fn mind_the_time(&mut self, now: Now) {
        if self.session.poll_timeout().is_some_and(|at| now.mono >= at) {
            self.session.handle_timeout(now);
        }
    }

    /// Whom to wake when the session names this call.
    pub(crate) fn wait(&mut self, call: CallId, waker: &Waker, bag: &mut Bag) {
        match self.wakers.get_mut(call.0) {
            Some(known) if known.will_wake(waker) => {}
            Some(known) => bag.forget(Some(std::mem::replace(known, waker.clone()))),
            None => drop(self.wakers.insert(call.0, waker.clone())),
        }
    }

    /// The call is over, or does not wait.
    pub(crate) fn done(&mut self, call: CallId, bag: &mut Bag) {
        bag.forget(self.wakers.remove(call.0));
    }

    pub(crate) fn wait_for_idle(&mut self, waker: &Waker) {
        if !self.drains.iter().any(|known| known.will_wake(waker)) {
            self.drains.push(waker.clone());
        }
    }

    /// A driver has looked, and knows of this timeout. Without a waker it has nothing more to do.
    pub(crate) fn driver_looked(
        &mut self,
        driver: &mut Option<u64>,
        waker: Option<&Waker>,
        timeout: Option<Mono>,
        bag: &mut Bag,
    ) {
        self.starting = false;
        self.driver_timeout = timeout;
        let old = match waker {
            Some(waker) => {
                let id = *driver.get_or_insert_with(|| {
                    self.next_driver += 1;
                    self.next_driver
                });
                let old = self.take_driver(id);
                self.drivers.push((id, waker.clone()));
                old
            }
            None => driver.take().and_then(|id| self.take_driver(id)),
        };
        bag.forget(old);
    }

    fn take_driver(&mut self, id: u64) -> Option<Waker> {
        let at = self.drivers.iter().position(|(known, _)| *known == id)?;
        Some(self.drivers.swap_remove(at).1)
    }

    /// Whether there is a driver besides this one.
    pub(crate) fn has_other_driver(&self, driver: Option<u64>) -> bool {
        self.drivers.iter().any(|(id, _)| Some(*id) != driver)
    }

    /// A driver was dropped before its end. Somebody else has to see to what is still owed: another driver, or those who wait: the
    /// first to be polled asks for a new one. A driver that never looked is dropped by a runtime that has ended: nobody is woken
    /// for that, or they would ask in vain again and again.
    pub(crate) fn driver_dropped(&mut self, driver: Option<u64>, bag: &mut Bag) {
        self.starting = false;
        let Some(id) = driver else { return };
        let old = self.take_driver(id);
        bag.forget(old);
        if self.session.is_idle() && self.session.poll_timeout().is_none() {
            return;
        }
        self.wake_drivers(bag);
        if self.drivers.is_empty() {
            bag.fire.append(&mut self.drains);
            for (_, waker) in self.wakers.take() {
                bag.fire.push(waker);
            }
        }
    }

    fn wake_drivers(&self, bag: &mut Bag) {
        for (_, waker) in self.drivers.iter() {
            bag.fire.push(waker.clone());
        }
    }

    /// Gathers whom to wake. Whether a driver has to be spawned.
    pub(crate) fn settle(&mut self, bag: &mut Bag, spawns: bool) -> bool {
        while let Some(call) = self.session.poll_wake() {
            if let Some(waker) = self.wakers.remove(call.0) {
                bag.fire.push(waker);
            }
        }
        if self.session.is_idle() {
            bag.fire.append(&mut self.drains);
        }
        bag.discarded.extend(self.session.take_discarded());
        let timeout = self.session.poll_timeout();
        let owed = self.session.has_jobs() || timeout != self.driver_timeout;
        if self.drivers.is_empty() && !self.starting {
            self.starting = spawns && (self.session.has_jobs() || timeout.is_some());
            return self.starting;
        }
        if owed {
            self.wake_drivers(bag);
        }
        false
    }

    /// Wakes one of those who wait, so that somebody looks after the session's jobs and time. Whether there is one.
    pub(crate) fn pass_the_watch(&mut self, bag: &mut Bag) -> bool {
        let next = self.wakers.iter().map(|(call, _)| *call).next();
        let waker = next.and_then(|call| self.wakers.remove(call));
        let passed = waker.is_some();
        bag.fire.extend(waker);
        passed
    }
}
