//! The sandbox as a program: starts it, says where it is, and runs until it is stopped.

use std::process::ExitCode;

use tidal_sandbox::{Flow, Options, Sandbox};

const HELP: &str = "\
A local TIDAL to develop and test against.

Usage: tidal-sandbox [--port N] [--every-flow]

  --port N   listen on this port of 127.0.0.1 (default: a free one)
  --every-flow
             let the client also use the flows that the service refuses third parties: a device, the implicit grant, a
             code without PKCE
  --help     show this text
";

fn main() -> ExitCode {
    let options = match arguments() {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("tidal-sandbox: {error}\nTry --help.");
            return ExitCode::from(2);
        }
    };
    let port = options.port;
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

/// How to start; none if help is wanted.
fn arguments() -> Result<Option<Options>, lexopt::Error> {
    use lexopt::prelude::{Long, Short, ValueExt};
    let mut parser = lexopt::Parser::from_env();
    let mut options = Options::new();
    options.log = 1_000;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") | Short('p') => options.port = parser.value()?.parse()?,
            Long("every-flow") => options.clients.iter_mut().for_each(|client| client.flows = Flow::ALL.to_vec()),
            Long("help") | Short('h') => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(options))
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
        ("TIDAL_API_DEVICE_AUTH_URL", sandbox.device_url()),
        ("TIDAL_API_REVOKE_URL", sandbox.revoke_url()),
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
