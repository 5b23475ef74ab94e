//! What the operations say of themselves is what the official document says of them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/spec.rs"]
mod spec;

use std::collections::BTreeSet;

use serde_json::Value;
use spec::{Spec, Stated};
use tidal_cli::registry::{self, Entry};
use tidal_core::operation::{Kind, List, Parameter, Place, Replay, Tier};

/// A parameter's name, place, whether it is required, how lists are written, type, values and greatest length.
type Facts = (String, Place, bool, List, Kind, Vec<String>, Option<u64>);

/// The parameter as the document has it; `None` for headers.
fn stated_parameter(stated: &Value) -> Option<Facts> {
    let name = stated["name"].as_str().unwrap();
    let place = match stated["in"].as_str().unwrap() {
        "path" => Place::Path,
        "query" => Place::Query,
        _ => return None,
    };
    let schema = &stated["schema"];
    let list = match (name, schema["type"].as_str().unwrap()) {
        // Comma-separated, as the document's introduction says.
        ("include" | "replaceMedia", _) => List::Joined,
        (_, "array") => List::Exploded,
        _ => List::One,
    };
    let element = if schema["type"] == "array" { &schema["items"] } else { schema };
    let kind = match element["type"].as_str().unwrap() {
        "boolean" => Kind::Boolean,
        "integer" => Kind::Integer,
        "string" => Kind::Text,
        other => panic!("{name}: {other}"),
    };
    let values = element["enum"].as_array().into_iter().flatten().map(|value| value.as_str().unwrap().to_owned()).collect();
    let required = stated["required"].as_bool().unwrap_or(false);
    Some((name.to_owned(), place, required, list, kind, values, element["maxLength"].as_u64()))
}

fn ours(parameter: &Parameter) -> Facts {
    let Parameter { name, place, required, list, kind, values, max_length, .. } = *parameter;
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    (name.to_owned(), place, required, list, kind, values, max_length.map(u64::from))
}

fn sorted(mut facts: Vec<Facts>) -> Vec<Facts> {
    facts.sort_by(|a, b| a.0.cmp(&b.0));
    facts
}

fn check(spec: &Spec, entry: &Entry, stated: Stated<'_>) {
    let (name, operation, value) = (entry.name, entry.operation, stated.value);
    let tier = match value["x-path-item-properties"]["required-access-tier"].as_str().unwrap() {
        "THIRD_PARTY" => Tier::ThirdParty,
        "PARTNER" => Tier::Partner,
        "INTERNAL" => Tier::Internal,
        other => panic!("{name}: {other}"),
    };
    assert_eq!(operation.tier, tier, "{name}");

    let security = value["security"].as_array().unwrap();
    let of = |flow: &str| security.iter().find_map(|one| one.get(flow));
    assert_eq!(operation.flows.application, of("Client_Credentials").is_some(), "{name}");
    let person = of("Authorization_Code_PKCE");
    assert_eq!(operation.flows.person, person.is_some(), "{name}");
    let scopes: Vec<_> =
        person.into_iter().flat_map(|scopes| scopes.as_array().unwrap()).map(|scope| scope.as_str().unwrap()).collect();
    assert_eq!(operation.scopes, scopes, "{name}");

    let parameters = spec.parameters(stated);
    let facts = sorted(parameters.iter().filter_map(|one| stated_parameter(one)).collect());
    assert_eq!(sorted(operation.parameters.iter().map(ours).collect()), facts, "{name}");

    let keyed = parameters.iter().any(|one| one["name"] == "Idempotency-Key");
    let replay = match (stated.method, keyed) {
        ("get", _) => Replay::Read,
        (_, true) => Replay::Keyed,
        (_, false) => Replay::Once,
    };
    assert_eq!(operation.replay, replay, "{name}");

    let has_body = spec.body(stated).is_some();
    assert_eq!((operation.has_body, entry.body.is_some()), (has_body, has_body), "{name}");
    assert_eq!(entry.deprecated, value["deprecated"] == true, "{name}");

    let include = parameters.iter().find(|one| one["name"] == "include").and_then(|one| one["description"].as_str());
    let include = include.and_then(|text| text.split_once("Available options: ")).map_or("", |(_, options)| options);
    assert_eq!(entry.include.join(", "), include, "{name}");

    let page = parameters.iter().any(|one| one["name"] == "page[cursor]");
    assert_eq!(operation.parameters.iter().any(|one| one.name == "page[cursor]"), page, "{name}");
}

#[test]
fn operations_are_as_documented() {
    let Some(spec) = spec::load("operation_facts") else { return };
    let all = spec.operations();
    let documented: BTreeSet<_> = all.iter().map(|one| (one.method.to_uppercase(), one.path.to_owned())).collect();
    let known = registry::all().iter().map(|entry| (entry.operation.method.to_string(), entry.operation.path.to_string()));
    assert_eq!(known.collect::<BTreeSet<_>>(), documented);
    assert_eq!(registry::all().len(), all.len());
    for stated in all {
        let entry = registry::find(&stated.method.to_uppercase(), stated.path).unwrap();
        check(&spec, entry, stated);
    }
}

#[test]
fn outputs_fit_the_documented_answers() {
    let Some(spec) = spec::load("operation_facts") else { return };
    let types = spec.types();
    for stated in spec.operations() {
        let entry = registry::find(&stated.method.to_uppercase(), stated.path).unwrap();
        let (name, output) = (entry.name, (entry.output)());
        assert_eq!(output.contains("Option<"), stated.method != "get", "{name}: {output}");
        let schema = spec.answer(stated);
        let data = spec.follow(schema)["properties"].get("data").map(|data| spec.follow(data));
        let element = data.map(|data| if data["type"] == "array" { &data["items"] } else { data });
        // The answer's own schema names the resource's, and that the type.
        let resource = |schema: &Value| {
            let of = |&&(_, known): &&(&str, &Value)| std::ptr::eq(known, spec.follow(schema));
            types.iter().find(of).map(|(kind, _)| (*kind).to_owned())
        };
        let many = data.is_some_and(|data| data["type"] == "array");
        match (element, element.and_then(resource)) {
            (None, _) => assert!(output.contains("Document<()>"), "{name}: {output}"),
            (Some(_), None) => assert!(output.contains("Refs<tidal_core::model::"), "{name}: {output}"),
            (Some(_), Some(kind)) => {
                assert_eq!(output.contains("Vec<"), many, "{name}: {output}");
                let document = format!(
                    r#"{{"data": {0}{{"type": "{kind}", "id": "1"}}{1}}}"#,
                    if many { "[" } else { "" },
                    if many { "]" } else { "" }
                );
                (entry.decode)(document.into()).unwrap_or_else(|e| panic!("{name}: {kind} are no {output}: {e}"));
                let other = if kind == "albums" { "tracks" } else { "albums" };
                let document = format!(
                    r#"{{"data": {0}{{"type": "{other}", "id": "1"}}{1}}}"#,
                    if many { "[" } else { "" },
                    if many { "]" } else { "" }
                );
                assert!((entry.decode)(document.into()).is_err(), "{name}: {other} are {output}");
            }
        }
    }
}
