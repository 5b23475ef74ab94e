//! One account of a session, from the look-up to the sign-out.
//!
//! An account is a goal, at most one job in flight, and what is held: a lease, an unsaved record. After each reply [`step`] picks
//! the next job from these, so that a sign-out at any moment needs no case of its own.
//!
//! ```text
//!       want a token, or given one             fit
//!   Rest ───────────────▶ Find ────────────────────────────────▶ Rest
//!    ▲                     │ └── nothing, but given ──┐           ▲
//!    │                     │ nothing, or              │           │
//!    │                     ▼ no longer fit            ▼           │ saved, failed, or in vain
//!    │   acquire, look: Renew ──── token ─────────▶ Keep ─────────┤
//!    │                     │ needs a person         ▲ │           │
//!    │                     │                        │ └─ without a name: identify,
//!    │                     └────▶ SignIn ── adopted ┘    keep under it, clear what has none
//!    └── release ◀──────────────────────────────────────── Forget ┘  (from any state)
//! ```
//!
//! Tokens that an application gives at each start are in [`given`], accounts whose user is not known yet in [`nameless`], saves that may land
//! yet in [`doubt`], removals in [`forget`].
//!
//! [`step`]: Account::step

mod doubt;
mod forget;
mod given;
mod look;
mod nameless;
mod others;
mod reply;
mod step;

use std::sync::Arc;
use std::time::Duration;

use super::event::Event;
use super::job::JobId;
use crate::account::{AccountKey, Record};
use crate::auth::Grant;
use crate::config::Config;
use crate::error::{Error, Failure};
use crate::secret::Secret;
use crate::store::Lease;
use crate::time::{Mono, Now};

pub(super) use doubt::Meant;
use doubt::{Doubt, Only};
use forget::Place;
pub(super) use forget::{Removal, Removed};
use nameless::Nameless;
pub(super) use reply::Context;

/// What an account is after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// Nothing, but to give back a lease.
    Rest,
    /// Look whether the store has it.
    Find,
    /// Get a newer token.
    Renew,
    /// Have a person sign in.
    SignIn,
    /// Get what is held into the store.
    Keep,
    /// Get it out of the store.
    Forget,
}

/// The job in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Running {
    pub(super) id: JobId,
    pub(super) doing: Doing,
    pub(super) begun: Now,
    pub(super) deadline: Mono,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    Find,
    Acquire,
    Exchange,
    /// Ask who this is.
    Identify,
    SignIn,
    Save,
    Forget,
    Release,
    Revoke,
    /// Remove what was stored without a name, and release its lease.
    Clear,
    Leave,
}

/// What the grant goes before, at the next look under a lease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Rank {
    /// What was seen at the last look.
    #[default]
    Usual,
    /// Tokens that were given at the start: all but what descends from them.
    Given,
    /// A new sign-in: whatever is stored.
    New,
}

/// What the store held when it was looked at last.
#[derive(Debug)]
enum Seen {
    Unknown,
    Nothing,
    Record(Box<Record>),
}

/// What an account wants its session to do.
pub(super) enum Effect {
    /// Calls carry the account's token from now on; with `settle`, those who wait for one go on.
    Promote { settle: bool },
    /// A person has signed in.
    Adopt(Box<Grant>),
    /// Those who wait for a token end so.
    Fail(Error),
    /// The same, unless the token at hand has not expired yet.
    FailUnlessUsable(Error),
    /// The sign-in is over; with `settle`, those who wait for a token end so.
    End { error: Error, settle: bool },
    /// Its removal is over.
    Removed(Removed),
    /// Nobody needs this lease any more. A save under it may land yet, if that is in doubt, and is to be kept out.
    GiveBack(Arc<Config>, Lease, Option<Box<Doubt>>),
    /// Something else is to be removed.
    Remove(Removal),
    /// Something to tell.
    Event(Event),
}

/// Tries to store what the store did not take, before it is left until the next change.
const SAVE_TRIES: u32 = 5;
/// How many refresh tokens are remembered that were replaced.
const SPENT: usize = 8;
/// Tries to remove an account from a store that fails.
const FORGET_TRIES: u32 = 3;
/// The first pause after a failed renewal, and after a failed save. It doubles.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest pause that the session makes of its own accord.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The longest pause that a service may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(3600);
/// The first pause while somebody else holds the lease. It doubles four times.
const BUSY_PAUSE: Duration = Duration::from_millis(50);
/// How often a store that gives no answer in time is asked before it is taken for broken.
const SLOW_TRIES: u32 = 3;

pub(super) struct Account {
    pub(super) config: Arc<Config>,
    pub(super) goal: Goal,
    pub(super) running: Option<Running>,
    /// The newest tokens, ours or adopted from the store.
    pub(super) grant: Option<Grant>,
    key: Option<AccountKey>,
    seen: Seen,
    /// The store failed since: that nothing is there any more does not mean a sign-out.
    in_doubt: bool,
    /// What was saved with an unknown outcome since the last look.
    tried: Option<Box<Record>>,
    lease: Option<Lease>,
    /// A save has an unknown outcome: acquire anew, in place of its lease, before anything else is done.
    doubt: Option<Box<Doubt>>,
    /// The grant is not in the store: so many tries failed, and the next comes then.
    unsaved: Option<(u32, Mono)>,
    rank: Rank,
    /// Tokens to begin with, unless the store holds an account that descends from them.
    given: Option<Box<Grant>>,
    /// All accounts of this client are to be looked at: the store failed when given tokens came, or, under the lease, a nameless account may
    /// have got a name.
    unlooked: bool,
    /// The lease under which the account had no name. It has one since, and is to be stored under that.
    nameless: Option<Nameless>,
    /// The access token with which the service was asked in vain who this is.
    asked: Option<Secret>,
    /// It began with the tokens that an application gives at each start.
    offered: bool,
    /// Its tokens were given to this session, whose account it is: it is to have a name.
    names: bool,
    /// All that is left to do is to acquire anew, to keep out a save that may land yet.
    fences: bool,
    /// It is removed because it is stored under another key, or of no use: nobody signs out of that.
    replaced: bool,
    /// It is removed only if it is this.
    only: Option<Only>,
    /// What else may be left of what is removed.
    places: Vec<Place>,
    /// The grant came from the token endpoint or a sign-in, and waits to be saved before calls use it, until then at most.
    promote_by: Option<Mono>,
    /// The store failed in this round: go on without it.
    offline: bool,
    /// Nothing is begun before.
    not_before: Mono,
    /// No token is looked for or renewed before: that failed, or the service asked for it.
    renew_after: Mono,
    /// What can't be kept out is not tried before, unless somebody asks.
    fence_after: Mono,
    failures: u32,
    busy: u32,
    /// The store gave no answer in time, so often in a row.
    slow: u32,
    /// The refresh tokens in whose place others came, the newest last: whatever is stored with one of them is older.
    spent: Vec<Secret>,
    /// The access token that the service refused with 401.
    refused: Option<Secret>,
    /// The token that was revoked for the sign-out.
    revoked: Option<Secret>,
    forget_by: Option<Mono>,
    /// The session's principal since the sign-out.
    principal: u64,
    /// The session's principal when it began.
    pub(super) since: u64,
    /// The same account's sign-out, or what it has to store, comes first: nothing is begun before that is over, or the one would take
    /// the new for the old, and the other the old for the new.
    pub(super) held_back: bool,
}

impl Account {
    pub(super) fn new(config: Arc<Config>) -> Self {
        Self {
            config,
            goal: Goal::Rest,
            running: None,
            grant: None,
            key: None,
            seen: Seen::Unknown,
            in_doubt: false,
            tried: None,
            lease: None,
            doubt: None,
            unsaved: None,
            rank: Rank::Usual,
            given: None,
            unlooked: false,
            nameless: None,
            asked: None,
            offered: false,
            names: false,
            fences: false,
            replaced: false,
            only: None,
            places: Vec::new(),
            promote_by: None,
            offline: false,
            not_before: Mono::ZERO,
            renew_after: Mono::ZERO,
            fence_after: Mono::ZERO,
            failures: 0,
            busy: 0,
            slow: 0,
            spent: Vec::new(),
            refused: None,
            revoked: None,
            forget_by: None,
            principal: 0,
            since: 0,
            held_back: false,
        }
    }

    /// Nothing but a lease that is to be given back, once no save under it can land any more.
    pub(super) fn of_lease(config: Arc<Config>, lease: Lease, doubt: Option<Box<Doubt>>) -> Self {
        Self { key: Some(lease.key.clone()), lease: Some(lease), fences: doubt.is_some(), doubt, ..Self::new(config) }
    }

    /// Takes a new sign-in, to be stored in place of whatever is.
    pub(super) fn adopt(&mut self, grant: Grant, now: Now) {
        self.key = Some(grant.record.key.clone());
        self.grant = Some(grant);
        self.names = true;
        (self.not_before, self.renew_after) = (Mono::ZERO, Mono::ZERO);
        self.failures = 0;
        self.refused = None;
        if self.config.store_tokens {
            self.rank = Rank::New;
            self.unsaved = Some((0, now.mono));
            self.goal = Goal::Keep;
        } else {
            self.goal = Goal::Rest;
        }
    }

    /// Sets out for a token, if it isn't on its way.
    pub(super) fn want(&mut self) {
        if self.goal != Goal::Rest {
            return;
        }
        // Of a rejected sign-in that is not stored yet, the store can't tell: what it holds is older.
        let known = self.grant.as_ref().is_some_and(|grant| grant.record.rejected.is_none() || self.unsaved.is_some());
        // A new sign-in that was asked for goes before whatever is stored.
        let anew = self.grant.is_none() && self.config.skips_look_up();
        if anew {
            self.rank = Rank::New;
        }
        self.goal = if known || anew || !self.config.store_tokens { Goal::Renew } else { Goal::Find };
    }

    /// The service refused this access token.
    pub(super) fn refuse(&mut self, access: &Secret) {
        self.refused = Some(access.clone());
    }

    /// Whether the service refused this access token.
    pub(super) fn has_refused(&self, access: &Secret) -> bool {
        self.refused.as_ref() == Some(access)
    }

    /// Whether a renewal failed lately and the next try is yet to come.
    pub(super) fn backs_off(&self, now: Now) -> bool {
        self.failures > 0 && now.mono < self.renew_after
    }

    /// It is no longer the session's account: what it has begun, it ends, and what it holds, it stores.
    pub(super) fn retire(&mut self) -> Option<JobId> {
        self.promote_by = None;
        self.names = false;
        if self.rank == Rank::Given {
            // Whoever gave them has them, and nothing was made of them yet.
            return self.forsake();
        }
        match self.goal {
            Goal::Keep | Goal::Forget => return None,
            Goal::Renew if self.running.is_some_and(|running| running.doing == Doing::Exchange) => return None,
            _ => {}
        }
        // What is unsaved is saved when its time comes.
        self.goal = Goal::Rest;
        let running = self.running.filter(|running| running.doing == Doing::SignIn)?;
        self.running = None;
        Some(running.id)
    }

    /// What was left after too many tries is tried once more.
    pub(super) fn save_once_more(&mut self, now: Now) {
        if let Some((tries, at)) = &mut self.unsaved
            && *tries >= SAVE_TRIES
        {
            (*tries, *at) = (SAVE_TRIES - 1, now.mono);
        }
    }

    /// A new sign-in or a sign-out takes its place: it only gives back what it holds. The job to be cancelled, if there is one.
    pub(super) fn forsake(&mut self) -> Option<JobId> {
        if self.goal == Goal::Forget {
            return None;
        }
        self.rest();
        if let (Some(_), Some(nameless)) = (self.unsaved.take(), &mut self.nameless) {
            // It is not stored under its name, and may never be.
            nameless.leave();
        }
        self.promote_by = None;
        let running =
            self.running.filter(|job| matches!(job.doing, Doing::Exchange | Doing::Identify | Doing::SignIn | Doing::Save))?;
        if running.doing == Doing::Save {
            self.doubt_the_save();
        }
        self.running = None;
        Some(running.id)
    }

    /// Whether nothing is owed: no job, no lease, nothing to be tried again.
    #[inline(never)]
    pub(super) fn is_at_rest(&self) -> bool {
        let holds = self.lease.is_some() || self.nameless.is_some();
        self.goal == Goal::Rest && self.running.is_none() && !holds && !self.fences && !self.will_save_again()
    }

    fn will_save_again(&self) -> bool {
        self.unsaved.is_some_and(|(tries, _)| tries < SAVE_TRIES)
    }

    /// When its pause is over, if it makes one.
    fn pauses_until(&self) -> Mono {
        match self.goal {
            Goal::Find | Goal::Renew | Goal::SignIn => self.not_before.max(self.renew_after),
            Goal::Rest | Goal::Keep | Goal::Forget => self.not_before,
        }
    }

    /// When [`Self::step`] or [`Self::handle_timeout`] has something to do without a reply.
    pub(super) fn timeout(&self) -> Option<Mono> {
        let running = self.running.map(|running| running.deadline);
        let pause = (self.running.is_none() && (self.fences || (self.goal != Goal::Rest && !self.held_back)))
            .then_some(self.pauses_until());
        let save = self.unsaved.filter(|_| self.goal == Goal::Rest && self.will_save_again()).map(|(_, at)| at);
        let mut soonest = running;
        for by in [pause, save, self.promote_by, self.forget_by] {
            soonest = super::earlier(soonest, by);
        }
        soonest
    }

    /// What time alone brings about, the end of a job in flight aside.
    /// The job to be cancelled, if there is one.
    pub(super) fn handle_timeout(&mut self, now: Now, effects: &mut Vec<Effect>) -> Option<JobId> {
        let mut cancelled = None;
        if self.promote_by.is_some_and(|by| now.mono >= by) {
            self.promote_by = None;
            effects.push(Effect::Promote { settle: true });
        }
        if self.forget_by.is_some_and(|by| now.mono >= by) {
            let failure = Failure::timeout("the store did not answer in time");
            self.end_forget(Err(failure), effects);
            cancelled = self.running.take().map(|running| running.id);
            self.give_up_lease();
            self.nameless = None;
        }
        if self.goal == Goal::Rest && self.will_save_again() && self.unsaved.is_some_and(|(_, at)| now.mono >= at) {
            self.goal = Goal::Keep;
        }
        cancelled
    }
}
