//! What the browser shows: a page that says what happened. It has no script, loads nothing, is kept nowhere, and can be embedded
//! nowhere.

use std::borrow::Cow;

use tidal_core::Error;

use crate::Refusal;

const STYLE: &str =
    "body{font:1.1em/1.5 system-ui,sans-serif;max-width:32em;margin:15vh auto;padding:0 1em}h1{font-size:1.4em}";

/// SHA-256 of the style, by which the policy allows it and nothing else.
const STYLE_HASH: &str = "59qTRJ+yJy7S/yKpClA6VYzGDTztp5hadhY3BQofrrw=";

/// A page, as plain text.
pub(super) struct Page {
    status: &'static str,
    title: &'static str,
    text: Cow<'static, str>,
}

impl Page {
    const fn new(status: &'static str, title: &'static str, text: &'static str) -> Self {
        Self { status, title, text: Cow::Borrowed(text) }
    }

    pub(super) fn done() -> Self {
        Self::new("200 OK", "Thank you", "The sign-in page has answered, and the program goes on. You can close this window.")
    }

    /// For `HEAD`, whose text nobody sees.
    pub(super) fn head() -> Self {
        Self::new("200 OK", "Sign-in", "")
    }

    pub(super) fn already_done() -> Self {
        let text = "This sign-in has been completed already. Nothing was changed. You can close this window.";
        Self::new("409 Conflict", "Already done", text)
    }

    pub(super) fn not_waiting() -> Self {
        let text = "The program does not wait for a sign-in just now. Begin a new one there.";
        Self::new("503 Service Unavailable", "No sign-in is waited for", text)
    }

    /// An address that was not taken, and why.
    pub(super) fn refused(refusal: Refusal, error: &Error) -> Self {
        let (status, title, next) = match refusal {
            Refusal::Declined => ("403 Forbidden", "Not signed in", "You can close this window."),
            Refusal::OtherSignIn | Refusal::MissingState | Refusal::NotTheRedirect => (
                "400 Bad Request",
                "This is another sign-in",
                "Nothing was changed, and the program goes on waiting. If you did not sign in just now, close this window; \
                 otherwise go through the address that the program shows now.",
            ),
            Refusal::Repeated => (
                "400 Bad Request",
                "Not understood",
                "Nothing was changed, and the program goes on waiting. Go through the address that the program shows now.",
            ),
            // Reported, MissingCode, Expired: the sign-in page's last word.
            _ => ("400 Bad Request", "The sign-in failed", "Go back to the program to begin again."),
        };
        let mut why = error.to_string();
        if let Some(first) = why.get(..1) {
            let upper = first.to_ascii_uppercase();
            why.replace_range(..1, &upper);
        }
        Self { status, title, text: format!("{why}. {next}").into() }
    }

    pub(super) fn bad_request() -> Self {
        Self::new("400 Bad Request", "Not understood", "This is no request that a browser sends.")
    }

    pub(super) fn other_host() -> Self {
        let text = "This address belongs to a program on your computer, but was asked for by another name.";
        Self::new("421 Misdirected Request", "Not here", text)
    }

    pub(super) fn not_found() -> Self {
        Self::new("404 Not Found", "Not here", "A program waits here for a sign-in to come back, and has nothing else.")
    }

    pub(super) fn other_method() -> Self {
        Self::new("405 Method Not Allowed", "Not so", "A sign-in comes back by GET.")
    }

    pub(super) fn prefetched() -> Self {
        Self::new("503 Service Unavailable", "Not in advance", "This page can't be loaded before you go there.")
    }

    pub(super) fn embedded() -> Self {
        let text = "This page can't be part of another one.";
        Self::new("403 Forbidden", "Not inside another page", text)
    }

    pub(super) fn too_large() -> Self {
        Self::new("431 Request Header Fields Too Large", "Too much", "The request is too long.")
    }

    /// The whole response, with the page itself or without.
    pub(super) fn response(&self, with_body: bool) -> Vec<u8> {
        let Self { status, title, text } = self;
        let body = format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">\
             <title>{title}</title><style>{STYLE}</style></head>\n\
             <body><main><h1>{title}</h1><p>{}</p></main></body></html>\n",
            escape(text)
        );
        let allow = if status.starts_with("405") { "Allow: GET, HEAD\r\n" } else { "" };
        let head = format!(
            "HTTP/1.1 {status}\r\n{allow}\
             Content-Type: text/html; charset=utf-8\r\n\
             Content-Length: {}\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'\r\n\
             Cache-Control: no-store\r\n\
             Referrer-Policy: no-referrer\r\n\
             X-Content-Type-Options: nosniff\r\n\
             X-Frame-Options: DENY\r\n\
             Cross-Origin-Opener-Policy: same-origin\r\n\
             Cross-Origin-Resource-Policy: same-origin\r\n\
             Connection: close\r\n\r\n",
            body.len()
        );
        let mut response = head.into_bytes();
        if with_body {
            response.extend_from_slice(body.as_bytes());
        }
        response
    }
}

/// Text for between tags.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_policy_allows_the_style() {
        assert_eq!(BASE64_STANDARD.encode(Sha256::digest(STYLE)), STYLE_HASH);
    }

    #[test]
    fn foreign_text_is_only_text() {
        assert_eq!(escape("<script>'\"&amp;</script>"), "&lt;script&gt;&#39;&quot;&amp;amp;&lt;/script&gt;");
    }
}
