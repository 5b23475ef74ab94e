//! Sign-ins that are being finished while somebody signs out, gives another configuration, or signs in.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::accounts::{carried, stage};
use crate::given::{ME, USER, stored};
use crate::stage::{FlakyStore, Stage, TOKEN, pkce, token};
use tidal_core::auth::{CodeExchange, Grant, ImplicitToken, PendingDevice, PendingImplicit, PendingSignIn};
use tidal_core::config::Tokens;
use tidal_core::runtime::Clock;
use tidal_core::session::{Reply as Done, Work};
use tidal_core::store::Store;
use tidal_core::testing::{Gate, Reply, Script};
use tidal_core::url::Url;
use tidal_core::{AccountKey, Call, Config, Error, ErrorKind, Flow, Mono, Now, Raw, Session, Step, Unix, blocking};

const REDIRECT: &str = "http://localhost:8080/callback";
const DEVICE: &str = "POST /v1/oauth2/device_authorization";
const CODE: &str = r#"{"device_code":"d","user_code":"U","verification_uri":"x.example","expires_in":300,"interval":2}"#;
const LATER: &str = r#"{"error":"authorization_pending"}"#;

type Ended = Rc<RefCell<Option<Result<AccountKey, ErrorKind>>>>;

fn device() -> Config {
    Config::device("the-client").unwrap()
}

fn implicit() -> Config {
    Config::implicit("the-client", REDIRECT).unwrap()
}

/// The same client, whose service is elsewhere now.
fn elsewhere(mut config: Config) -> Config {
    config.base_url = "https://elsewhere.example/v2".parse().unwrap();
    config.auth_url = "https://elsewhere.example/authorize".parse().unwrap();
    config.token_url = "https://elsewhere.example/v1/oauth2/token".parse().unwrap();
    config
}

fn state(url: &str) -> String {
    Url::parse(url).unwrap().query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned()
}

fn browse(pending: PendingSignIn, now: Now) -> CodeExchange {
    let back = format!("{REDIRECT}?code=c&state={}", state(pending.authorize_url()));
    pending.redirected(&back, now).unwrap()
}

fn bring(pending: PendingImplicit, now: Now) -> ImplicitToken {
    let back = format!("{REDIRECT}#access_token=late&expires_in=3600&state={}", state(pending.authorize_url()));
    pending.redirected(&back, now).unwrap()
}

fn finishing(stage: &Stage, finish: impl Future<Output = Result<AccountKey, Error>> + 'static) -> Ended {
    let ended = Ended::default();
    let outcome = Rc::clone(&ended);
    stage.spawn(async move { *outcome.borrow_mut() = Some(finish.await.map_err(|error| error.kind())) });
    stage.runtime.settle();
    ended
}

/// A sign-in that is being finished: of what is asked of the service, this is not answered yet.
fn waiting(config: &Config, asked: &str) -> (Stage, Gate, Ended) {
    let (stage, gate) = (stage(config.clone(), &FlakyStore::default()), Gate::new());
    let answer = |pattern, body: String| {
        let reply = Reply::answer(200, body);
        let reply = if pattern == asked { Reply::Behind(gate.clone(), Box::new(reply)) } else { reply };
        stage.script.on(pattern).then(reply);
    };
    answer(TOKEN, token("late", Some("late-refresh")));
    answer(ME, USER.to_owned());
    stage.script.on(DEVICE).reply(200, CODE);
    let (client, now) = (&stage.client, stage.runtime_now());
    let ended = match config.flow {
        Flow::Device => {
            let pending = stage.block_on(client.begin_device_sign_in()).unwrap();
            finishing(&stage, client.finish_device_sign_in(pending))
        }
        Flow::Implicit => {
            finishing(&stage, client.finish_implicit_sign_in(bring(client.begin_implicit_sign_in().unwrap(), now)))
        }
        _ => finishing(&stage, client.finish_sign_in(browse(client.begin_sign_in().unwrap(), now))),
    };
    stage.runtime.advance(Duration::from_secs(2));
    stage.runtime.settle();
    assert_eq!((stage.script.count(asked), &*ended.borrow()), (1, &None));
    (stage, gate, ended)
}

/// Each way to sign in, and what it waits for.
fn ways() -> [(Config, &'static str); 5] {
    [(pkce(), TOKEN), (pkce(), ME), (device(), TOKEN), (device(), ME), (implicit(), ME)]
}

/// It ended without effect, and nothing more was asked for it.
fn came_to_nothing(stage: &Stage, ended: &Ended, asked: usize, says: &str) {
    stage.drain();
    assert_eq!(ended.take(), Some(Err(ErrorKind::SignedOut)), "{says}");
    assert_eq!((stored(&stage.store), stage.client.account()), (vec![], None), "{says}");
    assert_eq!(stage.script.requests().len(), asked, "{says}: {:?}", stage.script.requests());
}

pub(crate) fn a_sign_out_ends_a_sign_in_that_is_being_finished() {
    for (config, asks) in ways() {
        let (stage, gate, ended) = waiting(&config, asks);
        let asked = stage.script.requests().len();
        stage.block_on(stage.client.sign_out()).unwrap();
        gate.open();
        came_to_nothing(&stage, &ended, asked, &format!("{} {asks}", config.flow));
        assert_eq!(carried(&stage).unwrap_err().kind(), ErrorKind::SignInRequired);
    }
}

pub(crate) fn so_does_one_where_nobody_is_left_to_sign_out() {
    let (stage, gate) = (stage(pkce(), &FlakyStore::default()), Gate::new());
    stage.block_on(stage.client.sign_out()).unwrap();
    stage.script.on(TOKEN).then(Reply::Behind(gate.clone(), Box::new(Reply::answer(200, token("late", None)))));
    let code = browse(stage.client.begin_sign_in().unwrap(), stage.runtime_now());
    let ended = finishing(&stage, stage.client.finish_sign_in(code));
    stage.block_on(stage.client.sign_out()).unwrap();
    gate.open();
    came_to_nothing(&stage, &ended, 1, "the second time");
}

pub(crate) fn another_configuration_ends_it() {
    let mut other = elsewhere(pkce());
    other.client_id = "another".to_owned();
    let application = Config::client_credentials("the-client", "secret").unwrap();
    for (config, asks) in ways() {
        for to in [elsewhere(config.clone()), other.clone(), elsewhere(application.clone()), Config::anonymous()] {
            let says = format!("{} {asks} to {} of {}", config.flow, to.flow, to.client_id);
            let (stage, gate, ended) = waiting(&config, asks);
            let asked = stage.script.requests().len();
            stage.block_on(stage.client.reconfigure(to)).unwrap();
            gate.open();
            came_to_nothing(&stage, &ended, asked, &says);
        }
    }
}

pub(crate) fn a_code_for_a_device_is_asked_about_no_more() {
    for signs_out in [true, false] {
        let stage = stage(device(), &FlakyStore::default());
        stage.script.on(DEVICE).reply(200, CODE);
        let pending = stage.block_on(stage.client.begin_device_sign_in()).unwrap();
        let ended = finishing(&stage, stage.client.finish_device_sign_in(pending));
        if signs_out {
            stage.block_on(stage.client.sign_out()).unwrap();
        } else {
            stage.block_on(stage.client.reconfigure(elsewhere(device()))).unwrap();
        }
        stage.script.on(TOKEN).always(Reply::answer(200, token("late", Some("late-refresh"))));
        for _ in 0..3 {
            stage.runtime.advance(Duration::from_secs(2));
            stage.runtime.settle();
        }
        came_to_nothing(&stage, &ended, 1, "it was to be asked after 2 s");
    }
}

pub(crate) fn of_two_sign_ins_at_once_the_one_that_is_finished_last_counts() {
    let stage = stage(pkce(), &FlakyStore::default());
    let gates = [Gate::new(), Gate::new()];
    let ended = ["42", "88"].map(|user| {
        let gate = &gates[usize::from(user == "88")];
        let body = format!(r#"{{"access_token":"of-{user}","refresh_token":"r","expires_in":3600,"user_id":{user}}}"#);
        stage.script.on(TOKEN).then(Reply::Behind(gate.clone(), Box::new(Reply::answer(200, body))));
        let code = browse(stage.client.begin_sign_in().unwrap(), stage.runtime_now());
        finishing(&stage, stage.client.finish_sign_in(code))
    });
    for (gate, ended) in gates.iter().zip(&ended).rev() {
        gate.open();
        stage.drain();
        assert!(ended.take().unwrap().is_ok());
    }
    assert_eq!(carried(&stage).unwrap(), "of-42");
    assert_eq!(stage.store.list().unwrap().len(), 2);
}

/// What another client was granted.
fn foreign() -> Grant {
    let other = Config::pkce("another", REDIRECT).unwrap();
    Grant::from_tokens(&other, Tokens::new("foreign").refresh_token("foreign-refresh"), Now::default()).unwrap()
}

pub(crate) fn what_another_client_was_granted_is_refused() {
    let stage = stage(pkce(), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    assert_eq!(stage.client.adopt(foreign()).unwrap_err().what(), "grant");
    assert_eq!(stage.block_on(stage.client.signed_in(foreign())).unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!((stage.client.account(), stage.script.requests().len()), (None, 0));
    let (client, script, store) = threads(pkce());
    assert_eq!(client.adopt(foreign()).unwrap_err().what(), "grant");
    assert_eq!(client.signed_in(foreign()).unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!((client.account(), script.requests().len(), stored(&store)), (None, 0, vec![]));
    // So it is of what a handler brings, whoever carries the session out.
    let mut config = pkce();
    (config.handles_sign_in, config.store_tokens) = (true, false);
    let mut session = Session::new(config, [7; 32]);
    assert!(session.offer(foreign(), Now::default()).is_err());
    let mut call = Call::new(&Raw::get("/albums/1")).unwrap();
    assert!(matches!(call.poll(&mut session, Now::default()), Step::Wait(_)));
    let job = session.poll_job().unwrap();
    assert!(matches!(job.work, Work::SignIn(_)));
    session.handle_job(job.id, Ok(Done::SignedIn(foreign())), Now::default());
    let Step::Done(Err(error)) = call.poll(&mut session, Now::default()) else { panic!("it waits") };
    assert_eq!((error.kind(), session.account()), (ErrorKind::SignInRequired, None));
    assert!(error.to_string().contains("not of the client"), "{error}");
    assert!(session.poll_job().is_none() && session.is_idle(), "somebody is asked again, and nobody waits");
}

/// It is refused by what of the configuration is another server's.
fn refused(outcome: Result<AccountKey, Error>, address: &str) {
    let error = outcome.unwrap_err();
    let said = error.to_string();
    assert_eq!(error.kind(), ErrorKind::Invalid, "{said}");
    assert!(said.contains(address) && said.contains("begin a new one"), "{said}");
}

pub(crate) fn what_began_at_another_authorization_server_is_refused() {
    let with_secret = Config::authorization_code("the-client", "secret", REDIRECT).unwrap();
    for config in [pkce(), with_secret, implicit(), device()] {
        let address = if config.flow == Flow::Implicit { "authorization URL" } else { "token URL" };
        let (client, script, store) = threads(config.clone());
        let stage = stage(config.clone(), &FlakyStore::default());
        for script in [&script, &stage.script] {
            script.on(DEVICE).always(Reply::answer(200, CODE));
            script.on(TOKEN).always(Reply::answer(200, token("late", Some("late-refresh"))));
            script.on(ME).always(Reply::answer(200, USER));
        }
        // It may have been kept in between, and the API's own address may change.
        let (moves, mut api) = (|| elsewhere(config.clone()), config.clone());
        api.base_url = elsewhere(config.clone()).base_url;
        let over_threads = |to: Config| {
            let outcome = match config.flow {
                Flow::Device => {
                    let pending = serde_json::to_string(&client.begin_device_sign_in().unwrap()).unwrap();
                    client.reconfigure(to).unwrap();
                    client.finish_device_sign_in(serde_json::from_str(&pending).unwrap())
                }
                Flow::Implicit => {
                    let pending = serde_json::to_string(&client.begin_implicit_sign_in().unwrap()).unwrap();
                    client.reconfigure(to).unwrap();
                    client.finish_implicit_sign_in(bring(serde_json::from_str(&pending).unwrap(), client.now()))
                }
                _ => {
                    let pending = serde_json::to_string(&client.begin_sign_in().unwrap()).unwrap();
                    client.reconfigure(to).unwrap();
                    client.finish_sign_in(browse(serde_json::from_str(&pending).unwrap(), client.now()))
                }
            };
            client.reconfigure(config.clone()).unwrap();
            outcome
        };
        let over_futures = |to: Config| {
            let (client, now) = (&stage.client, stage.runtime_now());
            let reconfigure = || stage.block_on(client.reconfigure(to.clone())).unwrap();
            let outcome = match config.flow {
                Flow::Device => {
                    let pending = stage.block_on(client.begin_device_sign_in()).unwrap();
                    reconfigure();
                    stage.block_on(client.finish_device_sign_in(pending))
                }
                Flow::Implicit => {
                    let token = bring(client.begin_implicit_sign_in().unwrap(), now);
                    reconfigure();
                    stage.block_on(client.finish_implicit_sign_in(token))
                }
                _ => {
                    let code = browse(client.begin_sign_in().unwrap(), now);
                    reconfigure();
                    stage.block_on(client.finish_sign_in(code))
                }
            };
            stage.block_on(client.reconfigure(config.clone())).unwrap();
            outcome
        };
        refused(over_threads(moves()), address);
        refused(over_futures(moves()), address);
        assert_eq!((stored(&store), stored(&stage.store)), (vec![], vec![]));
        let sent = [script.requests(), stage.script.requests()].concat();
        assert!(sent.iter().all(|seen| seen.host != "elsewhere.example"), "{sent:?}");
        over_threads(api.clone()).unwrap();
        over_futures(api).unwrap();
    }
}

/// A clock that goes on by a second whenever it is read.
#[derive(Default)]
struct Ticking(AtomicU64);

impl Clock for Ticking {
    fn now(&self) -> Now {
        let since = Duration::from_secs(self.0.fetch_add(1, Ordering::SeqCst));
        Now { mono: Mono::ZERO + since, unix: Unix::from_secs(1_767_225_600) + since }
    }
}

type Threads = blocking::Client<Script, FlakyStore, Ticking>;

fn threads(config: Config) -> (Threads, Script, FlakyStore) {
    let (script, store) = (Script::new(), FlakyStore::default());
    let client = Threads::new(config, [7; 32], script.clone(), store.clone(), Ticking::default()).unwrap();
    (client, script, store)
}

pub(crate) fn over_threads_it_ends_too() {
    // While a device waits for its person, too.
    let ways = ways().into_iter().map(|(config, asks)| (config, asks, false)).chain([(device(), TOKEN, true)]);
    for ((config, asks, later), signs_out) in ways.flat_map(|way| [(way.clone(), true), (way, false)]) {
        let (flow, (client, script, store)) = (config.flow, threads(config.clone()));
        let other = client.clone();
        let ends = move || {
            if signs_out { other.sign_out().unwrap() } else { other.reconfigure(elsewhere(config.clone())).unwrap() }
        };
        let granted = token("late", Some("late-refresh"));
        let answer = match asks {
            ME => USER.to_owned(),
            _ => granted.clone(),
        };
        script.on(asks).with(move |_| {
            ends();
            if later { Reply::answer(400, LATER) } else { Reply::answer(200, answer.clone()) }
        });
        script.on(TOKEN).always(Reply::answer(200, granted));
        script.on(DEVICE).reply(200, CODE);
        let outcome = match flow {
            Flow::Device => {
                // Another process may ask at once.
                let pending = serde_json::to_string(&client.begin_device_sign_in().unwrap()).unwrap();
                client.finish_device_sign_in(serde_json::from_str::<PendingDevice>(&pending).unwrap())
            }
            Flow::Implicit => client.finish_implicit_sign_in(bring(client.begin_implicit_sign_in().unwrap(), client.now())),
            _ => client.finish_sign_in(browse(client.begin_sign_in().unwrap(), client.now())),
        };
        let says = format!("{flow} {asks} {later} {signs_out}");
        assert_eq!(outcome.map_err(|error| error.kind()), Err(ErrorKind::SignedOut), "{says}");
        assert_eq!((client.account(), stored(&store)), (None, vec![]), "{says}");
        let sent = script.requests();
        assert!(sent.last().unwrap().path.ends_with(asks.rsplit('/').next().unwrap()), "{says}: {sent:?}");
        assert!(sent.iter().all(|seen| seen.host != "elsewhere.example"), "{says}: {sent:?}");
    }
}
