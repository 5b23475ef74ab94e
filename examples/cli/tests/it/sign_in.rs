//! `tidal login`.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStderr, Output, Stdio};
use std::time::Duration;

use crate::browser::{click, visit};
use crate::tool::{Ran, Tool};

/// A sign-in that waits for a person.
struct Waiting {
    child: Child,
    err: BufReader<ChildStderr>,
    said: String,
}

impl Waiting {
    fn begin(tool: &Tool, arguments: &[&str]) -> Self {
        let mut command = tool.command(&[&["login", "--no-browser"], arguments].concat());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let err = BufReader::new(child.stderr.take().unwrap());
        Self { child, err, said: String::new() }
    }

    /// Reads on until a line holds `part`.
    fn line(&mut self, part: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.err.read_line(&mut line).unwrap();
            self.said.push_str(&line);
            assert!(read > 0, "{part} was not said: {}", self.said);
            if line.contains(part) {
                return line.trim().to_owned();
            }
        }
    }

    fn finish(mut self, tool: &Tool, input: &str) -> Ran {
        let mut stdin = self.child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        drop(stdin);
        self.err.read_to_string(&mut self.said).unwrap();
        let Output { status, stdout, .. } = self.child.wait_with_output().unwrap();
        tool.finish(Output { status, stdout, stderr: self.said.into_bytes() })
    }
}

/// Has tomas sign in by paste. What was printed.
pub(crate) fn paste(tool: &Tool, scopes: &str) -> String {
    let mut waiting = Waiting::begin(tool, &["--paste", "--scopes", scopes]);
    let address = waiting.line(&tool.sandbox.authorize_url());
    let back = click(&address, "204000002", "approve");
    let ran = waiting.finish(tool, &format!("{back}\n"));
    assert!(!ran.out.contains(code_of(&back)) && !ran.err.contains(code_of(&back)));
    ran.well()
}

fn code_of(address: &str) -> &str {
    let (_, rest) = address.split_once("code=").unwrap();
    rest.split('&').next().unwrap()
}

#[test]
fn a_person_signs_in_by_paste() {
    let tool = Tool::new();
    let said = paste(&tool, "user.read playlists");
    assert!(said.contains("Signed in as 204000002, with pkce and the client sandbox-client."), "{said}");
    assert!(said.contains("Scopes: playlists.read playlists.write user.read\n"), "{said}");

    // It is kept, and used without anything that names it.
    let who = tool.run(&["whoami"]).well();
    assert!(who.starts_with("the account 204000002, whom the service calls tomas (US)\n"), "{who}");
    let me = tool.run(&["api", "call", "GetUser", "id=me"]).well();
    assert!(me.contains("\"username\": \"tomas\""), "{me}");
    let error = tool.run(&["api", "call", "AddCollectedAlbums", "id=me", "--body", "{}"]).ended(1);
    assert!(error.contains("needs the scope collection.write") && error.contains("tidal login"), "{error}");
}

#[test]
fn a_person_signs_in_by_loopback_under_a_name() {
    let tool = Tool::new();
    let uri = "http://127.0.0.1:0/callback";
    let mut waiting = Waiting::begin(&tool, &["--loopback", "--redirect-uri", uri, "--user", "work"]);
    let address = waiting.line(&tool.sandbox.authorize_url());
    let back = click(&address, "204000001", "approve");
    assert_eq!(visit(&back), 200);
    let said = waiting.finish(&tool, "").well();
    assert!(said.contains("Signed in as work, with pkce"), "{said}");
    let who = tool.run(&["whoami", "--user", "work"]).well();
    assert!(who.starts_with("the account work, whom the service calls linnea (SE)\n"), "{who}");
    let error = tool.run(&["whoami", "--user", "home", "--flow", "pkce"]).ended(1);
    assert!(error.contains("no account that signed in with pkce is kept for home"), "{error}");
}

#[test]
fn who_declines_is_not_signed_in() {
    let tool = Tool::new();
    let mut waiting = Waiting::begin(&tool, &["--paste"]);
    let address = waiting.line(&tool.sandbox.authorize_url());
    let back = click(&address, "204000001", "deny");
    let ran = waiting.finish(&tool, &format!("{back}\n"));
    assert_eq!((ran.code, &*ran.out), (1, ""));
    assert!(ran.err.contains("the person declined"), "{}", ran.err);
    assert_eq!(tool.run(&["accounts"]).well(), "");
}

#[test]
fn a_sign_in_whose_input_ends_is_given_up() {
    let tool = Tool::new();
    for flow in ["pkce", "implicit"] {
        let mut waiting = Waiting::begin(&tool, &["--paste", "--flow", flow]);
        waiting.line(&tool.sandbox.authorize_url());
        let ran = waiting.finish(&tool, "");
        assert_eq!(ran.code, 1);
        assert!(ran.err.contains("the input ended before an address was pasted"), "{}", ran.err);
    }
}

#[test]
fn a_person_signs_in_by_implicit_grant() {
    let tool = Tool::new();
    let mut waiting = Waiting::begin(&tool, &["--flow", "implicit", "--scopes", "user.read"]);
    let address = waiting.line(&tool.sandbox.authorize_url());
    let back = click(&address, "204000001", "approve");
    let said = waiting.finish(&tool, &format!("{back}\n")).well();
    assert!(said.contains("Signed in as 204000001, with implicit"), "{said}");
    assert!(tool.run(&["whoami"]).well().contains("linnea"));
}

#[test]
fn a_person_signs_in_on_another_device() {
    let tool = Tool::new();
    tool.sandbox.control().behave(|behaviour| behaviour.device_interval = Duration::from_secs(1));
    let mut waiting = Waiting::begin(&tool, &["--flow", "device", "--scopes", "user.read"]);
    let line = waiting.line("enter the code ");
    let (_, code) = line.split_once("enter the code ").unwrap();
    tool.sandbox.control().approve_device(code).unwrap();
    let said = waiting.finish(&tool, "").well();
    assert!(said.contains("Signed in as 204000001, with device"), "{said}");
}

#[test]
fn what_a_sign_in_can_not_be_is_refused() {
    let tool = Tool::new();
    for (arguments, complaint) in [
        (&["--flow", "client-credentials", "--scopes", "user.read"][..], "client_credentials has no scopes"),
        (&["--flow", "client-credentials", "--user", "me"], "leave --user out"),
        (&["--flow", "none"], "the flow none signs nobody in"),
        (&["--paste", "--loopback"], "--paste and --loopback exclude each other"),
        (&["--open-browser", "--no-browser"], "--open-browser and --no-browser exclude each other"),
        (&["--flow", "device", "--loopback"], "device brings no code to listen for"),
        (&["--scopes", "gramophone"], "\"gramophone\" is part of no scope"),
        (&["--paste", "--redirect-uri", "http://example.com/"], "plain http"),
    ] {
        let error = tool.run(&[&["login"], arguments].concat()).ended(2);
        assert!(error.contains(complaint), "{error}");
    }
    let error = tool.run(&["login", "--redirect-uri", "https://example.com/callback"]).ended(1);
    assert!(error.contains("--paste takes the address by hand"), "{error}");
    let output = tool.stranger(&["login", "--paste"]).output().unwrap();
    let error = tool.finish(output).ended(2);
    assert!(error.contains("client id: is missing") && error.contains("TIDAL_API_CLIENT_ID"), "{error}");
}
