//! A handler that outlives its sign-in: nothing that it brings is used, and no other runs beside it.

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tidal_core::runtime::{Blocking, Clock, Offload, Runtime};
use tidal_core::testing::{Gate, Reply, Script, VirtualRuntime};
use tidal_core::{Client, Config, ErrorKind, Flow, Mono, Now, Raw, Unix, blocking};
use tidal_store_memory::MemoryStore;

use super::stage::{ALBUM, FlakyStore, Stage, TOKEN};
use super::{GRANTED, browse, config, handled, implicit};

const DEVICE: &str = "POST /v1/oauth2/device_authorization";
const CODE: &str = r#"{"device_code":"d","user_code":"U","verification_uri":"x.example","expires_in":36000,"interval":2}"#;
const SIGN_IN: Duration = Duration::from_secs(30);

/// One for each way to sign in. No other bound ends before that of the sign-in.
fn configs() -> [Config; 3] {
    [config(), Config::implicit("id", "http://localhost:8080/callback").unwrap(), Config::device("id").unwrap()].map(|config| {
        let mut config = handled(config);
        config.bounds.sign_in = SIGN_IN;
        config.bounds.call = SIGN_IN * 100;
        config.bounds.attempt = SIGN_IN * 100;
        config
    })
}

fn scripted() -> Script {
    let script = Script::new();
    script.on(DEVICE).always(Reply::answer(200, CODE));
    script.on(TOKEN).always(Reply::answer(200, GRANTED));
    script.on(ALBUM).always(Reply::answer(200, "{}"));
    script
}

/// What the handlers' futures wait for. The last that waits is woken.
#[derive(Clone, Default)]
struct Door(Arc<Mutex<(bool, Option<Waker>)>>);

impl Door {
    fn open(&self) {
        let waker = {
            let mut door = self.0.lock().unwrap();
            door.0 = true;
            door.1.take()
        };
        waker.unwrap().wake();
    }
}

impl Future for Door {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut door = self.0.lock().unwrap();
        door.1 = Some(cx.waker().clone());
        if door.0 { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Handlers that bring what they bring once the door opens. The device's shows the code at once.
fn wait_for(stage: &Stage, door: &Door) {
    let (code, token) = (door.clone(), door.clone());
    stage.client.handle_sign_ins(move |pending| {
        let door = code.clone();
        async move {
            door.await;
            browse(pending)
        }
    });
    stage.client.handle_implicit_sign_ins(move |pending| {
        let door = token.clone();
        async move {
            door.await;
            implicit::browse(pending)
        }
    });
    stage.client.handle_device_sign_ins(|_| async { Ok(()) });
}

/// A call that waits for a sign-in, and how it ends.
fn waiting(config: Config, door: &Door) -> (Stage, Rc<RefCell<Option<ErrorKind>>>) {
    let stage = Stage::new(config, FlakyStore::default(), VirtualRuntime::new(), scripted());
    wait_for(&stage, door);
    let (ended, call) = (Rc::<RefCell<_>>::default(), stage.client.send(&Raw::get("/albums/1")));
    let outcome = Rc::clone(&ended);
    stage.spawn(async move { *outcome.borrow_mut() = call.await.err().map(|error| error.kind()) });
    stage.runtime.settle();
    (stage, ended)
}

/// All that was sent but for the codes that people enter.
fn sent(script: &Script) -> usize {
    script.requests().len() - script.count(DEVICE)
}

#[test]
fn what_it_brings_at_the_very_end_of_its_time_is_not_used() {
    for config in configs() {
        let (flow, door) = (config.flow, Door::default());
        let (stage, ended) = waiting(config, &door);
        // A question about the device is due at that moment.
        stage.runtime.advance(SIGN_IN);
        if flow != Flow::Device {
            door.open();
        }
        stage.drain();
        assert_eq!((sent(&stage.script), *ended.borrow()), (0, Some(ErrorKind::SignInRequired)), "{flow}");
        assert_eq!(stage.client.account(), None, "{flow}");
    }
}

#[test]
fn what_it_brings_when_somebody_has_just_signed_out_is_not_used() {
    for config in configs() {
        let (flow, door) = (config.flow, Door::default());
        let (stage, ended) = waiting(config, &door);
        stage.runtime.advance(Duration::from_secs(2));
        let mut sign_out = pin!(stage.client.sign_out());
        let _ = sign_out.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if flow != Flow::Device {
            door.open();
        }
        stage.drain();
        stage.block_on(sign_out).unwrap();
        assert_eq!((sent(&stage.script), *ended.borrow()), (0, Some(ErrorKind::SignedOut)), "{flow}");
        assert_eq!(stage.client.account(), None, "{flow}");
    }
}

#[test]
fn a_code_for_a_device_is_not_shown_where_somebody_has_signed_out_before_it_came() {
    let [.., config] = configs();
    let stage = Stage::new(config.clone(), FlakyStore::default(), VirtualRuntime::new(), Script::new());
    let (asked, gate) = (Arc::new(AtomicUsize::new(0)), Gate::new());
    let count = Arc::clone(&asked);
    stage.client.handle_device_sign_ins(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        async { Ok(()) }
    });
    stage.script.on(DEVICE).then(Reply::Behind(gate.clone(), Box::new(Reply::answer(200, CODE))));
    let call_there = stage.client.send(&Raw::get("/albums/1"));
    stage.spawn(async move { assert_eq!(call_there.await.unwrap_err().kind(), ErrorKind::SignedOut) });
    stage.runtime.settle();
    let mut sign_out = pin!(stage.client.sign_out());
    let _ = sign_out.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    gate.open();
    stage.drain();
    assert_eq!((stage.script.count(DEVICE), asked.load(Ordering::SeqCst)), (1, 0));

    let script = Script::new();
    let client = Threads::new(config, [7; 32], script.clone(), MemoryStore::new(), Hand::default()).unwrap();
    let (count, other) = (Arc::clone(&asked), client.clone());
    client.handle_device_sign_ins(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    script.on(DEVICE).with(move |_| {
        other.sign_out().unwrap();
        Reply::answer(200, CODE)
    });
    assert_eq!((call(&client), asked.load(Ordering::SeqCst)), (Err(ErrorKind::SignedOut), 0));
}

/// Counts how often it is polled, and tells when it is dropped.
struct Counted(Arc<AtomicUsize>, Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn it_runs_no_more_whichever_driver_hears_of_the_sign_out() {
    let (polled, dropped) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let client = Client::undriven(config(), [7; 32], scripted(), MemoryStore::new(), VirtualRuntime::new()).unwrap();
    let counted = (Arc::clone(&polled), Arc::clone(&dropped));
    client.handle_sign_ins(move |pending| {
        let counted = Counted(Arc::clone(&counted.0), Arc::clone(&counted.1));
        async move {
            std::future::poll_fn(|_| {
                counted.0.fetch_add(1, Ordering::SeqCst);
                Poll::<()>::Pending
            })
            .await;
            browse(pending)
        }
    });
    let cx = &mut Context::from_waker(Waker::noop());
    let (mut one, mut other) = (pin!(client.drive()), pin!(client.drive()));
    let mut call = pin!(client.send(&Raw::get("/albums/1")));
    // The store is looked at, and then nobody is found.
    for _ in 0..3 {
        assert!(call.as_mut().poll(cx).is_pending() && one.as_mut().poll(cx).is_pending());
    }
    let before = polled.load(Ordering::SeqCst);
    assert!(before > 0);
    let mut sign_out = pin!(client.sign_out());
    let _ = sign_out.as_mut().poll(cx);
    assert!(other.as_mut().poll(cx).is_pending(), "it takes the jobs");
    assert!(one.as_mut().poll(cx).is_pending());
    assert_eq!((polled.load(Ordering::SeqCst), dropped.load(Ordering::SeqCst)), (before, 1));
}

/// Seconds that a test sets.
#[derive(Clone, Default)]
pub(crate) struct Hand(Arc<AtomicU64>);

impl Clock for Hand {
    fn now(&self) -> Now {
        let since = Duration::from_secs(self.0.load(Ordering::SeqCst));
        Now { mono: Mono::ZERO + since, unix: Unix::from_secs(1_767_225_600) + since }
    }
}

/// Over once the hand says so; nobody is woken for it.
pub(crate) struct Sleep(Hand, Mono);

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0.now().mono >= self.1 { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Runtime for Hand {
    type Sleep = Sleep;

    fn sleep(&self, until: Mono) -> Sleep {
        Sleep(self.clone(), until)
    }
}

impl<J: Blocking> Offload<J> for Hand {
    fn offload(&self, job: J) {
        job.run();
    }
}

#[test]
fn what_it_brings_is_not_used_where_its_time_ends_while_it_is_polled() {
    for config in configs() {
        let (flow, script, hand) = (config.flow, scripted(), Hand::default());
        let client = Client::undriven(config, [7; 32], script.clone(), MemoryStore::new(), hand.clone()).unwrap();
        let late = move || {
            hand.0.store(SIGN_IN.as_secs(), Ordering::SeqCst);
        };
        let (code, token, device) = (late.clone(), late.clone(), late);
        client.handle_sign_ins(move |pending| {
            let late = code.clone();
            async move {
                late();
                browse(pending)
            }
        });
        client.handle_implicit_sign_ins(move |pending| {
            let late = token.clone();
            async move {
                late();
                implicit::browse(pending)
            }
        });
        client.handle_device_sign_ins(move |_| {
            let late = device.clone();
            async move {
                late();
                Ok(())
            }
        });
        let cx = &mut Context::from_waker(Waker::noop());
        let (mut driver, mut call) = (pin!(client.drive()), pin!(client.send(&Raw::get("/albums/1"))));
        let ended = (0..4).find_map(|_| match call.as_mut().poll(cx) {
            Poll::Ready(ended) => Some(ended.map(drop).map_err(|error| error.kind())),
            Poll::Pending => {
                assert!(driver.as_mut().poll(cx).is_pending());
                None
            }
        });
        assert_eq!((ended, sent(&script)), (Some(Err(ErrorKind::SignInRequired)), 0), "{flow}");
        assert_eq!(client.account(), None, "{flow}");
    }
}

type Threads = blocking::Client<Script, MemoryStore, Hand>;

/// A client over threads. Each of its handlers does this first, and is told how many were asked before.
fn threads(config: Config, hand: Hand, first: impl Fn(&Threads, usize) + Clone + Send + Sync + 'static) -> (Threads, Script) {
    let script = scripted();
    let client = Threads::new(config, [7; 32], script.clone(), MemoryStore::new(), hand).unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let same = client.clone();
    let first = move || first(&same, asked.fetch_add(1, Ordering::SeqCst));
    let (code, token, device) = (first.clone(), first.clone(), first);
    client.handle_sign_ins(move |pending| {
        code();
        browse(pending)
    });
    client.handle_implicit_sign_ins(move |pending| {
        token();
        implicit::browse(pending)
    });
    client.handle_device_sign_ins(move |_| {
        device();
        Ok(())
    });
    (client, script)
}

fn call(client: &Threads) -> Result<(), ErrorKind> {
    client.send(&Raw::get("/albums/1").query("n", "1")).map(drop).map_err(|error| error.kind())
}

#[test]
fn over_threads_what_it_brings_after_its_time_is_not_used() {
    // A device's code is asked about only after a pause, which needs a clock that goes.
    for config in configs().into_iter().filter(|config| config.flow != Flow::Device) {
        let (flow, hand) = (config.flow, Hand::default());
        let time = hand.clone();
        let (client, script) = threads(config, hand, move |_, before| {
            let late = if before == 0 { SIGN_IN.as_secs() } else { 0 };
            time.0.fetch_add(late, Ordering::SeqCst);
        });
        assert_eq!((call(&client), sent(&script)), (Err(ErrorKind::SignInRequired), 0), "{flow}");
        assert_eq!(client.account(), None, "{flow}");
        // In good time.
        assert_eq!(call(&client), Ok(()), "{flow}");
    }
}

#[test]
fn over_threads_what_it_brings_after_a_sign_out_is_not_used() {
    for config in configs() {
        let flow = config.flow;
        let (client, script) = threads(config, Hand::default(), |client, _| client.sign_out().unwrap());
        assert_eq!((call(&client), sent(&script)), (Err(ErrorKind::SignedOut), 0), "{flow}");
        assert_eq!(client.account(), None, "{flow}");
    }
}

#[test]
fn over_threads_no_other_runs_beside_it_and_calls_say_so_at_once() {
    for (config, next) in configs().into_iter().flat_map(|config| configs().map(|next| (config.clone(), next))) {
        let (flow, asked) = (config.flow, Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&asked);
        let (client, script) = threads(config, Hand::default(), move |client, before| {
            count.fetch_add(1, Ordering::SeqCst);
            if before == 0 {
                client.reconfigure(next.clone()).unwrap();
                let error = client.send(&Raw::get("/albums/1")).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::SignInRequired);
                assert!(error.to_string().contains("still runs"), "{error}");
            }
        });
        assert_eq!((call(&client), sent(&script)), (Err(ErrorKind::SignedOut), 0), "{flow}");
        assert_eq!((asked.load(Ordering::SeqCst), client.account()), (1, None), "{flow}");
        // It has returned.
        if client.config().flow != Flow::Device {
            assert_eq!((call(&client), asked.load(Ordering::SeqCst)), (Ok(()), 2), "{flow}");
        }
    }
}

#[test]
fn over_threads_one_that_panicked_runs_no_more() {
    let (client, _) = threads(config(), Hand::default(), |_, before| assert!(before > 0, "it panics on purpose"));
    assert!(catch_unwind(AssertUnwindSafe(|| call(&client))).is_err());
    assert_eq!(call(&client), Ok(()));
}
