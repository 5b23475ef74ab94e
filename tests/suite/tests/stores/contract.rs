//! The sentences of the contract, one by one.

use std::time::Duration;

use tidal_core::store::{Acquired, Kept, Lease, Store};
use tidal_core::value::Json;
use tidal_core::{AccountKey, Flow, Record, Secret, Selector, Unix};

const TTL: Duration = Duration::from_secs(60);

pub(crate) fn at(secs: i64) -> Unix {
    Unix::from_secs(1_800_000_000 + secs)
}

pub(crate) fn key(user: &str) -> AccountKey {
    AccountKey { client_id: "app".into(), flow: Flow::Pkce, user: Some(user.into()) }
}

pub(crate) fn anyone() -> Selector {
    Selector { client_id: "app".into(), flow: Flow::Pkce, user: None }
}

pub(crate) fn only(key: &AccountKey) -> Selector {
    Selector { client_id: key.client_id.clone(), flow: key.flow, user: key.user.clone() }
}

pub(crate) fn record(key: &AccountKey, token: &str, now: Unix) -> Record {
    Record::new(key.clone(), Secret::new(token), now)
}

fn lease(store: &dyn Store, key: &AccountKey, now: Unix) -> (Lease, Option<Record>) {
    match store.acquire(key, TTL, None, now).unwrap() {
        Acquired::Lease(lease, stored) => (lease, stored.map(|record| *record)),
        Acquired::Busy(until) => panic!("{key:?} is leased until {until:?}"),
    }
}

/// Stores an account as a session does.
fn put(store: &dyn Store, key: &AccountKey, token: &str, now: Unix) {
    let (lease, _) = lease(store, key, now);
    assert_eq!(store.save(&record(key, token, now), &lease, now).unwrap(), Kept::Done);
    store.release(&lease, now).unwrap();
}

fn tokens(store: &dyn Store) -> Vec<String> {
    store.list().unwrap().iter().map(|record| record.access_token.expose().to_owned()).collect()
}

fn token(found: Option<Record>) -> Option<String> {
    found.map(|record| record.access_token.expose().to_owned())
}

pub(crate) fn an_empty_store_has_nothing(store: &dyn Store) {
    assert_eq!(store.find(&anyone(), at(0)).unwrap(), None);
    assert_eq!(store.list().unwrap(), []);
    assert_eq!(lease(store, &key("ada"), at(0)).1, None);
    assert_eq!(store.list().unwrap(), [], "a lease is no account");
}

pub(crate) fn a_record_comes_back_whole(store: &dyn Store) {
    let key = AccountKey { client_id: "a \"b\"\u{7f}\n\u{1f600}".into(), flow: Flow::ClientCredentials, user: None };
    let (lease, _) = lease(store, &key, at(0));
    let mut full = record(&key, "tok\\en \"\u{0}", at(0));
    full.client_secret = Some("client secret".into());
    full.redirect_uri = Some("http://localhost:8888/back?x=%20".into());
    full.scopes = "user.read collection.write".parse().unwrap();
    full.token_type = "bearer".into();
    full.refresh_token = Some("refresh".into());
    full.expires_at = Some(Unix::from_millis(i64::MAX));
    let user = r#"{"id":18446744073709551615,"names":["é",null,true],"share":-0.5}"#;
    full.extra.set("user", Json::new(user).unwrap());
    full.rejected = Some("gone".into());
    assert_eq!(store.save(&full, &lease, at(0)).unwrap(), Kept::Done);
    assert_eq!(store.find(&only(&key), at(0)).unwrap().as_ref(), Some(&full));
    assert_eq!(store.list().unwrap(), [full.clone()]);
    assert_eq!(store.acquire(&key, TTL, Some(&lease), at(0)).unwrap().stored(), Some(full));
}

trait Stored {
    fn stored(self) -> Option<Record>;
}

impl Stored for Acquired {
    fn stored(self) -> Option<Record> {
        match self {
            Self::Lease(_, stored) => stored.map(|record| *record),
            Self::Busy(until) => panic!("leased until {until:?}"),
        }
    }
}

pub(crate) fn find_takes_the_account_used_last(store: &dyn Store) {
    put(store, &key("ada"), "ada's", at(1));
    put(store, &key("bob"), "bob's", at(2));
    put(store, &key("cyd"), "cyd's", at(0));
    assert_eq!(token(store.find(&anyone(), at(3)).unwrap()).unwrap(), "bob's");
    assert_eq!(token(store.find(&only(&key("cyd")), at(4)).unwrap()).unwrap(), "cyd's");
    assert_eq!(token(store.find(&anyone(), at(5)).unwrap()).unwrap(), "cyd's", "finding is using");
    put(store, &key("ada"), "ada's", at(6));
    assert_eq!(token(store.find(&anyone(), at(7)).unwrap()).unwrap(), "ada's", "saving is using");
}

pub(crate) fn find_takes_nothing_else(store: &dyn Store) {
    let other_client = AccountKey { client_id: "app2".into(), ..key("ada") };
    let other_flow = AccountKey { flow: Flow::ClientCredentials, ..key("ada") };
    let nobody = AccountKey { user: None, ..key("ada") };
    for other in [&other_client, &other_flow] {
        put(store, other, "another's", at(0));
    }
    assert_eq!(store.find(&anyone(), at(1)).unwrap(), None);
    assert_eq!(store.find(&only(&key("ada")), at(1)).unwrap(), None);
    put(store, &nobody, "nobody's", at(2));
    assert_eq!(store.find(&only(&key("ada")), at(3)).unwrap(), None);
    assert_eq!(token(store.find(&anyone(), at(3)).unwrap()).unwrap(), "nobody's");
}

pub(crate) fn find_keeps_the_time_of_use_and_nothing_more(store: &dyn Store) {
    put(store, &key("ada"), "ada's", at(0));
    put(store, &key("bob"), "bob's", at(1));
    let [bob, mut ada] = <[Record; 2]>::try_from(store.list().unwrap()).unwrap();
    ada.used_at = at(9);
    assert_eq!(store.find(&only(&key("ada")), at(9)).unwrap().as_ref(), Some(&ada));
    assert_eq!(store.list().unwrap(), [ada, bob]);
}

pub(crate) fn list_begins_with_the_account_used_last(store: &dyn Store) {
    for (user, secs) in [("ada", 2), ("bob", 3), ("cyd", 1)] {
        put(store, &key(user), user, at(secs));
    }
    assert_eq!(tokens(store), ["bob", "ada", "cyd"]);
    store.find(&only(&key("cyd")), at(4)).unwrap();
    assert_eq!(tokens(store), ["cyd", "bob", "ada"]);
}

pub(crate) fn a_lease_keeps_others_out_until_it_ends(store: &dyn Store) {
    let (held, _) = lease(store, &key("ada"), at(0));
    assert_eq!((&held.key, held.until), (&key("ada"), at(60)));
    assert_eq!(store.acquire(&key("ada"), TTL, None, at(0)).unwrap(), Acquired::Busy(at(60)));
    let almost = at(60) - Duration::from_millis(1);
    assert_eq!(store.acquire(&key("ada"), TTL, None, almost).unwrap(), Acquired::Busy(at(60)));
    lease(store, &key("bob"), almost);
    let (next, _) = lease(store, &key("ada"), at(60));
    assert!(next.fence > held.fence);
    assert_eq!(next.until, at(120));
}

pub(crate) fn being_busy_changes_nothing(store: &dyn Store) {
    let (held, _) = lease(store, &key("ada"), at(0));
    for _ in 0..3 {
        assert_eq!(store.acquire(&key("ada"), TTL * 100, None, at(1)).unwrap(), Acquired::Busy(at(60)));
    }
    assert_eq!(store.save(&record(&key("ada"), "t", at(1)), &held, at(1)).unwrap(), Kept::Done);
}

pub(crate) fn only_its_holder_replaces_a_lease(store: &dyn Store) {
    let (first, _) = lease(store, &key("ada"), at(0));
    let (bobs, _) = lease(store, &key("bob"), at(0));
    let foreign = Lease { fence: first.fence, ..bobs };
    assert_eq!(store.acquire(&key("ada"), TTL, Some(&foreign), at(1)).unwrap(), Acquired::Busy(at(60)));
    let Acquired::Lease(second, _) = store.acquire(&key("ada"), TTL, Some(&first), at(1)).unwrap() else { panic!("busy") };
    assert!(second.fence > first.fence);
    assert_eq!(second.until, at(61));
    assert_eq!(store.acquire(&key("ada"), TTL, Some(&first), at(2)).unwrap(), Acquired::Busy(at(61)), "it is replaced already");
    assert_eq!(store.save(&record(&key("ada"), "t", at(2)), &first, at(2)).unwrap(), Kept::Stale);
    assert_eq!(store.save(&record(&key("ada"), "t", at(2)), &second, at(2)).unwrap(), Kept::Done);
    lease(store, &key("ada"), at(61));
}

pub(crate) fn a_lease_shows_what_is_stored_now(store: &dyn Store) {
    put(store, &key("ada"), "old", at(0));
    let (held, _) = lease(store, &key("ada"), at(1));
    store.save(&record(&key("ada"), "new", at(1)), &held, at(2)).unwrap();
    let (_, stored) = lease(store, &key("ada"), at(61));
    assert_eq!(token(stored).unwrap(), "new");
    assert_eq!(store.list().unwrap()[0].used_at, at(2), "a lease is no use of the account");
}

pub(crate) fn saving_works_past_the_end_until_somebody_acquires(store: &dyn Store) {
    let (held, _) = lease(store, &key("ada"), at(0));
    assert_eq!(store.save(&record(&key("ada"), "late", at(100)), &held, at(100)).unwrap(), Kept::Done);
    let (next, _) = lease(store, &key("ada"), at(100));
    assert_eq!(store.save(&record(&key("ada"), "too late", at(101)), &held, at(101)).unwrap(), Kept::Stale);
    assert_eq!(tokens(store), ["late"]);
    assert_eq!(store.save(&record(&key("ada"), "next", at(101)), &next, at(101)).unwrap(), Kept::Done);
    assert_eq!(tokens(store), ["next"]);
}

pub(crate) fn a_stale_lease_changes_nothing(store: &dyn Store) {
    put(store, &key("ada"), "kept", at(0));
    let (old, _) = lease(store, &key("ada"), at(1));
    let (new, _) = lease(store, &key("ada"), at(61));
    let before = store.list().unwrap();
    assert_eq!(store.save(&record(&key("ada"), "late", at(62)), &old, at(62)).unwrap(), Kept::Stale);
    assert_eq!(store.forget(&key("ada"), &old, at(62)).unwrap(), Kept::Stale);
    store.release(&old, at(62)).unwrap();
    assert_eq!(store.list().unwrap(), before);
    assert_eq!(store.acquire(&key("ada"), TTL, None, at(63)).unwrap(), Acquired::Busy(new.until), "it is not released");
}

pub(crate) fn a_lease_that_was_never_given_is_stale(store: &dyn Store) {
    let made_up = Lease { key: key("ada"), fence: 1, until: at(60) };
    assert_eq!(store.save(&record(&key("ada"), "t", at(0)), &made_up, at(0)).unwrap(), Kept::Stale);
    assert_eq!(store.forget(&key("ada"), &made_up, at(0)).unwrap(), Kept::Stale);
    store.release(&made_up, at(0)).unwrap();
    assert_eq!(store.list().unwrap(), []);
}

pub(crate) fn a_lease_is_good_for_its_own_account_only(store: &dyn Store) {
    put(store, &key("bob"), "bob's", at(0));
    let (adas, _) = lease(store, &key("ada"), at(1));
    assert_eq!(store.save(&record(&key("bob"), "t", at(1)), &adas, at(1)).unwrap(), Kept::Stale);
    assert_eq!(store.forget(&key("bob"), &adas, at(1)).unwrap(), Kept::Stale);
    assert_eq!(tokens(store), ["bob's"]);
}

pub(crate) fn forgetting_takes_one_account(store: &dyn Store) {
    put(store, &key("ada"), "ada's", at(0));
    put(store, &key("bob"), "bob's", at(1));
    let (held, _) = lease(store, &key("ada"), at(2));
    assert_eq!(store.forget(&key("ada"), &held, at(2)).unwrap(), Kept::Done);
    assert_eq!(tokens(store), ["bob's"]);
    assert_eq!(store.find(&only(&key("ada")), at(3)).unwrap(), None);
    assert_eq!(store.forget(&key("ada"), &held, at(3)).unwrap(), Kept::Done, "again does no harm");
}

pub(crate) fn fences_outlive_their_record(store: &dyn Store) {
    let (hung, _) = lease(store, &key("ada"), at(0));
    let (out, _) = lease(store, &key("ada"), at(60));
    assert_eq!(store.forget(&key("ada"), &out, at(61)).unwrap(), Kept::Done);
    store.release(&out, at(61)).unwrap();
    let (new, stored) = lease(store, &key("ada"), at(62));
    assert_eq!(stored, None);
    assert!(new.fence > out.fence && out.fence > hung.fence);
    assert_eq!(store.save(&record(&key("ada"), "new", at(62)), &new, at(62)).unwrap(), Kept::Done);
    for late in [&hung, &out] {
        assert_eq!(store.save(&record(&key("ada"), "late", at(63)), late, at(63)).unwrap(), Kept::Stale);
    }
    assert_eq!(tokens(store), ["new"]);
}

pub(crate) fn a_released_account_is_free_at_once(store: &dyn Store) {
    let (first, _) = lease(store, &key("ada"), at(5));
    store.release(&first, at(5)).unwrap();
    store.release(&first, at(5)).unwrap();
    // The clocks of two threads may be read in another order than they come in.
    let (second, _) = lease(store, &key("ada"), at(4));
    assert!(second.fence > first.fence);
    assert_eq!(store.save(&record(&key("ada"), "late", at(5)), &first, at(5)).unwrap(), Kept::Stale);
}

pub(crate) fn the_time_of_the_first_save_stays(store: &dyn Store) {
    put(store, &key("ada"), "first", at(1));
    put(store, &key("ada"), "second", at(100));
    let stored = store.list().unwrap().remove(0);
    assert_eq!((stored.added_at, stored.used_at), (at(1), at(100)));
    let (held, _) = lease(store, &key("ada"), at(200));
    store.forget(&key("ada"), &held, at(200)).unwrap();
    store.save(&record(&key("ada"), "third", at(201)), &held, at(202)).unwrap();
    let stored = store.list().unwrap().remove(0);
    assert_eq!((stored.added_at, stored.used_at), (at(201), at(202)));
}

/// Makes each case a test of the store that `$make` makes.
macro_rules! instantiate {
    ($make:path) => {
        crate::contract::instantiate! { $make;
            an_empty_store_has_nothing
            a_record_comes_back_whole
            find_takes_the_account_used_last
            find_takes_nothing_else
            find_keeps_the_time_of_use_and_nothing_more
            list_begins_with_the_account_used_last
            a_lease_keeps_others_out_until_it_ends
            being_busy_changes_nothing
            only_its_holder_replaces_a_lease
            a_lease_shows_what_is_stored_now
            saving_works_past_the_end_until_somebody_acquires
            a_stale_lease_changes_nothing
            a_lease_that_was_never_given_is_stale
            a_lease_is_good_for_its_own_account_only
            forgetting_takes_one_account
            fences_outlive_their_record
            a_released_account_is_free_at_once
            the_time_of_the_first_save_stays
        }
    };
    ($make:path; $($case:ident)*) => {
        $(#[test]
        fn $case() {
            crate::contract::$case(&*$make().a);
        })*
    };
}

pub(crate) use instantiate;
