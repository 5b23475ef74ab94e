//! A store that hangs as it saves a renewed token.

use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use tidal_core::store::{Acquired, Kept, Lease, Store};
use tidal_core::{AccountKey, Failure, Record, Selector, Unix};
use tidal_store_memory::MemoryStore;

use crate::client::{Around, Client, Keeper};
use crate::ends::SECRET;
use crate::table::run;
use crate::tokens::{person, renewed, service};

/// How far the first save of a renewed token is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Hung {
    NotYet,
    Hangs,
    LetGo,
    /// What came of it in the end.
    Came(Kept),
}

/// A store whose first save of a renewed token hangs until it is let go.
struct HangingStore {
    inner: MemoryStore,
    hung: Mutex<Hung>,
    changed: Condvar,
}

impl HangingStore {
    fn set(&self, hung: Hung) {
        *self.hung.lock().unwrap() = hung;
        self.changed.notify_all();
    }

    fn wait(&self, until: impl Fn(Hung) -> bool) -> Hung {
        *self.changed.wait_while(self.hung.lock().unwrap(), |hung| !until(*hung)).unwrap()
    }

    /// The tokens that are stored.
    fn stored(&self) -> Vec<String> {
        self.inner.list().unwrap().iter().map(|record| record.access_token.expose().to_owned()).collect()
    }
}

impl Store for HangingStore {
    fn find(&self, selector: &Selector, now: Unix) -> Result<Option<Record>, Failure> {
        self.inner.find(selector, now)
    }

    fn acquire(&self, key: &AccountKey, ttl: Duration, instead_of: Option<&Lease>, now: Unix) -> Result<Acquired, Failure> {
        self.inner.acquire(key, ttl, instead_of, now)
    }

    fn save(&self, record: &Record, lease: &Lease, now: Unix) -> Result<Kept, Failure> {
        let mut hung = self.hung.lock().unwrap();
        if *hung != Hung::NotYet || !record.access_token.expose().ends_with("-new") {
            drop(hung);
            return self.inner.save(record, lease, now);
        }
        *hung = Hung::Hangs;
        self.changed.notify_all();
        drop(self.changed.wait_while(hung, |hung| *hung == Hung::Hangs).unwrap());
        let kept = self.inner.save(record, lease, now)?;
        self.set(Hung::Came(kept));
        Ok(kept)
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

/// A call is answered with the renewed token while the save hangs; the token is saved by another try, and the save that hung changes
/// nothing when it comes to its end. Without a runtime the thread that saves is the one that hangs: the others get past it.
#[test]
fn a_save_that_hangs_costs_no_answer_and_no_token() {
    run(
        &["the save hangs"],
        |name| name,
        |_, adapter| {
            let server = service("new", renewed());
            let mut config = person(&server);
            config.store_tokens = true;
            config.bounds.store = Duration::from_millis(300);
            let store =
                Arc::new(HangingStore { inner: MemoryStore::new(), hung: Mutex::new(Hung::NotYet), changed: Condvar::new() });
            let client = Client::with(adapter, config, Around { store: Arc::clone(&store) as Keeper, ..Around::default() });
            client.drain();
            let before = store.stored();
            let (other, hung, first) = thread::scope(|scope| {
                let first = scope.spawn(|| client.album("17"));
                store.wait(|hung| hung != Hung::NotYet);
                // Another album: the same one would wait for the first call's answer.
                let other = client.album("18");
                client.drain();
                let hung = (store.wait(|_| true), store.stored());
                store.set(Hung::LetGo);
                (other, hung, first.join().unwrap())
            });
            let came = store.wait(|hung| matches!(hung, Hung::Came(_)));
            client.drain();
            let renewals = server.seen().iter().filter(|seen| seen.line.starts_with("POST /token")).count();
            let new = vec![format!("{SECRET}-new")];
            let expected = (vec![format!("{SECRET}-access")], (Hung::Hangs, new.clone()), Hung::Came(Kept::Stale), new, 1);
            let met = (before, hung, came, store.stored(), renewals);
            match (&first, &other) {
                (Ok(first), Ok(other)) if first == "Harvest" && other == "Harvest" && met == expected => Ok(()),
                _ => Err(format!("{first:?} {other:?} {met:?}")),
            }
        },
    );
}
