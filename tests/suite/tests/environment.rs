//! Client id and secret from the environment and the store, by each transport: at the start and at a change of flow.
//!
//! A process can't safely change its own environment: each case is a process of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/person.rs"]
mod person;
#[path = "support/signed_in.rs"]
mod signed_in;

use std::env;
use std::process::Command;

use tidal_core::{Config, Error, Flow};
use tidal_sandbox::{Client, Options, Sandbox};
use tidal_store_memory::MemoryStore;

/// What a process of the test is told.
const CASE: &str = "TIDAL_TEST_CASE";
const BASE: &str = "TIDAL_TEST_BASE";
const TOKEN: &str = "TIDAL_TEST_TOKEN";
const AUTHORIZE: &str = "TIDAL_TEST_AUTHORIZE";

const ID: &str = "TIDAL_API_CLIENT_ID";
const SECRET: &str = "TIDAL_API_CLIENT_SECRET";

const REDIRECT: &str = "http://localhost:8080/callback";

/// A configuration that leaves id and secret out.
fn bare(flow: Flow) -> Option<Config> {
    let mut config = signed_in::at(Config::new(flow), &env::var(BASE).ok()?, &env::var(TOKEN).ok()?);
    config.auth_url = env::var(AUTHORIZE).ok()?.parse().ok()?;
    Some(config)
}

/// What a running client of one of the transports can do.
trait Running {
    fn reconfigure(&self, config: Config) -> Result<(), Error>;
    /// Signs in as the application, at the sandbox.
    fn authenticate(&self) -> Result<(), Error>;
    fn config(&self) -> Config;
}

impl Running for tidal_blocking::Client<MemoryStore> {
    fn reconfigure(&self, config: Config) -> Result<(), Error> {
        self.reconfigure(config)
    }

    fn authenticate(&self) -> Result<(), Error> {
        self.authenticate()
    }

    fn config(&self) -> Config {
        self.config()
    }
}

struct OnTokio(tokio::runtime::Runtime, tidal_hyper::Client<MemoryStore>);

impl Running for OnTokio {
    fn reconfigure(&self, config: Config) -> Result<(), Error> {
        self.0.block_on(self.1.reconfigure(config))
    }

    fn authenticate(&self) -> Result<(), Error> {
        self.0.block_on(self.1.authenticate())
    }

    fn config(&self) -> Config {
        self.1.config()
    }
}

struct OnAsyncStd(tidal_isahc::Client<MemoryStore>);

impl Running for OnAsyncStd {
    fn reconfigure(&self, config: Config) -> Result<(), Error> {
        pollster::block_on(self.0.reconfigure(config))
    }

    fn authenticate(&self) -> Result<(), Error> {
        pollster::block_on(self.0.authenticate())
    }

    fn config(&self) -> Config {
        self.0.config()
    }
}

/// A client of each transport. `Err` is what all of them say.
fn clients(config: &Config, store: &MemoryStore) -> Result<Vec<Box<dyn Running>>, String> {
    let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let hyper = tokio.block_on(async { tidal_hyper::client(config.clone(), store.clone()) });
    let blocking = tidal_blocking::client(config.clone(), store.clone());
    let isahc = tidal_isahc::client(config.clone(), store.clone());
    match (hyper, blocking, isahc) {
        (Ok(hyper), Ok(blocking), Ok(isahc)) => {
            Ok(vec![Box::new(OnTokio(tokio, hyper)), Box::new(blocking), Box::new(OnAsyncStd(isahc))])
        }
        (Err(hyper), Err(blocking), Err(isahc)) => {
            assert_eq!((hyper.to_string(), isahc.to_string()), (blocking.to_string(), blocking.to_string()));
            Err(blocking.to_string())
        }
        _ => panic!("they don't agree"),
    }
}

/// The part of the other processes; nothing in this one.
#[test]
fn process() {
    let (Ok(case), Some(mut application)) = (env::var(CASE), bare(Flow::ClientCredentials)) else { return };
    let Some(person) = bare(Flow::Pkce) else { return };
    let store = MemoryStore::new();
    match case.as_str() {
        "set" => {
            // Each client signs in itself.
            application.store_tokens = false;
            for client in clients(&bare(Flow::Device).unwrap(), &store).unwrap() {
                assert_eq!(client.config().client_id, env::var(ID).unwrap());
                client.reconfigure(application.clone()).unwrap();
                client.authenticate().unwrap();
                client.reconfigure(person.clone()).unwrap();
                assert_eq!(client.config().client_id, env::var(ID).unwrap());
                // The secret of the environment belongs to the id of the environment.
                let mut another = application.clone();
                another.client_id = "another".to_owned();
                let says = client.reconfigure(another).unwrap_err().to_string();
                assert!(says.contains(&format!("set {SECRET}, which is for the client that {ID} names")), "{says}");
                assert_eq!(client.config().flow, Flow::Pkce, "nothing is changed");
            }
        }
        "not set" => {
            let mut config = person.clone();
            config.client_id = "sandbox-client".to_owned();
            config.client_secret = Some("sandbox-secret".into());
            config.redirect_uri = Some(REDIRECT.to_owned());
            config.keep_client_secret = true;
            signs_in(&config, &store);
            for client in clients(&Config::anonymous(), &store).unwrap() {
                let says = client.reconfigure(application.clone()).unwrap_err().to_string();
                assert!(says.contains(&format!("client id: is missing; pass it, set {ID}, or sign in once")), "{says}");
                client.reconfigure(person.clone()).unwrap();
                let config = client.config();
                let secret = config.client_secret.as_ref().map(tidal_core::Secret::expose);
                assert_eq!((config.client_id.as_str(), secret), ("sandbox-client", Some("sandbox-secret")));
                assert_eq!(config.redirect_uri.as_deref(), Some(REDIRECT));
                client.authenticate().unwrap();
            }
            let says = clients(&application, &store).err().unwrap();
            assert!(says.contains(&format!("client id: is missing; pass it, set {ID}, or sign in once")), "{says}");
        }
        case => panic!("{case} is no case"),
    }
}

/// Has the sandbox's first person sign in, at the page of its address.
fn signs_in(config: &Config, store: &MemoryStore) {
    let client = tidal_blocking::client(config.clone(), store.clone()).unwrap();
    let pending = client.begin_sign_in().unwrap();
    let back = person::allow(pending.authorize_url());
    client.finish_sign_in(pending.redirected(&back, client.now()).unwrap()).unwrap();
    client.drain();
}

fn runs(sandbox: &Sandbox, case: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "process", "--nocapture"]).env(CASE, case).env(BASE, sandbox.base_url());
    command.env(TOKEN, sandbox.token_url()).env(AUTHORIZE, sandbox.authorize_url());
    command.env_remove(ID).env_remove(SECRET).envs(variables.iter().copied());
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
}

#[test]
fn both_are_taken_from_the_environment_at_a_change_of_flow_too() {
    let client = Client::new("of-the-environment", "secret-of-the-environment");
    let sandbox = Sandbox::start(Options::default().clients([client])).unwrap();
    runs(&sandbox, "set", &[(ID, "of-the-environment"), (SECRET, "secret-of-the-environment")]);
    // Each of the three clients signed in as the application, with that secret.
    assert_eq!(sandbox.control().count("/v1/oauth2/token"), 3);
    assert!(sandbox.control().log().to("/v1/oauth2/token").iter().all(|seen| seen.status() == Some(200)));
}

#[test]
fn where_it_has_none_the_account_used_last_tells() {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    runs(&sandbox, "not set", &[]);
    // One sign-in, by which all are signed in.
    assert_eq!(sandbox.control().count("/v1/oauth2/token"), 1);
}
