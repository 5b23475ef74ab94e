//! Answers of the token endpoint, good ones and all others, to a client that signs in and to one that renews.
//!
//! Whatever comes, the call that waited goes on with a token that can be sent, or ends with an error; neither tells a secret; and what is
//! owed afterwards comes to an end.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use tidal_core::auth::Grant;
use tidal_core::bytes::Bytes;
use tidal_core::config::Tokens;
use tidal_core::http::{StatusCode, header};
use tidal_core::session::{Reply, Work};
use tidal_core::{Answer, Call, Config, Error, Mono, Now, Raw, RawAnswer, Response, Session, Step, Unix};

const SECRETS: [&str; 3] = ["access-kept-secret", "refresh-kept-secret", "client-kept-secret"];
const STATUS: [u16; 8] = [200, 200, 200, 400, 401, 403, 429, 503];

fuzz_target!(|data: &[u8]| {
    let [kind, status, body @ ..] = data else { return };
    let now = at(0);
    let application = kind % 2 == 0;
    let mut session = session(application, now);
    // What a client does not know it can't take out of what a service says.
    let silent = |text: &str| silent(text, if application { &SECRETS[2..] } else { &SECRETS });
    let mut call = Call::new(&Raw::get("/albums/1")).expect("it can be written");

    let Step::Wait(_) = call.poll(&mut session, now) else { panic!("there is no token yet") };
    let job = session.poll_job().expect("a token is asked for");
    let Work::Token(exchange) = job.work else { panic!("there is no store") };
    silent(&format!("{exchange:?}"));

    let mut answer = Response::new(Bytes::copy_from_slice(body));
    *answer.status_mut() = StatusCode::from_u16(STATUS[usize::from(status % 8)]).expect("it is a status");
    session.handle_job(job.id, Ok(Reply::Token(answer)), now);

    match call.poll(&mut session, now) {
        Step::Send(attempt) => {
            let token = attempt.exchange.request.headers().get(header::AUTHORIZATION).expect("it carries a token");
            // The type is the answer's own.
            let whole = token
                .to_str()
                .is_ok_and(|token| token.split_once(' ').is_some_and(|(of, it)| !of.is_empty() && !it.is_empty()));
            assert!(token.is_sensitive() && whole);
            silent(&format!("{attempt:?}"));
        }
        Step::Done(outcome) => ends(outcome, silent),
        // After a fault of the service it is tried again, for as long as the call has.
        Step::Wait(_) => {
            session.handle_timeout(at(3600));
            match call.poll(&mut session, at(3600)) {
                Step::Done(outcome) => ends(outcome, silent),
                Step::Send(_) | Step::Wait(_) => panic!("its time is over"),
            }
        }
    }
    while let Some(event) = session.poll_event() {
        silent(&format!("{event:?}"));
    }
});

fn at(seconds: u64) -> Now {
    let since = Duration::from_secs(seconds);
    Now { mono: Mono::from_origin(since), unix: Unix::from_secs(1_800_000_000) + since }
}

/// A client that has no token, or one whose token has expired.
fn session(application: bool, now: Now) -> Session {
    let config = if application {
        Config::client_credentials("app", SECRETS[2])
    } else {
        Config::authorization_code("app", SECRETS[2], "https://app.example/back")
    };
    let mut config = config.expect("it can be right");
    config.store_tokens = false;
    let mut session = Session::new(config.clone(), [7; 32]);
    if !application {
        let tokens = Tokens::new(SECRETS[0]).refresh_token(SECRETS[1]).expires_at(Unix::from_secs(1_000_000_000));
        session
            .adopt(Grant::from_tokens(&config, tokens, now).expect("the flow takes them"), now)
            .expect("they are the configuration's");
    }
    session
}

fn ends(outcome: Result<Answer<RawAnswer>, Error>, silent: impl Fn(&str)) {
    let error = outcome.expect_err("nothing was sent");
    assert!(!error.to_string().is_empty());
    silent(&format!("{error} {error:?}"));
}

fn silent(text: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!text.contains(secret), "{secret} is told in {text}");
    }
}
