//! The `tidal` tool: any operation of the official API from the command line, and the accounts to call it with.

mod account;
mod arguments;
mod call;
mod describe;
mod import;
mod lookup;
mod output;
mod place;
mod request;
mod sign_in;
mod trouble;

use std::process::ExitCode;

use crate::arguments::Arguments;
use crate::output::print;
use crate::trouble::{Outcome, usage};

/// What says which account is meant.
const ACCOUNT: [&str; 5] = ["flow", "user", "client-id", "store", "accounts"];

fn run(arguments: &Arguments) -> Outcome {
    if arguments.has("help") {
        return print(include_bytes!("help.txt"));
    }
    if arguments.has("version") {
        return print(concat!("tidal ", env!("CARGO_PKG_VERSION"), "\n").as_bytes());
    }
    let only = |command: &str, more: &[&str]| arguments.only(command, &[&ACCOUNT, more].concat());
    let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
    match words[..] {
        ["api", "list"] | ["api", "list", _] => {
            arguments.only("api list", &["internal"])?;
            describe::list(words.get(2).copied(), arguments.has("internal"))
        }
        ["api", "show", ..] => {
            arguments.only("api show", &[])?;
            match lookup::operation(&arguments.words[2..])? {
                (entry, []) => describe::show(entry),
                (_, [more, ..]) => usage(format!("tidal api show takes one operation; {more} is one too many")),
            }
        }
        ["api", "call", ..] => {
            only("api call", &["body", "raw", "all-pages", "unchecked", "sandbox"])?;
            call::call(arguments)
        }
        ["login"] => {
            only("login", &sign_in::OPTIONS)?;
            sign_in::login(arguments)
        }
        ["logout"] => only("logout", &[]).and_then(|()| account::logout(arguments)),
        ["whoami"] => only("whoami", &["sandbox"]).and_then(|()| account::whoami(arguments)),
        ["accounts"] | ["accounts", "list"] => only("accounts", &[]).and_then(|()| account::list(arguments)),
        ["accounts", "remove"] => only("accounts remove", &["all"]).and_then(|()| account::remove(arguments)),
        ["accounts", "import"] | ["accounts", "import", _] => {
            arguments.only("accounts import", &["store", "accounts", "keep-secret"])?;
            import::import(arguments, words.get(2).copied())
        }
        [] => usage("say what to do, for example tidal api list albums"),
        _ => usage(format!("there is no command {}", unknown(&words))),
    }
}

const COMMANDS: [&str; 9] =
    ["api list", "api show", "api call", "login", "logout", "whoami", "accounts list", "accounts remove", "accounts import"];

/// What no command is known by, with the nearest one.
fn unknown(words: &[&str]) -> String {
    let named = words.iter().take(2).copied().collect::<Vec<_>>().join(" ");
    format!("{named}{}", lookup::suggest(&named, COMMANDS))
}

fn main() -> ExitCode {
    match Arguments::read().and_then(|arguments| run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => trouble.tell(),
    }
}
