//! The blocking client on many threads.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test, and a shell of its own")]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tidal_core::account::{AccountKey, Record, Selector};
use tidal_core::blocking::Client;
use tidal_core::runtime::Clock;
use tidal_core::store::{Acquired, Kept, Lease, Store};
use tidal_core::testing::{Reply, Script};
use tidal_core::{Config, ErrorKind, Failure, Flow, Mono, Now, Raw, Unix};
use tidal_store_memory::MemoryStore;

const TOKEN: &str = "POST /v1/oauth2/token";
const ALBUM: &str = "GET /v2/albums/1";
const NEW: &str = r#"{"access_token":"new","refresh_token":"refresh-2","expires_in":3600}"#;

struct RealClock(Instant);

impl Clock for RealClock {
    fn now(&self) -> Now {
        let since = self.0.elapsed();
        Now { mono: Mono::from_origin(since), unix: Unix::from_secs(1_767_225_600) + since }
    }
}

/// What the store does to the first who acquires.
#[derive(Default)]
struct Trap {
    hang: AtomicBool,
    panic: AtomicBool,
    acquired: AtomicUsize,
    open: Mutex<bool>,
    opened: Condvar,
}

#[derive(Clone, Default)]
struct TrapStore {
    inner: MemoryStore,
    trap: Arc<Trap>,
}

impl Store for TrapStore {
    fn find(&self, selector: &Selector, now: Unix) -> Result<Option<Record>, Failure> {
        self.inner.find(selector, now)
    }

    fn acquire(&self, key: &AccountKey, ttl: Duration, instead_of: Option<&Lease>, now: Unix) -> Result<Acquired, Failure> {
        let first = self.trap.acquired.fetch_add(1, Ordering::SeqCst) == 0;
        assert!(!(first && self.trap.panic.load(Ordering::SeqCst)), "the store panics on purpose");
        if first && self.trap.hang.load(Ordering::SeqCst) {
            let mut open = self.trap.open.lock().unwrap();
            while !*open {
                open = self.trap.opened.wait(open).unwrap();
            }
        }
        self.inner.acquire(key, ttl, instead_of, now)
    }

    fn save(&self, record: &Record, lease: &Lease, now: Unix) -> Result<Kept, Failure> {
        self.inner.save(record, lease, now)
    }

    fn forget(&self, key: &AccountKey, lease: &Lease, now: Unix) -> Result<Kept, Failure> {
        self.inner.forget(key, lease, now)
    }

    fn release(&self, lease: &Lease, now: Unix) -> Result<(), Failure> {
        self.inner.release(lease, now)
    }

    fn list(&self) -> Result<Vec<Record>, Failure> {
        self.inner.list()
    }
}

type TestClient = Client<Script, TrapStore, RealClock>;

fn expired(store: &TrapStore, config: Config) -> (Script, TestClient) {
    let now = Unix::from_secs(1_767_225_600);
    let key = AccountKey { client_id: "the-client".into(), flow: Flow::Pkce, user: Some("42".into()) };
    let mut record = Record::new(key.clone(), "old".into(), now);
    record.refresh_token = Some("refresh-1".into());
    record.expires_at = Some(now);
    let Ok(Acquired::Lease(lease, _)) = store.inner.acquire(&key, Duration::from_secs(1), None, now) else { panic!() };
    store.inner.save(&record, &lease, now).unwrap();
    store.inner.release(&lease, now).unwrap();
    let script = Script::new();
    script.on(TOKEN).reply(200, NEW);
    script.on(ALBUM).always(Reply::answer(200, r#"{"data":{"id":"1","type":"albums"}}"#));
    let client = Client::new(config, [7; 32], script.clone(), store.clone(), RealClock(Instant::now())).unwrap();
    (script, client)
}

/// Whether nobody holds the lease of the stored account.
fn is_free(store: &TrapStore, now: Unix) -> bool {
    let key = store.list().unwrap()[0].key.clone();
    matches!(store.inner.acquire(&key, Duration::ZERO, None, now), Ok(Acquired::Lease(..)))
}

fn pkce() -> Config {
    Config::pkce("the-client", "http://localhost:8080/callback").unwrap()
}

#[test]
fn sixty_four_threads_make_one_request_for_a_new_token() {
    let store = TrapStore::default();
    let (script, client) = expired(&store, pkce());
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| client.send(&Raw::get("/albums/1")).unwrap());
        }
    });
    client.drain();
    assert_eq!((script.count(TOKEN), script.count(ALBUM)), (1, 64));
    assert!(script.requests().iter().filter(|seen| seen.path == "/v2/albums/1").all(|seen| seen.bearer() == Some("new")));
    assert_eq!(store.list().unwrap()[0].refresh_token.as_ref().unwrap().expose(), "refresh-2");
}

/// Eight threads read an album on an expired token, and one of them hangs in the store.
fn threads_get_past_one_that_hangs(read: fn(&TestClient)) -> usize {
    let store = TrapStore::default();
    store.trap.hang.store(true, Ordering::SeqCst);
    let mut config = pkce();
    config.bounds.store = Duration::from_millis(20);
    let (script, client) = expired(&store, config);
    thread::scope(|scope| {
        let others: Vec<_> = (0..8).map(|_| scope.spawn(|| read(&client))).collect();
        // One of them hangs until the others are through.
        let mut through = 0;
        let mut hung = None;
        let mut waiting = others;
        while through < 7 {
            let (done, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|thread| thread.is_finished());
            waiting = rest;
            for thread in done {
                thread.join().unwrap();
                through += 1;
            }
            hung = waiting.first().map(|thread| thread.thread().id());
            thread::yield_now();
        }
        assert!(hung.is_some());
        *store.trap.open.lock().unwrap() = true;
        store.trap.opened.notify_all();
        for thread in waiting {
            thread.join().unwrap();
        }
    });
    assert_eq!(script.count(TOKEN), 1);
    // The lease that came too late was given back.
    assert!(is_free(&store, client.now().unix));
    script.count(ALBUM)
}

#[test]
fn threads_get_past_one_that_hangs_in_the_store() {
    assert_eq!(threads_get_past_one_that_hangs(|client| drop(client.send(&Raw::get("/albums/1")).unwrap())), 8);
}

#[test]
fn threads_that_read_the_same_get_past_one_that_hangs_in_the_store_and_share_an_answer() {
    let requests = threads_get_past_one_that_hangs(|client| drop(client.albums().get("1").send().unwrap()));
    // Who had a lease to release before it sent was joined by nobody who came meanwhile.
    assert!(requests <= 2, "{requests} requests");
}

#[test]
fn a_thread_that_panics_in_the_store_answers_its_job_as_lost() {
    let store = TrapStore::default();
    store.trap.panic.store(true, Ordering::SeqCst);
    let (script, client) = expired(&store, pkce());
    let panicked = thread::scope(|scope| scope.spawn(|| client.send(&Raw::get("/albums/1"))).join().is_err());
    assert!(panicked);
    // The session goes on: in memory at first, and what it got is stored later.
    client.send(&Raw::get("/albums/1")).unwrap();
    assert_eq!(script.count(TOKEN), 1);
    client.drain();
    assert_eq!(store.list().unwrap()[0].refresh_token.as_ref().unwrap().expose(), "refresh-2");
}

#[test]
fn a_sign_out_is_done_when_it_returns() {
    let store = TrapStore::default();
    let (script, client) = expired(&store, pkce());
    client.send(&Raw::get("/albums/1")).unwrap();
    client.sign_out().unwrap();
    assert!(store.list().unwrap().is_empty());
    assert!(client.send(&Raw::get("/albums/1")).unwrap_err().needs_sign_in());
    client.sign_out().unwrap();
    assert_eq!(script.count(TOKEN), 1);
}

#[test]
fn no_lease_is_left_behind_by_the_call_that_took_it() {
    let store = TrapStore::default();
    let (_, client) = expired(&store, pkce());
    client.send(&Raw::get("/albums/1")).unwrap();
    assert!(is_free(&store, client.now().unix));
}

#[test]
fn an_anonymous_client_sends_no_token() {
    let script = Script::new();
    script.on(ALBUM).reply(200, "{}").reply(401, "");
    let client =
        Client::new(Config::anonymous(), [0; 32], script.clone(), MemoryStore::new(), RealClock(Instant::now())).unwrap();
    client.send(&Raw::get("/albums/1")).unwrap();
    assert!(!script.requests()[0].headers.contains_key("authorization"));
    assert_eq!(client.send(&Raw::get("/albums/1")).unwrap_err().kind(), ErrorKind::Refused);
}
