//! The implicit grant: the browser brings the token, and nothing renews it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tidal_core::auth::{ImplicitToken, PendingImplicit};
use tidal_core::cache::Part;
use tidal_core::runtime::Clock;
use tidal_core::testing::{Reply, Script, VirtualRuntime};
use tidal_core::url::Url;
use tidal_core::{Config, ErrorKind, Failure, Now, Raw, blocking};
use tidal_store_memory::MemoryStore;

use super::stage::{ALBUM, FlakyStore, Stage, TOKEN};
use super::{Still, fifty, handled, stage};

/// What a browser does, at once and at the beginning of virtual time.
pub(crate) fn browse(pending: PendingImplicit) -> Result<ImplicitToken, Failure> {
    bring("t", 600, pending)
}

/// The same with this token, which lives so many seconds.
fn bring(token: &str, lives: u32, pending: PendingImplicit) -> Result<ImplicitToken, Failure> {
    let url = Url::parse(pending.authorize_url()).unwrap();
    let state = url.query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned();
    let back = format!("http://localhost:8080/callback#access_token={token}&expires_in={lives}&user_id=7&state={state}");
    Ok(pending.redirected(&back, now())?)
}

fn now() -> Now {
    VirtualRuntime::new().now()
}

fn config() -> Config {
    handled(Config::implicit("id", "http://localhost:8080/callback").unwrap())
}

/// A stage with a handler, and how often that was asked.
fn asked() -> (Stage, Arc<AtomicUsize>) {
    let (stage, asked) = (stage(config()), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&asked);
    stage.client.handle_implicit_sign_ins(move |pending| {
        let lives = [600, 3600][count.fetch_add(1, Ordering::SeqCst)];
        async move { bring("t", lives, pending) }
    });
    (stage, asked)
}

#[test]
fn its_handler_is_asked_once_for_all_who_wait() {
    let (stage, asked) = asked();
    assert_eq!(fifty(&stage), vec![Ok(()); 50]);
    assert_eq!((asked.load(Ordering::SeqCst), stage.script.count(TOKEN)), (1, 0));
    assert_eq!(stage.stored().key.user.as_deref(), Some("7"));
    assert!(stage.script.requests().iter().all(|seen| seen.bearer() == Some("t")));
}

#[test]
fn it_is_asked_again_when_the_token_has_ended() {
    let (stage, asked) = asked();
    for (seconds, expected) in [(0, 1), (599, 1), (2, 2), (2998, 2)] {
        stage.runtime.advance(Duration::from_secs(seconds));
        stage.client.clear_cache(Part::All);
        stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), expected, "{seconds}");
    }
}

#[test]
fn a_token_that_is_refused_before_its_end_has_it_asked_too() {
    let stage = Stage::new(config(), FlakyStore::default(), VirtualRuntime::new(), Script::new());
    stage.script.on(ALBUM).reply(200, "{}").reply(401, "{}").reply(200, "{}");
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    stage.client.handle_implicit_sign_ins(move |pending| {
        let token = ["first", "second"][count.fetch_add(1, Ordering::SeqCst)];
        async move { bring(token, 600, pending) }
    });
    for album in [200, 401] {
        stage.client.clear_cache(Part::All);
        stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_or_else(|error| panic!("{album}: {error}"));
    }
    let requests = stage.script.requests();
    assert_eq!(requests.iter().map(|seen| seen.bearer().unwrap()).collect::<Vec<_>>(), ["first", "first", "second"]);
}

#[test]
fn a_person_who_declines_ends_those_who_wait() {
    let stage = stage(config());
    stage.client.handle_implicit_sign_ins(|pending| async {
        let state =
            Url::parse(pending.authorize_url()).unwrap().query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned();
        let back = format!("http://localhost:8080/callback#error=access_denied&state={state}");
        Ok(pending.redirected(&back, now())?)
    });
    assert_eq!(fifty(&stage), vec![Err(ErrorKind::SignInRequired); 50]);
    let error = stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap_err();
    assert!(error.to_string().contains("declined"), "{error}");
}

#[test]
fn over_threads_one_of_them_runs_it() {
    let (script, asked) = (Script::new(), Arc::new(AtomicUsize::new(0)));
    script.on(ALBUM).always(Reply::answer(200, "{}"));
    let client = blocking::Client::new(config(), [7; 32], script.clone(), MemoryStore::new(), Still).unwrap();
    let count = Arc::clone(&asked);
    client.handle_implicit_sign_ins(move |pending| {
        count.fetch_add(1, Ordering::SeqCst);
        browse(pending)
    });
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| client.send(&Raw::get("/albums/1")).map(drop))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
    });
    assert_eq!((asked.load(Ordering::SeqCst), script.count(TOKEN)), (1, 0));
    assert_eq!(client.account().unwrap().user.as_deref(), Some("7"));
}

#[test]
fn what_the_browser_brought_is_not_shown() {
    let pending = stage(config()).client.begin_implicit_sign_in().unwrap();
    // A type may be anything, a secret said again too.
    let shown = format!("{:?}", bring("t0ken&token_type=the-t0ken", 600, pending).unwrap());
    assert!(!shown.contains("t0ken"), "{shown}");
}
