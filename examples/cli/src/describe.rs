//! `tidal api list` and `tidal api show`.

use std::fmt::Write as _;

use tidal_cli::registry::{self, Entry};
use tidal_core::operation::{Flows, Kind, List, Parameter, Place, Replay, Tier};

use crate::lookup;
use crate::output::{print, table};
use crate::trouble::{Outcome, failed};

/// A line for each operation in whose name, path, parameters, scopes or description `text` occurs.
pub(crate) fn list(text: Option<&str>, internal: bool) -> Outcome {
    let text = text.unwrap_or_default().to_lowercase();
    let wanted = |entry: &&Entry| internal || entry.operation.tier != Tier::Internal;
    let entries = registry::all().iter().filter(wanted).filter(|entry| searched(entry).contains(&text));
    let rows: Vec<[String; 5]> = entries.map(row).collect();
    if rows.is_empty() {
        let more = if internal { "" } else { "; --internal looks through the service's own, too" };
        return failed(format!("no operation has {text:?} in its name, path, parameters, scopes or description{more}"));
    }
    print(table(&rows).as_bytes())
}

/// All that is searched of an operation, in lower case.
fn searched(entry: &Entry) -> String {
    let mut text = format!("{} {}.{} {} {}", entry.name, entry.group, entry.function, lookup::line(entry), entry.about);
    let parameters = entry.operation.parameters.iter().map(|parameter| parameter.name);
    for word in parameters.chain(entry.operation.scopes.iter().copied()) {
        text.push(' ');
        text.push_str(word);
    }
    text.to_lowercase()
}

fn row(entry: &Entry) -> [String; 5] {
    let operation = entry.operation;
    let mut scopes = if operation.scopes.is_empty() { "-".to_owned() } else { operation.scopes.join(" ") };
    if entry.deprecated {
        scopes.push_str("  (deprecated)");
    }
    [entry.name.to_owned(), lookup::line(entry), tier(operation.tier).to_owned(), flows(operation.flows), scopes]
}

fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::ThirdParty => "third-party",
        Tier::Partner => "partner",
        _ => "internal",
    }
}

fn flows(flows: Flows) -> String {
    let names = [("application", flows.application), ("person", flows.person)];
    let names: Vec<&str> = names.into_iter().filter_map(|(name, taken)| taken.then_some(name)).collect();
    if names.is_empty() { "-".to_owned() } else { names.join(",") }
}

/// All that is known of one operation.
pub(crate) fn show(entry: &Entry) -> Outcome {
    let operation = entry.operation;
    let mut facts =
        vec![["tier".to_owned(), tier(operation.tier).to_owned()], ["tokens of".to_owned(), flows(operation.flows)]];
    let mut fact = |name: &str, value: String| facts.push([name.to_owned(), value]);
    if !operation.scopes.is_empty() {
        fact("scopes", operation.scopes.join(" or "));
    }
    match operation.replay {
        Replay::Read => {}
        Replay::Keyed => fact("sent again", "yes, under its Idempotency-Key".to_owned()),
        _ => fact("sent again", "no: it may have been carried out".to_owned()),
    }
    if entry.deprecated {
        fact("deprecated", "the service wants it no longer used".to_owned());
    }
    fact("in Rust", format!("tidal_core::api::{}, {}::{}", entry.name, entry.group, entry.function));
    fact("answer", short((entry.output)()));
    let mut text = format!("{}: {}\n{}\n\n{}", entry.name, lookup::line(entry), entry.about, table(&facts));
    if !operation.parameters.is_empty() {
        let rows: Vec<[String; 2]> = operation
            .parameters
            .iter()
            .map(|parameter| [format!("  {}", parameter.name), describe(parameter, entry)])
            .collect();
        let _ = write!(text, "\nParameters:\n{}", table(&rows));
    }
    if let Some(body) = entry.body {
        let _ = write!(text, "\nBody (JSON:API):\n");
        for part in body.split("; ") {
            let _ = writeln!(text, "  {part}");
        }
    }
    let _ = write!(text, "\nCall it:\n  {}\n", example(entry));
    print(text.as_bytes())
}

fn describe(parameter: &Parameter, entry: &Entry) -> String {
    let place = match parameter.place {
        Place::Path => "path",
        _ => "query",
    };
    let kind = match parameter.kind {
        Kind::Boolean => "true or false",
        Kind::Integer => "integer",
        _ => "text",
    };
    let mut text = format!("{place}, {}{kind}", if parameter.required { "required, " } else { "" });
    match parameter.list {
        List::One => {}
        List::Joined => text.push_str(", several: give it again, or join them by commas"),
        _ => text.push_str(", several: give it again"),
    }
    if let Some(max) = parameter.max_length {
        let _ = write!(text, ", at most {max} characters");
    }
    if let Some(most) = parameter.most {
        let _ = write!(text, ", at most {most} at once");
    }
    let values = values(parameter, entry);
    if !values.is_empty() {
        let _ = write!(text, ": {}", values.join(", "));
    }
    text
}

/// The values that are known of a parameter.
pub(crate) fn values(parameter: &Parameter, entry: &Entry) -> &'static [&'static str] {
    match parameter.name {
        "include" => entry.include,
        _ => parameter.values,
    }
}

/// The name of a type without the modules it is in.
fn short(name: &str) -> String {
    let mut text = String::new();
    for part in name.split_inclusive(['<', '>', ',', ' ', '(', ')']) {
        text.push_str(part.rsplit("::").next().unwrap_or(part));
    }
    text
}

fn example(entry: &Entry) -> String {
    let mut text = format!("tidal api call {}", entry.name);
    for parameter in entry.operation.parameters.iter().filter(|parameter| parameter.required) {
        let value = values(parameter, entry).first().copied().unwrap_or("…");
        let quote = if parameter.name.contains('[') { "'" } else { "" };
        let _ = write!(text, " {quote}{}={value}{quote}", parameter.name);
    }
    if entry.operation.has_body {
        text.push_str(" --body @body.json");
    }
    text
}
