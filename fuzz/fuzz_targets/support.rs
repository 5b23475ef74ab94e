//! A client that has a token, and one call of it.

use std::time::Duration;

use tidal_core::auth::Grant;
use tidal_core::bytes::Bytes;
use tidal_core::config::Tokens;
use tidal_core::http::{HeaderMap, StatusCode};
use tidal_core::{Attempt, Call, Config, Endpoint, Mono, Now, Response, Retries, Session, Step, Unix};

pub(crate) const TOKEN: &str = "access-kept-secret";

pub(crate) fn at(seconds: u64) -> Now {
    let since = Duration::from_secs(seconds);
    Now { mono: Mono::from_origin(since), unix: Unix::from_secs(1_800_000_000) + since }
}

/// A session whose token is [`TOKEN`], good for years, at an API below `base`.
pub(crate) fn session(base: &str, retries: Retries) -> Session {
    let mut config = Config::pkce("app", "https://app.example/back").expect("it is right");
    config.base_url = base.parse().expect("it is an address");
    config.store_tokens = false;
    config.retries = retries;
    let tokens = Tokens::new(TOKEN).expires_at(Unix::from_secs(2_000_000_000));
    let mut session = Session::new(config.clone(), [7; 32]);
    session
        .adopt(Grant::from_tokens(&config, tokens, at(0)).expect("the flow takes them"), at(0))
        .expect("they are the configuration's");
    session
}

/// What the call wants sent at its first poll; nothing if it ends with an error instead.
pub(crate) fn sent<T: Send + Sync + 'static>(call: &mut Call<T>, session: &mut Session) -> Option<Attempt> {
    match call.poll(session, at(0)) {
        Step::Send(attempt) => Some(attempt),
        Step::Done(Err(error)) => {
            silent(&format!("{error} {error:?}"), &[TOKEN]);
            None
        }
        Step::Done(Ok(_)) | Step::Wait(_) => panic!("it has all that it needs, and no answer"),
    }
}

/// The call of an endpoint, or nothing if it refuses what it was given.
pub(crate) fn call<E: Endpoint>(endpoint: &E) -> Option<Call<E::Output>> {
    Call::new(endpoint).ok()
}

pub(crate) fn response(status: u16, headers: HeaderMap, body: &[u8]) -> Response {
    let mut answer = Response::new(Bytes::copy_from_slice(body));
    *answer.status_mut() = StatusCode::from_u16(status).expect("it is a status");
    *answer.headers_mut() = headers;
    answer
}

pub(crate) fn silent(text: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!text.contains(secret), "{secret} is told in {text}");
    }
}
