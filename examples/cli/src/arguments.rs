//! The command line.

use std::path::PathBuf;

use lexopt::prelude::*;
use tidal_core::Flow;

use crate::lookup::suggest;
use crate::trouble::{Outcome, usage};

/// What the command line says, not yet held against what its command takes.
#[derive(Default)]
pub(crate) struct Arguments {
    /// Everything that is no option.
    pub(crate) words: Vec<String>,
    /// `--NAME VALUE` of an operation.
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) switches: Vec<&'static str>,
    pub(crate) body: Option<String>,
    pub(crate) scopes: Option<String>,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) flow: Option<Flow>,
    pub(crate) user: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) store: Option<String>,
    pub(crate) accounts: Option<PathBuf>,
    /// The names of all options that were given.
    given: Vec<&'static str>,
}

const SWITCHES: [&str; 13] = [
    "internal",
    "raw",
    "all-pages",
    "unchecked",
    "paste",
    "loopback",
    "open-browser",
    "no-browser",
    "keep-secret",
    "all",
    "sandbox",
    "help",
    "version",
];
const VALUED: [&str; 8] = ["body", "scopes", "redirect-uri", "flow", "user", "client-id", "store", "accounts"];

const FLOWS: [&str; 6] = ["pkce", "client-credentials", "device", "authorization-code", "implicit", "none"];

impl Arguments {
    pub(crate) fn read() -> Outcome<Self> {
        Self::parse(lexopt::Parser::from_env())
    }

    fn parse(mut parser: lexopt::Parser) -> Outcome<Self> {
        let mut arguments = Self::default();
        while let Some(argument) = parser.next()? {
            let name = match argument {
                Value(word) => {
                    arguments.words.push(word.string()?);
                    continue;
                }
                Short('h') => "help".to_owned(),
                Short('V') => "version".to_owned(),
                Long(name) => name.to_owned(),
                Short(_) => return Err(argument.unexpected().into()),
            };
            arguments.option(&name, &mut parser)?;
        }
        Ok(arguments)
    }

    fn option(&mut self, name: &str, parser: &mut lexopt::Parser) -> Outcome {
        if let Some(known) = SWITCHES.into_iter().find(|known| *known == name) {
            self.switches.push(known);
            self.given.push(known);
            return Ok(());
        }
        let Some(known) = VALUED.into_iter().find(|known| *known == name) else {
            if self.words.iter().take(2).eq(["api", "call"]) {
                self.parameters.push((name.to_owned(), parser.value()?.string()?));
                return Ok(());
            }
            return usage(format!(
                "there is no option --{name}{}",
                suggest(name, SWITCHES.iter().chain(&VALUED).map(|known| format!("--{known}")))
            ));
        };
        self.given.push(known);
        let value = parser.value()?;
        match known {
            "accounts" => self.accounts = Some(value.into()),
            "flow" => self.flow = Some(flow(&value.string()?)?),
            _ => {
                let value = value.string()?;
                let field = match known {
                    "body" => &mut self.body,
                    "scopes" => &mut self.scopes,
                    "redirect-uri" => &mut self.redirect_uri,
                    "user" => &mut self.user,
                    "client-id" => &mut self.client_id,
                    _ => &mut self.store,
                };
                *field = Some(value);
            }
        }
        Ok(())
    }

    /// Whether the switch was given.
    pub(crate) fn has(&self, switch: &str) -> bool {
        self.switches.contains(&switch)
    }

    /// Refuses options that a command doesn't take.
    pub(crate) fn only(&self, command: &str, taken: &[&str]) -> Outcome {
        match self.given.iter().find(|given| !taken.contains(given)) {
            Some(other) => usage(format!("{command} does not take --{other}")),
            None => Ok(()),
        }
    }
}

fn flow(name: &str) -> Outcome<Flow> {
    let known = match name.replace('-', "_").as_str() {
        "authorization_code" => Flow::AuthorizationCode,
        other => match other.parse() {
            Ok(flow) => flow,
            Err(_) => {
                return usage(format!("there is no flow {name}{}; there are {}", suggest(name, FLOWS), FLOWS.join(", ")));
            }
        },
    };
    Ok(known)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use std::collections::BTreeSet;

    use super::{FLOWS, SWITCHES, VALUED};
    use tidal_cli::registry;
    use tidal_core::config::{CLIENT_ID_VARIABLE, CLIENT_SECRET_VARIABLE};

    #[test]
    fn no_parameter_of_an_operation_is_taken_for_an_option() {
        let options: Vec<&str> = SWITCHES.into_iter().chain(VALUED).collect();
        let parameters = registry::all().iter().flat_map(|entry| entry.operation.parameters);
        assert_eq!(parameters.map(|parameter| parameter.name).find(|name| options.contains(name)), None);
    }

    const HELP: &str = include_str!("help.txt");

    /// The words of a text that begin so, each once.
    fn words<'t>(text: &'t str, begin: &str) -> BTreeSet<&'t str> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        text.split(|c| !is_part(c)).filter(|word| word.len() > begin.len() && word.starts_with(begin)).collect()
    }

    #[test]
    fn the_help_names_every_option_and_no_other() {
        let options: BTreeSet<String> = SWITCHES.into_iter().chain(VALUED).map(|option| format!("--{option}")).collect();
        let mut named = words(HELP, "--");
        assert!(named.remove("--NAME"), "an operation's own");
        assert_eq!(named, options.iter().map(String::as_str).collect());
    }

    #[test]
    fn the_help_names_every_flow() {
        for flow in FLOWS {
            super::flow(flow).unwrap_or_else(|_| panic!("{flow}"));
            assert!(words(HELP, &flow[..1]).contains(flow), "{flow}");
        }
    }

    #[test]
    fn the_help_names_every_variable_and_no_other() {
        let mut read = words(include_str!("place.rs"), "TIDAL_API_");
        read.extend([CLIENT_ID_VARIABLE, CLIENT_SECRET_VARIABLE]);
        assert_eq!(words(HELP, "TIDAL_API_"), read);
    }
}
