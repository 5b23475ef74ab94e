//! What must hold, whatever happens. The ledger knows what was told to the session and what it did, and nothing of its insides.

mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tidal_core::store::Lease;
use tidal_core::{Error, ErrorKind, Event, Mono, Now, Record, Unix};

use crate::model::calls::Caller;
use crate::model::ops::Setup;
use crate::model::server::{Form, Issued, Server};
use crate::model::store::is_nameless;

/// A sign-in that was signed out of.
struct Ban {
    user: Option<Option<String>>,
    families: BTreeSet<usize>,
    /// It had no name.
    nameless: bool,
    /// Its end was told.
    done: bool,
    /// That was surely its end, or the call that asked for it has succeeded, or one that did so again.
    has_succeeded: bool,
    /// The store failed meanwhile: the account may still be there, and a new configuration may find it.
    doubtful: bool,
    /// When it is given up.
    by: Mono,
    /// The account that it ended.
    account: usize,
}

/// Tokens that the store is to hold in the end.
#[derive(Clone, Copy)]
pub struct Owed {
    pub family: usize,
    pub serial: usize,
    /// How often the store had failed by then.
    pub faults: usize,
}

pub struct Ledger {
    setup: Setup,
    /// The session is the application's own now.
    of_application: bool,
    pub broken: Vec<String>,
    /// Counts whatever happens, to tell what came before what.
    pub step: usize,
    /// Counts the principals: it grows with sign-outs, new configurations and sign-ins of others.
    pub period: usize,
    /// Counts the accounts that the session had: the same, and each sign-in.
    pub account: usize,
    /// Whose tokens the present principal's calls carry, once that is known: a user's, or the application's.
    user: Option<Option<String>>,
    signed_out: bool,
    /// The families that the session was told of in this period.
    held: BTreeSet<usize>,
    bans: Vec<Ban>,
    /// The step of the last sign-in.
    signed_in_at: usize,
    /// Tokens that were answered with 401 since the last change of account.
    refused: BTreeSet<String>,
    /// The same, and those that were refused to a call that may have asked for them.
    may_be_refused: BTreeSet<String>,
    /// All tokens that the session was ever told of, and those of this period.
    known: BTreeSet<usize>,
    recent: BTreeSet<usize>,
    /// What was sent last.
    last_sent: Option<usize>,
    /// Of this period's, the one that it was told of last.
    last: Option<usize>,
    /// What was sent, or stored and known to be, last: by family.
    newest: BTreeMap<usize, (usize, Option<usize>)>,
    /// The tokens that an application's session found or got last, and those that it has seen in the store since.
    application: Vec<usize>,
    /// When a failure was told that ends those who wait.
    failures: Vec<usize>,
    /// When a sign-in was told to be over.
    endings: Vec<usize>,
    /// Refresh tokens whose successor reached the session: how often the store had failed, which account it was.
    succeeded: BTreeMap<String, (usize, usize)>,
    /// By user.
    pub owed: BTreeMap<Option<String>, Owed>,
    /// Families of tokens that were set by hand, and whether they were rejected since: what is dead is not stored over another sign-in.
    by_hand: BTreeMap<usize, bool>,
    /// Families that a dead process has stored under a name: late, and perhaps older than what is stored without one.
    hidden: BTreeSet<usize>,
    /// Whose account another process changed since the session acquired it.
    overtaken: BTreeSet<Option<String>>,
    /// Whom another process signed out last.
    pub removed: BTreeSet<Option<String>>,
    /// By family: signed in by this session.
    adopted: BTreeMap<usize, Option<String>>,
    /// How often the store failed.
    pub faults: usize,
    store_works: bool,
    lease: Option<Lease>,
    /// The family of the tokens that are given at each start.
    given: Option<usize>,
    /// Others have signed in since, or may, and it had no name: what it brings yet belongs to none of them.
    left_nameless: bool,
    /// The account with which the process started.
    pub started: usize,
    /// A process died in the middle of a sign-out, which may come to its end yet.
    died_signing_out: bool,
    /// The latest that the Unix clock was, carried on by the other clock: what was seen then may have been taken for over.
    latest: Unix,
}

impl Ledger {
    pub fn new(setup: Setup, now: Now) -> Self {
        Self {
            setup,
            of_application: !setup.person,
            broken: Vec::new(),
            step: 0,
            period: 0,
            account: 0,
            user: (!setup.person).then_some(None),
            signed_out: false,
            held: BTreeSet::new(),
            bans: Vec::new(),
            signed_in_at: 0,
            refused: BTreeSet::new(),
            may_be_refused: BTreeSet::new(),
            known: BTreeSet::new(),
            recent: BTreeSet::new(),
            last_sent: None,
            last: None,
            newest: BTreeMap::new(),
            application: Vec::new(),
            failures: Vec::new(),
            endings: Vec::new(),
            succeeded: BTreeMap::new(),
            owed: BTreeMap::new(),
            by_hand: BTreeMap::new(),
            hidden: BTreeSet::new(),
            overtaken: BTreeSet::new(),
            removed: BTreeSet::new(),
            adopted: BTreeMap::new(),
            faults: 0,
            store_works: true,
            lease: None,
            given: None,
            left_nameless: false,
            started: 0,
            died_signing_out: false,
            latest: now.unix,
        }
    }

    pub fn must(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.broken.push(otherwise());
        }
    }

    pub fn time_goes_on(&mut self, by: Duration, now: Now) {
        self.latest = (self.latest + by).max(now.unix);
    }

    /// Whether the sign-in has ended since that step.
    pub fn has_ended_since(&self, step: usize) -> bool {
        self.endings.last().is_some_and(|last| *last >= step)
    }

    /// Whether the present principal may be this user, or the application itself.
    pub fn may_be(&self, user: Option<&str>) -> bool {
        self.user.as_ref().is_none_or(|known| known.as_deref() == user)
    }

    /// Whether a token may be renewed for its age: a minute before its end by any clock.
    fn is_old(&self, issued: &Issued, now: Now) -> bool {
        let margin = Duration::from_secs(60);
        issued.ends.is_some_and(|ends| ends.mono <= now.mono + margin || ends.unix <= self.latest + margin)
    }
}

/// What the session does.
impl Ledger {
    fn is_newest(&mut self, issued: &Issued) {
        let newest = self.newest.entry(issued.family).or_insert((issued.generation, None));
        newest.0 = newest.0.max(issued.generation);
        if issued.ours {
            newest.1 = newest.1.max(Some(issued.serial));
        }
    }

    /// A call is sent with this token.
    pub fn sends(&mut self, caller: &Caller, issued: &Issued, now: Now) {
        let number = caller.number;
        self.must(caller.period == Some(self.period), || format!("call {number} was sent after its principal had gone"));
        let user = Some(issued.user.map(str::to_owned));
        self.must(self.user.is_none() || self.user == user, || format!("call {number} was sent with the token of {user:?}"));
        self.user = user;
        self.held.insert(issued.family);
        self.must(self.known.contains(&issued.serial), || format!("token {} came from nowhere", issued.serial));
        let refused = caller.refused.contains(&issued.access) || self.refused.contains(&issued.access);
        self.must(!refused, || format!("call {number} was sent with token {} after a 401", issued.serial));
        let banned = |ban: &Ban| ban.has_succeeded || (!ban.doubtful && now.mono < ban.by);
        let banned = self.bans.iter().any(|ban| ban.families.contains(&issued.family) && banned(ban));
        self.must(!banned, || format!("call {number} was sent with token {} after the sign-out", issued.serial));
        let (generation, own) = self.newest.get(&issued.family).copied().unwrap_or_default();
        let newest = issued.generation >= generation && !(issued.ours && own > Some(issued.serial));
        self.must(newest, || format!("call {number} was sent with token {} though a newer one was known", issued.serial));
        self.is_newest(issued);
        self.last_sent = Some(issued.serial);
    }

    /// A call ends with an error of its own.
    pub fn fails(&mut self, caller: &Caller, error: &Error) {
        let said = format!("{error} {error:?}");
        self.must(!said.contains("-secret"), || format!("an error holds a token: {said}"));
        let since = |steps: &[usize]| steps.last().is_some_and(|step| *step >= caller.waits_since);
        let shared = match error.kind() {
            ErrorKind::TokenUnavailable if !caller.refused.is_empty() => true,
            ErrorKind::TokenUnavailable | ErrorKind::Configuration | ErrorKind::Store => since(&self.failures),
            ErrorKind::SessionEnded => !self.endings.is_empty(),
            _ => true,
        };
        self.must(shared, || format!("call {} shares a failure for which it did not wait: {error}", caller.number));
        let of_401 = error.status().is_some_and(|status| status.as_u16() == 401) && error.kind() == ErrorKind::Refused;
        self.must(!of_401 || caller.unauthorized > 1, || format!("call {} ended with its first 401", caller.number));
        let gone = error.kind() != ErrorKind::SignedOut || caller.account != Some(self.account);
        self.must(gone, || format!("call {} ended as signed out, and nobody was: {error}", caller.number));
        self.must(error.kind() != ErrorKind::Lost, || format!("call {} was lost: {error}", caller.number));
    }

    /// A token request begins.
    pub fn exchanges(&mut self, form: &Form, server: &Server, rivals: usize, now: Now) {
        self.must(rivals == 0, || "two token requests for one account are in flight".to_owned());
        if let (true, false, false, 0) = (self.store_works, self.setup.forgetful, self.setup.fleet, self.account) {
            let outlasts = self.lease.as_ref().is_some_and(|lease| lease.until >= now.unix + Duration::from_secs(15));
            self.must(outlasts, || "a token is asked for without a lease that lasts".to_owned());
        }
        let current: Vec<&Issued> = match &form.refresh {
            None => self.application.iter().map(|serial| server.get(*serial)).collect(),
            Some(refresh) => {
                server.by_refresh(refresh).filter(|issued| self.recent.contains(&issued.serial)).last().into_iter().collect()
            }
        };
        let needed = current.iter().any(|issued| self.is_old(issued, now) || self.may_be_refused.contains(&issued.access));
        let serials: Vec<usize> = current.iter().map(|issued| issued.serial).collect();
        self.must(needed || serials.is_empty(), || format!("{serials:?} is renewed though it is neither old nor refused"));
        let known =
            form.refresh.as_ref().is_none_or(|refresh| server.by_refresh(refresh).any(|one| self.known.contains(&one.serial)));
        self.must(known, || "a refresh token came from nowhere".to_owned());
        if let Some((faults, account)) = form.refresh.as_ref().and_then(|refresh| self.succeeded.get(refresh)).copied() {
            // A process that is given tokens at its start knows what came of them by the store alone.
            let excused = faults != self.faults && (account != self.account || self.given.is_some());
            self.must(excused, || "a refresh token is used though its successor was known".to_owned());
        }
    }

    /// A save takes effect: `before` is replaced by `after`. It may be one of a process that is `dead`.
    pub fn saves(&mut self, before: Option<&Record>, after: &Record, dead: bool, server: &Server) {
        self.removed.remove(&after.key.user);
        let Some(new) = server.by_access(after.access_token.expose()) else {
            return self.broken.push("a token that nobody issued was stored".to_owned());
        };
        let refresh = after.refresh_token.as_ref().map(tidal_core::Secret::expose);
        self.must(new.refresh.as_deref() == refresh, || {
            format!("token {} was stored with another's refresh token", new.serial)
        });
        // Who did not know the name can't keep out what another process saves under it.
        if dead && !is_nameless(&after.key) {
            // It may be older than what the next process has stored without one, and is found first.
            self.succeeded.clear();
            self.hidden.insert(new.family);
            for ban in self.bans.iter_mut().filter(|ban| ban.nameless) {
                ban.families.remove(&new.family);
            }
        }
        let banned = self.bans.iter().any(|ban| ban.has_succeeded && ban.families.contains(&new.family));
        self.must(!banned, || format!("token {} was stored after the sign-out", new.serial));
        let Some(old) = before.and_then(|before| server.by_access(before.access_token.expose())) else { return };
        if old.family == new.family {
            self.must(old.generation <= new.generation, || format!("token {} was stored over {}", new.serial, old.serial));
        } else {
            let newer = self.adopted.contains_key(&old.family) && old.family > new.family;
            self.must(!newer, || format!("the older sign-in {} was stored over {}", new.family, old.family));
        }
    }

    /// Whether the session was told of a later sign-in of the same user, or a dead process has stored it under a name.
    pub fn has_another_place(&self, old: &Issued) -> bool {
        self.hidden.contains(&old.family)
            || self.adopted.iter().any(|(family, user)| *family > old.family && user.as_deref() == old.user)
    }

    /// An account is removed.
    pub fn forgets(&mut self, before: Option<&Record>, server: &Server) {
        let Some(old) = before.and_then(|before| server.by_access(before.access_token.expose())) else { return };
        self.must(!self.bans.is_empty() || self.died_signing_out, || {
            "an account was removed, and nobody signed out".to_owned()
        });
        let alive = self.adopted.contains_key(&old.family);
        self.must(!alive, || format!("the sign-in {} was removed by an earlier sign-out", old.family));
    }

    /// Something is told.
    pub fn hears(&mut self, event: &Event, stored: &[Record], server: &Server) {
        let said = format!("{event:?}");
        self.must(!said.contains("-secret"), || format!("an event holds a token: {said}"));
        match event {
            Event::SessionEnded(..) => {
                let told = self.endings.last().is_some_and(|step| *step + 1 >= self.step);
                self.must(told, || "a sign-in ended that nobody rejected".to_owned());
            }
            Event::SignedOut(key) => {
                let user = key.as_ref().map(|key| key.user.clone());
                // Of several sign-outs, the first that it may be.
                let nameless = key.as_ref().is_some_and(is_nameless);
                let fits = |ban: &Ban| match nameless {
                    true => ban.nameless || ban.user.is_none(),
                    false => ban.user == user || ban.user.is_none() && user != Some(None),
                };
                let surely = |ban: &Ban| if nameless { ban.nameless } else { ban.user == user && !ban.nameless };
                let undone: Vec<usize> = (0..self.bans.len()).filter(|at| !self.bans[*at].done).collect();
                let first = |fits: &dyn Fn(&Ban) -> bool| undone.iter().copied().find(|at| fits(&self.bans[*at]));
                let mut families = BTreeSet::new();
                // Of several that it may be, only the call that asked for it tells which.
                let is_clear = undone.iter().filter(|at| fits(&self.bans[**at])).count() == 1;
                if let Some(at) = first(&surely).or_else(|| first(&fits)) {
                    let ban = &mut self.bans[at];
                    ban.done = true;
                    ban.has_succeeded |= is_clear;
                    if nameless {
                        ban.families.retain(|family| Some(*family) == self.given);
                    }
                    if is_clear {
                        families.clone_from(&ban.families);
                    }
                }
                let left = stored.iter().filter_map(|record| server.by_access(record.access_token.expose()));
                // What was given, a store that failed at the look may hold without a name.
                let doubtful = self.given.filter(|_| self.faults > 0);
                let left = left.map(|issued| issued.family).filter(|family| Some(*family) != doubtful);
                let left: Vec<usize> = left.filter(|family| families.contains(family)).collect();
                self.must(left.is_empty() || key.is_none(), || format!("signed out, and {left:?} are still stored"));
            }
            _ => {}
        }
    }

    /// A sign-out that ended this account has succeeded; so have those of just before, if they had not.
    pub fn has_signed_out(&mut self, account: usize, stored: &[Record], server: &Server) {
        let mut families = BTreeSet::new();
        for ended in (0..=account).rev() {
            let Some(ban) = self.bans.iter_mut().find(|ban| ban.account == ended) else { break };
            families.append(&mut ban.families.clone());
            ban.has_succeeded = true;
        }
        let left = stored.iter().filter_map(|record| server.by_access(record.access_token.expose()));
        let left: Vec<usize> = left.map(|issued| issued.family).filter(|family| families.contains(family)).collect();
        self.must(left.is_empty(), || format!("a sign-out has succeeded, and {left:?} are still stored"));
    }
}
