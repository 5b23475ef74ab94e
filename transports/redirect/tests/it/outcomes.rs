//! Every way an address can be refused, by either way back: its own outcome, with the sign-in handed back or waited on for.

use std::io::Cursor;

use tidal_redirect::{Listener, Paste, Reason, Refusal};

use crate::support::{At, LONG, begin, code, go_on, state, waiting};

/// After the sign-in has expired.
const LATE: At = At(100_000);

const OTHER: &str = "another-sign-ins-state-of-forty-three-chars";

struct Row {
    name: &'static str,
    /// `{}` is the right state.
    query: &'static str,
    clock: At,
    refusal: Refusal,
    said: &'static str,
    /// Whether the wait is over.
    ends: bool,
}

const fn row(name: &'static str, query: &'static str, refusal: Refusal, said: &'static str, ends: bool) -> Row {
    Row { name, query, clock: At(1), refusal, said, ends }
}

fn table() -> Vec<Row> {
    use Refusal::{Declined, Expired, MissingCode, MissingState, OtherSignIn, Repeated, Reported};
    vec![
        row("declined", "error=access_denied&state={}", Declined, "declined", true),
        row("reported", "error=server_error&error_description=Oh+dear&state={}", Reported, "server_error: Oh dear", true),
        row("no code", "state={}", MissingCode, "lacks the code", true),
        row("empty code", "code=&state={}", MissingCode, "lacks the code", true),
        row("no state", "code=c", MissingState, "lacks the state", false),
        row("nothing", "", MissingState, "lacks the state", false),
        row("declined without state", "error=access_denied", MissingState, "lacks the state", false),
        row("another state", "code=c&state=another-sign-ins-state-of-forty-three-chars", OtherSignIn, "another sign-in", false),
        row("empty state", "code=c&state=", MissingState, "lacks the state", false),
        row("declined with another state", "error=access_denied&state=x", OtherSignIn, "another sign-in", false),
        row("a state twice", "code=c&state={}&state={}", Repeated, "the state more than once", false),
        row("a foreign state behind", "code=c&state={}&state=x", Repeated, "the state more than once", false),
        row("a code twice", "code=c&code=d&state={}", Repeated, "the code more than once", false),
        row("the same code twice", "code=c&code=c&state={}", Repeated, "the code more than once", false),
        row("an error twice", "error=a&error=b&state={}", Repeated, "the error more than once", false),
        row("a code twice, another state", "code=c&code=d&state=x", OtherSignIn, "another sign-in", false),
        row("an empty error before another", "error=&error=access_denied&state={}", Declined, "declined", true),
        row("an empty error before a code", "error=&state={}", MissingCode, "lacks the code", true),
        row("its own state in words", "error=e&error_description=of+{}!&state={}", Reported, "e: of [redacted]!", true),
        row("a code in words", "error=e&error_description=of+c0de!&code=c0de&state={}", Reported, "e: of [redacted]!", true),
        Row { clock: LATE, ..row("expired", "code=c&state={}", Expired, "has expired", true) },
    ]
}

#[test]
fn by_listener() {
    for Row { name, query, clock, refusal, said, ends } in table() {
        let listener = Listener::bind("http://127.0.0.1:0/callback").unwrap();
        let waiting = waiting(listener, clock, LONG);
        let query = query.replace("{}", &waiting.state);
        let page = waiting.get(&format!("/callback?{query}"), &[]);
        assert!((400..404).contains(&page.status), "{name}: {}", page.head);
        assert!(page.body.to_lowercase().contains(&said.to_lowercase()), "{name}: {}", page.body);
        if !ends {
            // still waiting: the right one is taken
            assert_eq!(waiting.come_back(&waiting.state).status, 200, "{name}");
            assert_eq!(code(waiting.outcome().1.unwrap()), "the-code", "{name}");
            continue;
        }
        let (listener, ended) = waiting.outcome();
        let unfinished = ended.unwrap_err();
        assert_eq!(unfinished.refusal(), Some(refusal), "{name}");
        assert!(unfinished.to_string().contains(said), "{name}: {unfinished}");
        // and neither the listener nor the sign-in is lost
        let waiting = go_on(listener, *unfinished.pending, At(1), LONG);
        assert_eq!(waiting.come_back(&waiting.state).status, 200, "{name}");
        assert_eq!(code(waiting.outcome().1.unwrap()), "the-code", "{name}");
    }
}

#[test]
fn by_paste() {
    for Row { name, query, clock, refusal, said, .. } in table() {
        let pending = begin("http://localhost:8080/callback");
        let query = query.replace("{}", &state(&pending));
        let input = format!("http://localhost:8080/callback?{query}\n\n");
        let ended = Paste::new(Cursor::new(input), Vec::new()).tries(1).ask(pending, &clock);
        let unfinished = ended.unwrap_err();
        assert_eq!(unfinished.refusal(), Some(refusal), "{name}");
        assert!(unfinished.to_string().contains(said), "{name}: {unfinished}");
        let again = format!("http://localhost:8080/callback?code=c&state={}", state(&unfinished.pending));
        let ended = Paste::new(Cursor::new(again), Vec::new()).ask(*unfinished.pending, &At(1));
        assert_eq!(code(ended.unwrap()), "c", "{name}");
    }
}

#[test]
fn a_parameter_of_the_programs_own_may_come_twice_and_an_empty_one_is_none() {
    let pending = begin("http://localhost:8080/callback");
    let input = format!("http://localhost:8080/callback?tag=a&tag=b&code=&code=c&error=&state=&state={}\n", state(&pending));
    assert_eq!(code(Paste::new(Cursor::new(input), Vec::new()).ask(pending, &At(1)).unwrap()), "c");
}

#[test]
fn a_secret_that_a_long_description_ends_in_is_not_cut_in_two() {
    let pending = begin("http://localhost:8080/callback");
    let own = state(&pending);
    let words = "x".repeat(300 - "e: ".len() - 20);
    let input = format!("http://localhost:8080/callback?error=e&error_description={words}{own}&state={own}\n");
    let said = Paste::new(Cursor::new(input), Vec::new()).ask(pending, &At(1)).unwrap_err().to_string();
    assert!(!said.contains(&own[..20]) && said.contains("x[redacted]"), "{said}");
}

#[test]
fn no_secret_is_printed() {
    let pending = begin("http://localhost:8080/callback");
    let own = state(&pending);
    let input = format!("http://localhost:8080/callback?code=s3cret&state={OTHER}\n");
    let mut output = Vec::new();
    let unfinished = Paste::new(Cursor::new(input), &mut output).ask(pending, &At(1)).unwrap_err();
    assert!(matches!(unfinished.reason, Reason::EndOfInput));
    let page = unfinished.pending.authorize_url().to_owned();
    let printed = format!("{unfinished} {unfinished:?} {}", String::from_utf8(output).unwrap().replace(&page, ""));
    for secret in ["s3cret", OTHER, &own] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
