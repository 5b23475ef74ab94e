//! A request of every operation, with all that it takes, is as the official document wants it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "every_request/generated.rs"]
mod generated;
#[path = "support/spec.rs"]
mod spec;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use spec::{Spec, Stated};
use tidal_core::bytes::Bytes;
use tidal_core::request::{Op, Request};
use tidal_core::{Call, Config, Now, Session, Step, http, url};

/// The requests as they would be sent.
#[derive(Default)]
pub(crate) struct Requests(BTreeMap<&'static str, http::Request<Bytes>>);

impl Requests {
    pub(crate) fn add<O: Op>(&mut self, operation: &'static str, request: Request<O>) {
        let mut call = Call::new(&request).unwrap_or_else(|invalid| panic!("{operation}: {invalid}"));
        let mut session = Session::new(Config::anonymous(), [0; 32]);
        let Step::Send(attempt) = call.poll(&mut session, Now::default()) else { panic!("{operation} is not sent") };
        assert!(self.0.insert(operation, attempt.exchange.request).is_none(), "{operation} stands here twice");
    }
}

/// What of the query isn't as documented.
fn query(spec: &Spec, stated: Stated<'_>, request: &http::Request<Bytes>) -> Vec<String> {
    let mut sent: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(request.uri().query().unwrap_or("").as_bytes()) {
        sent.entry(name.into_owned()).or_default().push(value.into_owned());
    }
    let mut wrong = Vec::new();
    let known = spec.parameters(stated);
    let known: Vec<_> = known.into_iter().filter(|parameter| parameter["in"] == "query").collect();
    let names: BTreeSet<_> = known.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
    wrong.extend(sent.keys().filter(|name| !names.contains(&***name)).map(|name| format!("{name} isn't documented")));
    for parameter in known {
        let name = parameter["name"].as_str().unwrap();
        let Some(values) = sent.get(name) else {
            // There is nothing to include or replace.
            let nothing = matches!(name, "include" | "replaceMedia") && options(parameter).is_some_and(|all| all.is_empty());
            if !nothing {
                wrong.push(format!("{name} is missing"));
            }
            continue;
        };
        let schema = spec.follow(&parameter["schema"]);
        if matches!(name, "include" | "replaceMedia") {
            let [joined] = &values[..] else { panic!("{name} stands there several times") };
            let paths: BTreeSet<_> = joined.split(',').collect();
            if let Some(options) = options(parameter)
                && paths != options
            {
                wrong.push(format!("{name} is {paths:?} instead of {options:?}"));
            }
            continue;
        }
        let is_list = schema["type"] == "array";
        if !is_list && values.len() > 1 {
            wrong.push(format!("{name} stands there {} times", values.len()));
        }
        let element = if is_list { spec.follow(&schema["items"]) } else { schema };
        for value in values {
            let value = match element["type"].as_str() {
                Some("boolean") => value.parse::<bool>().map_or(Value::Null, Value::from),
                Some("integer") => value.parse::<i64>().map_or(Value::Null, Value::from),
                _ => Value::from(value.as_str()),
            };
            wrong.extend(spec.refuse(&value, element, name));
        }
    }
    wrong
}

/// What `include` may name.
fn options(parameter: &Value) -> Option<BTreeSet<&str>> {
    let (_, options) = parameter["description"].as_str()?.split_once("Available options: ")?;
    Some(options.split(", ").collect())
}

/// The members that are documented for a body and not sent.
fn unsent(spec: &Spec, schema: &Value, body: &Value, at: &str) -> Vec<String> {
    let Value::Object(members) = body else { return Vec::new() };
    let mut missing = Vec::new();
    for (key, schema) in spec.properties(schema) {
        let schema = spec.follow(schema);
        let at = format!("{at}.{key}");
        let Some(value) = members.get(key) else {
            // The older form of a reference, beside the one that is sent.
            let older = schema["deprecated"] == true && members.contains_key("data");
            let is_empty = schema["type"] == "object" && spec.properties(schema).is_empty();
            if !older && !is_empty {
                missing.push(at);
            }
            continue;
        };
        let element = if schema["type"] == "array" { &schema["items"] } else { schema };
        // What attributes are made of is for those to fill in who make them.
        if !at.contains("attributes.") {
            missing.extend(unsent(spec, element, value.get(0).unwrap_or(value), &at));
        }
    }
    missing
}

fn check(spec: &Spec, stated: Stated<'_>, request: &http::Request<Bytes>) -> Vec<String> {
    let mut wrong = query(spec, stated, request);
    let path = request.uri().path().strip_prefix("/v2").unwrap();
    let fits = |(sent, stated): (&str, &str)| sent == stated || stated == "{id}" && !sent.is_empty();
    if request.method().as_str().to_lowercase() != stated.method
        || path.split('/').count() != stated.path.split('/').count()
        || !path.split('/').zip(stated.path.split('/')).all(fits)
    {
        wrong.push(format!("goes to {} {path}", request.method()));
    }
    let keyed = spec.parameters(stated).iter().any(|parameter| parameter["name"] == "Idempotency-Key");
    let key = request.headers().get("idempotency-key");
    if keyed != key.is_some() || key.is_some_and(|key| key.is_empty() || key.len() > 128) {
        wrong.push(format!("has the key {key:?}"));
    }
    match (spec.body(stated), request.body().is_empty()) {
        (None, true) => {}
        (Some(schema), false) => {
            let body: Value = serde_json::from_slice(request.body()).unwrap();
            wrong.extend(spec.refuse(&body, schema, "body").map(|why| format!("{why} in {body}")));
            wrong.extend(unsent(spec, schema, &body, "body").into_iter().map(|member| format!("{member} isn't sent: {body}")));
            if request.headers().get("content-type").is_none_or(|kind| kind != "application/vnd.api+json") {
                wrong.push("has another content type".to_owned());
            }
        }
        (_, empty) => wrong.push(format!("has {} body", if empty { "no" } else { "a" })),
    }
    wrong
}

#[test]
fn requests_are_as_documented() {
    let Some(spec) = spec::load("every_request") else { return };
    let mut requests = Requests::default();
    generated::all(&mut requests);
    let mut wrong = Vec::new();
    for stated in spec.operations() {
        let name = format!("{} {}", stated.method.to_uppercase(), stated.path);
        match requests.0.remove(&*name) {
            Some(request) => wrong.extend(check(&spec, stated, &request).into_iter().map(|why| format!("{name}: {why}"))),
            None => wrong.push(format!("{name} is missing")),
        }
    }
    wrong.extend(requests.0.keys().map(|name| format!("{name} isn't documented")));
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}
