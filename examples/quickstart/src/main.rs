//! Sign in, read, page, search, make a playlist and come back.
//!
//! With `TIDAL_API_CLIENT_ID` and `TIDAL_API_CLIENT_SECRET` set it talks to TIDAL, otherwise to a local TIDAL that it starts itself.
//! The story is in `story.rs`; it is the same for all transports.

mod place;
mod shell;
mod story;
mod table;

use std::process::ExitCode;

use lexopt::prelude::*;

use crate::place::Place;
use crate::shell::{Blocking, Hyper, Isahc};

const HELP: &str = "\
Sign in to TIDAL, read, page, search, make a playlist and come back.

Usage: quickstart [--transport hyper|isahc|blocking] [--search TEXT]

  --transport T   what carries the requests (default: hyper)
  --search TEXT   what to look for
  --help          show this text

With TIDAL_API_CLIENT_ID and TIDAL_API_CLIENT_SECRET set it talks to TIDAL; TIDAL_API_REDIRECT_URI names the redirect URI that is
registered for your application (default: http://localhost:8080/callback). Without them it starts a local TIDAL.";

struct Arguments {
    transport: String,
    search: Option<String>,
}

fn arguments() -> Result<Option<Arguments>, lexopt::Error> {
    let mut arguments = Arguments { transport: "hyper".to_owned(), search: None };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("transport") => arguments.transport = parser.value()?.string()?,
            Long("search") => arguments.search = Some(parser.value()?.string()?),
            Long("help") | Short('h') => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(arguments))
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let place = Place::find()?;
    println!("{}", place.introduction());
    println!("Requests are carried by {}.", arguments.transport);
    let search = arguments.search.as_deref();
    match arguments.transport.as_str() {
        "hyper" => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(story::tell::<Hyper>(&place, search))
        }
        "isahc" => pollster::block_on(story::tell::<Isahc>(&place, search)),
        "blocking" => pollster::block_on(story::tell::<Blocking>(&place, search)),
        other => Err(format!("{other:?} is no transport; there are hyper, isahc and blocking").into()),
    }
}

fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("quickstart: {error}; --help tells what there is");
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("quickstart: {error}");
            ExitCode::FAILURE
        }
    }
}
