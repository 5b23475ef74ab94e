//! Bodies of refusals, in whatever form they come.

use std::borrow::Cow;
use std::fmt;

use crate::document::loose::{self, Object, Value};
use crate::secret::{Secret, blot};
use crate::texts;
use crate::value::Text;

/// What the body of a refusal says. The service itself answers with JSON:API errors; gateways before it answer with RFC 7807
/// problems, with an older form of their own, with OAuth errors, with HTML, or with nothing. All of them are read to the same form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorBody {
    /// In which form it came.
    pub format: ErrorFormat,
    /// What is wrong; may be empty.
    pub errors: Vec<ApiError>,
}

/// The forms in which refusals come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorFormat {
    /// No body.
    #[default]
    Empty,
    /// JSON:API: `{"errors": […]}`.
    JsonApi,
    /// RFC 7807: `{"type", "title", "status", "detail", "instance"}`.
    Problem,
    /// `{"status", "subStatus", "userMessage"}`.
    Legacy,
    /// RFC 6749 §5.2: `{"error", "error_description"}`, with TIDAL's `status` and `sub_status`.
    OAuth,
    /// Other JSON.
    Json,
    /// HTML.
    Html,
    /// Anything else.
    Other,
}

/// One thing that is wrong. Any member may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiError {
    /// Id of this occurrence, for the service's own logs.
    pub id: Option<Text>,
    /// HTTP status, as the body states it.
    pub status: Option<Text>,
    /// What kind of error it is, such as `INVALID_RESOURCE_ID` or `invalid_grant`.
    pub code: Option<Text>,
    /// A finer code that some forms have beside it, such as 1002.
    pub sub_code: Option<Text>,
    /// What kind of error it is, in words.
    pub title: Option<Text>,
    /// What happened, in words.
    pub detail: Option<Text>,
    /// What part of the request it is about.
    pub source: ErrorSource,
    /// A broad category, such as `AUTHENTICATION_ERROR`.
    pub category: Option<Text>,
}

/// What part of a request an error is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorSource {
    /// A place in the body (RFC 6901).
    pub pointer: Option<Text>,
    /// A query parameter.
    pub parameter: Option<Text>,
    /// A header.
    pub header: Option<Text>,
}

/// How many errors of one body are kept, and how many characters of each text.
const MOST: usize = 64;
const LONGEST: usize = 1024;

impl ErrorBody {
    /// Reads a body. Never fails: what says nothing gives no errors.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        Self::read(body).fit_to_show(&[])
    }

    /// Takes these secrets out, should the service have repeated one, and cuts long texts.
    pub(crate) fn fit_to_show(mut self, secrets: &[Secret]) -> Self {
        for error in &mut self.errors {
            for text in error.texts_mut() {
                let Some(text) = text else { continue };
                // First of all: a secret that is cut is not found any more.
                let tidy = blot(text, secrets);
                if matches!(tidy, Cow::Owned(_)) || tidy.len() > LONGEST {
                    *text = Text::from(cut(&tidy));
                }
            }
        }
        self
    }

    /// Reads a body as it was sent: not to be shown before it is [fit](Self::fit_to_show) to be.
    pub(crate) fn read(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.is_empty() {
            return Self::default();
        }
        match loose::value(text.as_bytes()) {
            Some(Value::Object(object)) => Self::of_object(&object),
            Some(_) => Self { format: ErrorFormat::Json, errors: Vec::new() },
            None if text.starts_with('<') => Self::of_html(text),
            None => Self { format: ErrorFormat::Other, errors: Vec::new() },
        }
    }

    fn of_object(object: &Object) -> Self {
        let has = |name: &str| object.get(name).is_some();
        let member = |name: &str| text(object.get(name));
        let status = member("status");
        let (format, error) = if let Some(Value::List(errors)) = object.get("errors") {
            let mut read = Self { format: ErrorFormat::JsonApi, errors: Vec::new() };
            for error in errors.iter().take(MOST) {
                if let Some(error) = ApiError::of(error) {
                    read.errors.push(error);
                }
            }
            return read;
        } else if has("error") {
            let code = member("error");
            let sub_code = member("sub_status");
            (
                ErrorFormat::OAuth,
                ApiError { status, code, sub_code, detail: member("error_description"), ..ApiError::default() },
            )
        } else if has("userMessage") || has("subStatus") {
            let sub_code = member("subStatus");
            (ErrorFormat::Legacy, ApiError { status, sub_code, detail: member("userMessage"), ..ApiError::default() })
        } else if has("title") || has("detail") {
            let (id, code) = (member("instance"), member("type").filter(|code| *code != "about:blank"));
            (
                ErrorFormat::Problem,
                ApiError { id, status, code, title: member("title"), detail: member("detail"), ..ApiError::default() },
            )
        } else {
            let detail = member("message");
            (ErrorFormat::Json, ApiError { status, detail, ..ApiError::default() })
        };
        let errors = if error == ApiError::default() { Vec::new() } else { vec![error] };
        Self { format, errors }
    }

    /// Keeps the title of a page.
    fn of_html(page: &str) -> Self {
        let lower = page.to_ascii_lowercase();
        let title = texts::find(&lower, "<title").and_then(|tag| {
            let from = lower.len() - texts::cut(&lower[tag..], '>')?.1.len();
            let to = from + texts::find(&lower[from..], "</title")?;
            let words: Vec<&str> = page[from..to].split_whitespace().collect();
            Some(Text::from(texts::join(&words, " ")))
        });
        let errors =
            title.filter(|title| !title.is_empty()).map(|title| ApiError { title: Some(title), ..ApiError::default() });
        Self { format: ErrorFormat::Html, errors: errors.into_iter().collect() }
    }

    /// The first code there is.
    #[must_use]
    pub fn code(&self) -> Option<&Text> {
        self.errors.iter().find_map(|error| error.code.as_ref())
    }

    /// The first finer code there is.
    #[must_use]
    pub fn sub_code(&self) -> Option<&Text> {
        self.errors.iter().find_map(|error| error.sub_code.as_ref())
    }

    /// Whether one of the errors has this code.
    #[must_use]
    pub fn has_code(&self, code: &str) -> bool {
        self.errors.iter().any(|error| error.code.as_ref().is_some_and(|known| *known == code))
    }
}

impl ApiError {
    fn texts_mut(&mut self) -> [&mut Option<Text>; 10] {
        let Self { id, status, code, sub_code, title, detail, source, category } = self;
        let ErrorSource { pointer, parameter, header } = source;
        [id, status, code, sub_code, title, detail, pointer, parameter, header, category]
    }

    fn of(value: &Value) -> Option<Self> {
        let Value::Object(object) = value else { return None };
        let member = |name: &str| text(object.get(name));
        let inner = |outer: &str, name: &str| text(object.get(outer)?.get(name));
        Some(Self {
            id: member("id"),
            status: member("status"),
            code: member("code"),
            sub_code: inner("meta", "subStatus"),
            title: member("title"),
            detail: member("detail"),
            source: ErrorSource {
                pointer: inner("source", "pointer"),
                parameter: inner("source", "parameter"),
                header: inner("source", "header"),
            },
            category: inner("meta", "category"),
        })
    }
}

/// A text, or what else can be written as one.
fn text(value: Option<&Value>) -> Option<Text> {
    match value? {
        Value::Text(text) | Value::Number(text) => Some(Text::from(text.as_str())),
        Value::Bool(value) => Some(Text::from(if *value { "true" } else { "false" })),
        Value::Null | Value::List(_) | Value::Object(_) => None,
    }
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(LONGEST).map_or(text, |(end, _)| &text[..end])
}

impl fmt::Display for ErrorBody {
    /// The errors, one after the other.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.errors.iter().enumerate() {
            write!(f, "{}{error}", if at > 0 { "; " } else { "" })?;
        }
        Ok(())
    }
}

impl fmt::Display for ApiError {
    /// `INVALID_RESOURCE_ID: Invalid resource ID (data/id)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.detail.as_ref().or(self.title.as_ref());
        let codes = [self.code.as_ref(), self.sub_code.as_ref()];
        let mut separator = "";
        for code in codes {
            let Some(code) = code else { continue };
            write!(f, "{separator}{code}")?;
            separator = "/";
        }
        if let Some(words) = words {
            write!(f, "{}{words}", if separator.is_empty() { "" } else { ": " })?;
        }
        let source = &self.source;
        let place = source.pointer.as_ref().or(source.parameter.as_ref()).or(source.header.as_ref());
        place.map_or(Ok(()), |place| write!(f, " ({place})"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> (ErrorFormat, String) {
        let body = ErrorBody::parse(body.as_bytes());
        (body.format, body.to_string())
    }

    #[test]
    fn every_form_is_read() {
        let cases = [
            ("", ErrorFormat::Empty, ""),
            (" \n", ErrorFormat::Empty, ""),
            (
                r#"{"errors":[{"id":"e1","status":"404","code":"NOT_FOUND","detail":"No such album","source":{"parameter":"id"}},{"title":"Other"}]}"#,
                ErrorFormat::JsonApi,
                "NOT_FOUND: No such album (id); Other",
            ),
            (r#"{"errors":[]}"#, ErrorFormat::JsonApi, ""),
            (r#"{"errors":[7,{}]}"#, ErrorFormat::JsonApi, ""),
            (r#"{"type":"about:blank","title":"Bad Gateway","status":502}"#, ErrorFormat::Problem, "Bad Gateway"),
            (
                r#"{"status":401,"subStatus":11003,"userMessage":"The token has expired."}"#,
                ErrorFormat::Legacy,
                "11003: The token has expired.",
            ),
            (
                r#"{"error":"invalid_grant","error_description":"Token has invalid payload","status":400,"sub_status":1005}"#,
                ErrorFormat::OAuth,
                "invalid_grant/1005: Token has invalid payload",
            ),
            (r#"{"message":"Missing key"}"#, ErrorFormat::Json, "Missing key"),
            (r#"[1]"#, ErrorFormat::Json, ""),
            ("<html><head><TITLE>502\n Bad Gateway</TITLE></head></html>", ErrorFormat::Html, "502 Bad Gateway"),
            ("<html>İ<title>", ErrorFormat::Html, ""),
            ("upstream connect error", ErrorFormat::Other, ""),
            ("{\"errors\":[{\"code\":", ErrorFormat::Other, ""),
        ];
        for (body, format, words) in cases {
            assert_eq!(parse(body), (format, words.to_owned()), "{body}");
        }
    }

    #[test]
    fn members_of_other_types_are_read_as_texts_and_long_ones_cut() {
        let long = "é".repeat(5000);
        let body = ErrorBody::parse(
            format!(r#"{{"errors":[{{"status":429,"code":null,"detail":"{long}","meta":{{"category":"X"}}}}]}}"#).as_bytes(),
        );
        let error = &body.errors[0];
        assert_eq!(error.status.as_deref(), Some("429"));
        assert_eq!(error.code, None);
        assert_eq!(error.category.as_deref(), Some("X"));
        assert_eq!(error.detail.as_ref().map(|detail| detail.chars().count()), Some(1024));
    }

    #[test]
    fn secrets_are_taken_out_before_long_texts_are_cut() {
        let (long, short) = (Secret::new("the-refresh-token"), Secret::new("refresh"));
        let secrets = [short.clone(), long.clone(), Secret::new("")];
        // In the middle of it the text would be cut.
        let words = format!("{} the-refresh-token", "é".repeat(1024 - 6));
        for body in [
            format!(r#"{{"error":"invalid_grant","error_description":"{words}"}}"#),
            format!(r#"{{"errors":[{{"detail":"{words}"}}]}}"#),
            format!("<title>{words}</title>"),
        ] {
            let said = ErrorBody::read(body.as_bytes()).fit_to_show(&secrets).to_string();
            assert!(said.contains("é [reda") && !said.contains("the-"), "{said}");
        }
        // As a whole before its part, and as it looks in a form.
        let body = r#"{"message":"the-refresh-token, a+b%26c, refresh"}"#;
        let said = ErrorBody::read(body.as_bytes()).fit_to_show(&[short, long, Secret::new("a b&c")]).to_string();
        assert_eq!(said, "[redacted], [redacted], [redacted]");
    }

    #[test]
    fn no_bytes_make_it_panic() {
        for body in [&b"\xff\xfe"[..], b"<title>\xc4\xb0</title>", b"{", &[b'['; 100_000], b"\xef\xbb\xbf{}"] {
            let _ = ErrorBody::parse(body).to_string();
        }
    }
}
