//! Finding an operation, a parameter or an option by what a person calls it, and naming the nearest ones if there is none.

use tidal_cli::registry::{self, Entry};
use tidal_core::operation::Parameter;

use crate::trouble::{Outcome, usage};

/// How alike two names have to be, from 0 to 1, for one to be suggested in place of the other.
const ALIKE: f64 = 0.75;

/// How many names are suggested.
const MOST: usize = 3;

/// The operation that the first words name, and the words after them: its name (`GetAlbum`, `get-album`), group and function
/// (`albums.get`), or method and path (`GET /albums/{id}`), in one word or two.
pub(crate) fn operation(words: &[String]) -> Outcome<(&'static Entry, &[String])> {
    let Some((first, rest)) = words.split_first() else {
        return usage("name an operation, such as GetAlbum or 'GET /albums/{id}'; tidal api list has them all");
    };
    let (name, rest) = match rest.split_first() {
        Some((path, rest)) if is_method(first) && path.starts_with('/') => (format!("{first} {path}"), rest),
        _ => (first.clone(), rest),
    };
    let found = match name.split_once(' ') {
        Some((method, path)) => registry::find(&method.to_ascii_uppercase(), path.trim()),
        None => registry::all().iter().find(|entry| names(entry).iter().any(|known| plain(known) == plain(&name))),
    };
    match found {
        Some(entry) => Ok((entry, rest)),
        None => usage(format!("there is no operation {name}{}; tidal api list has them all", suggest(&name, known(&name)))),
    }
}

fn is_method(word: &str) -> bool {
    ["GET", "POST", "PATCH", "PUT", "DELETE"].iter().any(|method| method.eq_ignore_ascii_case(word))
}

fn names(entry: &Entry) -> [String; 2] {
    [entry.name.to_owned(), format!("{}.{}", entry.group, entry.function)]
}

/// All operations in the form that `name` has.
fn known(name: &str) -> Vec<String> {
    let all = registry::all().iter();
    match name.contains(['/', ' ']) {
        true => all.map(line).collect(),
        false => all.map(|entry| entry.name.to_owned()).collect(),
    }
}

/// Method and path.
pub(crate) fn line(entry: &Entry) -> String {
    format!("{} {}", entry.operation.method, entry.operation.path)
}

/// The parameter of that name.
pub(crate) fn parameter(entry: &'static Entry, name: &str) -> Outcome<&'static Parameter> {
    let all = entry.operation.parameters;
    let Some(found) = all.iter().find(|parameter| parameter.name == name) else {
        let near = suggest(name, all.iter().map(|parameter| parameter.name));
        return usage(format!(
            "{} has no parameter {name}{near}; tidal api show {} tells what it takes",
            entry.name, entry.name
        ));
    };
    Ok(found)
}

/// `(did you mean …?)` with a blank before it; nothing if no name comes near.
pub(crate) fn suggest<N: AsRef<str>>(name: &str, known: impl IntoIterator<Item = N>) -> String {
    let wanted = plain(name);
    let score = |candidate: &str| {
        let candidate = plain(candidate);
        let part = wanted.len() >= 3 && (candidate.contains(&wanted) || wanted.contains(&candidate));
        strsim::jaro_winkler(&candidate, &wanted) + if part { 0.25 } else { 0.0 }
    };
    let scored = known.into_iter().map(|candidate| (score(candidate.as_ref()), candidate));
    let mut near: Vec<(f64, N)> = scored.filter(|(score, _)| *score >= ALIKE).collect();
    near.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let near: Vec<&str> = near.iter().take(MOST).map(|(_, candidate)| candidate.as_ref()).collect();
    if near.is_empty() { String::new() } else { format!(" (did you mean {}?)", near.join(" or ")) }
}

/// Lower case, letters and digits only.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
