//! Answers that are no JSON at all, which says more than the byte where reading them ended.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

use crate::texts;

/// A content type is shorter than this; what is longer says nothing to a person.
const LONGEST_TYPE: usize = 100;

/// What a body is that should be JSON and begins like none, with the status and the content type; nothing if it might be JSON.
pub(crate) fn no_json(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Option<String> {
    let start = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    let stated = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).filter(|text| text.len() <= LONGEST_TYPE);
    let with = format!("({status}, {})", stated.unwrap_or("no content type"));
    if start.is_empty() {
        return Some(format!("the answer is empty {with}"));
    }
    let begins = |text: &str| start.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text.as_bytes()));
    let is_html = begins("<!doctype html") || begins("<html") || stated.is_some_and(|stated| texts::contains(stated, "html"));
    match start[0] {
        b'<' if is_html => Some(format!(
            "the answer is HTML, not JSON {with}: a network that wants a sign-in first, or a proxy, may have answered in the service's place"
        )),
        b'<' => Some(format!("the answer is XML, not JSON {with}")),
        _ => None,
    }
}
