//! The API below `/v2`: from a request to the operation that it names, and the checks that all of them share.

mod call;
mod collection;
mod document;
pub(crate) mod idempotency;
mod include;
mod links;
mod operations;
mod pages;
mod parameters;
mod payload;
mod playlist_items;
mod playlists;
mod read;
mod search;
mod sort;

use http::{Method, StatusCode, header};
use jiff::Timestamp;
use url::form_urlencoded;

use crate::answer::{Answer, JSON_API};
use crate::oauth::ledger::Grant;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::state::{State, Worked};

use call::Call;
use idempotency::Begin;
use operations::Operation;
use parameters::Parameters;

const BODY: usize = 1 << 20;

pub(crate) fn answer(state: &mut State, request: &Request, now: Timestamp) -> Worked {
    match checked(state, request, now) {
        Ok(worked) => worked,
        Err(refusal) => Answer::from(refusal).into(),
    }
}

fn checked(state: &mut State, request: &Request, now: Timestamp) -> Result<Worked, Refusal> {
    let segments = segments(&request.path);
    let operation = operations::find(&request.method, &segments)?;
    let grant = bearer(state, request, now)?;
    if let Some(limit) = state.behaviour.rate_limit {
        let retry_after = state.behaviour.retry_after;
        state.limiter.take(&grant.client, limit, retry_after, now)?;
    }
    may(operation, &grant)?;
    media_types(operation, request)?;
    let parameters = Parameters::read(operation, &request.query())?;
    let begin = begin(state, request, &grant, now)?;
    let ticket = match begin {
        Some(Begin::Replay(answer)) => return Ok(answer.into()),
        Some(Begin::Fresh(ticket)) => Some(ticket),
        None => None,
    };
    let mut call = Call::new(state, request, operation, segments, parameters, grant, now);
    let answer = (operation.handler)(&mut call).unwrap_or_else(Answer::from);
    let answer = if call.state.behaviour.empty_mutations && operation.is_mutation() && answer.status.is_success() {
        Answer::empty(StatusCode::NO_CONTENT)
    } else {
        answer
    };
    Ok(Worked { answer, ticket })
}

/// The decoded parts of a path, without `v2`.
fn segments(path: &str) -> Vec<String> {
    let parts = path.split('/').skip(2);
    // A plus in a path is a plus, which a form would read as a space.
    let decode = |part: &str| {
        let text = format!("x={}", part.replace('+', "%2B").replace('&', "%26"));
        let value = form_urlencoded::parse(text.as_bytes()).next();
        value.map(|(_, value)| value.into_owned())
    };
    parts.filter_map(decode).collect()
}

fn bearer(state: &State, request: &Request, now: Timestamp) -> Result<Grant, Refusal> {
    let value = request.header(header::AUTHORIZATION);
    value
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .and_then(|(_, token)| state.ledger.check(token, now))
        .cloned()
        .ok_or_else(Refusal::unauthorized)
}

/// Writes, and reads that client credentials may not make, need one of the scopes. Other reads are redacted.
fn may(operation: &Operation, grant: &Grant) -> Result<(), Refusal> {
    if grant.user.is_none() {
        return if operation.client { Ok(()) } else { Err(Refusal::not_entitled("This takes a person's consent")) };
    }
    let scopes = operation.scopes;
    let enforced = !operation.client && !scopes.is_empty();
    let granted = |scope: &&str| grant.scopes.iter().any(|granted| granted == scope);
    if enforced && !scopes.iter().any(granted) {
        return Err(Refusal::scope(scopes));
    }
    Ok(())
}

fn media_types(operation: &Operation, request: &Request) -> Result<(), Refusal> {
    if let Some(accept) = request.header(header::ACCEPT) {
        let acceptable = accept.split(',').any(|range| {
            let essence = range.split(';').next().unwrap_or_default().trim();
            ["*/*", "application/*", JSON_API].contains(&essence)
        });
        if !acceptable {
            return Err(
                Refusal::new(StatusCode::NOT_ACCEPTABLE, "No acceptable response media type").source("header", "Accept")
            );
        }
    }
    if request.body.len() > BODY {
        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"));
    }
    let typed = request.media_type().as_deref() == Some(JSON_API);
    if (operation.body || !request.body.is_empty()) && !typed {
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported request media type or encoding")
            .source("header", "Content-Type"));
    }
    if !operation.body && !request.body.is_empty() {
        return Err(Refusal::member("", "This operation takes no body"));
    }
    Ok(())
}

fn begin(state: &mut State, request: &Request, grant: &Grant, now: Timestamp) -> Result<Option<Begin>, Refusal> {
    let key = request.headers.get("idempotency-key");
    let Some(key) = key.filter(|_| request.method != Method::GET) else {
        return Ok(None);
    };
    let key = key.to_str().unwrap_or_default();
    state.idempotency.begin(grant, key, request, now).map(Some)
}
