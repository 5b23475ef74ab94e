//! What a person may paste.

use std::io::{self, BufReader, Cursor, Read, Write};

use tidal_core::auth::CodeExchange;
use tidal_redirect::{Paste, Reason, Refusal, Unfinished};

use crate::support::{At, begin, code, state};

const URI: &str = "http://localhost:8080/callback";

/// Pastes a text in which `{}` is the right state. Also what the person was shown.
fn paste(text: &str, tries: u32) -> (Result<CodeExchange, Unfinished>, String) {
    let pending = begin(URI);
    let text = text.replace("{}", &state(&pending));
    let mut shown = Vec::new();
    let ended = Paste::new(Cursor::new(text), &mut shown).tries(tries).ask(pending, &At(1));
    (ended, String::from_utf8(shown).unwrap())
}

#[test]
fn the_page_is_shown_and_the_address_is_read() {
    let page = begin(URI).authorize_url().to_owned();
    let (ended, shown) = paste("http://localhost:8080/callback?code=c&state={}\nnot read", 1);
    assert_eq!(code(ended.unwrap()), "c");
    assert!(shown.contains(&page) && shown.contains(&format!("begins with {URI}")), "{shown}");
}

#[test]
fn what_surrounds_an_address_does_not_matter() {
    for text in [
        "  http://localhost:8080/callback?code=c&state={} \t\r\n",
        "\"http://localhost:8080/callback?code=c&state={}\"\n",
        "' http://localhost:8080/callback?code=c&state={} '\n",
        "<http://localhost:8080/callback?code=c&state={}>\n",
        "\"<http://localhost:8080/callback?code=c&state={}>\"",
        "“http://localhost:8080/callback?code=c&state={}”\n",
        "\u{feff}http://localhost:8080/callback?code=c&state={}\u{200b}\n",
        "\u{1b}[200~http://localhost:8080/callback?code=c&state={}\u{1b}[201~\n",
        "http://localhost:8080/call back?code=c   &state={}\n",
    ] {
        let (ended, _) = paste(text, 1);
        assert_eq!(code(ended.expect(text)), "c", "{text}");
    }
}

#[test]
fn an_address_cut_anywhere_before_its_state_ends_is_taken_up() {
    let state = state(&begin(URI));
    let whole = format!("{URI}?code=the-code&state={state}");
    for at in 1..whole.len() {
        let (ended, shown) = paste(&format!("{}\n  {}\n", &whole[..at], &whole[at..]), 1);
        assert_eq!(code(ended.unwrap_or_else(|e| panic!("cut at {at}: {e}\n{shown}"))), "the-code");
    }
    let lines: Vec<&str> = (0..whole.len()).map(|at| &whole[at..=at]).collect();
    assert_eq!(code(paste(&lines.join("\r\n"), 1).0.unwrap()), "the-code");
}

#[test]
fn a_new_address_does_not_go_on_with_the_old_one() {
    let (ended, shown) = paste("http://localhost:8080/callback?code=old\nhttp://localhost:8080/callback?code=c&state={}\n", 1);
    assert_eq!(code(ended.unwrap()), "c");
    assert_eq!(shown.matches("Some of the address is missing").count(), 1, "{shown}");
}

#[test]
fn it_asks_again_a_few_times() {
    let wrong = "https://example.com/elsewhere\n\nhttp://localhost:8080/callback?code=c&state=.\n";
    let right = "http://localhost:8080/callback?code=c&state={}\n";

    let (ended, shown) = paste(&format!("{wrong}{right}"), 4);
    assert_eq!(code(ended.unwrap()), "c");
    assert_eq!(shown.matches("Paste the address again").count(), 3, "{shown}");
    for why in ["is not the redirect URI", "this is no address", "belongs to another sign-in"] {
        assert!(shown.contains(why), "{why}: {shown}");
    }

    let (ended, shown) = paste(&format!("{wrong}{right}"), 3);
    assert_eq!(ended.unwrap_err().refusal(), Some(Refusal::OtherSignIn));
    assert_eq!(shown.matches("Paste the address again").count(), 2, "{shown}");
}

#[test]
fn what_the_page_ended_is_not_asked_for_again() {
    let (ended, shown) = paste("http://localhost:8080/callback?error=access_denied&state={}\n", 5);
    assert_eq!(ended.unwrap_err().refusal(), Some(Refusal::Declined));
    assert!(!shown.contains("again"), "{shown}");
}

#[test]
fn the_end_of_the_input_is_its_own_error() {
    for text in ["", "http://localhost:8080/callback?code=c", "https://example.com/\n"] {
        let unfinished = paste(text, 5).0.unwrap_err();
        assert!(matches!(unfinished.reason, Reason::EndOfInput), "{text}: {unfinished}");
        assert!(unfinished.to_string().contains("the input ended"), "{unfinished}");
    }
}

#[test]
fn endless_input_ends() {
    let endless = |byte| BufReader::new(io::repeat(byte));
    for byte in [b'\n', b'a', 0xff] {
        let ended = Paste::new(endless(byte), io::sink()).ask(begin(URI), &At(1));
        assert_eq!(ended.unwrap_err().refusal(), Some(Refusal::NotTheRedirect), "{byte}");
    }
    // an address that never gets its state
    let start = Cursor::new(format!("{URI}?code="));
    let ended = Paste::new(BufReader::new(start.chain(io::repeat(b'a'))), io::sink()).tries(1).ask(begin(URI), &At(1));
    assert_eq!(ended.unwrap_err().refusal(), Some(Refusal::MissingState));
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("broken"))
    }
}

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("broken"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_broken_terminal_hands_the_sign_in_back() {
    let reading = Paste::new(BufReader::new(Broken), io::sink()).ask(begin(URI), &At(1));
    let writing = Paste::new(Cursor::new("x\n"), Broken).ask(begin(URI), &At(1));
    for ended in [reading, writing] {
        let unfinished = ended.unwrap_err();
        assert!(matches!(unfinished.reason, Reason::Io(_)), "{unfinished}");
        assert_eq!(unfinished.pending.redirect_uri(), URI);
    }
}
