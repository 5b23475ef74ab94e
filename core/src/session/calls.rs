//! The calls that a session knows: what each waits for, who may send, whom to wake.
//!
//! A call can wait for a token and for its turn to send at once: two fields, not one.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::entropy::HashKeys;
use crate::error::{Error, ErrorKind};

/// Tells one call of a session from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub(crate) u64);

#[derive(Default)]
struct Entry {
    /// It is in the queue of those who wait for a permit.
    queued: bool,
    /// It may send, or has sent.
    permit: bool,
    /// A request of it is on its way or has been answered.
    sent: bool,
    /// How it ends at its next poll, if that is decided.
    verdict: Option<Result<(), Error>>,
    /// It is in the queue of those to be woken.
    woken: bool,
    /// It is a sign-out: it never sends, and isn't ended by another.
    sign_out: bool,
}

pub(super) struct Calls {
    entries: HashMap<CallId, Entry, HashKeys>,
    /// Those who wait for a token, in the order in which they came.
    token: BTreeSet<CallId>,
    /// Those who wait for a permit; some may be gone.
    queue: VecDeque<CallId>,
    wakes: VecDeque<CallId>,
    permits: usize,
    sign_outs: usize,
    in_flight_max: usize,
    waiting_max: usize,
    next: u64,
}

impl Calls {
    pub(super) fn new(keys: HashKeys, in_flight_max: usize, waiting_max: usize) -> Self {
        Self {
            entries: HashMap::with_hasher(keys),
            token: BTreeSet::new(),
            queue: VecDeque::new(),
            wakes: VecDeque::new(),
            permits: 0,
            sign_outs: 0,
            in_flight_max: in_flight_max.max(1),
            waiting_max,
            next: 0,
        }
    }

    /// Takes in a new call.
    pub(super) fn register(&mut self) -> Result<CallId, Error> {
        if self.entries.len() - self.sign_outs - self.permits >= self.waiting_max {
            let message = format!("{} calls are waiting already; send fewer at once", self.waiting_max);
            return Err(Error::of(ErrorKind::Overloaded, message));
        }
        Ok(self.insert(Entry::default()))
    }

    /// Takes in a sign-out, however many calls wait.
    pub(super) fn register_sign_out(&mut self) -> CallId {
        self.sign_outs += 1;
        self.insert(Entry { sign_out: true, ..Entry::default() })
    }

    fn insert(&mut self, entry: Entry) -> CallId {
        let id = CallId(self.next);
        self.next += 1;
        self.entries.insert(id, entry);
        id
    }

    /// Lets a call go, and passes on its permit.
    pub(super) fn remove(&mut self, id: CallId) {
        self.token.remove(&id);
        let Some(entry) = self.entries.remove(&id) else { return };
        self.sign_outs -= usize::from(entry.sign_out);
        if entry.permit {
            self.pass_on();
        }
    }

    /// The call's answer has arrived: others may send.
    pub(super) fn give_back(&mut self, id: CallId) {
        if let Some(entry) = self.entries.get_mut(&id)
            && std::mem::take(&mut entry.permit)
        {
            self.pass_on();
        }
    }

    fn pass_on(&mut self) {
        self.permits -= 1;
        while let Some(id) = self.queue.pop_front() {
            let Some(entry) = self.entries.get_mut(&id).filter(|entry| entry.queued) else { continue };
            entry.queued = false;
            entry.permit = true;
            self.permits += 1;
            self.wake(id);
            return;
        }
    }

    /// Whether the call may send now; if not, it is in the queue and will be woken.
    pub(super) fn permit(&mut self, id: CallId) -> bool {
        let Some(entry) = self.entries.get_mut(&id) else { return false };
        if entry.permit {
            return true;
        }
        if self.permits < self.in_flight_max {
            entry.queued = false;
            entry.permit = true;
            self.permits += 1;
            return true;
        }
        if !entry.queued {
            entry.queued = true;
            self.queue.push_back(id);
        }
        false
    }

    pub(super) fn mark_sent(&mut self, id: CallId, sent: bool) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.sent = sent;
        }
    }

    /// The call waits for a token.
    pub(super) fn await_token(&mut self, id: CallId) {
        self.token.insert(id);
    }

    /// The call has its token.
    pub(super) fn has_token(&mut self, id: CallId) {
        self.token.remove(&id);
    }

    /// Whether any call waits for a token.
    pub(super) fn any_awaits_token(&self) -> bool {
        !self.token.is_empty()
    }

    /// Ends the wait of all who wait for a token. With an error, that is how they end.
    pub(super) fn settle_token(&mut self, outcome: Result<(), Error>) {
        for id in std::mem::take(&mut self.token) {
            match &outcome {
                Ok(()) => self.wake(id),
                Err(error) => self.decide(id, Err(error.clone())),
            }
        }
    }

    /// Ends all calls that have not sent anything, as at a sign-out.
    pub(super) fn end_waiting(&mut self, error: &Error) {
        let mut waiting: Vec<CallId> =
            self.entries.iter().filter(|(_, entry)| !entry.sent && !entry.sign_out).map(|(id, _)| *id).collect();
        waiting.sort_unstable();
        for id in waiting {
            self.decide(id, Err(error.clone()));
        }
    }

    /// Decides how a call ends.
    pub(super) fn decide(&mut self, id: CallId, verdict: Result<(), Error>) {
        self.token.remove(&id);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.verdict = Some(verdict);
        }
        self.wake(id);
    }

    /// How the call ends, if that is decided.
    pub(super) fn verdict(&mut self, id: CallId) -> Option<Result<(), Error>> {
        self.entries.get_mut(&id)?.verdict.take()
    }

    pub(super) fn wake(&mut self, id: CallId) {
        if let Some(entry) = self.entries.get_mut(&id)
            && !std::mem::replace(&mut entry.woken, true)
        {
            self.wakes.push_back(id);
        }
    }

    pub(super) fn poll_wake(&mut self) -> Option<CallId> {
        while let Some(id) = self.wakes.pop_front() {
            if let Some(entry) = self.entries.get_mut(&id) {
                entry.woken = false;
                return Some(id);
            }
        }
        None
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
