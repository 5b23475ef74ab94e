//! The calls that a session knows: what each waits for, whom to wake.
//!
//! A call asks for its turn to send once it has a token: the [`Limiter`] knows who may send. Should the token be over by then, the call
//! gives its turn back and waits for another token, and while anybody does, no turn is granted: whoever was next would only do the same.

use std::collections::VecDeque;

use crate::by_id::ById;
use crate::config::Bounds;
use crate::entropy::{Entropy, HashKeys};
use crate::error::{Error, ErrorKind};
use crate::limiter::{Lane, Limiter, LimiterState, Signals, Turn};
use crate::order::order;
use crate::time::Mono;

/// Tells one call of a session from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub(crate) u64);

#[derive(Default)]
struct Entry {
    /// A request of it is on its way or has been answered.
    sent: bool,
    /// How it ends at its next poll, if that is decided.
    verdict: Option<Result<(), Error>>,
    /// It is in the queue of those to be woken.
    woken: bool,
    /// It waits for a token.
    awaits_token: bool,
    /// It is a sign-out: it never sends, and isn't ended by another.
    sign_out: bool,
}

pub(super) struct Calls {
    entries: ById<Entry>,
    /// How many wait for a token.
    awaiting_token: usize,
    wakes: VecDeque<CallId>,
    limiter: Limiter,
    sign_outs: usize,
    waiting_max: usize,
    next: u64,
}

impl Calls {
    pub(super) fn new(entropy: &mut Entropy, bounds: &Bounds) -> Self {
        Self {
            entries: ById::new(entropy.hash_keys()),
            awaiting_token: 0,
            wakes: VecDeque::new(),
            limiter: Limiter::new(bounds.in_flight, entropy.hash_keys()),
            sign_outs: 0,
            waiting_max: bounds.waiting,
            next: 0,
        }
    }

    /// Takes other bounds. No call that is known ends for it.
    pub(super) fn reconfigure(&mut self, bounds: &Bounds) {
        self.waiting_max = bounds.waiting;
        self.limit(|limiter| limiter.resize(bounds.in_flight));
    }

    /// Takes in a new call.
    pub(super) fn register(&mut self) -> Result<CallId, Error> {
        if self.entries.len() - self.sign_outs - self.limiter.in_flight() >= self.waiting_max {
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
        self.entries.insert(id.0, entry);
        id
    }

    /// Lets a call go, and passes on its turn.
    #[inline(never)]
    pub(super) fn remove(&mut self, id: CallId) {
        self.has_token(id);
        let Some(entry) = self.entries.remove(id.0) else { return };
        self.sign_outs -= usize::from(entry.sign_out);
        self.give_back(id);
    }

    /// The call's attempt is over: others may send.
    pub(super) fn give_back(&mut self, id: CallId) {
        self.limit(|limiter| limiter.leave(id));
    }

    /// The answer to a call's request says this of the service's limits.
    pub(super) fn learn(&mut self, id: CallId, signals: &Signals, now: Mono) {
        self.limit(|limiter| limiter.learn(id, signals, now));
    }

    /// Whether the call may send now; if not, it is in the queue and will be woken.
    pub(super) fn may_send(&mut self, id: CallId, lane: Lane, now: Mono) -> bool {
        self.entries.get(id.0).is_some() && self.limit(|limiter| limiter.enter(id, lane, now)) == Turn::Go
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    pub(super) fn poll_timeout(&self) -> Option<Mono> {
        self.limiter.poll_timeout()
    }

    /// Lets those go whose time has come.
    pub(super) fn handle_timeout(&mut self, now: Mono) {
        self.limit(|limiter| limiter.handle_timeout(now));
    }

    #[inline]
    pub(super) fn limiter_state(&self) -> LimiterState {
        self.limiter.state()
    }

    /// Has the limiter do something, and wakes those whose turn has come by it.
    fn limit<T>(&mut self, act: impl FnOnce(&mut Limiter) -> T) -> T {
        let done = act(&mut self.limiter);
        self.wake_those_whose_turn_it_is();
        done
    }

    #[inline(never)]
    fn wake_those_whose_turn_it_is(&mut self) {
        while let Some(id) = self.limiter.poll_wake() {
            self.wake(id);
        }
    }

    pub(super) fn mark_sent(&mut self, id: CallId, sent: bool) {
        if let Some(entry) = self.entries.get_mut(id.0) {
            entry.sent = sent;
        }
    }

    /// Whether a request of it is on its way.
    pub(super) fn is_sent(&self, id: CallId) -> bool {
        self.entries.get(id.0).is_some_and(|entry| entry.sent)
    }

    /// The call waits for a token. If its turn has come, that waits too, and others stay behind it.
    pub(super) fn await_token(&mut self, id: CallId) {
        self.set_awaits_token(id, true);
        self.limit(|limiter| limiter.step_aside(id));
    }

    /// The call has its token.
    pub(super) fn has_token(&mut self, id: CallId) {
        self.set_awaits_token(id, false);
    }

    fn set_awaits_token(&mut self, id: CallId, awaits: bool) {
        if let Some(entry) = self.entries.get_mut(id.0) {
            let before = std::mem::replace(&mut entry.awaits_token, awaits);
            let any = self.any_awaits_token();
            self.awaiting_token = self.awaiting_token + usize::from(awaits) - usize::from(before);
            if self.any_awaits_token() != any {
                self.limit(|limiter| limiter.hold(!any));
            }
        }
    }

    /// Whether any call waits for a token.
    pub(super) fn any_awaits_token(&self) -> bool {
        self.awaiting_token > 0
    }

    /// Ends the wait of all who wait for a token. With an error, that is how they end.
    pub(super) fn settle_token(&mut self, outcome: Result<(), Error>) {
        if !self.any_awaits_token() {
            return;
        }
        for id in self.those(|entry| entry.awaits_token) {
            self.has_token(id);
            match &outcome {
                Ok(()) => self.wake(id),
                Err(error) => self.decide(id, Err(error.clone())),
            }
        }
    }

    /// Ends all calls that have not sent anything, as at a sign-out.
    pub(super) fn end_waiting(&mut self, error: &Error) {
        for id in self.those(|entry| !entry.sent && !entry.sign_out) {
            self.decide(id, Err(error.clone()));
        }
    }

    /// The calls of which this holds, in the order in which they came.
    fn those(&self, holds: fn(&Entry) -> bool) -> impl Iterator<Item = CallId> + use<> {
        let mut found = Vec::new();
        for (id, entry) in self.entries.iter() {
            if holds(entry) {
                found.push(CallId(*id));
            }
        }
        order(found.len(), &|a, b| found[a].cmp(&found[b])).into_iter().map(move |at| found[at])
    }

    /// Decides how a call ends.
    pub(super) fn decide(&mut self, id: CallId, verdict: Result<(), Error>) {
        self.has_token(id);
        if let Some(entry) = self.entries.get_mut(id.0) {
            entry.verdict = Some(verdict);
        }
        self.wake(id);
    }

    /// How the call ends, if that is decided.
    #[inline(never)]
    pub(super) fn verdict(&mut self, id: CallId) -> Option<Result<(), Error>> {
        self.entries.get_mut(id.0)?.verdict.take()
    }

    #[inline(never)]
    pub(super) fn wake(&mut self, id: CallId) {
        if let Some(entry) = self.entries.get_mut(id.0)
            && !std::mem::replace(&mut entry.woken, true)
        {
            self.wakes.push_back(id);
        }
    }

    #[inline(never)]
    pub(super) fn poll_wake(&mut self) -> Option<CallId> {
        while let Some(id) = self.wakes.pop_front() {
            if let Some(entry) = self.entries.get_mut(id.0) {
                entry.woken = false;
                return Some(id);
            }
        }
        None
    }

    pub(super) fn hash_keys(&self) -> HashKeys {
        self.entries.keys()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
