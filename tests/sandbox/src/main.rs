//! The sandbox as a program: starts it, says where it is, and runs until it is stopped.

use std::process::ExitCode;

use tidal_sandbox::{Options, Sandbox};

const HELP: &str = "\
A local TIDAL to develop and test against.

Usage: tidal-sandbox [--port N]

  --port N   listen on this port of 127.0.0.1 (default: a free one)
  --help     show this text
";

fn main() -> ExitCode {
    let port = match arguments() {
        Ok(Some(port)) => port,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("tidal-sandbox: {error}\nTry --help.");
            return ExitCode::from(2);
        }
    };
    let mut options = Options::new().port(port);
    options.log = 1_000;
    match Sandbox::start(options) {
        Ok(sandbox) => {
            print!("{}", greeting(&sandbox));
            loop {
                std::thread::park();
            }
        }
        Err(error) => {
            eprintln!("tidal-sandbox: cannot start on port {port}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The port; none if help is wanted.
fn arguments() -> Result<Option<u16>, lexopt::Error> {
    use lexopt::prelude::{Long, Short, ValueExt};
    let mut parser = lexopt::Parser::from_env();
    let mut port = 0;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") | Short('p') => port = parser.value()?.parse()?,
            Long("help") | Short('h') => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(port))
}

fn greeting(sandbox: &Sandbox) -> String {
    let mut text = format!(
        "A local TIDAL is running at http://{}. Stop it with Ctrl-C.\n\n\
         To use it from a shell:\n\n",
        sandbox.address()
    );
    for (name, value) in [
        ("TIDAL_API_BASE_URL", sandbox.base_url()),
        ("TIDAL_API_AUTH_URL", sandbox.authorize_url()),
        ("TIDAL_API_TOKEN_URL", sandbox.token_url()),
        ("TIDAL_API_CLIENT_ID", sandbox.client_id().to_owned()),
        ("TIDAL_API_CLIENT_SECRET", sandbox.client_secret().to_owned()),
    ] {
        text.push_str(&format!("  export {name}={value}\n"));
    }
    text.push_str("\nWho can sign in (at the authorize page, no password):\n\n");
    for user in sandbox.users() {
        text.push_str(&format!("  {}  {} ({})\n", user.id, user.username, user.country));
    }
    text
}
