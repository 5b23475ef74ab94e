//! A sign-in that begins in one process and ends in another: what is pending is written down and read again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/person.rs"]
mod person;
#[path = "support/signed_in.rs"]
mod signed_in;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tidal_core::auth::{PendingDevice, PendingImplicit, PendingSignIn};
use tidal_core::store::Store as _;
use tidal_core::url::Url;
use tidal_core::{Config, Flow, Raw};
use tidal_sandbox::{Client, Options, Sandbox};
use tidal_store_file::FileStore;

/// What a process of the test is told: its part, the flow, the folder in which the two meet, and where the service is.
const PART: &str = "TIDAL_TEST_PART";
const FLOW: &str = "TIDAL_TEST_FLOW";
const FOLDER: &str = "TIDAL_TEST_FOLDER";
const BASE: &str = "TIDAL_TEST_BASE";
const TOKEN: &str = "TIDAL_TEST_TOKEN";
const AUTHORIZE: &str = "TIDAL_TEST_AUTHORIZE";
const DEVICE: &str = "TIDAL_TEST_DEVICE";

const REDIRECT: &str = "http://localhost:8080/callback";
const FLOWS: [Flow; 4] = [Flow::Pkce, Flow::AuthorizationCode, Flow::Implicit, Flow::Device];

/// The same in both processes.
fn config(flow: Flow) -> Config {
    let variable = |name: &str| env::var(name).unwrap();
    let (id, secret) = ("sandbox-client", "sandbox-secret");
    let config = match flow {
        Flow::Pkce => Config::pkce(id, REDIRECT),
        Flow::AuthorizationCode => Config::authorization_code(id, secret, REDIRECT),
        Flow::Implicit => Config::implicit(id, REDIRECT),
        _ => Config::device(id),
    };
    let mut config = signed_in::at(config.unwrap(), &variable(BASE), &variable(TOKEN));
    config.auth_url = variable(AUTHORIZE).parse().unwrap();
    config.device_auth_url = variable(DEVICE).parse().unwrap();
    config.scopes = "user.read".parse().unwrap();
    config
}

/// The part of the other processes; nothing in this one.
#[test]
fn process() {
    let (Ok(part), Some(folder)) = (env::var(PART), env::var_os(FOLDER).map(PathBuf::from)) else { return };
    let flow: Flow = env::var(FLOW).unwrap().parse().unwrap();
    match part.as_str() {
        "begins" => begin(flow, &folder),
        "ends, blocking" => end(flow, &folder),
        "ends, tokio" => end_on_tokio(flow, &folder),
        part => panic!("{part} is no part"),
    }
}

fn begin(flow: Flow, folder: &Path) {
    let client = tidal_blocking::client(config(flow), FileStore::open(folder.join("accounts.json")).unwrap()).unwrap();
    let (shows, pending) = match flow {
        Flow::Implicit => {
            let pending = client.begin_implicit_sign_in().unwrap();
            (pending.authorize_url().to_owned(), serde_json::to_vec(&pending))
        }
        Flow::Device => {
            let pending = client.begin_device_sign_in().unwrap();
            (pending.user_code().to_owned(), serde_json::to_vec(&pending))
        }
        _ => {
            let pending = client.begin_sign_in().unwrap();
            (pending.authorize_url().to_owned(), serde_json::to_vec(&pending))
        }
    };
    fs::write(folder.join("shows"), shows).unwrap();
    fs::write(folder.join("pending"), pending.unwrap()).unwrap();
}

fn written(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("pending")).unwrap()
}

fn came_back(folder: &Path) -> String {
    fs::read_to_string(folder.join("back")).unwrap()
}

fn end(flow: Flow, folder: &Path) {
    let client = tidal_blocking::client(config(flow), FileStore::open(folder.join("accounts.json")).unwrap()).unwrap();
    match flow {
        Flow::Implicit => {
            let token = serde_json::from_slice::<PendingImplicit>(&written(folder))
                .unwrap()
                .redirected(&came_back(folder), client.now())
                .unwrap();
            client.finish_implicit_sign_in(token)
        }
        Flow::Device => client.finish_device_sign_in(serde_json::from_slice::<PendingDevice>(&written(folder)).unwrap()),
        _ => {
            // What belongs to another sign-in is not taken, and costs nothing.
            let other = Url::parse(&came_back(folder).replace("state=", "state=x")).unwrap();
            let refused = serde_json::from_slice::<PendingSignIn>(&written(folder))
                .unwrap()
                .redirected(other.as_str(), client.now())
                .unwrap_err();
            client.finish_sign_in(refused.pending.redirected(&came_back(folder), client.now()).unwrap())
        }
    }
    .unwrap();
    client.send(&Raw::get("/users/me")).unwrap();
    client.drain();
}

#[tokio::main(flavor = "current_thread")]
async fn end_on_tokio(flow: Flow, folder: &Path) {
    let client = tidal_hyper::client(config(flow), FileStore::open(folder.join("accounts.json")).unwrap()).unwrap();
    match flow {
        Flow::Implicit => {
            let token = serde_json::from_slice::<PendingImplicit>(&written(folder))
                .unwrap()
                .redirected(&came_back(folder), client.now())
                .unwrap();
            client.finish_implicit_sign_in(token).await.unwrap();
        }
        Flow::Device => drop(
            client.finish_device_sign_in(serde_json::from_slice::<PendingDevice>(&written(folder)).unwrap()).await.unwrap(),
        ),
        _ => {
            let code = serde_json::from_slice::<PendingSignIn>(&written(folder))
                .unwrap()
                .redirected(&came_back(folder), client.now())
                .unwrap();
            client.finish_sign_in(code).await.unwrap();
        }
    }
    client.send(&Raw::get("/users/me")).await.unwrap();
    client.drain().await;
}

fn run(sandbox: &Sandbox, part: &str, flow: Flow, folder: &Path) {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "process", "--nocapture"]).env(PART, part).env(FLOW, flow.as_str()).env(FOLDER, folder);
    command.env(BASE, sandbox.base_url()).env(TOKEN, sandbox.token_url());
    command.env(AUTHORIZE, sandbox.authorize_url()).env(DEVICE, sandbox.device_url());
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{flow}, {part}: {}", String::from_utf8_lossy(&said));
}

fn begins_here_and_ends_there(ends: &str) {
    for flow in FLOWS {
        let client = Client::new("sandbox-client", "sandbox-secret").flows(tidal_sandbox::Flow::ALL);
        let options = Options::default().clients([client]);
        let sandbox = Sandbox::start(options.behave(|behaviour| behaviour.device_interval = Duration::from_secs(1))).unwrap();
        let folder = tempfile::tempdir().unwrap();
        run(&sandbox, "begins", flow, folder.path());
        let shows = fs::read_to_string(folder.path().join("shows")).unwrap();
        assert_eq!(sandbox.control().access_tokens().len(), 0, "{flow}");
        // The person, between the two processes.
        match flow {
            Flow::Device => sandbox.control().approve_device(&shows).unwrap(),
            _ => fs::write(folder.path().join("back"), sandbox.approve(&shows).unwrap()).unwrap(),
        }
        run(&sandbox, ends, flow, folder.path());
        let stored = FileStore::open(folder.path().join("accounts.json")).unwrap().list().unwrap();
        let [record] = &stored[..] else { panic!("{flow}: {stored:?}") };
        assert_eq!((record.key.flow, record.key.user.clone()), (flow, Some(sandbox.users()[0].id.to_string())));
        let live = sandbox.control().access_tokens();
        assert_eq!(live.iter().map(|token| token.secret()).collect::<Vec<_>>(), [record.access_token.expose()], "{flow}");
    }
}

#[test]
fn a_thread_goes_on_where_another_process_began() {
    begins_here_and_ends_there("ends, blocking");
}

#[test]
fn a_future_goes_on_where_another_process_began() {
    begins_here_and_ends_there("ends, tokio");
}
