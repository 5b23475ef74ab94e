//! Where the threads that serve connections meet the one that waits for the code.

use std::convert::Infallible;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Limits;
use super::loopback::Loopback;
use super::page::Page;

pub(super) struct Desk {
    pub(super) redirect: Loopback,
    pub(super) limits: Limits,
    phase: Mutex<Phase>,
}

/// How far the sign-in is.
pub(super) enum Phase {
    /// None is waited for.
    Idle,
    /// None is waited for, and the next wait is to end at once.
    Cancelled,
    Waiting(Sender<Event>),
    /// The code has come.
    Done,
}

pub(super) enum Event {
    Visit(Visit),
    Cancelled,
}

/// A browser that came to the redirect URI, and waits for a page.
pub(super) struct Visit {
    /// The whole address by which it came.
    pub(super) address: String,
    page: SyncSender<Page>,
    written: Receiver<Infallible>,
}

impl Visit {
    pub(super) fn answer(self, page: Page) {
        // one that has hung up gets none
        let _ = self.page.send(page);
    }

    /// Answers and waits until the page is written: the program may end right afterwards. Its connection's limit bounds that.
    pub(super) fn end_with(self, page: Page) {
        if self.page.send(page).is_ok() {
            let _ = self.written.recv();
        }
    }
}

/// What a visitor gets, and a token to be dropped once it is written.
pub(super) struct Answer {
    pub(super) page: Page,
    pub(super) written: Option<Sender<Infallible>>,
}

impl From<Page> for Answer {
    fn from(page: Page) -> Self {
        Self { page, written: None }
    }
}

impl Desk {
    pub(super) fn new(redirect: Loopback, limits: Limits) -> Self {
        Self { redirect, limits, phase: Mutex::new(Phase::Idle) }
    }

    /// Sends visits to `events` from now on, or says that the wait was cancelled before.
    pub(super) fn begin(&self, events: Sender<Event>) -> bool {
        let mut phase = self.phase();
        let cancelled = matches!(*phase, Phase::Cancelled);
        *phase = if cancelled { Phase::Idle } else { Phase::Waiting(events) };
        !cancelled
    }

    pub(super) fn set(&self, phase: Phase) {
        *self.phase() = phase;
    }

    pub(super) fn cancel(&self) {
        let mut phase = self.phase();
        match &*phase {
            Phase::Idle => *phase = Phase::Cancelled,
            // whoever waits sets the phase before it leaves
            Phase::Waiting(events) => drop(events.send(Event::Cancelled)),
            Phase::Cancelled | Phase::Done => {}
        }
    }

    /// The page for a browser that came to the redirect URI by `address`.
    pub(super) fn visit(&self, address: String) -> Answer {
        let (sender, page) = mpsc::sync_channel(1);
        let (writing, written) = mpsc::channel();
        if let Phase::Waiting(events) = &*self.phase() {
            let _ = events.send(Event::Visit(Visit { address, page: sender, written }));
        } else {
            drop(sender);
        }
        match page.recv() {
            Ok(page) => Answer { page, written: Some(writing) },
            // nobody waited, or the wait ended before this one's turn
            Err(_) if matches!(*self.phase(), Phase::Done) => Page::already_done().into(),
            Err(_) => Page::not_waiting().into(),
        }
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
