//! The same conversation through hyper, isahc, ureq and a loop over `Step`: the same requests, and the same answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/signed_in.rs"]
mod signed_in;

use std::time::Duration;

use tidal_core::session::{Reply, Work};
use tidal_core::store::NoStore;
use tidal_core::transport::BlockingTransport;
use tidal_core::{Answer, Backoff, Call, Config, Error, Raw, RawAnswer, Session, Step};
use tidal_sandbox::{Clock, Fault, Options, Sandbox};

/// What a client is asked to do, in this order.
fn questions() -> Vec<Raw> {
    let body = r#"{"data":{"type":"playlists","attributes":{"name":"Mine"}}}"#;
    vec![
        Raw::get("/albums/70000000").query("countryCode", "US").query("include", "artists,items"),
        Raw::get("/albums/70000000/relationships/items").query("countryCode", "US"),
        Raw::get("/searchResults").query("filter[query]", "second atlas & more").query("countryCode", "US"),
        Raw::get("/albums/1").query("countryCode", "US"),
        Raw::get("/albums/70000000").query("countryCode", "UK"),
        Raw::get("/users/me"),
        Raw::new(tidal_core::http::Method::POST, "/playlists").body(body).keyed(),
        Raw::get("/nowhere"),
        // These meet faults, see `sandbox`.
        Raw::get("/albums/70000001"),
        Raw::get("/albums/70000003"),
        Raw::get("/artists/5000000").query("countryCode", "US"),
        // It closes the reads for minutes: the last.
        Raw::get("/albums/70000002"),
    ]
}

fn sandbox() -> Sandbox {
    let sandbox =
        Sandbox::start(Options::default().clock(Clock::manual(std::time::UNIX_EPOCH + Duration::from_secs(1_800_000_000))))
            .unwrap();
    let control = sandbox.control();
    control.inject(Fault::status(503).path("/v2/albums/70000001"));
    control.inject(Fault::too_many_requests(Some("600")).path("/v2/albums/70000002"));
    control.inject(Fault::html(502).path("/v2/albums/70000003"));
    control.inject(Fault::unauthorized().path("/v2/artists/5000000"));
    sandbox
}

fn config(sandbox: &Sandbox) -> Config {
    let config = Config::client_credentials(sandbox.client_id(), sandbox.client_secret()).unwrap();
    let mut config = signed_in::at(config, &sandbox.base_url(), &sandbox.token_url());
    config.store_tokens = false;
    // Tried again at once: what is compared is not the clock.
    config.retries.status = Backoff::new(3, Duration::ZERO, Duration::ZERO);
    config
}

/// What was asked and what was answered, as far as it is the same in every run.
fn told(sandbox: &Sandbox, outcomes: Vec<Result<Answer<RawAnswer>, Error>>) -> Vec<String> {
    let address = sandbox.address().to_string();
    let requests = sandbox.control().log().requests().into_iter().map(|seen| {
        let accept = seen.header("accept").unwrap_or_default().to_owned();
        let body = String::from_utf8_lossy(seen.body()).into_owned();
        let kept = seen.header("idempotency-key").unwrap_or_default().to_owned();
        let agent = seen.header("user-agent").unwrap_or_default().to_owned();
        format!("{} {}?{} {accept} {agent} {kept} {body} -> {:?}", seen.method(), seen.path(), seen.query(), seen.status())
    });
    let answers = outcomes.into_iter().map(|outcome| match outcome {
        Ok(answer) => {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            format!("{} after {}: {body}", answer.how.status, answer.how.attempts)
        }
        Err(error) => format!("{:?}: {error} {:?}", error.kind(), error.refusal().map(|refusal| refusal.retry_after.clone())),
    });
    requests.chain(answers).map(|line| line.replace(&address, "the sandbox")).collect()
}

const SEED: [u8; 32] = [3; 32];

fn by_hyper() -> Vec<String> {
    let sandbox = sandbox();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let outcomes = runtime.block_on(async {
        let (transport, runtime) = (tidal_hyper::Hyper::new().unwrap(), tidal_hyper::TokioRuntime::current().unwrap());
        let client = tidal_hyper::tidal_core::Client::new(config(&sandbox), SEED, transport, NoStore, runtime).unwrap();
        let mut outcomes = Vec::new();
        for question in questions() {
            outcomes.push(client.send(&question).await);
        }
        outcomes
    });
    told(&sandbox, outcomes)
}

fn by_isahc() -> Vec<String> {
    let sandbox = sandbox();
    let (transport, runtime) = (tidal_isahc::Isahc::new().unwrap(), tidal_isahc::AsyncStdRuntime);
    let client = tidal_core::Client::new(config(&sandbox), SEED, transport, NoStore, runtime).unwrap();
    let outcomes = questions().iter().map(|question| pollster::block_on(client.send(question))).collect();
    told(&sandbox, outcomes)
}

fn by_ureq() -> Vec<String> {
    let sandbox = sandbox();
    let (transport, clock) = (tidal_blocking::Ureq::new(), tidal_blocking::SystemClock);
    let client = tidal_core::blocking::Client::new(config(&sandbox), SEED, transport, NoStore, clock).unwrap();
    let outcomes = questions().iter().map(|question| client.send(question)).collect();
    told(&sandbox, outcomes)
}

/// No client at all: the loop that the core's documentation shows.
fn by_hand() -> Vec<String> {
    let sandbox = sandbox();
    let transport = tidal_blocking::Ureq::new();
    let now = || tidal_core::runtime::Clock::now(&tidal_blocking::SystemClock);
    let mut session = Session::new(config(&sandbox), SEED);
    let mut ask = |question: &Raw| {
        let mut call = Call::new(question).unwrap();
        loop {
            match call.poll(&mut session, now()) {
                Step::Send(attempt) => call.receive(attempt.id, transport.send(attempt.exchange), now()),
                Step::Done(outcome) => return outcome,
                Step::Wait(_) => {
                    let job = session.poll_job().expect("nothing else is waited for");
                    let Work::Token(exchange) = job.work else { panic!("no store, and no sign-in by a person") };
                    session.handle_job(job.id, transport.send(exchange).map(Reply::Token), now());
                }
            }
        }
    };
    let outcomes = questions().iter().map(&mut ask).collect();
    told(&sandbox, outcomes)
}

#[test]
fn is_the_same_through_every_transport_and_by_hand() {
    let by_hand = by_hand();
    assert!(by_hand.iter().any(|line| line.contains("200 OK after 1") && line.contains("70000000")));
    assert!(by_hand.iter().any(|line| line.contains("200 OK after 2")), "a 401 is answered by a renewal");
    assert!(by_hand.iter().any(|line| line.contains("429") && line.contains("retry after 600")));
    for (name, told) in [("hyper", by_hyper()), ("isahc", by_isahc()), ("ureq", by_ureq())] {
        for (own, other) in told.iter().zip(&by_hand) {
            assert_eq!(own, other, "{name}");
        }
        assert_eq!(told.len(), by_hand.len(), "{name}");
    }
}
