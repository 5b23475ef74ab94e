//! Tokens that the service refuses, and renewals that fail.

use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use tidal_core::config::Tokens;
use tidal_core::{Config, ErrorKind};

use crate::client::{Adapter, Client};
use crate::ends::{Ends, Kind, SECRET};
use crate::play::{Play, album, answer};
use crate::server::Server;
use crate::table::{application, run};

/// A person's sign-in, with a refresh token.
pub(crate) fn person(server: &Server) -> Config {
    let own = application(&server.url("/v2"), &server.url("/token"));
    let mut config = Config::pkce("app", "http://127.0.0.1:1/").unwrap();
    config.base_url = own.base_url;
    config.token_url = own.token_url;
    config.retries = own.retries;
    config.bounds = own.bounds;
    config.store_tokens = false;
    config.tokens = Some(Tokens::new(format!("{SECRET}-access")).refresh_token(format!("{SECRET}-refresh")));
    config
}

pub(crate) fn unauthorized() -> Play {
    Play::Answer(answer("401 Unauthorized", "", r#"{"errors":[{"code":"EXPIRED","detail":"said by the test"}]}"#))
}

pub(crate) fn renewed() -> Play {
    Play::Answer(answer("200 OK", "", format!(r#"{{"access_token":"{SECRET}-new","expires_in":3600}}"#)))
}

/// A service that takes a token of this name only, and answers renewals with `renewal`.
pub(crate) fn service(takes: &'static str, renewal: Play) -> Server {
    Server::start(move |connection| {
        while let Some(seen) = connection.request() {
            let is_renewal = seen.line.starts_with("POST /token");
            let is_good = seen.header("authorization") == [format!("Bearer {SECRET}-{takes}")];
            let play = match (is_renewal, is_good) {
                (true, _) => renewal.clone(),
                (_, true) => album(),
                _ => unauthorized(),
            };
            if !play.on(connection) {
                return;
            }
        }
    })
}

struct Row {
    name: &'static str,
    takes: &'static str,
    renewal: Play,
    ends: Ends,
    /// How often a renewal was asked for.
    renewals: usize,
    needs_sign_in: bool,
}

/// The renewal gives no token: the call says so after its first request, and the sign-in is kept.
fn later(name: &'static str, renewal: Play, says: &'static [&'static str]) -> Row {
    let ends = Ends::Fails { kind: Kind::Other(ErrorKind::TokenUnavailable), tries: 2, retryable: true, says };
    Row { name, takes: "new", renewal, ends, renewals: 1, needs_sign_in: false }
}

fn rows() -> Vec<Row> {
    let refused = |status: &str, headers: &str, body: &str| Play::Answer(answer(status, headers, body));
    let ended = Kind::Other(ErrorKind::SessionEnded);
    vec![
        Row {
            name: "401, and a renewal",
            takes: "new",
            renewal: renewed(),
            ends: Ends::Answered { tries: 3 },
            renewals: 1,
            needs_sign_in: false,
        },
        Row {
            name: "401 after the renewal",
            takes: "other",
            renewal: renewed(),
            ends: Ends::Fails { kind: Kind::Refused(401), tries: 3, retryable: false, says: &["said by the test"] },
            renewals: 1,
            needs_sign_in: false,
        },
        Row {
            name: "the renewal is refused",
            takes: "new",
            renewal: refused("400 Bad Request", "", r#"{"error":"invalid_grant"}"#),
            ends: Ends::Fails { kind: ended, tries: 2, retryable: false, says: &["sign in again", "invalid_grant"] },
            renewals: 1,
            needs_sign_in: true,
        },
        later("the renewal meets 429", refused("429 Too Many Requests", "Retry-After: 7\r\n", ""), &["429", "retry after 7"]),
        later("the renewal meets 500", refused("500 Internal Server Error", "", ""), &["500"]),
        later("the renewal meets 503", refused("503 Service Unavailable", "", "<html>"), &["503"]),
        later("the renewal meets HTML", refused("200 OK", "Content-Type: text/html\r\n", "<html>"), &["HTML, not JSON"]),
        later("the renewal hangs", Play::Stall(Vec::new()), &["token endpoint did not answer"]),
        later("the renewal meets a reset", Play::Reset(Vec::new()), &["token endpoint did not answer"]),
    ]
}

fn meets(row: &Row, adapter: Adapter) -> Result<(), String> {
    let server = service(row.takes, row.renewal.clone());
    let mut config = person(&server);
    // Only what hangs comes to its end by it.
    if matches!(row.renewal, Play::Stall(_)) {
        config.bounds.token = Duration::from_millis(200);
    }
    let client = Client::new(adapter, config);
    let outcome = client.album("17");
    row.ends.check(&outcome, client.sent())?;
    let needs_sign_in = outcome.is_err_and(|error| error.needs_sign_in());
    if needs_sign_in != row.needs_sign_in {
        return Err(format!("needs a sign-in: {needs_sign_in}"));
    }
    let renewals = server.seen().iter().filter(|seen| seen.line.starts_with("POST /token")).count();
    if renewals == row.renewals { Ok(()) } else { Err(format!("{renewals} renewals")) }
}

#[test]
fn each_fault_of_a_token_ends_as_a_user_would_want() {
    run(&rows(), |row| row.name, meets);
}

/// The 401 on a token that was renewed meanwhile is no reason for another renewal: it is sent again with the newer one.
#[test]
fn a_stale_401_is_sent_again_with_the_newer_token() {
    run(
        &["401 stale"],
        |name| name,
        |_, adapter| {
            // How many requests carried the old token, and whether one with the new one came.
            let state = Arc::new((Mutex::new((0, false)), Condvar::new()));
            let server = Server::start(move |connection| {
                while let Some(seen) = connection.request() {
                    let (lock, changed) = &*state;
                    let mut now = lock.lock().unwrap();
                    let play = if seen.line.starts_with("POST /token") {
                        renewed()
                    } else if seen.header("authorization") == [format!("Bearer {SECRET}-new")] {
                        now.1 = true;
                        changed.notify_all();
                        album()
                    } else {
                        now.0 += 1;
                        changed.notify_all();
                        // The first hears of it when both are under way, the second when the first has a newer token.
                        let first = now.0 == 1;
                        drop(changed.wait_while(now, |(old, new)| if first { *old < 2 } else { !*new }).unwrap());
                        unauthorized()
                    };
                    if !play.on(connection) {
                        return;
                    }
                }
            });
            let client = Client::new(adapter, person(&server));
            // Two albums: identical reads would be one request.
            let outcomes =
                thread::scope(|scope| ["17", "18"].map(|id| scope.spawn(|| client.album(id))).map(|call| call.join().unwrap()));
            let renewals = server.seen().iter().filter(|seen| seen.line.starts_with("POST /token")).count();
            match (outcomes.iter().all(Result::is_ok), client.sent(), renewals) {
                (true, 5, 1) => Ok(()),
                other => Err(format!("{other:?} {outcomes:?}")),
            }
        },
    );
}

/// Who signs out while a renewal is under way is signed out: the call that waits for it ends, and the token that comes is let go.
#[test]
fn a_renewal_does_not_undo_a_sign_out() {
    run(
        &["sign-out during a renewal"],
        |name| name,
        |_, adapter| {
            // Whether the renewal has begun, and whether it may be answered.
            let state = Arc::new((Mutex::new((false, false)), Condvar::new()));
            let theirs = Arc::clone(&state);
            let server = Server::start(move |connection| {
                while let Some(seen) = connection.request() {
                    let play = if seen.line.starts_with("POST /token") {
                        let (lock, changed) = &*theirs;
                        let mut now = lock.lock().unwrap();
                        now.0 = true;
                        changed.notify_all();
                        drop(changed.wait_while(now, |(_, may)| !*may).unwrap());
                        renewed()
                    } else {
                        unauthorized()
                    };
                    if !play.on(connection) {
                        return;
                    }
                }
            });
            let client = Client::new(adapter, person(&server));
            let outcome = thread::scope(|scope| {
                let call = scope.spawn(|| client.album("17"));
                let (lock, changed) = &*state;
                drop(changed.wait_while(lock.lock().unwrap(), |(begun, _)| !*begun).unwrap());
                let signed_out = client.sign_out();
                lock.lock().unwrap().1 = true;
                changed.notify_all();
                signed_out.map(|()| call.join().unwrap())
            });
            let call = outcome.map_err(|error| format!("no sign-out: {error}"))?.map_err(|error| error.kind());
            let after = client.album("17").map_err(|error| error.kind());
            match (call, after, client.sent()) {
                (Err(ErrorKind::SignedOut), Err(ErrorKind::SignInRequired), 2) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        },
    );
}
