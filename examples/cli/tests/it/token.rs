//! A token from the environment, and what the service says of its requests.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use crate::sign_in;
use crate::tool::Tool;

#[test]
fn a_token_from_the_environment_is_used_as_it_is() {
    let tool = Tool::new();
    tool.run(&["login", "--flow", "client-credentials"]).well();
    let token = tool.sandbox.control().access_tokens()[0].secret().to_owned();
    // Forgotten, and still good.
    tool.run(&["accounts", "remove", "--all"]).well();

    let album = format!("id={}", tool.first("albums"));
    let run = |token: &str, arguments: &[&str]| {
        tool.finish(tool.stranger(arguments).env("TIDAL_API_ACCESS_TOKEN", token).output().unwrap())
    };
    let call = ["api", "call", "GetAlbum", &album, "countryCode=US"];
    assert!(run(&token, &call).well().contains("\"albums\""));
    let error = run("no-such-token", &call).ended(1);
    assert!(error.contains("sign in again") && !error.contains("no-such-token"), "{error}");
    assert_eq!(tool.run(&["accounts"]).well(), "");
}

#[test]
fn it_is_told_whose_token_it_is() {
    let tool = Tool::new();
    sign_in::paste(&tool, "user.read");
    let token = tool.sandbox.control().access_tokens()[0].secret().to_owned();
    let output = tool.stranger(&["whoami"]).env("TIDAL_API_ACCESS_TOKEN", token).output().unwrap();
    let who = tool.finish(output).well();
    assert_eq!(who, "the token in TIDAL_API_ACCESS_TOKEN, whom the service calls tomas (US)\n");
}

#[test]
fn the_id_of_a_refused_request_is_told() {
    let tool = Tool::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let service = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines().map(Result::unwrap);
        let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
        let body = r#"{"errors":[{"code":"FIRST","detail":"One.","source":{"parameter":"id"}},{"code":"SECOND"}]}"#;
        let answer = "HTTP/1.1 400 Bad Request\r\ncontent-type: application/vnd.api+json\r\nx-request-id: r-17";
        write!(stream, "{answer}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        head
    });
    let mut command = tool.bare(&["api", "call", "GetAlbum", "id=a/b"]);
    let output = command.env("TIDAL_API_BASE_URL", address).env("TIDAL_API_ACCESS_TOKEN", "t-o-k-e-n").output().unwrap();
    let error = tool.finish(output).ended(1);
    assert_eq!(error, "tidal: the service answered 400 Bad Request\n  FIRST: One. (id)\n  SECOND\n  request r-17\n");
    let head = service.join().unwrap();
    assert_eq!(head[0], "GET /albums/a%2Fb HTTP/1.1");
    assert!(head.iter().any(|line| line.eq_ignore_ascii_case("authorization: bearer t-o-k-e-n")), "{head:?}");
}
