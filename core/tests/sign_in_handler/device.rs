//! Another device: the handler shows the code, the client asks.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidal_core::auth::DevicePrompt;
use tidal_core::runtime::Clock;
use tidal_core::testing::{Reply, Script, VirtualRuntime};
use tidal_core::{Config, ErrorKind, Failure, FailureKind, Mono, Now, Raw, Unix, blocking};
use tidal_store_memory::MemoryStore;

use super::stage::{ALBUM, FlakyStore, Stage, TOKEN, token};
use super::{GRANTED, fifty, handled};

const DEVICE: &str = "POST /v1/oauth2/device_authorization";
const CODE: &str = r#"{"deviceCode":"the-device-code","userCode":"ABCDE","verificationUri":"link.tidal.example",
    "verificationUriComplete":"link.tidal.example/ABCDE","expiresIn":300,"interval":2}"#;

fn config() -> Config {
    handled(Config::device("id").unwrap())
}

fn scripted() -> Script {
    let script = Script::new();
    script.on(DEVICE).reply(200, CODE);
    script.on(ALBUM).always(Reply::answer(200, "{}"));
    script
}

fn stage() -> Stage {
    Stage::new(config(), FlakyStore::default(), VirtualRuntime::new(), scripted())
}

fn error(code: &str) -> Reply {
    Reply::answer(400, format!(r#"{{"error":"{code}"}}"#))
}

/// So many seconds, and all that is done in them.
fn wait(stage: &Stage, seconds: u32) {
    for _ in 0..seconds {
        stage.runtime.settle();
        stage.runtime.advance(Duration::from_secs(1));
    }
    stage.runtime.settle();
}

type Shown = Arc<Mutex<Vec<DevicePrompt>>>;

/// What its handler shows.
fn shows(stage: &Stage) -> Shown {
    let shown = Shown::default();
    let screen = Arc::clone(&shown);
    stage.client.handle_device_sign_ins(move |prompt| {
        screen.lock().unwrap().push(prompt);
        async { Ok(()) }
    });
    shown
}

/// Tells when it is dropped.
struct Window(Arc<AtomicUsize>);

impl Drop for Window {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn the_code_is_shown_once_for_all_who_wait_and_the_client_asks_as_often_as_the_service_wants() {
    let stage = stage();
    stage.script.on(TOKEN).then(error("authorization_pending")).then(error("slow_down")).reply(200, GRANTED);
    let (shown, began) = (shows(&stage), stage.runtime_now());
    assert_eq!(fifty(&stage), vec![Ok(()); 50]);
    // After 2 s, 2 s more, and 7 s more.
    assert_eq!(stage.runtime_now().mono.since(began.mono), Duration::from_secs(11));
    assert_eq!((stage.script.count(DEVICE), stage.script.count(TOKEN)), (1, 3));
    assert_eq!(stage.stored().key.user.as_deref(), Some("42"));
    let [prompt] = &shown.lock().unwrap()[..] else { panic!("shown more than once") };
    assert_eq!((prompt.user_code.as_str(), prompt.verification_uri.as_str()), ("ABCDE", "https://link.tidal.example"));
    assert_eq!(prompt.verification_uri_complete.as_deref(), Some("https://link.tidal.example/ABCDE"));
    assert_eq!(prompt.expires_at, began.unix + Duration::from_secs(300));
}

#[test]
fn a_session_that_has_ended_for_good_asks_too() {
    let stage = stage();
    stage.script.on(TOKEN).reply(200, token("first", Some("refresh-1"))).then(error("invalid_grant")).reply(200, GRANTED);
    stage.script.on("GET /v2/users/me").reply(200, r#"{"data":{"type":"users","id":"42"}}"#);
    stage.script.on(DEVICE).reply(200, CODE);
    let shown = shows(&stage);
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    stage.runtime.advance(Duration::from_secs(3601));
    stage.client.clear_cache(tidal_core::cache::Part::All);
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    assert_eq!(shown.lock().unwrap().len(), 2);
    assert_eq!(stage.script.requests().last().unwrap().bearer(), Some("new"));
}

#[test]
fn ends_are_told_to_all_who_wait() {
    for (replies, says, after) in [
        (vec![error("access_denied")], "declined", 2),
        (vec![error("authorization_pending"), error("expired_token")], "has expired", 4),
        (vec![error("invalid_grant")], "the code was refused", 2),
    ] {
        let stage = stage();
        let began = stage.runtime_now().mono;
        replies.into_iter().for_each(|reply| drop(stage.script.on(TOKEN).then(reply)));
        shows(&stage);
        assert_eq!(fifty(&stage), vec![Err(ErrorKind::SignInRequired); 50]);
        assert_eq!(stage.runtime_now().mono.since(began).as_secs(), after);
        // The next call has the person sign in anew.
        stage.script.on(DEVICE).reply(200, CODE);
        stage.script.on(TOKEN).then(error("access_denied"));
        stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
        assert_eq!(stage.script.count(DEVICE), 2, "{says}");
    }
}

#[test]
fn the_error_says_how_it_ended() {
    let stage = stage();
    stage.script.on(TOKEN).then(error("access_denied"));
    shows(&stage);
    let ended = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert!(ended.to_string().contains("the person declined"), "{ended}");
    stage.script.on(DEVICE).reply(400, r#"{"error":"unauthorized_client"}"#);
    let refused = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert_eq!(refused.failure().unwrap().kind(), FailureKind::SignIn);
    assert!(refused.to_string().contains("use this flow"), "{refused}");
}

#[test]
fn it_is_asked_no_longer_than_the_bound_of_a_sign_in() {
    let mut config = config();
    config.bounds.sign_in = Duration::from_secs(21);
    let stage = Stage::new(config, FlakyStore::default(), VirtualRuntime::new(), scripted());
    stage.script.on(TOKEN).always(error("authorization_pending"));
    shows(&stage);
    let began = stage.runtime_now().mono;
    let error = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert_eq!((error.kind(), stage.runtime_now().mono.since(began).as_secs()), (ErrorKind::SignInRequired, 21));
    stage.drain();
    wait(&stage, 60);
    assert_eq!(stage.script.count(TOKEN), 10, "nobody waits for it any more");
}

#[test]
fn a_question_that_hangs_holds_up_only_itself() {
    let stage = stage();
    stage.script.on(TOKEN).then(Reply::Hang).reply(200, GRANTED);
    shows(&stage);
    let began = stage.runtime_now().mono;
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    // After 2 s, 10 s in vain, and 4 s more.
    assert_eq!(stage.runtime_now().mono.since(began).as_secs(), 16);
}

#[test]
fn a_sign_out_ends_it() {
    let stage = stage();
    stage.script.on(TOKEN).always(error("authorization_pending"));
    let closed = Arc::new(AtomicUsize::new(0));
    let windows = Arc::clone(&closed);
    stage.client.handle_device_sign_ins(move |_| {
        let window = Window(Arc::clone(&windows));
        async move {
            std::future::pending::<()>().await;
            drop(window);
            Ok(())
        }
    });
    let call = stage.client.send(&Raw::get("/albums/1"));
    let ended = Arc::new(Mutex::new(None));
    let outcome = Arc::clone(&ended);
    stage.spawn(async move { *outcome.lock().unwrap() = Some(call.await.map(drop).map_err(|error| error.kind())) });
    wait(&stage, 5);
    assert_eq!((stage.script.count(TOKEN), closed.load(Ordering::SeqCst)), (2, 0));
    stage.block_on(stage.client.sign_out()).unwrap();
    stage.drain();
    assert_eq!(*ended.lock().unwrap(), Some(Err(ErrorKind::SignedOut)));
    wait(&stage, 60);
    assert_eq!((stage.script.count(TOKEN), closed.load(Ordering::SeqCst)), (2, 1));
}

#[test]
fn a_handler_that_keeps_the_code_on_the_screen_is_dropped_when_the_person_has_signed_in() {
    let stage = stage();
    stage.script.on(TOKEN).then(error("authorization_pending")).reply(200, GRANTED);
    let closed = Arc::new(AtomicUsize::new(0));
    let windows = Arc::clone(&closed);
    stage.client.handle_device_sign_ins(move |_| {
        let window = Window(Arc::clone(&windows));
        async move {
            std::future::pending::<()>().await;
            drop(window);
            Ok(())
        }
    });
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    assert_eq!(closed.load(Ordering::SeqCst), 1);
}

#[test]
fn a_handler_that_fails_gives_the_sign_in_up() {
    let stage = stage();
    stage.script.on(TOKEN).always(error("authorization_pending"));
    let (sender, receiver) = std::sync::mpsc::channel();
    stage.client.handle_device_sign_ins(move |_| {
        let sender = sender.clone();
        async move {
            std::future::poll_fn(|cx| match sender.send(cx.waker().clone()) {
                Ok(()) => std::task::Poll::Pending,
                Err(_) => std::task::Poll::Ready(()),
            })
            .await;
            Err(Failure::new(FailureKind::SignIn, "the window was closed"))
        }
    });
    let call = stage.client.send(&Raw::get("/albums/1"));
    let ended = Arc::new(Mutex::new(None));
    let outcome = Arc::clone(&ended);
    stage.spawn(async move { *outcome.lock().unwrap() = Some(call.await.unwrap_err().to_string()) });
    wait(&stage, 5);
    assert_eq!((stage.script.count(TOKEN), ended.lock().unwrap().is_none()), (2, true));
    let wakers: Vec<_> = receiver.try_iter().collect();
    drop(receiver);
    wakers.into_iter().for_each(std::task::Waker::wake);
    stage.drain();
    assert!(ended.lock().unwrap().as_ref().unwrap().contains("the window was closed"));
    wait(&stage, 60);
    assert_eq!(stage.script.count(TOKEN), 2);
}

/// Ten seconds pass between two looks at it.
#[derive(Clone, Default)]
struct Hasty(Arc<AtomicU64>);

impl Clock for Hasty {
    fn now(&self) -> Now {
        let since = Duration::from_secs(10 * self.0.fetch_add(1, Ordering::SeqCst));
        Now { mono: Mono::ZERO + since, unix: Unix::default() + since }
    }
}

fn hasty(script: &Script, sign_in: Duration) -> blocking::Client<Script, MemoryStore, Hasty> {
    let mut config = config();
    config.bounds.sign_in = sign_in;
    config.bounds.call = Duration::from_secs(36_000);
    config.bounds.attempt = config.bounds.call;
    config.bounds.store = config.bounds.call;
    blocking::Client::new(config, [7; 32], script.clone(), MemoryStore::new(), Hasty::default()).unwrap()
}

#[test]
fn over_threads_the_code_is_shown_once_and_one_of_them_asks() {
    let script = scripted();
    script.on(TOKEN).then(error("authorization_pending")).then(error("slow_down")).reply(200, GRANTED);
    let (client, shown) = (hasty(&script, Duration::from_secs(36_000)), Shown::default());
    let screen = Arc::clone(&shown);
    client.handle_device_sign_ins(move |prompt| {
        screen.lock().unwrap().push(prompt);
        Ok(())
    });
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| client.send(&Raw::get("/albums/1")).map(drop))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
    });
    assert_eq!((script.count(DEVICE), script.count(TOKEN)), (1, 3));
    assert_eq!(client.account().unwrap().user.as_deref(), Some("42"));
    let [prompt] = &shown.lock().unwrap()[..] else { panic!("shown more than once") };
    assert_eq!(prompt.user_code, "ABCDE");
}

#[test]
fn over_threads_a_handler_that_fails_has_nothing_asked() {
    let script = scripted();
    script.on(TOKEN).reply(200, GRANTED);
    let client = hasty(&script, Duration::from_secs(36_000));
    client.handle_device_sign_ins(|_| Err(Failure::new(FailureKind::SignIn, "no screen")));
    let error = client.send(&Raw::get("/albums/1")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignInRequired);
    assert!(error.to_string().contains("no screen"), "{error}");
    assert_eq!(script.count(TOKEN), 0);
}

#[test]
fn over_threads_too_it_is_asked_no_longer_than_the_bound_of_a_sign_in() {
    let script = Script::new();
    script.on(DEVICE).reply(200, CODE.replace("300", "36000"));
    script.on(TOKEN).always(error("authorization_pending"));
    let client = hasty(&script, Duration::from_secs(200));
    client.handle_device_sign_ins(|_| Ok(()));
    let error = client.send(&Raw::get("/albums/1")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignInRequired);
    assert!(error.to_string().contains("no answer within the bound"), "{error}");
    let asked = script.count(TOKEN);
    assert!((2..20).contains(&asked), "{asked}");
    client.drain();
    assert_eq!(script.count(TOKEN), asked);
}

#[test]
fn over_threads_too_a_sign_out_ends_it() {
    let script = scripted();
    let client = hasty(&script, Duration::from_secs(36_000));
    let other = client.clone();
    script.on(TOKEN).with(move |_| {
        // While the first question is under way.
        other.sign_out().unwrap();
        error("authorization_pending")
    });
    client.handle_device_sign_ins(|_| Ok(()));
    let error = client.send(&Raw::get("/albums/1")).unwrap_err();
    assert_eq!((error.kind(), script.count(TOKEN)), (ErrorKind::SignedOut, 1));
}
