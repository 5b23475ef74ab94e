//! What goes wrong on purpose; and the log.

use std::time::Duration;

use tidal_sandbox::{Cut, Endpoint, Fault, Gate};
use ureq::http::{Method, Request};

use crate::client::{CHALLENGE, Caller, client, person, refresh, run, sandbox, sign_in, text};

const ALBUM: &str = "/albums/70000000";
const SOON: Duration = Duration::from_secs(30);

#[test]
fn a_status_is_written_as_its_endpoint_writes_errors() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    let control = sandbox.control();
    control.inject(Fault::status(503).times(2));
    let error = caller.get(ALBUM);
    assert_eq!((error.status, &error.json()["errors"][0]["status"]), (503, &"503".into()));
    let error = refresh(&sandbox, "x");
    assert_eq!((error.status, &error.json()["error"]), (503, &"temporarily_unavailable".into()));
    assert_eq!((caller.get(ALBUM).status, control.pending_faults()), (200, 0));
}

#[test]
fn rules_choose_their_requests() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    let control = sandbox.control();
    control.inject(Fault::status(500).on(Endpoint::Token).always());
    control.inject(Fault::status(501).path("/v2/artists"));
    control.inject(Fault::status(502).method(Method::DELETE));
    control.inject(Fault::status(504).path("/v2/albums").after(1));
    assert_eq!([caller.get(ALBUM).status, caller.get(ALBUM).status], [200, 504]);
    assert_eq!(caller.get(ALBUM).status, 200);
    assert_eq!(caller.get("/artists/5000000").status, 501);
    for _ in 0..3 {
        assert_eq!(refresh(&sandbox, "x").status, 500);
    }
    assert_eq!(control.pending_faults(), 2);
    control.clear_faults();
    assert_eq!(refresh(&sandbox, "x").status, 400);
}

#[test]
fn too_many_requests_comes_with_and_without_a_time() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    for wait in [Some("7"), Some("Wed, 21 Oct 2026 07:28:00 GMT"), None] {
        sandbox.control().inject(Fault::too_many_requests(wait));
        let answer = caller.get(ALBUM);
        assert_eq!((answer.status, answer.header("retry-after")), (429, wait));
    }
}

#[test]
fn bodies_can_be_pages_or_broken() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    sandbox.control().inject(Fault::html(502));
    let page = caller.get(ALBUM);
    assert_eq!((page.status, page.header("content-type")), (502, Some("text/html")));
    let (status, kind, body) = (200, "application/problem+json", "{\"title\":\"?\"}");
    sandbox.control().inject(Fault::answer(status, kind, body));
    assert_eq!(caller.get(ALBUM).text, body);
    sandbox.control().inject(Fault::broken_json());
    let broken = caller.get(ALBUM);
    assert_eq!(broken.status, 200);
    assert!(serde_json::from_str::<serde_json::Value>(&broken.text).is_err());
    assert!(caller.get(ALBUM).text.starts_with(&broken.text));
}

#[test]
fn connections_are_cut_before_the_work_after_it_and_in_the_body() {
    let sandbox = sandbox();
    let control = sandbox.control();
    let mut token = text(&sign_in(&sandbox, "user.read"), "refresh_token");
    let lossy = |token: &str| {
        let body = format!("grant_type=refresh_token&client_id=sandbox-client&refresh_token={token}");
        let request = Request::post(sandbox.token_url()).header("content-type", "application/x-www-form-urlencoded");
        run(request.body(body).unwrap())
    };
    control.inject(Fault::cut(Cut::BeforeWork));
    assert!(lossy(&token).is_err());
    assert_eq!(control.refresh_tokens().rotated, 0);
    control.inject(Fault::cut(Cut::BeforeAnswer));
    assert!(lossy(&token).is_err());
    assert_eq!(control.refresh_tokens().rotated, 1);

    token = text(&sign_in(&sandbox, "user.read"), "access_token");
    let caller = Caller { sandbox: &sandbox, token };
    // A client that unpacks would name the packing's end, not the connection's.
    control.behave(|b| b.gzip = false);
    control.inject(Fault::cut(Cut::InBody));
    let error = caller.try_get(ALBUM).err().unwrap();
    assert!(matches!(error, ureq::Error::Io(_)), "{error:?}");
    let log = control.log().to("/v2/albums/70000000");
    assert_eq!(log[0].status(), Some(200), "the head had left");
    let log = control.log().to("/v1/oauth2/token");
    let answered: Vec<_> = log.iter().map(|one| one.status()).collect();
    assert_eq!(answered, [Some(200), None, None, Some(200)]);
}

#[test]
fn tokens_expire_on_demand() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    sandbox.control().inject(Fault::unauthorized());
    assert_eq!([caller.get(ALBUM).status, caller.get(ALBUM).status], [401, 200]);
    sandbox.control().inject(Fault::expire_tokens());
    assert_eq!([caller.get(ALBUM).status, caller.get(ALBUM).status], [401, 401]);
    let (first, second) = (client(&sandbox), client(&sandbox));
    assert_eq!(sandbox.control().expire_access_tokens(), 2);
    assert_eq!([first.get(ALBUM).status, second.get(ALBUM).status], [401, 401]);
}

#[test]
fn a_gate_holds_requests_without_any_timing() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    let gate = Gate::new();
    sandbox.control().inject(Fault::hold(&gate).path("/v2/albums").times(8));
    std::thread::scope(|scope| {
        let held: Vec<_> = (0..8).map(|_| scope.spawn(|| caller.get(ALBUM).status)).collect();
        assert!(gate.wait_until_held(8, SOON));
        assert_eq!(caller.get("/artists/5000000").status, 200);
        sandbox.control().expire_access_tokens();
        gate.open();
        for one in held {
            assert_eq!(one.join().unwrap(), 401, "worked on after the gate");
        }
    });
    assert_eq!(gate.held(), 0);
}

#[test]
fn a_held_answer_has_had_its_effect() {
    let sandbox = sandbox();
    let token = text(&sign_in(&sandbox, "user.read"), "refresh_token");
    let gate = Gate::new();
    sandbox.control().inject(Fault::hold_answer(&gate).on(Endpoint::Token));
    std::thread::scope(|scope| {
        let held = scope.spawn(|| refresh(&sandbox, &token).status);
        assert!(gate.wait_until_held(1, SOON));
        assert_eq!(sandbox.control().refresh_tokens().rotated, 1);
        gate.open();
        assert_eq!(held.join().unwrap(), 200);
    });
}

#[test]
fn a_delay_is_worked_through_before_the_next_rule() {
    let sandbox = sandbox();
    let caller = client(&sandbox);
    let began = std::time::Instant::now();
    sandbox.control().inject(Fault::delay(Duration::from_millis(30)));
    sandbox.control().inject(Fault::status(500));
    assert_eq!(caller.get(ALBUM).status, 500);
    assert!(began.elapsed() >= Duration::from_millis(30));
}

#[test]
fn the_log_counts_and_hides() {
    let sandbox = sandbox();
    let caller = person(&sandbox, "user.read");
    let log = sandbox.control().log().clone();
    assert_eq!(sandbox.control().count("/v1/oauth2/token"), 1);
    caller.get("/albums?filter%5Bid%5D=1&filter%5Bid%5D=2");
    assert!(log.wait_for("/v2/albums", 1, SOON));
    let request = log.to("/v2/albums").remove(0);
    assert_eq!(request.parameter("filter[id]"), ["1", "2"]);
    assert_eq!(request.header("authorization"), Some(&*format!("Bearer {}", caller.token)));
    let token = log.to("/v1/oauth2/token").remove(0);
    let code = token.form("code").unwrap();
    let verifier = token.form("code_verifier").unwrap();
    let shown = format!("{log:?} {:?} {:?}", sandbox.control().access_tokens(), sandbox);
    assert!(shown.contains("/v2/albums"));
    for secret in [&caller.token, &code, &verifier, CHALLENGE, sandbox.client_secret()] {
        assert!(!shown.contains(secret), "{secret}");
    }
    log.clear();
    assert_eq!(log.requests().len(), 0);
}

#[test]
fn it_stops_when_dropped_even_with_requests_at_a_gate() {
    let sandbox = sandbox();
    let (url, gate) = (sandbox.token_url(), Gate::new());
    sandbox.control().inject(Fault::hold(&gate));
    std::thread::scope(|scope| {
        let held = scope.spawn(|| run(Request::get(&url).body(String::new()).unwrap()).is_err());
        assert!(gate.wait_until_held(1, SOON));
        drop(sandbox);
        assert!(held.join().unwrap());
    });
    assert!(gate.wait_until_empty(SOON));
}
