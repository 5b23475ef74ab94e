//! Ten thousand calls at once on one expired token, under virtual time.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/stage.rs"]
mod stage;

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use stage::{Stage, TOKEN, token};
use tidal_core::runtime::{Clock, Runtime};
use tidal_core::testing::{Gate, Reply, VirtualRuntime};

const CALLS: usize = 10_000;
/// Within this virtual time every answer comes, and whoever is dropped is dropped.
const SPAN_MS: u32 = 2000;

/// What a round draws on.
struct Dice(TestRng);

impl Dice {
    fn new(round: u8) -> Self {
        Self(TestRng::from_seed(RngAlgorithm::ChaCha, &[round; 32]))
    }

    fn moment(&mut self) -> Duration {
        Duration::from_millis(u64::from(self.0.next_u32() % SPAN_MS))
    }
}

/// A waker that is told from others by what it holds, so that those that are kept can be counted.
struct Counted {
    inner: Waker,
    _held: Arc<()>,
}

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        self.inner.wake_by_ref();
    }
}

/// Runs `call` with counted wakers, and drops it at `end` if it isn't over by then.
async fn run<C: Future + Unpin>(call: C, end: Option<Duration>, runtime: VirtualRuntime, held: Arc<()>) -> Option<C::Output> {
    let mut call = Some(call);
    let mut sleep = Box::pin(end.map(|end| runtime.sleep(runtime.now().mono + end)));
    poll_fn(move |cx| {
        if let Some(sleep) = sleep.as_mut().as_pin_mut()
            && sleep.poll(cx).is_ready()
        {
            call = None;
            return Poll::Ready(None);
        }
        let waker = Waker::from(Arc::new(Counted { inner: cx.waker().clone(), _held: Arc::clone(&held) }));
        Pin::new(call.as_mut().unwrap()).poll(&mut Context::from_waker(&waker)).map(Some)
    })
    .await
}

/// Two calls each ask for the same album. Where `drops` says so, one of each pair is given up at some moment: the first and the
/// second in turn.
fn round(round: u8, calls: usize, drops: bool) {
    let stage = Stage::expired();
    let mut dice = Dice::new(round);
    let gates: Vec<(Gate, Duration)> = (0..64).map(|_| (Gate::new(), dice.moment())).collect();
    let gate = |at: usize| gates[at % gates.len()].0.clone();
    let renewed = Reply::answer(200, token("new", Some("refresh-2")));
    stage.script.on(TOKEN).then(Reply::Behind(gate(0), Box::new(renewed)));
    let waits: Vec<Gate> = (0..calls).map(gate).collect();
    stage.script.on("GET /v2/albums/*").with(move |seen| {
        if seen.bearer() != Some("new") {
            return Reply::answer(401, "{}");
        }
        let number: usize = seen.path.rsplit('/').next().unwrap().parse().unwrap();
        Reply::Behind(
            waits[number].clone(),
            Box::new(Reply::answer(200, format!(r#"{{"data":{{"id":"{number}","type":"albums"}}}}"#))),
        )
    });
    for (gate, moment) in gates.clone() {
        let runtime = stage.runtime.clone();
        stage.spawn(async move {
            runtime.sleep(runtime.now().mono + moment).await;
            gate.open();
        });
    }

    let held = Arc::new(());
    let (right, sharing) = (Rc::new(RefCell::new(0)), Rc::new(RefCell::new(0)));
    for number in 0..calls {
        let end = (drops && number % 2 == number / 2 % 2).then(|| dice.moment());
        let album = (number / 2).to_string();
        let call = stage.client.albums().get(&album).send();
        let (right, sharing) = (Rc::clone(&right), Rc::clone(&sharing));
        let run = run(call, end, stage.runtime.clone(), Arc::clone(&held));
        stage.spawn(async move {
            match run.await {
                Some(Ok(answer)) => {
                    assert_eq!(answer.data.id.as_str(), album);
                    *sharing.borrow_mut() += usize::from(answer.how.joined);
                    *right.borrow_mut() += usize::from(end.is_none());
                }
                Some(Err(error)) => panic!("call {number} of round {round}: {error}"),
                None => assert!(end.is_some()),
            }
        });
    }
    // Beyond the time that a call may take, when the runtime's own timers are gone too.
    let runtime = stage.runtime.clone();
    stage.block_on(async move { runtime.sleep(runtime.now().mono + Duration::from_secs(130)).await });
    stage.drain();

    assert_eq!(*right.borrow(), if drops { calls / 2 } else { calls }, "round {round}");
    assert!(drops || *sharing.borrow() == calls / 2, "the second of each pair shares the first one's request");
    assert_eq!(stage.script.count(TOKEN), 1, "round {round}");
    assert_eq!(stage.stored().refresh_token.unwrap().expose(), "refresh-2");
    assert_eq!(Arc::strong_count(&held), 1, "round {round}: somebody is still to be woken");
    let limits = stage.client.limiter_state();
    assert_eq!((limits.reads.waiting, limits.reads.in_flight), (0, 0), "round {round}");
}

#[test]
fn ten_thousand_calls_on_one_expired_token_make_one_refresh_and_get_ten_thousand_right_answers() {
    round(0, CALLS, false);
}

#[test]
fn with_every_second_caller_dropped_at_some_moment_the_others_get_their_answers() {
    for number in 1..=10 {
        round(number, CALLS, true);
    }
}
