//! Hostile surroundings: transports that panic, drivers that end early, addresses that lead elsewhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/stage.rs"]
mod stage;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use stage::{ALBUM, FlakyStore, Stage, TOKEN, pkce, token};
use tidal_core::auth::Grant;
use tidal_core::runtime::{Blocking, Clock, Offload, Runtime, Spawn};
use tidal_core::store::{Acquired, Lease, Store};
use tidal_core::testing::{Reply, Script, VirtualRuntime, VirtualSleep};
use tidal_core::*;

/// A runtime that, as tokio does, drops a task that panics and goes on.
#[derive(Clone)]
struct Sturdy(VirtualRuntime);
impl Clock for Sturdy {
    fn now(&self) -> Now {
        self.0.now()
    }
}
impl Runtime for Sturdy {
    type Sleep = VirtualSleep;
    fn sleep(&self, until: Mono) -> VirtualSleep {
        self.0.sleep(until)
    }
}
impl<F: Future<Output = ()> + 'static> Spawn<F> for Sturdy {
    fn spawn(&self, future: F) {
        let mut slot = Some(Box::pin(future));
        self.0.spawn(std::future::poll_fn(move |cx| {
            let Some(f) = slot.as_mut() else { return Poll::Ready(()) };
            match catch_unwind(AssertUnwindSafe(|| f.as_mut().poll(cx))) {
                Ok(Poll::Pending) => Poll::Pending,
                Ok(Poll::Ready(())) => {
                    slot = None;
                    Poll::Ready(())
                }
                Err(_) => {
                    slot = None;
                    Poll::Ready(())
                }
            }
        }));
    }
}
impl<J: Blocking> Offload<J> for Sturdy {
    fn offload(&self, job: J) {
        job.run();
    }
}

fn sturdy(config: Config, store: FlakyStore, script: Script, rt: &VirtualRuntime) -> Client<Script, FlakyStore, Sturdy> {
    Client::new(config, [1; 32], script, store, Sturdy(rt.clone())).unwrap()
}

#[test]
fn a_transport_that_panics_fails_those_who_wait() {
    let stage = Stage::expired();
    stage.script.on(TOKEN).with(|_| panic!("a transport panics while it makes its future"));
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    let client = sturdy(pkce(), stage.store.clone(), stage.script.clone(), &stage.runtime);
    let began = stage.runtime.now().mono;
    let error = stage.block_on(client.send(&Raw::get("/albums/1"))).unwrap_err();
    let took = stage.runtime.now().mono.since(began);
    assert!(took < Duration::from_secs(1), "{error:?} after {took:?}");
}

#[test]
fn a_drain_outlives_its_driver() {
    let stage = Stage::expired();
    stage.script.on(TOKEN).reply(200, token("new", Some("refresh-2")));
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    stage.store.fail_from_now_on(&["save"]);
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    stage.store.fail_from_now_on(&[]);
    let drain = stage.client.drain();
    let done = Rc::new(Cell::new(false));
    let d = Rc::clone(&done);
    stage.spawn(async move {
        drain.await;
        d.set(true)
    });
    stage.runtime.settle();
    assert!(!done.get());
    stage.drop_driver();
    for _ in 0..100 {
        stage.runtime.settle();
        stage.runtime.advance(Duration::from_secs(10));
    }
    stage.runtime.settle();
    assert!(done.get(), "drain hangs");
}

#[test]
fn a_call_outlives_the_driver_that_waited_for_the_lease() {
    let stage = Stage::expired();
    stage.script.on(TOKEN).always(Reply::answer(200, token("new", Some("refresh-2"))));
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    let now = stage.runtime.now();
    let key = stage.stored().key;
    let Acquired::Lease(lease, _) = stage.store.acquire(&key, Duration::from_secs(1), None, now.unix).unwrap() else {
        panic!()
    };
    let call = stage.client.send(&Raw::get("/albums/1"));
    let done = Rc::new(RefCell::new(None));
    let d = Rc::clone(&done);
    stage.spawn(async move { *d.borrow_mut() = Some(call.await) });
    stage.runtime.settle();
    assert!(done.borrow().is_none());
    stage.store.release(&lease, now.unix).unwrap();
    stage.drop_driver();
    for _ in 0..20 {
        stage.runtime.settle();
        stage.runtime.advance(Duration::from_secs(1));
    }
    stage.runtime.settle();
    assert!(done.borrow().is_some(), "the call hangs though the lease is free for 20 s");
}

#[test]
fn an_operation_that_always_answers_401_does_not_spoil_the_token_for_others() {
    let stage = Stage::signed_in(Duration::from_secs(3600));
    let mut n = 0;
    stage.script.on(TOKEN).with(move |_| {
        n += 1;
        Reply::answer(200, token(&format!("t{n}"), Some(&format!("r{n}"))))
    });
    stage.script.on(ALBUM).always(Reply::answer(401, "{}"));
    stage.script.on("GET /v2/albums/2").always(Reply::answer(200, "{}"));
    for _ in 0..5 {
        stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
        stage.block_on(stage.client.send(&Raw::get("/albums/2"))).unwrap();
    }
    let count = stage.script.count(TOKEN);
    assert!(count <= 5, "{count} token requests for 5 failing calls");
}

#[test]
fn an_escaped_echo_of_a_secret_is_taken_out() {
    let stage = Stage::new(
        {
            let mut c = Config::client_credentials("id", "abc/def=").unwrap();
            c.client_secret = Some("abc/def=".into());
            c
        },
        FlakyStore::default(),
        VirtualRuntime::new(),
        Script::new(),
    );
    stage.script.on(TOKEN).reply(401, r#"{"error":"invalid_client","error_description":"bad secret abc\/def\u003d"}"#);
    let error = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("abc/def="), "{error}");
}

#[test]
fn the_api_may_repeat_the_token() {
    let stage = Stage::signed_in(Duration::from_secs(3600));
    stage.script.on(ALBUM).reply(403, r#"{"errors":[{"detail":"token old may not"}]}"#);
    let error = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert!(!format!("{error} {error:?} {:?}", error.refusal()).contains("token old"), "{error}");
}

#[test]
fn an_empty_refresh_token_is_refused() {
    let now = Now::default();
    assert!(Grant::from_tokens(&pkce(), config::Tokens::new("a").refresh_token(""), now).is_err());
}

#[test]
fn no_bound_is_too_long() {
    for which in 0..7 {
        let mut config = pkce();
        let b = &mut config.bounds;
        *[&mut b.attempt, &mut b.call, &mut b.token, &mut b.store, &mut b.sign_in, &mut b.sign_out, &mut b.renew_before]
            [which] = Duration::MAX;
        let s = Stage::expired();
        s.script.on(TOKEN).reply(200, token("new", Some("refresh-2")));
        s.script.on(ALBUM).always(Reply::answer(200, "{}"));
        let stage = Stage::new(config, s.store.clone(), s.runtime.clone(), s.script.clone());
        let outcome = catch_unwind(AssertUnwindSafe(|| stage.block_on(stage.client.send(&Raw::get("/albums/1"))).map(|_| ())));
        assert!(outcome.is_ok(), "bound {which} panics");
    }
}

#[test]
fn a_sign_in_ends_though_its_transport_hangs() {
    let stage = Stage::nobody();
    stage.script.on(TOKEN).then(Reply::Hang);
    let pending = stage.client.begin_sign_in().unwrap();
    let url = url::Url::parse(pending.authorize_url()).unwrap();
    let state = url.query_pairs().find(|(k, _)| k == "state").unwrap().1.into_owned();
    let code =
        pending.redirected(&format!("http://localhost:8080/callback?code=c&state={state}"), stage.runtime_now()).unwrap();
    let f = stage.client.finish_sign_in(code);
    let done = Rc::new(Cell::new(false));
    let d = Rc::clone(&done);
    stage.spawn(async move {
        f.await.unwrap_err();
        d.set(true)
    });
    for _ in 0..100 {
        stage.runtime.settle();
        stage.runtime.advance(Duration::from_secs(10));
    }
    assert!(done.get(), "it hangs with its transport");
}

#[test]
fn a_second_driver_may_come_and_go() {
    let s = Stage::expired();
    s.script.on(TOKEN).reply(200, token("new", Some("refresh-2")));
    s.script.on(ALBUM).always(Reply::answer(200, "{}"));
    let client = Client::undriven(pkce(), [1; 32], s.script.clone(), s.store.clone(), Sturdy(s.runtime.clone())).unwrap();
    let first = client.drive();
    s.runtime.spawn(first);
    s.runtime.settle();
    {
        let mut second = Box::pin(client.drive());
        let _ = second.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
    let began = s.runtime.now().mono;
    let out = s.block_on(client.send(&Raw::get("/albums/1")));
    assert!(out.is_ok(), "{:?} after {:?}", out.map(|_| ()), s.runtime.now().mono.since(began));
}

#[test]
fn a_store_whose_leases_are_short_is_not_asked_again_and_again() {
    use tidal_core::session::{Reply as R, StoreReply, StoreWork, Work};
    let mut session = Session::new(Config::client_credentials("a", "b").unwrap(), [0; 32]);
    let mut call = Call::new(&Raw::get("/albums/1")).unwrap();
    let now = Now { mono: Mono::ZERO, unix: Unix::from_secs(1_767_225_600) };
    let _ = call.poll(&mut session, now);
    let mut acquires = 0;
    for _ in 0..1000 {
        let Some(job) = session.poll_job() else { break };
        let reply = match job.work {
            Work::Store(StoreWork::Acquire { key, .. }) => {
                acquires += 1;
                R::Store(StoreReply::Acquired(Acquired::Lease(
                    Lease { key, fence: 1, until: now.unix + Duration::from_secs(1) },
                    None,
                )))
            }
            Work::Store(StoreWork::Find(_)) => R::Store(StoreReply::Found(None)),
            Work::Store(StoreWork::Release(_)) => R::Store(StoreReply::Released),
            // It goes on without the store.
            Work::Token(_) => return assert_eq!(acquires, 1),
            other => panic!("{other:?}"),
        };
        session.handle_job(job.id, Ok(reply), now);
    }
    panic!("{acquires} leases, and no token");
}

/// Its account works under that lease.
#[test]
fn a_lease_that_is_told_of_twice_is_not_given_back() {
    use tidal_core::session::{Reply as R, StoreReply, StoreWork, Work};
    let now = Now { mono: Mono::ZERO, unix: Unix::from_secs(1_767_225_600) };
    let mut config = pkce();
    config.user = Some("anna".into());
    let mut session = Session::new(config.clone(), [0; 32]);
    session.adopt(Grant::from_tokens(&config, config::Tokens::new("a"), now).unwrap(), now).unwrap();
    let job = session.poll_job().unwrap();
    let Work::Store(StoreWork::Acquire { key, .. }) = job.work else { panic!("{:?}", job.work) };
    for _ in 0..2 {
        let lease = Lease { key: key.clone(), fence: 1, until: now.unix + Duration::from_secs(30) };
        session.handle_job(job.id, Ok(R::Store(StoreReply::Acquired(Acquired::Lease(lease, None)))), now);
    }
    let left: Vec<_> = std::iter::from_fn(|| session.poll_job()).map(|job| job.work).collect();
    assert!(matches!(left[..], [Work::Store(StoreWork::Save { .. })]), "{left:?}");
}

struct Counted;
impl Wake for Counted {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn a_drain_that_is_polled_often_keeps_one_waker() {
    let stage = Stage::expired();
    stage.script.on(TOKEN).then(Reply::Hang);
    let call = stage.client.send(&Raw::get("/albums/1"));
    stage.spawn(async move {
        let _ = call.await;
    });
    stage.runtime.settle();
    let counted = Arc::new(Counted);
    let waker = Waker::from(Arc::clone(&counted));
    let mut drain = pin!(stage.client.drain());
    for _ in 0..1000 {
        assert!(drain.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    let n = Arc::strong_count(&counted);
    assert!(n < 10, "{n} wakers are kept");
}

#[test]
fn a_token_that_nothing_can_renew_is_used_to_its_end() {
    let stage = Stage::nobody();
    let now = stage.runtime_now();
    let grant =
        Grant::from_tokens(&pkce(), config::Tokens::new("a").expires_at(now.unix + Duration::from_secs(3600)), now).unwrap();
    stage.client.adopt(grant).unwrap();
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    stage.runtime.advance(Duration::from_secs(3550));
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
}

#[test]
fn short_lived_tokens_are_shared_too() {
    let a = Stage::expired();
    let b = a.again();
    a.script.on(TOKEN).always(Reply::answer(200, r#"{"access_token":"n","refresh_token":"r2","expires_in":60}"#));
    a.script.on(ALBUM).always(Reply::answer(200, "{}"));
    a.block_on(a.client.send(&Raw::get("/albums/1"))).unwrap();
    b.block_on(b.client.send(&Raw::get("/albums/1"))).unwrap();
    assert_eq!(a.script.count(TOKEN), 1);
}

#[test]
fn addresses_with_queries_or_passwords_are_refused() {
    let mut config = Config::anonymous();
    config.base_url = "https://example.org/v2?x=1".parse().unwrap();
    assert!(config.check().is_err(), "query");
    config.base_url = "https://me:pw@example.org/v2".parse().unwrap();
    assert!(config.check().is_err() || !format!("{config:?}").contains("pw"), "password in Debug");
}

#[test]
fn a_lease_of_a_clock_that_was_set_back_does_not_last() {
    let stage = Stage::expired();
    stage.script.on(TOKEN).reply(200, token("new", Some("refresh-2")));
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    let now = stage.runtime.now();
    let key = stage.stored().key;
    // a process that died, by a clock that was a year ahead
    stage.store.acquire(&key, Duration::from_secs(30), None, now.unix + Duration::from_secs(365 * 86400)).unwrap();
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
}

#[test]
fn a_signed_out_application_is_not_told_to_sign_in() {
    let stage = Stage::client_credentials();
    stage.script.on(TOKEN).always(Reply::answer(200, token("one", None)));
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    stage.block_on(stage.client.sign_out()).unwrap();
    let e = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert!(!e.to_string().contains("begin a sign-in") || stage.client.begin_sign_in().is_ok(), "{e}");
}

#[test]
fn no_link_leads_away_from_the_api() {
    let bad = [
        "https://evil.example/v2/albums",
        "//evil.example/v2",
        "https://openapi.tidal.com@evil.example/v2/x",
        "https://openapi.tidal.com\\@evil.example/v2/x",
        "https://openapi.tidal.com.evil.example/v2/x",
        "https://openapi.tidal.com/v2evil/x",
        "https://openapi.tidal.com/v2/../x",
        "https://openapi.tidal.com/v2/%2e%2e/x",
        "http://openapi.tidal.com/v2/x",
        "https://openapi.tidal.com:444/v2/x",
        "https://u@openapi.tidal.com/v2/x",
        "https://:pw@openapi.tidal.com/v2/x",
        "https:\\\\evil.example/v2/x",
        "https:evil.example",
        "/\\evil.example/x",
        "https://openapi.tidal.com\t.evil.example/v2/x",
        "https://openapi.tidal.com\\v2/x",
        "https://evil.example\\.openapi.tidal.com/v2/x",
        "https:///evil.example/v2/",
        "https://openapi.tidal.com/v2\\..\\..\\x",
        "/v2/../../x",
        "/../x",
        "/v2/%2e%2e/%2e%2e/x",
        "javascript:x",
        "",
    ];
    for link in bad {
        let stage = Stage::signed_in(Duration::from_secs(3600));
        stage.script.on("*").always(Reply::answer(200, "{\"data\":[]}"));
        let mut pages = stage.client.albums().items("1").country("US").pages_from(Position::Link(link.to_owned()));
        let outcome = stage.block_on(pages.next_page());
        for seen in stage.script.requests() {
            assert!(
                seen.host == "openapi.tidal.com" && seen.path.starts_with("/v2/"),
                "{link} led to {} {}",
                seen.host,
                seen.path
            );
            assert!(!seen.path.contains(".."), "{link} led to {}", seen.path);
        }
        assert!(outcome.is_err() || !stage.script.requests().is_empty(), "{link}");
    }
}
