//! A client on a script, a store in memory and virtual time.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::cell::RefCell;
use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidal_core::account::{AccountKey, Record, Selector};
use tidal_core::client::{Driver, StoreJob};
use tidal_core::runtime::{Blocking, Clock, Offload, Runtime, Spawn};
use tidal_core::store::{Acquired, Kept, Lease, Store};
use tidal_core::testing::{Script, VirtualRuntime, VirtualSleep};
use tidal_core::{Client, Config, Failure, FailureKind, Mono, Now, Unix};
use tidal_store_memory::MemoryStore;

pub(crate) const TOKEN: &str = "POST /v1/oauth2/token";
pub(crate) const ALBUM: &str = "GET /v2/albums/1";

pub(crate) type TestClient = Client<Script, FlakyStore, TestRuntime>;

pub(crate) struct Stage {
    pub(crate) script: Script,
    pub(crate) store: FlakyStore,
    pub(crate) runtime: VirtualRuntime,
    pub(crate) client: TestClient,
    drivers: Rc<RefCell<Vec<Slot>>>,
    hung: Hung,
}

/// A token answer that lives for an hour.
pub(crate) fn token(access: &str, refresh: Option<&str>) -> String {
    let refresh = refresh.map(|refresh| format!(r#","refresh_token":"{refresh}""#)).unwrap_or_default();
    format!(r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":3600{refresh}}}"#)
}

pub(crate) fn pkce() -> Config {
    Config::pkce("the-client", "http://localhost:8080/callback").unwrap()
}

impl Stage {
    pub(crate) fn new(config: Config, store: FlakyStore, runtime: VirtualRuntime, script: Script) -> Self {
        let (drivers, hung) = (Rc::default(), Hung::default());
        let test_runtime = TestRuntime { inner: runtime.clone(), drivers: Rc::clone(&drivers), hung: hung.clone() };
        let client = Client::new(config, [7; 32], script.clone(), store.clone(), test_runtime).unwrap();
        Self { script, store, runtime, client, drivers, hung }
    }

    /// Nobody has signed in yet.
    pub(crate) fn nobody() -> Self {
        Self::new(pkce(), FlakyStore::default(), VirtualRuntime::new(), Script::new())
    }

    pub(crate) fn client_credentials() -> Self {
        let config = Config::client_credentials("the-client", "the-secret").unwrap();
        Self::new(config, FlakyStore::default(), VirtualRuntime::new(), Script::new())
    }

    /// The account in the store has the tokens `old` and `refresh-1`, and the access token lives so long.
    pub(crate) fn signed_in(lifetime: Duration) -> Self {
        let stage = Self::nobody();
        let now = stage.runtime.now().unix;
        let key = AccountKey { client_id: "the-client".into(), flow: tidal_core::Flow::Pkce, user: Some("42".into()) };
        let mut record = Record::new(key.clone(), "old".into(), now);
        record.refresh_token = Some("refresh-1".into());
        record.expires_at = Some(now + lifetime);
        let Ok(Acquired::Lease(lease, _)) = stage.store.acquire(&key, Duration::from_secs(1), None, now) else { panic!() };
        assert_eq!(stage.store.save(&record, &lease, now).unwrap(), Kept::Done);
        stage.store.release(&lease, now).unwrap();
        stage
    }

    pub(crate) fn expired() -> Self {
        Self::signed_in(Duration::ZERO)
    }

    /// Another client on the same store, script and clock.
    pub(crate) fn again(&self) -> Self {
        Self::new(self.client.config(), self.store.clone(), self.runtime.clone(), self.script.clone())
    }

    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + 'static) {
        self.runtime.spawn(future);
    }

    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Until nothing is owed and nothing spawned can go on.
    pub(crate) fn drain(&self) {
        self.runtime.settle();
        let pending = self.client.drain();
        self.runtime.block_on(pending);
        self.runtime.settle();
    }

    /// So many seconds pass, one by one.
    pub(crate) fn let_pass(&self, seconds: u64) {
        for _ in 0..seconds {
            self.runtime.settle();
            self.runtime.advance(Duration::from_secs(1));
        }
        self.runtime.settle();
    }

    pub(crate) fn stored(&self) -> Record {
        let mut all = self.store.list().unwrap();
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    /// Whether nobody holds the lease of the account that is stored.
    pub(crate) fn is_free(&self) -> bool {
        let (key, now) = (self.stored().key, self.runtime.now().unix);
        matches!(self.store.inner.acquire(&key, Duration::ZERO, None, now), Ok(Acquired::Lease(..)))
    }

    pub(crate) fn runtime_now(&self) -> Now {
        self.runtime.now()
    }

    /// The next use of the store that says this of itself hangs.
    pub(crate) fn hang_at(&self, work: &'static str) {
        *self.hung.at.borrow_mut() = Some(work);
    }

    /// Whether a use of the store hangs.
    pub(crate) fn hangs(&self) -> bool {
        !self.hung.job.borrow().is_empty()
    }

    /// What hangs comes to its end.
    pub(crate) fn end_hung(&self) {
        let job = self.hung.job.borrow_mut().remove(0);
        job.run();
        self.runtime.settle();
    }

    /// As a runtime does that ends.
    pub(crate) fn drop_driver(&self) {
        let slots: Vec<_> = self.drivers.borrow_mut().drain(..).collect();
        slots.into_iter().for_each(|slot| drop(slot.borrow_mut().take()));
    }
}

/// A use of the store that hangs.
#[derive(Clone, Default)]
struct Hung {
    at: Rc<RefCell<Option<&'static str>>>,
    job: Rc<RefCell<Vec<StoreJob<FlakyStore>>>>,
}

type Slot = Rc<RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>>>;

/// Virtual time, with a hold on the drivers that were spawned.
#[derive(Clone)]
pub(crate) struct TestRuntime {
    inner: VirtualRuntime,
    drivers: Rc<RefCell<Vec<Slot>>>,
    hung: Hung,
}

impl Clock for TestRuntime {
    fn now(&self) -> Now {
        self.inner.now()
    }
}

impl Runtime for TestRuntime {
    type Sleep = VirtualSleep;

    fn sleep(&self, until: Mono) -> VirtualSleep {
        self.inner.sleep(until)
    }
}

impl Spawn<Driver<Script, FlakyStore, Self>> for TestRuntime {
    fn spawn(&self, driver: Driver<Script, FlakyStore, Self>) {
        let slot: Slot = Rc::new(RefCell::new(Some(Box::pin(driver))));
        self.drivers.borrow_mut().push(Rc::clone(&slot));
        self.inner.spawn(std::future::poll_fn(move |cx| {
            let mut slot = slot.borrow_mut();
            let Some(driver) = slot.as_mut() else { return std::task::Poll::Ready(()) };
            let poll = driver.as_mut().poll(cx);
            if poll.is_ready() {
                *slot = None;
            }
            poll
        }));
    }
}

impl Offload<StoreJob<FlakyStore>> for TestRuntime {
    fn offload(&self, job: StoreJob<FlakyStore>) {
        let hangs = self.hung.at.borrow_mut().take_if(|work| format!("{job:?}").contains(*work)).is_some();
        if hangs {
            self.hung.job.borrow_mut().push(job);
        } else {
            job.run();
        }
    }
}

/// A store in memory whose operations can be made to fail.
#[derive(Clone, Default)]
pub(crate) struct FlakyStore {
    inner: MemoryStore,
    broken: Arc<Mutex<HashSet<&'static str>>>,
    /// So many leases from now on come too late.
    slow: Arc<Mutex<u32>>,
}

impl FlakyStore {
    pub(crate) fn fail_from_now_on(&self, operations: &[&'static str]) {
        *self.broken.lock().unwrap() = operations.iter().copied().collect();
    }

    /// What is stored, whatever fails.
    pub(crate) fn peek(&self) -> Vec<Record> {
        self.inner.list().unwrap()
    }

    pub(crate) fn be_slow(&self, times: u32) {
        *self.slow.lock().unwrap() = times;
    }

    /// As another process that signs everybody out.
    pub(crate) fn wipe(&self) {
        for record in self.inner.list().unwrap() {
            let now = record.used_at;
            let Ok(Acquired::Lease(lease, _)) = self.inner.acquire(&record.key, Duration::ZERO, None, now) else { panic!() };
            self.inner.forget(&record.key, &lease, now).unwrap();
        }
    }

    fn check(&self, operation: &str) -> Result<(), Failure> {
        if self.broken.lock().unwrap().contains(operation) {
            return Err(Failure::new(FailureKind::Store, format!("{operation} fails on purpose")));
        }
        let mut slow = self.slow.lock().unwrap();
        if operation == "acquire" && *slow > 0 {
            *slow -= 1;
            return Err(Failure::new(FailureKind::Timeout, "slow on purpose"));
        }
        Ok(())
    }
}

impl Store for FlakyStore {
    fn find(&self, selector: &Selector, now: Unix) -> Result<Option<Record>, Failure> {
        self.check("find")?;
        self.inner.find(selector, now)
    }

    fn acquire(&self, key: &AccountKey, ttl: Duration, instead_of: Option<&Lease>, now: Unix) -> Result<Acquired, Failure> {
        self.check("acquire")?;
        self.check(&format!("acquire {}", key.user.as_deref().unwrap_or_default()))?;
        self.inner.acquire(key, ttl, instead_of, now)
    }

    fn save(&self, record: &Record, lease: &Lease, now: Unix) -> Result<Kept, Failure> {
        self.check("save")?;
        self.inner.save(record, lease, now)
    }

    fn forget(&self, key: &AccountKey, lease: &Lease, now: Unix) -> Result<Kept, Failure> {
        self.check("forget")?;
        self.inner.forget(key, lease, now)
    }

    fn release(&self, lease: &Lease, now: Unix) -> Result<(), Failure> {
        self.check("release")?;
        self.inner.release(lease, now)
    }

    fn list(&self) -> Result<Vec<Record>, Failure> {
        self.check("list")?;
        self.inner.list()
    }
}
