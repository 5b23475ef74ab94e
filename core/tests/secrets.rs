//! No secret reaches `Debug`, an error or an event: a whole sign-in, refresh and refusal by hand, everything printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::{Debug, Display};
use std::time::Duration;

use tidal_core::auth::{DeviceOutcome, Grant, PendingSignIn};
use tidal_core::bytes::Bytes;
use tidal_core::config::ClientAuthentication;
use tidal_core::session::{Reply, Work};
use tidal_core::{Call, Config, Mono, Now, Raw, Response, Secret, Session, Step, Unix};
use tidal_store_memory::MemoryStore;

/// Everything that was printed.
#[derive(Default)]
struct Printed(String);

impl Printed {
    fn debug(&mut self, what: &impl Debug) {
        self.0 += &format!("{what:?} {what:#?}\n");
    }

    fn display(&mut self, what: &impl Display) {
        self.0 += &format!("{what}\n");
    }
}

fn now(secs: u64) -> Now {
    Now { mono: Mono::from_origin(Duration::from_secs(secs)), unix: Unix::from_secs(1_767_225_600 + secs as i64) }
}

fn answer(status: u16, body: &str) -> Response {
    let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = tidal_core::http::StatusCode::from_u16(status).unwrap();
    response
}

fn config() -> Config {
    let mut config = Config::pkce("the-client", "http://localhost/callback").unwrap();
    config.client_secret = Some("s3cr3t-client".into());
    config.keep_client_secret = true;
    config
}

/// Does the session's jobs: saves succeed, the token endpoint answers so.
fn work(session: &mut Session, store: &MemoryStore, at: Now, token: &Response, printed: &mut Printed) {
    while let Some(job) = session.poll_job() {
        printed.debug(&job);
        let reply = match job.work {
            Work::Token(_) => Reply::Token(token.clone()),
            Work::Store(work) => {
                printed.debug(&work);
                printed.debug(&work.run(&tidal_core::store::NoStore, at.unix));
                Reply::Store(work.run(store, at.unix).unwrap())
            }
            _ => continue,
        };
        printed.debug(&reply);
        session.handle_job(job.id, Ok(reply), at);
    }
    while let Some(event) = session.poll_event() {
        printed.debug(&event);
    }
}

fn sign_in(session: &mut Session, printed: &mut Printed) -> (Grant, Vec<String>) {
    let pending = session.begin_sign_in(now(0)).unwrap();
    printed.debug(&pending);
    let kept: serde_json::Value = serde_json::to_value(&pending).unwrap();
    let verifier = kept["verifier"].as_str().unwrap().to_owned();
    let state = kept["state"].as_str().unwrap().to_owned();
    let pending: PendingSignIn = serde_json::from_value(kept).unwrap();
    let refused = pending.redirected("http://localhost/callback?code=s3cr3t-code&state=wr0ng", now(1)).unwrap_err();
    printed.debug(&refused);
    printed.display(&refused);
    let redirect = format!("http://localhost/callback?code=s3cr3t-code&state={state}");
    let code = refused.pending.redirected(&redirect, now(1)).unwrap();
    printed.debug(&code);
    let (exchange, waiting) = code.send(session.config(), now(1)).unwrap();
    printed.debug(&exchange);
    printed.debug(&waiting);
    let body = r#"{"access_token":"s3cr3t-access-1","refresh_token":"s3cr3t-refresh-1","expires_in":60,
        "id_token":"s3cr3t-id","user_id":7,"clientName":"mine"}"#;
    let grant = waiting.receive(Ok(answer(200, body)), now(2)).unwrap();
    printed.debug(&grant);
    (grant, vec![verifier, state])
}

#[test]
fn secrets_are_not_printed() {
    let mut printed = Printed::default();
    let store = MemoryStore::new();
    let mut session = Session::new(config(), [9; 32]);
    printed.debug(session.config());
    let (grant, drawn) = sign_in(&mut session, &mut printed);
    session.adopt(grant, now(2)).unwrap();
    // The token endpoint repeats what it was sent.
    let echo = r#"{"error":"server_error","error_description":"s3cr3t-refresh-1 of s3cr3t-client is slow"}"#;
    work(&mut session, &store, now(2), &answer(500, echo), &mut printed);
    let mut call = Call::new(&Raw::get("/albums/1")).unwrap();
    printed.debug(&call);
    let Step::Send(attempt) = call.poll(&mut session, now(3)) else { panic!("it should send") };
    printed.debug(&attempt);
    let mut late = Call::new(&Raw::get("/albums/1")).unwrap();
    printed.debug(&late.poll(&mut session, now(70)));
    work(&mut session, &store, now(70), &answer(500, echo), &mut printed);
    let Step::Done(Err(error)) = late.poll(&mut session, now(70)) else { panic!("it should fail") };
    printed.debug(&error);
    printed.display(&error);
    assert!(printed.0.contains("[redacted] of [redacted] is slow"), "the words of the service are kept");
    let rejected = r#"{"error":"invalid_grant","error_description":"s3cr3t-refresh-1 is dead"}"#;
    let mut later = Call::new(&Raw::get("/albums/1")).unwrap();
    printed.debug(&later.poll(&mut session, now(200)));
    session.handle_timeout(now(200));
    work(&mut session, &store, now(200), &answer(400, rejected), &mut printed);
    let Step::Done(Err(error)) = later.poll(&mut session, now(200)) else { panic!("it should fail") };
    printed.debug(&error);
    printed.display(&error);
    printed.debug(&Secret::new("s3cr3t"));
    for secret in drawn.iter().map(String::as_str).chain(["s3cr3t", "wr0ng"]) {
        assert!(!printed.0.contains(secret), "{secret} was printed:\n{}", printed.0);
    }
}

/// A gateway that repeats the request's header repeats the secret in the form that HTTP Basic has of it.
#[test]
fn the_credentials_of_http_basic_are_not_told() {
    let mut config = Config::client_credentials("the-client", "s3cr3t client").unwrap();
    config.client_authentication = ClientAuthentication::Basic;
    config.store_tokens = false;
    let mut session = Session::new(config, [9; 32]);
    let mut call = Call::new(&Raw::get("/albums/1")).unwrap();
    assert!(matches!(call.poll(&mut session, now(0)), Step::Wait(_)));
    let job = session.poll_job().unwrap();
    let Work::Token(exchange) = job.work else { panic!("it should ask for a token") };
    let header = exchange.request.headers()["authorization"].to_str().unwrap();
    let credentials = header.strip_prefix("Basic ").unwrap();
    let body = format!(r#"{{"error":"invalid_client","error_description":"no client for {header}."}}"#);
    session.handle_job(job.id, Ok(Reply::Token(answer(401, &body))), now(1));
    let Step::Done(Err(error)) = call.poll(&mut session, now(1)) else { panic!("it should fail") };
    let said = format!("{error} {error:?}");
    assert!(said.contains("no client for Basic [redacted].") && !said.contains(credentials), "{said}");
}

/// Nor does an answer that succeeds tell the token where its id of the request repeats it.
#[test]
fn the_id_of_a_request_does_not_tell_its_token() {
    let mut session = Session::new(config(), [9; 32]);
    let (grant, _) = sign_in(&mut session, &mut Printed::default());
    session.adopt(grant, now(2)).unwrap();
    let mut call = Call::new(&Raw::get("/albums/1")).unwrap();
    let Step::Send(attempt) = call.poll(&mut session, now(3)) else { panic!("it should send") };
    let mut good = answer(200, "{}");
    good.headers_mut().insert("x-request-id", "for-s3cr3t-access-1-7".parse().unwrap());
    call.receive(attempt.id, Ok(good), now(4));
    let Step::Done(Ok(answer)) = call.poll(&mut session, now(4)) else { panic!("it should be answered") };
    assert_eq!(answer.how.request_id.as_deref(), Some("for-[redacted]-7"));
}

/// Whoever reads what the person enters, in a log, could sign in in their place, or have them sign in to something else.
#[test]
fn what_a_person_enters_on_another_device_is_not_printed() {
    let session = Session::new(Config::device("the-client").unwrap(), [9; 32]);
    let (_, asked) = session.begin_device_sign_in(now(0)).unwrap();
    let body = r#"{"device_code":"s3cr3t-device","user_code":"s3cr3t-ABCDE","verification_uri":"https://link.example",
        "verification_uri_complete":"link.example/?with=s3cr3t-FGHIJ","expires_in":300,"interval":2}"#;
    let pending = asked.receive(Ok(answer(200, body)), now(0)).unwrap();
    let mut printed = Printed::default();
    printed.debug(&pending);
    printed.debug(&pending.prompt());
    let (_, poll) = pending.ask(session.config(), now(2)).unwrap();
    printed.debug(&poll);
    let outcome = poll.receive(Ok(answer(400, r#"{"error":"authorization_pending"}"#)), now(2)).unwrap();
    printed.debug(&outcome);
    assert_eq!(printed.0.matches("https://link.example").count(), 6, "{}", printed.0);
    // The service repeats all of it.
    let DeviceOutcome::Pending(pending) = outcome else { panic!("it should be asked again") };
    let (_, poll) = pending.ask(session.config(), now(4)).unwrap();
    let said = r#"{"error":"invalid_grant","error_description":"no s3cr3t-device for s3cr3t-ABCDE of
        https://link.example/?with=s3cr3t-FGHIJ, or link.example/?with=s3cr3t-FGHIJ"}"#;
    let refused = poll.receive(Ok(answer(400, &said.replace('\n', ""))), now(4)).unwrap_err();
    printed.display(&refused);
    printed.debug(&refused);
    printed.debug(&refused.refusal());
    assert!(printed.0.contains("no [redacted] for [redacted] of"), "{}", printed.0);
    assert!(!printed.0.contains("s3cr3t"), "{}", printed.0);
}

#[test]
fn what_is_no_secret_is_printed() {
    let mut printed = Printed::default();
    let mut session = Session::new(config(), [9; 32]);
    let (grant, _) = sign_in(&mut session, &mut printed);
    assert!(printed.0.contains("the-client") && printed.0.contains("clientName"));
    assert_eq!(grant.key().user.as_deref(), Some("7"));
}
