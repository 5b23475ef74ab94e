//! What the clients run on: a clock that is set by hand, a store and a transport at which threads take turns.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use shuttle::rand::{Rng, thread_rng};
use shuttle::thread;
use tidal_core::account::{AccountKey, Record, Selector};
use tidal_core::runtime::{Blocking, Clock, Offload, Runtime, Spawn};
use tidal_core::store::{Acquired, Kept, Lease, Store};
use tidal_core::sync::thread::{Thread, current, park_timeout, parked, pass_time};
use tidal_core::testing::{Reply, Script};
use tidal_core::transport::{BlockingTransport, BoxFuture, Transport};
use tidal_core::{Config, Exchange, Failure, Flow, Mono, Now, Response, Unix};
use tidal_store_memory::MemoryStore;

pub(crate) const TOKEN: &str = "POST /v1/oauth2/token";
const NEW: &str = r#"{"access_token":"new","refresh_token":"refresh-2","expires_in":3600}"#;

/// How many interleavings a test tries.
pub(crate) fn rounds() -> usize {
    std::env::var("INTERLEAVINGS").ok().and_then(|number| number.parse().ok()).unwrap_or(300)
}

/// One world; clones share it.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) script: Script,
    pub(crate) clock: Hands,
    store: MemoryStore,
    pub(crate) hangs: Arc<Mutex<Hangs>>,
}

/// How long the first hangs who does this.
#[derive(Default)]
pub(crate) struct Hangs {
    pub(crate) acquire: Duration,
    pub(crate) token: Duration,
    pub(crate) save: Duration,
    pub(crate) release: Duration,
}

/// Clocks share it, and only wakers clone what is inside: so those can be counted.
#[derive(Default)]
struct Held(Arc<()>);

/// The clock.
#[derive(Clone)]
pub(crate) struct Hands {
    now: Arc<Mutex<Now>>,
    /// How many threads there are that time waits for.
    live: Arc<AtomicUsize>,
    sleepers: Arc<Mutex<Vec<(Mono, Waker)>>>,
    /// What the wakers hold.
    held: Arc<Held>,
    spawned: Arc<Mutex<Vec<thread::JoinHandle<()>>>>,
    /// The next driver that is spawned is dropped when it was polled so often.
    pub(crate) driver_polls: Arc<Mutex<Option<usize>>>,
}

impl Clock for Hands {
    fn now(&self) -> Now {
        *self.now.lock().unwrap()
    }
}

impl Hands {
    pub(crate) fn elapsed(&self) -> Duration {
        self.now().mono.since_origin()
    }

    /// Runs `body` in a thread that time waits for.
    pub(crate) fn spawn<O: Send + 'static>(&self, body: impl FnOnce() -> O + Send + 'static) -> thread::JoinHandle<O> {
        self.live.fetch_add(1, Ordering::SeqCst);
        let live = Arc::clone(&self.live);
        thread::spawn(move || {
            let outcome = body();
            live.fetch_sub(1, Ordering::SeqCst);
            outcome
        })
    }

    /// Lets time pass, each time that all threads are parked, until they have ended.
    pub(crate) fn run(&self) {
        loop {
            match self.live.load(Ordering::SeqCst) {
                0 => return,
                live if parked() == live => pass_time(|by| self.advance(by)),
                _ => {}
            }
            thread::yield_now();
        }
    }

    fn advance(&self, by: Duration) {
        assert!(by < Duration::from_secs(1000), "all threads wait, and none for a time");
        let mut now = self.now.lock().unwrap();
        *now = *now + by;
    }

    /// Parks until this time.
    fn hang(&self, time: Duration) {
        let until = self.now().mono + time;
        while self.now().mono < until {
            park_timeout(until.since(self.now().mono));
        }
    }

    /// Polls a future to its end, with another waker each time; or drops it a little after it was polled so often.
    pub(crate) fn poll<F: Future>(&self, future: F, polls: usize) -> Option<F::Output> {
        let mut future = Box::pin(future);
        for poll in 1..=polls {
            let woken = Arc::new(AtomicBool::new(false));
            let counted = Counted { thread: current(), woken: Arc::clone(&woken), _held: Arc::clone(&self.held.0) };
            let waker = Waker::from(Arc::new(counted));
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Some(output);
            }
            if poll == polls {
                (0..thread_rng().gen_range(0..100)).for_each(|_| thread::yield_now());
                break;
            }
            drop(waker);
            // By this waker: nobody is polled because another's sleep is over.
            while !woken.load(Ordering::SeqCst) {
                park_timeout(self.fire());
            }
        }
        None
    }

    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.poll(future, usize::MAX).unwrap()
    }

    /// Wakes whose sleep is over, and says how long it is to the next one's end.
    fn fire(&self) -> Duration {
        let now = self.now().mono;
        let mut sleepers = self.sleepers.lock().unwrap();
        let due: Vec<_> = sleepers.extract_if(.., |(until, _)| *until <= now).collect();
        let next = sleepers.iter().map(|(until, _)| until.since(now)).min();
        drop(sleepers);
        due.into_iter().for_each(|(_, waker)| waker.wake());
        next.unwrap_or(Duration::MAX)
    }

    fn spawn_held(&self, body: impl FnOnce() + Send + 'static) {
        let handle = self.spawn(body);
        self.spawned.lock().unwrap().push(handle);
    }

    /// Waits until all that was spawned has ended, and says how many wakers are kept.
    pub(crate) fn kept_wakers(&self) -> usize {
        loop {
            let Some(handle) = self.spawned.lock().unwrap().pop() else { break };
            handle.join().unwrap();
        }
        let slept = std::mem::take(&mut *self.sleepers.lock().unwrap());
        drop(slept);
        Arc::strong_count(&self.held.0) - 1
    }
}

/// A sleep until a time.
pub(crate) struct Sleep(Hands, Mono);

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0.now().mono >= self.1 {
            return Poll::Ready(());
        }
        self.0.sleepers.lock().unwrap().push((self.1, cx.waker().clone()));
        Poll::Pending
    }
}

impl Runtime for Hands {
    type Sleep = Sleep;

    fn sleep(&self, until: Mono) -> Sleep {
        Sleep(self.clone(), until)
    }
}

impl<F: Future<Output = ()> + Send + 'static> Spawn<F> for Hands {
    fn spawn(&self, future: F) {
        let polls = self.driver_polls.lock().unwrap().take().unwrap_or(usize::MAX);
        let hands = self.clone();
        self.spawn_held(move || {
            hands.poll(future, polls);
        });
    }
}

impl<J: Blocking + Send + 'static> Offload<J> for Hands {
    fn offload(&self, job: J) {
        self.spawn_held(move || job.run());
    }
}

/// A waker that unparks, and holds something by which those that are kept can be counted.
struct Counted {
    thread: Thread,
    woken: Arc<AtomicBool>,
    _held: Arc<()>,
}

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

impl World {
    /// The account in the store has an access token that has expired.
    pub(crate) fn expired() -> Self {
        Self::expired_on(Script::new())
    }

    /// The same; the script's own replies come first.
    pub(crate) fn expired_on(script: Script) -> Self {
        script.on(TOKEN).always(Reply::answer(200, NEW));
        script.on("GET /v2/albums/*").with(|seen| match seen.bearer() {
            Some("new") => Reply::answer(200, format!(r#"{{"path":"{}"}}"#, seen.path)),
            _ => Reply::answer(401, "{}"),
        });
        let now = Now { mono: Mono::ZERO, unix: Unix::from_secs(1_767_225_600) };
        let clock = Hands {
            now: Arc::new(Mutex::new(now)),
            live: Arc::default(),
            sleepers: Arc::default(),
            held: Arc::default(),
            spawned: Arc::default(),
            driver_polls: Arc::default(),
        };
        let key = AccountKey { client_id: "the-client".into(), flow: Flow::Pkce, user: Some("42".into()) };
        let mut record = Record::new(key.clone(), "old".into(), now.unix);
        record.refresh_token = Some("refresh-1".into());
        record.expires_at = Some(now.unix);
        let store = MemoryStore::new();
        let Ok(Acquired::Lease(lease, _)) = store.acquire(&key, Duration::from_secs(1), None, now.unix) else { panic!() };
        store.save(&record, &lease, now.unix).unwrap();
        store.release(&lease, now.unix).unwrap();
        Self { script, clock, store, hangs: Arc::default() }
    }

    pub(crate) fn config() -> Config {
        Config::pkce("the-client", "http://localhost:8080/callback").unwrap()
    }

    /// The stored refresh token; no lease on it is left.
    pub(crate) fn stored(&self) -> Option<String> {
        let record = self.store.list().unwrap().pop()?;
        let free = self.store.acquire(&record.key, Duration::ZERO, None, self.clock.now().unix);
        assert!(matches!(free, Ok(Acquired::Lease(..))), "a lease is left behind");
        record.refresh_token.map(|token| token.expose().to_owned())
    }
}

impl BlockingTransport for World {
    fn send(&self, exchange: Exchange) -> Result<Response, Failure> {
        thread::yield_now();
        if exchange.request.method() == "POST" {
            let time = std::mem::take(&mut self.hangs.lock().unwrap().token);
            self.clock.hang(time);
        }
        let reply = BlockingTransport::send(&self.script, exchange);
        thread::yield_now();
        reply
    }
}

/// An answer on its way, which another thread brings.
#[derive(Default)]
struct Line {
    reply: Option<Result<Response, Failure>>,
    waker: Option<Waker>,
}

impl Transport for World {
    type Future = BoxFuture<Result<Response, Failure>>;

    fn send(&self, exchange: Exchange) -> Self::Future {
        let line = Arc::new(Mutex::new(Line::default()));
        let (world, far) = (self.clone(), Arc::clone(&line));
        self.clock.spawn_held(move || {
            let reply = BlockingTransport::send(&world, exchange);
            let mut line = far.lock().unwrap();
            line.reply = Some(reply);
            let waker = line.waker.take();
            drop(line);
            waker.into_iter().for_each(Waker::wake);
        });
        Box::pin(poll_fn(move |cx| {
            let mut line = line.lock().unwrap();
            line.waker = Some(cx.waker().clone());
            line.reply.take().map_or(Poll::Pending, Poll::Ready)
        }))
    }
}

impl Store for World {
    fn find(&self, selector: &Selector, now: Unix) -> Result<Option<Record>, Failure> {
        thread::yield_now();
        self.store.find(selector, now)
    }

    fn acquire(&self, key: &AccountKey, ttl: Duration, instead_of: Option<&Lease>, now: Unix) -> Result<Acquired, Failure> {
        let time = std::mem::take(&mut self.hangs.lock().unwrap().acquire);
        self.clock.hang(time);
        thread::yield_now();
        self.store.acquire(key, ttl, instead_of, now)
    }

    fn save(&self, record: &Record, lease: &Lease, now: Unix) -> Result<Kept, Failure> {
        let time = std::mem::take(&mut self.hangs.lock().unwrap().save);
        self.clock.hang(time);
        thread::yield_now();
        self.store.save(record, lease, now)
    }

    fn forget(&self, key: &AccountKey, lease: &Lease, now: Unix) -> Result<Kept, Failure> {
        thread::yield_now();
        self.store.forget(key, lease, now)
    }

    fn release(&self, lease: &Lease, now: Unix) -> Result<(), Failure> {
        let time = std::mem::take(&mut self.hangs.lock().unwrap().release);
        self.clock.hang(time);
        thread::yield_now();
        self.store.release(lease, now)
    }

    fn list(&self) -> Result<Vec<Record>, Failure> {
        self.store.list()
    }
}
