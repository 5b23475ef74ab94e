//! `tidal api call`.

use std::io::Read as _;

use serde_json::Value;
use serde_json::value::RawValue;
use tidal_core::bytes::Bytes;
use tidal_core::{Answer, Call, url};

use crate::arguments::Arguments;
use crate::lookup;
use crate::output::{pretty, print};
use crate::place::{Client, Place};
use crate::request::{CURSOR, Chosen};
use crate::trouble::{Outcome, Trouble, failed, usage};

/// How many bytes of a body are read.
const LARGEST: u64 = 64 << 20;

pub(crate) fn call(arguments: &Arguments) -> Outcome {
    let request = request(arguments)?;
    let place = Place::open(arguments)?;
    let client = place.client(Some(request.entry))?;
    let outcome = pages(&client, request, arguments, place.uses_bare_token());
    client.drain();
    outcome
}

fn request(arguments: &Arguments) -> Outcome<Chosen> {
    let (entry, words) = lookup::operation(arguments.words.get(2..).unwrap_or_default())?;
    let mut request = Chosen::new(entry);
    for word in words {
        let Some((name, value)) = word.split_once('=') else {
            return usage(format!("{word:?} is no parameter: write NAME=VALUE or --NAME VALUE"));
        };
        request.add(name, value, !arguments.has("unchecked"))?;
    }
    for (name, value) in &arguments.parameters {
        request.add(name, value, !arguments.has("unchecked"))?;
    }
    request.complete()?;
    if let Some(body) = &arguments.body {
        if !entry.operation.has_body {
            return usage(format!("{} takes no body; leave --body out", entry.name));
        }
        request.body = Some(read_body(body)?.into());
    }
    if arguments.has("all-pages") && !entry.operation.parameters.iter().any(|parameter| parameter.name == CURSOR) {
        return usage(format!("{} has no pages; leave --all-pages out", entry.name));
    }
    Ok(request)
}

fn read_body(argument: &str) -> Outcome<String> {
    let text = match argument.strip_prefix('@') {
        Some(path) => {
            std::fs::read_to_string(path).map_err(|error| Trouble::Failed(format!("{path} can't be read: {error}")))?
        }
        None if argument == "-" => {
            let mut text = String::new();
            let read = std::io::stdin().take(LARGEST).read_to_string(&mut text);
            read.map_err(|error| Trouble::Failed(format!("standard input can't be read: {error}")))?;
            text
        }
        None => argument.to_owned(),
    };
    match serde_json::from_str::<&RawValue>(&text) {
        Ok(_) => Ok(text),
        Err(error) => usage(format!("the body is no JSON: {error} (@FILE takes it from a file)")),
    }
}

/// Sends the request, and those for the pages after it if they are wanted.
fn pages(client: &Client, mut request: Chosen, arguments: &Arguments, bare_token: bool) -> Outcome {
    let unchecked = arguments.has("unchecked") || bare_token;
    let mut last = None;
    loop {
        let call = Call::new(&request)?;
        let answer = client.call(if unchecked { call.without_checks() } else { call })?;
        show(&request, &answer, arguments.has("raw"))?;
        let next = if arguments.has("all-pages") { next(&answer) } else { None };
        let Some(cursor) = next else { return Ok(()) };
        if last.as_ref() == Some(&cursor) {
            return failed("the service names the same page again and again; the listing ends here");
        }
        request = request.at(&cursor)?;
        last = Some(cursor);
    }
}

fn show(request: &Chosen, answer: &Answer<Bytes>, raw: bool) -> Outcome {
    if raw {
        return print(answer);
    }
    let body = Bytes::clone(&answer.value);
    let understood = match (request.entry.decode)(body) {
        Ok(understood) => understood,
        Err(error) => return failed(format!("the answer was not understood: {error}; --raw prints it as it is")),
    };
    for misfit in &understood.misfits {
        eprintln!("tidal: {misfit}; it is printed as it came");
    }
    match understood.json {
        Some(json) => print(pretty(&json).as_bytes()),
        None => {
            eprintln!("{}", answer.how.status);
            Ok(())
        }
    }
}

/// The cursor of the page after this one.
fn next(body: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let links = &document["links"];
    let in_link = || {
        let (_, query) = links["next"].as_str()?.split_once('?')?;
        url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == CURSOR).map(|(_, value)| value.into_owned())
    };
    links["meta"]["nextCursor"].as_str().map(str::to_owned).or_else(in_link)
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn the_next_page_is_named_by_a_cursor_or_by_a_link() {
        let next = |links: &str| next(format!(r#"{{"data": [], "links": {links}}}"#).as_bytes());
        let found = Some("a+b=".to_owned());
        assert_eq!(next(r#"{"meta": {"nextCursor": "a+b="}}"#), found);
        assert_eq!(next(r#"{"next": "/albums?page%5Bcursor%5D=a%2Bb%3D&x=1", "meta": null}"#), found);
        assert_eq!(next(r#"{"next": "/albums?x=1", "self": "/albums"}"#), None);
        assert_eq!(next("{}"), None);
    }
}
