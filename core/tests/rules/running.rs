//! What a client does while it runs.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use tidal_core::config::Tokens;
use tidal_core::runtime::{Blocking, Clock, Offload, Runtime, Spawn};
use tidal_core::testing::{Gate, Reply, Script, VirtualRuntime, VirtualSleep};
use tidal_core::{Client, Config, ErrorKind, Event, Failure, FailureKind, Flow, Mono, Now, Raw, blocking};

use crate::accounts::{carried, keep, stage};
use crate::stage::{ALBUM, FlakyStore, Stage, TOKEN, pkce, token};

fn application() -> Config {
    Config::client_credentials("the-client", "the-secret").unwrap()
}

fn events(stage: &Stage) -> Vec<Event> {
    stage.drain();
    std::iter::from_fn(|| stage.client.try_event()).collect()
}

pub(crate) fn what_is_set_comes_along() {
    let stage = Stage::signed_in(Duration::from_secs(3600));
    let end = stage.runtime_now().unix + Duration::from_secs(600);
    stage.client.set_tokens(Tokens::new("mine").token_type("DPoP").refresh_token("my-refresh").expires_at(end)).unwrap();
    stage.script.on(ALBUM).always(Reply::answer(200, "{}"));
    let call = || stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    call();
    assert_eq!(stage.script.requests()[0].headers["authorization"], "DPoP mine");
    stage.runtime.advance(Duration::from_secs(600));
    stage.script.on(TOKEN).reply(200, token("renewed", None));
    call();
    let requests = stage.script.requests();
    assert!(requests[1].text().contains("refresh_token=my-refresh"), "{}", requests[1].text());
    assert_eq!(requests[2].headers["authorization"], "Bearer renewed");
}

pub(crate) fn another_flow_is_filled_in_as_at_the_start() {
    let store = FlakyStore::default();
    keep(&store, "stored", Flow::Device, Some("anna"), 1, "");
    keep(&store, "stored-later", Flow::Device, Some("bert"), 2, "");
    keep(&store, "of-another-flow", Flow::Pkce, Some("carl"), 3, "");
    let runs = |config: &Config| {
        let secret = config.client_secret.as_ref().map(|secret| secret.expose().to_owned());
        (config.client_id.clone(), secret)
    };
    let blocking = || blocking::Client::new(pkce(), [7; 32], Script::new(), store.clone(), VirtualClock).unwrap();
    let to = |stage: &Stage, client: &blocking::Client<_, _, _>, config: Config| {
        let outcome = stage.block_on(stage.client.reconfigure(config.clone())).map_err(|error| error.to_string());
        assert_eq!(client.reconfigure(config).map_err(|error| error.to_string()), outcome);
        assert_eq!(runs(&client.config()), runs(&stage.client.config()));
        outcome.map(|()| runs(&stage.client.config()))
    };
    let stored = |id: &str| Ok((id.to_owned(), Some("stored-secret".to_owned())));
    // Nothing but the store was given.
    let (stage, client) = (stage(pkce(), &store), blocking());
    assert_eq!(to(&stage, &client, Config::new(Flow::Device)), stored("stored-later"));
    assert_eq!(to(&stage, &client, Config::device("given").unwrap()), Ok(("given".into(), None)));
    let lacking = to(&stage, &client, Config::new(Flow::ClientCredentials)).unwrap_err();
    assert!(lacking.contains("pass it, or have Config::fill take it from TIDAL_API_CLIENT_ID"), "{lacking}");
    // A store that fails is an error only where something is missing that the flow needs.
    store.fail_from_now_on(&["list"]);
    assert!(to(&stage, &client, Config::new(Flow::Device)).unwrap_err().contains("list fails on purpose"));
    assert_eq!(to(&stage, &client, Config::device("given").unwrap()), Ok(("given".into(), None)));
    store.fail_from_now_on(&[]);
    // An environment that is told once.
    let environment = |name: &str| match name {
        "TIDAL_API_CLIENT_ID" => Some("env-id".to_owned()),
        "TIDAL_API_CLIENT_SECRET" => Some("env-secret".to_owned()),
        _ => None,
    };
    stage.client.use_environment(environment);
    client.use_environment(environment);
    stage.client.use_environment(|_| None);
    for flow in [Flow::Device, Flow::ClientCredentials] {
        assert_eq!(to(&stage, &client, Config::new(flow)), Ok(("env-id".into(), Some("env-secret".into()))));
    }
    let mut other = Config::new(Flow::ClientCredentials);
    other.client_id = "given".to_owned();
    let lacking = to(&stage, &client, other).unwrap_err();
    let says = "set TIDAL_API_CLIENT_SECRET, which is for the client that TIDAL_API_CLIENT_ID names";
    assert!(lacking.contains(says), "{lacking}");
    // One in which nothing is set.
    let (stage, client) = (self::stage(pkce(), &store), blocking());
    stage.client.use_environment(|_| None);
    client.use_environment(|_| None);
    assert_eq!(to(&stage, &client, Config::new(Flow::Device)), stored("stored-later"));
    let lacking = to(&stage, &client, Config::new(Flow::ClientCredentials)).unwrap_err();
    assert!(lacking.contains("pass it, set TIDAL_API_CLIENT_ID, or sign in once"), "{lacking}");
}

pub(crate) struct VirtualClock;

impl Clock for VirtualClock {
    fn now(&self) -> Now {
        VirtualRuntime::new().now()
    }
}

/// Whether it has come.
type Comes = Box<dyn Fn() -> bool>;

/// A clock that is asked the time between any two steps of a client, which is when another thread may come in between.
#[derive(Clone, Default)]
pub(crate) struct Between {
    pub(crate) runtime: VirtualRuntime,
    comes: Rc<RefCell<Option<Comes>>>,
}

impl Clock for Between {
    fn now(&self) -> Now {
        let comes = self.comes.borrow_mut().take();
        if let Some(comes) = comes.filter(|comes| !comes()) {
            *self.comes.borrow_mut() = Some(comes);
        }
        self.runtime.now()
    }
}

impl Runtime for Between {
    type Sleep = VirtualSleep;

    fn sleep(&self, until: Mono) -> VirtualSleep {
        self.runtime.sleep(until)
    }
}

impl<F: Future<Output = ()> + 'static> Spawn<F> for Between {
    fn spawn(&self, future: F) {
        self.runtime.spawn(future);
    }
}

impl<J: Blocking> Offload<J> for Between {
    fn offload(&self, job: J) {
        job.run();
    }
}

pub(crate) fn tokens_of_another_flow_are_in_place_with_it() {
    let stored = || {
        let store = FlakyStore::default();
        keep(&store, "the-client", Flow::Device, Some("anna"), 1, "");
        store
    };
    let mut to = Config::device("the-client").unwrap();
    to.user = Some("anna".into());
    to.tokens = Some(Tokens::new("given"));
    let answering = || {
        let script = Script::new();
        script.on(ALBUM).reply(200, "{}");
        script
    };
    let carried = |script: &Script| script.requests().iter().map(|seen| seen.bearer().unwrap().to_owned()).collect::<Vec<_>>();

    let (script, between) = (answering(), Between::default());
    let client = Client::new(application(), [7; 32], script.clone(), stored(), between.clone()).unwrap();
    let (other, runtime) = (client.clone(), between.runtime.clone());
    *between.comes.borrow_mut() = Some(Box::new(move || {
        let changed = other.config().flow == Flow::Device;
        if changed {
            let call = other.send(&Raw::get("/albums/1"));
            runtime.spawn(async move { drop(call.await.unwrap()) });
            runtime.settle();
        }
        changed
    }));
    between.runtime.block_on(client.reconfigure(to.clone())).unwrap();
    let _ = client.now();
    assert_eq!(carried(&script), ["given"]);

    let (script, between) = (answering(), Between::default());
    let client = blocking::Client::new(application(), [7; 32], script.clone(), stored(), between.clone()).unwrap();
    let other = client.clone();
    *between.comes.borrow_mut() = Some(Box::new(move || {
        let changed = other.config().flow == Flow::Device;
        if changed {
            other.send(&Raw::get("/albums/1")).unwrap();
        }
        changed
    }));
    client.reconfigure(to).unwrap();
    let _ = client.now();
    assert_eq!(carried(&script), ["given"]);
}

pub(crate) fn another_flow_signs_in_at_once_or_later() {
    for at_once in [true, false] {
        let stage = Stage::signed_in(Duration::from_secs(3600));
        stage.script.on(TOKEN).reply(200, token("application", None));
        stage.block_on(stage.client.reconfigure(application())).unwrap();
        stage.drain();
        assert_eq!(stage.script.count(TOKEN), 0, "not unasked");
        if at_once {
            stage.block_on(stage.client.authenticate()).unwrap();
            assert_eq!(stage.script.count(TOKEN), 1);
        }
        assert_eq!(carried(&stage).unwrap(), "application");
        assert_eq!(stage.script.count(TOKEN), 1);
    }
}

pub(crate) fn client_credentials_sign_in_anew() {
    let stage = Stage::client_credentials();
    for name in ["first", "second"] {
        stage.script.on(TOKEN).reply(200, token(name, None));
        assert_eq!(carried(&stage).unwrap(), name);
        stage.runtime.advance(Duration::from_secs(3600));
    }
    let grants = stage.script.requests().into_iter().filter(|seen| seen.text().contains("grant_type=client_credentials"));
    assert_eq!(grants.count(), 2);
}

pub(crate) fn a_person_is_needed() {
    let mut config = pkce();
    let stage_of = |config| stage(config, &FlakyStore::default());
    let end = VirtualRuntime::new();
    let now: Now = tidal_core::runtime::Clock::now(&end);
    config.tokens = Some(Tokens::new("mine").expires_at(now.unix + Duration::from_secs(600)));
    let stage = stage_of(config);
    assert_eq!(carried(&stage).unwrap(), "mine");
    stage.runtime.advance(Duration::from_secs(600));
    assert_eq!(carried(&stage).unwrap_err().kind(), ErrorKind::SignInRequired);
    assert_eq!((stage.script.count(TOKEN), stage.script.count(ALBUM)), (0, 1));
}

pub(crate) fn the_handler_is_asked() {
    for willing in [true, false] {
        let mut config = pkce();
        config.handles_sign_in = true;
        let stage = stage(config, &FlakyStore::default());
        stage.script.on(TOKEN).reply(200, token("signed-in", Some("r")));
        stage.script.on("GET /v2/users/me").reply(403, "{}");
        stage.client.handle_sign_ins(move |pending| async move {
            let state = pending.authorize_url().split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
            let back = format!("http://localhost:8080/callback?code=c&state={state}");
            let refused = || Failure::new(FailureKind::SignIn, "the person went away");
            if willing { pending.redirected(&back, Now::default()).map_err(|_| refused()) } else { Err(refused()) }
        });
        match carried(&stage) {
            Ok(token) => assert!(willing && token == "signed-in", "{token}"),
            Err(error) => assert!(!willing && error.to_string().contains("the person went away"), "{error}"),
        }
    }
}

pub(crate) fn events_tell() {
    let stage = Stage::expired();
    stage.script.on(TOKEN).reply(200, token("new", Some("refresh-2")));
    carried(&stage).unwrap();
    let told = events(&stage);
    assert!(
        told.iter().any(|event| matches!(event, Event::TokenChanged(key) if key.user.as_deref() == Some("42"))),
        "{told:?}"
    );
    assert!(told.iter().any(|event| matches!(event, Event::Saved(_))), "{told:?}");
    assert!(!told.iter().any(|event| matches!(event, Event::SaveFailed(..) | Event::SessionEnded(..))), "{told:?}");

    stage.store.fail_from_now_on(&["save"]);
    stage.runtime.advance(Duration::from_secs(3600));
    stage.script.on(TOKEN).reply(200, token("newer", Some("refresh-3")));
    assert_eq!(carried(&stage).unwrap(), "newer");
    let told: Vec<Event> = std::iter::from_fn(|| stage.client.try_event()).collect();
    let fails = |event: &Event| matches!(event, Event::SaveFailed(_, failure) if failure.message().contains("on purpose"));
    assert!(told.iter().any(fails), "{told:?}");

    stage.store.fail_from_now_on(&[]);
    events(&stage);
    stage.runtime.advance(Duration::from_secs(3600));
    let words = r#"{"error":"invalid_grant","error_description":"The person changed their mind"}"#;
    stage.script.on(TOKEN).reply(400, words);
    carried(&stage).unwrap_err();
    let told = events(&stage);
    let ended =
        |event: &Event| matches!(event, Event::SessionEnded(_, error) if error.to_string().contains("changed their mind"));
    assert!(told.iter().any(ended), "{told:?}");
}

pub(crate) fn closing_closes_no_other() {
    let stage = Stage::signed_in(Duration::from_secs(3600));
    let other = stage.again();
    assert_eq!(carried(&other).unwrap(), "old");
    stage.client.close();
    assert_eq!(carried(&stage).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(carried(&other).unwrap(), "old");
    // A clone is the same client.
    let clone = stage.client.clone();
    assert_eq!(stage.block_on(clone.send(&Raw::get("/albums/1"))).unwrap_err().kind(), ErrorKind::Closed);
}

pub(crate) fn closing_ends_who_waits_and_loses_no_token() {
    let stage = Stage::expired();
    let gate = Gate::new();
    let renewed = Reply::answer(200, token("new", Some("refresh-2")));
    stage.script.on(TOKEN).then(Reply::Behind(gate.clone(), Box::new(renewed)));
    let begin = || {
        let ended = Rc::new(RefCell::new(None));
        let (call, outcome) = (stage.client.send(&Raw::get("/albums/1")), Rc::clone(&ended));
        stage.spawn(async move { *outcome.borrow_mut() = Some(call.await.map(drop).map_err(|error| error.kind())) });
        stage.runtime.settle();
        ended
    };
    // One waits for a token.
    let waits = begin();
    assert!(waits.borrow().is_none());
    stage.client.close();
    stage.runtime.settle();
    assert_eq!(waits.take(), Some(Err(ErrorKind::Closed)));
    gate.open();
    stage.drain();
    assert_eq!(stage.stored().refresh_token.unwrap().expose(), "refresh-2");
    // Another pauses before its next try.
    stage.client.open();
    stage.script.on(ALBUM).reply(503, "");
    let pauses = begin();
    assert!(pauses.borrow().is_none());
    stage.client.close();
    stage.runtime.settle();
    assert_eq!(pauses.take(), Some(Err(ErrorKind::Closed)));
    assert_eq!(stage.script.count(ALBUM), 1);
}
