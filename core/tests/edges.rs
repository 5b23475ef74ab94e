//! What is bounded unless it is said otherwise.
#![allow(clippy::unwrap_used)]

use tidal_core::{Call, Config, Now, Raw, Session, Step};

/// The first request of a call that needs no token.
fn exchange(config: Config) -> tidal_core::Exchange {
    let mut session = Session::new(config, [7; 32]);
    let mut call = Call::new(&Raw::get("/albums/1")).unwrap().without_checks();
    match call.poll(&mut session, Now::default()) {
        Step::Send(attempt) => attempt.exchange,
        _ => panic!("it is sent at once"),
    }
}

#[test]
fn an_answer_has_32_mib_at_most() {
    assert_eq!(exchange(Config::anonymous()).max_body, 32 * 1024 * 1024);
    let mut config = Config::anonymous();
    config.bounds.body = 10;
    assert_eq!(exchange(config).max_body, 10);
}

#[test]
fn nobody_has_no_authorization_to_send() {
    let request = exchange(Config::anonymous()).request;
    assert!(!request.headers().contains_key("authorization"));
    assert_eq!(request.uri().host(), Some("openapi.tidal.com"));
}
