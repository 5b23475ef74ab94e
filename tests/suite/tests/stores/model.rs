//! Random histories, held against what the contract says of them.
//!
//! The model remembers every lease that was ever given out, and judges each step by that history.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tidal_core::store::{Acquired, Kept, Lease, Store};
use tidal_core::{AccountKey, Record, Selector, Unix};

use crate::Shared;
use crate::contract::{anyone, at, key, only, record};

const USERS: [&str; 3] = ["ada", "bob", "cyd"];

/// One step: what is done, by which of two handles, and the seconds since the step before.
#[derive(Clone, Debug)]
struct Step {
    action: Action,
    second_handle: bool,
    secs: i64,
}

/// Leases are picked among all that were given out so far, the latest being the likeliest.
#[derive(Clone, Debug)]
enum Action {
    Find(Option<usize>),
    Acquire { user: usize, ttl: u64, instead_of: Option<usize> },
    Save(usize),
    Forget(usize),
    Release(usize),
    List,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let user = 0..USERS.len();
    let lease = prop_oneof![3 => Just(0_usize), 2 => 0_usize..8];
    let acquire = (user.clone(), 0_u64..6, proptest::option::of(lease.clone()));
    let action = prop_oneof![
        2 => proptest::option::of(user).prop_map(Action::Find),
        6 => acquire.prop_map(|(user, ttl, instead_of)| Action::Acquire { user, ttl, instead_of }),
        5 => lease.clone().prop_map(Action::Save),
        2 => lease.clone().prop_map(Action::Forget),
        2 => lease.prop_map(Action::Release),
        1 => Just(Action::List),
    ];
    // Time never stands still: which of two accounts used at the same time comes first is left open.
    let step = (action, any::<bool>(), 1_i64..4);
    proptest::collection::vec(step.prop_map(|(action, second_handle, secs)| Step { action, second_handle, secs }), 1..50)
}

#[derive(Default)]
struct Model {
    /// All leases given out, in order, and whether each was released.
    given: Vec<(Lease, bool)>,
    accounts: BTreeMap<AccountKey, Record>,
}

impl Model {
    fn newest(&self, key: &AccountKey) -> Option<&(Lease, bool)> {
        self.given.iter().rev().find(|(lease, _)| lease.key == *key)
    }

    fn is_newest(&self, lease: &Lease) -> bool {
        self.newest(&lease.key).is_some_and(|(newest, _)| newest == lease)
    }

    /// Until when somebody else holds the account.
    fn busy(&self, key: &AccountKey, instead_of: Option<&Lease>, now: Unix) -> Option<Unix> {
        let (newest, released) = self.newest(key)?;
        (!released && newest.until > now && instead_of != Some(newest)).then_some(newest.until)
    }

    fn pick(&self, back: usize) -> Option<Lease> {
        self.given.iter().rev().nth(back).map(|(lease, _)| lease.clone())
    }

    fn by_use(&self) -> Vec<Record> {
        let mut records: Vec<_> = self.accounts.values().cloned().collect();
        records.sort_by_key(|record| std::cmp::Reverse(record.used_at));
        records
    }

    fn find(&mut self, selector: &Selector, now: Unix) -> Option<Record> {
        let key = self.by_use().into_iter().find(|record| selector.matches(&record.key))?.key;
        let found = self.accounts.get_mut(&key)?;
        found.used_at = now;
        Some(found.clone())
    }

    fn save(&mut self, wanted: &Record, lease: &Lease, now: Unix) -> Kept {
        if !self.is_newest(lease) {
            return Kept::Stale;
        }
        let mut saved = wanted.clone();
        saved.used_at = now;
        saved.added_at = self.accounts.get(&wanted.key).map_or(wanted.added_at, |stored| stored.added_at);
        self.accounts.insert(wanted.key.clone(), saved);
        Kept::Done
    }
}

fn acquire(model: &mut Model, store: &dyn Store, key: &AccountKey, ttl: u64, instead_of: Option<&Lease>, now: Unix) {
    let ttl = Duration::from_secs(ttl);
    let expected = model.busy(key, instead_of, now);
    match store.acquire(key, ttl, instead_of, now).unwrap() {
        Acquired::Busy(until) => assert_eq!(expected, Some(until), "busy"),
        Acquired::Lease(lease, stored) => {
            assert_eq!(expected, None, "it was given out while somebody held it");
            assert_eq!((&lease.key, lease.until), (key, now + ttl));
            assert_eq!(stored.as_deref(), model.accounts.get(key));
            let fences = model.given.iter().filter(|(given, _)| given.key == *key).map(|(given, _)| given.fence);
            assert!(fences.max().is_none_or(|fence| fence < lease.fence), "the fence does not grow");
            model.given.push((lease, false));
        }
    }
}

fn check(history: &[Step], shared: &Shared) {
    let mut model = Model::default();
    let mut secs = 0;
    for (number, step) in history.iter().enumerate() {
        let store = if step.second_handle { &*shared.b } else { &*shared.a };
        secs += step.secs;
        let now = at(secs);
        match step.action {
            Action::Find(user) => {
                let selector = user.map_or_else(anyone, |user| only(&key(USERS[user])));
                assert_eq!(store.find(&selector, now).unwrap(), model.find(&selector, now));
            }
            Action::Acquire { user, ttl, instead_of } => {
                let own = instead_of.and_then(|back| model.pick(back));
                acquire(&mut model, store, &key(USERS[user]), ttl, own.as_ref(), now);
            }
            Action::Save(back) => {
                let Some(lease) = model.pick(back) else { continue };
                let wanted = record(&lease.key, &format!("token {number}"), now);
                assert_eq!(store.save(&wanted, &lease, now).unwrap(), model.save(&wanted, &lease, now));
            }
            Action::Forget(back) => {
                let Some(lease) = model.pick(back) else { continue };
                let expected = if model.is_newest(&lease) { Kept::Done } else { Kept::Stale };
                assert_eq!(store.forget(&lease.key, &lease, now).unwrap(), expected);
                if expected == Kept::Done {
                    model.accounts.remove(&lease.key);
                }
            }
            Action::Release(back) => {
                let Some(lease) = model.pick(back) else { continue };
                store.release(&lease, now).unwrap();
                model.given.iter_mut().filter(|(given, _)| *given == lease).for_each(|(_, released)| *released = true);
            }
            Action::List => {}
        }
        assert_eq!(store.list().unwrap(), model.by_use());
    }
}

pub(crate) fn run(histories: u32, make: fn() -> Shared) {
    let config = ProptestConfig { cases: histories, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(&steps(), |history| {
            check(&history, &make());
            Ok(())
        })
        .unwrap();
}
