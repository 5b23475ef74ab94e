//! The program.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use ureq::http::Request;

use crate::client::run;

#[test]
fn it_says_where_it_is() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_tidal-sandbox")).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let mut lines = lines.map(Result::unwrap);
    let find = |line: String| line.trim().strip_prefix("export TIDAL_API_TOKEN_URL=").map(str::to_owned);
    let url = lines.find_map(find).unwrap();
    let answer = run(Request::get(url).body(String::new()).unwrap()).unwrap();
    program.kill().unwrap();
    program.wait().unwrap();
    assert_eq!(answer.status, 405);
}

#[test]
fn it_explains_itself() {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_tidal-sandbox")).args(arguments).output();
        let output = output.unwrap();
        (output.status.code(), output.stdout, String::from_utf8(output.stderr).unwrap())
    };
    let (code, text, _) = run(&["--help"]);
    assert_eq!(code, Some(0));
    assert!(String::from_utf8(text).unwrap().contains("--port N"));
    let (code, _, error) = run(&["--prot", "1"]);
    assert_eq!(code, Some(2));
    assert!(error.contains("--prot"));
}
