//! An operation with arguments that are chosen at run time.

use tidal_cli::registry::Entry;
use tidal_core::bytes::Bytes;
use tidal_core::operation::{Kind, List, Parameter, Place};
use tidal_core::{DecodeError, Endpoint, Head, Invalid, Operation, RequestWriter};

use crate::describe::values;
use crate::lookup::{self, suggest};
use crate::trouble::{Outcome, usage};

/// The parameter that says which page is wanted.
pub(crate) const CURSOR: &str = "page[cursor]";

/// A request for an operation of the registry; its answer comes as it is, to be decoded by the registry.
#[derive(Clone)]
pub(crate) struct Chosen {
    pub(crate) entry: &'static Entry,
    arguments: Vec<(&'static Parameter, String)>,
    pub(crate) body: Option<Bytes>,
}

impl Chosen {
    /// A request for this operation without arguments.
    pub(crate) fn new(entry: &'static Entry) -> Self {
        Self { entry, arguments: Vec::new(), body: None }
    }

    /// Adds a value of a parameter; if it is `checked`, only one that is documented.
    pub(crate) fn add(&mut self, name: &str, value: &str, checked: bool) -> Outcome {
        let parameter = lookup::parameter(self.entry, name)?;
        if parameter.list == List::One && self.arguments.iter().any(|(known, _)| known.name == name) {
            return usage(format!("{name} takes one value"));
        }
        let parts: Vec<&str> = if parameter.list == List::Joined { value.split(',').collect() } else { vec![value] };
        if checked {
            parts.iter().try_for_each(|part| check(parameter, self.entry, part))?;
        }
        self.arguments.extend(parts.into_iter().map(|part| (parameter, part.to_owned())));
        Ok(())
    }

    /// The same for another page.
    pub(crate) fn at(&self, cursor: &str) -> Outcome<Self> {
        let mut other = self.clone();
        other.arguments.retain(|(parameter, _)| parameter.name != CURSOR);
        other.add(CURSOR, cursor, false).map(|()| other)
    }

    /// Refuses a request that lacks what the operation can't do without.
    pub(crate) fn complete(&self) -> Outcome {
        let entry = self.entry;
        let given = |parameter: &&Parameter| self.arguments.iter().any(|(known, _)| known.name == parameter.name);
        let parameters = entry.operation.parameters.iter();
        let missing: Vec<&str> =
            parameters.filter(|parameter| parameter.required && !given(parameter)).map(|parameter| parameter.name).collect();
        if !missing.is_empty() {
            let name = entry.name;
            return usage(format!("{name} needs {}; tidal api show {name} tells what it takes", missing.join(" and ")));
        }
        Ok(())
    }
}

fn check(parameter: &Parameter, entry: &Entry, value: &str) -> Outcome {
    let name = parameter.name;
    let fits = match parameter.kind {
        Kind::Boolean => matches!(value, "true" | "false"),
        Kind::Integer => value.parse::<i64>().is_ok(),
        _ => true,
    };
    if !fits {
        let kind = if parameter.kind == Kind::Boolean { "true or false" } else { "an integer" };
        return usage(format!("{name} is {kind}, not {value:?}"));
    }
    if let Some(max) = parameter.max_length.filter(|max| value.chars().count() > *max as usize) {
        return usage(format!("{name} has at most {max} characters; {value:?} has {}", value.chars().count()));
    }
    let known = values(parameter, entry);
    // A path of `include` goes on into other resources.
    let first = if name == "include" { value.split('.').next().unwrap_or(value) } else { value };
    if known.is_empty() || known.contains(&first) {
        return Ok(());
    }
    let near = suggest(first, known);
    usage(format!("{name} has no value {first}{near}; there are {} (--unchecked sends others)", known.join(", ")))
}

impl Endpoint for Chosen {
    type Output = Bytes;

    fn operation(&self) -> &Operation {
        self.entry.operation
    }

    fn write(&self, to: &mut RequestWriter) -> Result<(), Invalid> {
        for parameter in self.entry.operation.parameters {
            let values: Vec<&str> =
                self.arguments.iter().filter(|(known, _)| known.name == parameter.name).map(|(_, value)| &**value).collect();
            match (parameter.place, parameter.list, &values[..]) {
                (_, _, []) => {}
                (Place::Path, _, [value, ..]) => to.path(parameter.name, parameter.name, value)?,
                (_, List::Joined, all) => to.query(parameter.name, &all.join(",")),
                (_, _, all) => all.iter().for_each(|value| to.query(parameter.name, value)),
            }
        }
        if let Some(body) = &self.body {
            to.body(body.clone());
        }
        Ok(())
    }

    fn decode(_: &Head, body: Bytes) -> Result<Bytes, DecodeError> {
        Ok(body)
    }
}
