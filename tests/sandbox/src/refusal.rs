//! A request that the API refuses, written as a JSON:API error object.

use http::{HeaderName, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::answer::Answer;

#[derive(Debug)]
pub(crate) struct Refusal(Box<Fields>);

#[derive(Debug)]
struct Fields {
    status: StatusCode,
    code: Option<&'static str>,
    detail: String,
    source: Option<(&'static str, String)>,
    category: Option<&'static str>,
    headers: Vec<(HeaderName, String)>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Fields { status, code: None, detail: detail.into(), source: None, category: None, headers: Vec::new() }))
    }

    /// 400, and which query parameter is to blame.
    pub(crate) fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail).code("INVALID_REQUEST_PARAMETER").source("parameter", name)
    }

    /// 400, and which member of the body is to blame.
    pub(crate) fn member(pointer: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail).code("INVALID_REQUEST_BODY").source("pointer", pointer)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Resource not found").code("NOT_FOUND")
    }

    /// 401 in the shape that the service gives it: no status inside.
    pub(crate) fn unauthorized() -> Self {
        let mut refusal = Self::new(StatusCode::UNAUTHORIZED, "Invalid or missing Authorization Header").code("UNAUTHORIZED");
        refusal.0.category = Some("AUTHENTICATION_ERROR");
        refusal.header(header::WWW_AUTHENTICATE, "Bearer")
    }

    /// 403: this kind of token never may.
    pub(crate) fn not_entitled(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail).code("CLIENT_NOT_ENTITLED")
    }

    /// 403: the token lacks all of these scopes.
    pub(crate) fn scope(any_of: &[&str]) -> Self {
        let scopes = any_of.join(" ");
        Self::new(StatusCode::FORBIDDEN, format!("The token lacks a scope: one of {scopes}"))
            .code("INSUFFICIENT_SCOPE")
            .header(header::WWW_AUTHENTICATE, &format!("Bearer error=\"insufficient_scope\", scope=\"{scopes}\""))
    }

    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.0.code = Some(code);
        self
    }

    pub(crate) fn source(mut self, kind: &'static str, name: &str) -> Self {
        self.0.source = Some((kind, name.to_owned()));
        self
    }

    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        self.0.headers.push((name, value.to_owned()));
        self
    }
}

impl From<Refusal> for Answer {
    fn from(Refusal(refusal): Refusal) -> Self {
        let mut error = Map::new();
        if refusal.status != StatusCode::UNAUTHORIZED {
            error.insert("status".into(), refusal.status.as_str().into());
        }
        if let Some(code) = refusal.code {
            error.insert("code".into(), code.into());
        }
        error.insert("detail".into(), refusal.detail.into());
        if let Some((kind, name)) = refusal.source {
            error.insert("source".into(), json!({ kind: name }));
        }
        if let Some(category) = refusal.category {
            error.insert("meta".into(), json!({ "category": category }));
        }
        let document = json!({ "errors": [Value::Object(error)] });
        let mut answer = Self::document(refusal.status, &document);
        for (name, value) in refusal.headers {
            answer = answer.with(name, &value);
        }
        answer
    }
}
