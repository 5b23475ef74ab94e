//! What calls are answered with that they did not ask the API for themselves: from the cache, or by following another call.

use std::sync::Weak;

use tidal_core::cache::{Part, Statistics};
use tidal_core::{Answer, ErrorKind, Now};

use crate::model::api::{CHANGES, ELSE, Page, READS, THINGS};
use crate::model::calls::Caller;
use crate::model::check::Ledger;
use crate::model::ops::{Kind, Room};

/// A request for something that several calls read.
struct Asked {
    caller: usize,
    read: usize,
    period: Option<usize>,
    user: Option<String>,
    at: Now,
    versions: [u64; THINGS],
}

/// Requests, and what may still be told of their answers.
pub struct Kept {
    room: Room,
    on: bool,
    /// How often each thing has become another, as far as the session can know: when a change is sent, and when that has ended.
    versions: [u64; THINGS],
    asked: Vec<Asked>,
    /// All answers, for as long as anybody holds them.
    documents: Vec<Weak<Page>>,
    /// How often the cache was asked, and how often it knew.
    looks: u64,
    hits: u64,
    /// How reads ended: which, at which step, and with what.
    ends: Vec<(usize, usize, End)>,
}

/// How a read ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    Answered,
    Failed(ErrorKind),
    Dropped,
}

impl Kept {
    pub fn new(room: Room) -> Self {
        Self {
            room,
            on: room != Room::None,
            versions: [0; THINGS],
            asked: Vec::new(),
            documents: Vec::new(),
            looks: 0,
            hits: 0,
            ends: Vec::new(),
        }
    }

    /// Entries and bytes.
    pub const fn bounds(room: Room) -> (usize, usize) {
        match room {
            Room::None | Room::Ample => (1_000, 1_000_000),
            Room::Entries(entries) => (entries, 1_000_000),
            Room::Bytes(bytes) => (1_000, bytes),
        }
    }

    /// A call is polled for the first time: what is kept, it finds now. If it takes that, or follows another call, the versions that its
    /// answer has to have at least.
    pub fn begins(&mut self, caller: &Caller) -> Option<[u64; THINGS]> {
        let takes = self.on && caller.read().is_some() && !caller.fresh;
        self.looks += u64::from(takes);
        takes.then_some(self.versions)
    }

    /// Whether a call that begins has another one to follow: the same read is under way, and since that began nothing has come between,
    /// neither a change, nor an end, nor a sign-in.
    pub fn has_whom_to_follow(&self, caller: &Caller, callers: &[Caller], ledger: &Ledger) -> bool {
        let Some((read, versions)) = caller.read().zip(caller.versions) else { return false };
        callers.iter().filter(|other| other.read() == Some(read) && other.account == caller.account).any(|other| {
            let same = |old: [u64; THINGS]| READS[read].holds.iter().all(|thing| old[*thing] == versions[*thing]);
            let ended = self.ends.iter().any(|(of, step, _)| *of == read && *step >= other.began);
            other.versions.is_some_and(same) && !ended && !ledger.has_ended_since(other.began)
        })
    }

    /// A call is sent. The number of its request, if it reads what several do.
    pub fn sends(&mut self, caller: &Caller, user: Option<&str>, now: Now, ledger: &mut Ledger) -> Option<usize> {
        self.changes(caller);
        let read = caller.read()?;
        if caller.follows && caller.tries.sends == 1 {
            let left = |(of, step, end): &(usize, usize, End)| *of == read && *step >= caller.began && *end != End::Answered;
            let alone = self.ends.iter().any(left);
            ledger.must(alone, || format!("call {} is sent though it follows another", caller.number));
        }
        let (caller, period, user) = (caller.number, caller.period, user.map(str::to_owned));
        self.asked.push(Asked { caller, read, period, user, at: now, versions: self.versions });
        Some(self.asked.len() - 1)
    }

    /// What a call changes may be another from now on: it is sent, or was sent and is over.
    pub fn changes(&mut self, caller: &Caller) {
        if caller.kind != Kind::Read {
            let changes = caller.about.map_or(ELSE, |index| CHANGES[index].changes);
            changes.iter().for_each(|thing| self.versions[*thing] += 1);
        }
    }

    /// A part is to be forgotten: answers to requests that were sent before are not told any more.
    pub fn clears(&mut self, n: u8) -> Part<'static> {
        let (part, things) = match n % 4 {
            0 => (Part::Resource("albums", "1"), 0..1),
            1 => (Part::Resource("playlists", "1"), 2..3),
            _ => (Part::All, 0..THINGS),
        };
        self.versions[things].iter_mut().for_each(|version| *version += 1);
        part
    }

    /// The cache is switched; what it is then. Off, it forgets all.
    pub fn switches(&mut self) -> bool {
        self.on = !self.on && self.room != Room::None;
        if !self.on {
            self.versions.iter_mut().for_each(|version| *version += 1);
        }
        self.on
    }

    /// A new configuration switches it as it was at first.
    pub fn is_reconfigured(&mut self) {
        self.on = self.room != Room::None;
    }

    /// A call is dropped.
    pub fn drops(&mut self, caller: &Caller, step: usize) {
        self.ends.extend(caller.read().map(|read| (read, step, End::Dropped)));
    }

    /// A new process has nothing.
    pub fn is_restarted(&mut self) {
        self.is_reconfigured();
        self.versions.iter_mut().for_each(|version| *version += 1);
        (self.looks, self.hits) = (0, 0);
    }

    /// A call is answered.
    pub fn answers(&mut self, caller: &Caller, answer: &Answer<Page>, now: Now, ledger: &mut Ledger) {
        let (number, how) = (caller.number, &answer.how);
        let own = !how.cached && !how.joined;
        let sends = caller.tries.sends;
        self.hits += u64::from(how.cached);
        ledger.must(own == (sends > 0), || format!("call {number} was sent {sends} times, and answered {how:?}"));
        ledger.must(how.joined || how.attempts == sends, || format!("call {number} was sent {sends} times, and says {how:?}"));
        let Some(request) = answer.value.request else {
            caller.tries.succeeds(number, ledger);
            return ledger.must(own && caller.read().is_none(), || format!("call {number} got another's answer"));
        };
        let asked = &self.asked[request];
        self.ends.push((asked.read, ledger.step, End::Answered));
        let fits = Some(asked.read) == caller.read() && (!own || asked.caller == number);
        ledger.must(fits, || format!("call {number} got the answer of call {}", asked.caller));
        if !own {
            ledger.must(caller.versions.is_some(), || format!("call {number} got an answer that it did not ask for"));
            let versions = caller.versions.unwrap_or_default();
            let same = asked.period == caller.period && ledger.may_be(asked.user.as_deref());
            ledger.must(same, || format!("call {number} got what {:?} was told before", asked.user));
            let stale = READS[asked.read].holds.iter().find(|thing| asked.versions[**thing] < versions[**thing]);
            ledger.must(stale.is_none(), || format!("call {number} got an answer from before a change of thing {stale:?}"));
        }
        if how.cached {
            let age = now.mono.since(asked.at.mono).max(now.unix.since(asked.at.unix));
            let young = age < READS[asked.read].class.ttl();
            ledger.must(young, || format!("call {number} got an answer that was {age:?} old"));
        }
        if own {
            caller.tries.succeeds(number, ledger);
            self.documents.push(std::sync::Arc::downgrade(&answer.value));
        }
    }

    /// A call ends with an error. Whether it may be one that it shares.
    pub fn fails(&mut self, caller: &Caller, kind: ErrorKind, ledger: &mut Ledger) -> bool {
        let (number, sends) = (caller.number, caller.tries.sends);
        if let Some(read) = caller.read() {
            let shared =
                |(of, step, end): &(usize, usize, End)| *of == read && *step >= caller.began && *end == End::Failed(kind);
            let shares = sends == 0 && caller.versions.is_some() && self.ends.iter().any(shared);
            self.ends.push((read, ledger.step, End::Failed(kind)));
            if shares {
                return true;
            }
        }
        let of_api = matches!(kind, ErrorKind::Transport | ErrorKind::Refused | ErrorKind::Decode);
        ledger.must(!of_api || sends > 0, || format!("call {number} was not sent, and ended with {kind:?}"));
        false
    }

    /// What is kept is within its bounds, as the cache counts and as is held in truth. Besides the cache, callers may hold one answer each.
    pub fn stays_in_bounds(&mut self, statistics: Statistics, callers: usize, ledger: &mut Ledger) {
        let (entries, bytes) = Self::bounds(self.room);
        let fits = statistics.entries <= entries && statistics.bytes <= bytes;
        ledger.must(fits, || format!("the cache is beyond its bounds: {statistics:?}"));
        let counted = (statistics.hits, statistics.hits + statistics.misses);
        let (hits, looks) = (self.hits, self.looks);
        ledger.must(counted == (hits, looks), || format!("{hits} of {looks} were found, and it counts {statistics:?}"));
        self.documents.retain(|document| document.strong_count() > 0);
        let held = self.documents.len();
        ledger.must(held <= entries + callers, || format!("{held} answers are held, beside {callers} callers"));
        let size: usize = self.documents.iter().filter_map(Weak::upgrade).map(|page| 2 * page.size).sum();
        ledger.must(callers > 0 || size <= bytes, || format!("answers of {size} bytes are held"));
    }
}
