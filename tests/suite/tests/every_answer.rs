//! Answers made from the official document's schemas are understood by every operation and every type of resource, and what was
//! understood comes back when it is written again.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/spec.rs"]
mod spec;

#[path = "every_answer/sample.rs"]
mod sample;

use std::collections::BTreeSet;

use sample::{Made, Sampler, known, text};
use serde_json::{Value, json};
use tidal_cli::registry;
use tidal_core::document::Document;
use tidal_core::model::AnyResource;

/// How answers are made: with what is documented, with the least, and with what may come one day.
const WAYS: [Made; 5] = [
    Made { optional: true, ..Made::LEAST },
    Made::LEAST,
    Made { optional: true, nulls: true, ..Made::LEAST },
    Made { optional: true, unknown_values: true, ..Made::LEAST },
    Made { optional: true, extra: true, ..Made::LEAST },
];

/// Decodes `made`, the type of each resource before and after the rest, and holds what is written again against it.
fn comes_back(what: &str, made: &Value, decode: impl Fn(String) -> Result<(String, usize), String>) {
    let mut expected = known(made.clone());
    // Beside these a document keeps no members.
    expected.as_object_mut().unwrap().retain(|key, _| ["data", "included", "links", "meta"].contains(&key.as_str()));
    for type_first in [true, false] {
        let sent = text(made, type_first);
        let (written, misfits) = decode(sent.clone()).unwrap_or_else(|error| panic!("{what}: {error}: {sent}"));
        assert_eq!(misfits, 0, "{what}: {sent}");
        let written: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(known(written), expected, "{what}: {sent}");
    }
}

#[test]
fn every_operation_understands_its_answers() {
    let Some(spec) = spec::load("every_answer") else { return };
    let sampler = Sampler::new(&spec);
    for stated in spec.operations() {
        let entry = registry::find(&stated.method.to_uppercase(), stated.path).unwrap();
        let target = target_of(stated.path);
        for way in WAYS {
            let made = sampler.document(spec.answer(stated), target.as_deref(), way);
            comes_back(&format!("{} {way:?}", entry.name), &made, |sent| {
                let answer = (entry.decode)(sent.into()).map_err(|error| error.to_string())?;
                Ok((answer.json.unwrap_or_default(), answer.misfits.len()))
            });
        }
    }
}

/// The relationship that a path names: `albums.items`.
fn target_of(path: &str) -> Option<String> {
    let steps: Vec<_> = path.split('/').collect();
    match steps[..] {
        [_, kind, _, "relationships", relationship] => Some(format!("{kind}.{relationship}")),
        _ => None,
    }
}

fn any(sent: String) -> Result<(String, usize), String> {
    let document = Document::<Vec<AnyResource>>::decode(sent.into()).map_err(|error| error.to_string())?;
    Ok((document.to_json(), document.misfits.len()))
}

#[test]
fn every_type_comes_back() {
    let Some(spec) = spec::load("every_answer") else { return };
    let sampler = Sampler::new(&spec);
    let types = spec.types();
    assert!(types.len() >= 73, "{}", types.len());
    for (kind, _) in types {
        for way in WAYS {
            let made = json!({ "data": [sampler.resource(kind, way)], "links": { "self": "/x" } });
            comes_back(&format!("{kind} {way:?}"), &made, any);
        }
        for value in 0..sampler.most_values(kind) {
            let made = json!({ "data": [sampler.resource(kind, Made { optional: true, value, ..Made::LEAST })], "links": { "self": "/x" } });
            comes_back(&format!("{kind}, value {value}"), &made, any);
        }
    }
}

/// The sources of the models.
fn models() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/src/model/generated");
    std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect()
}

#[test]
fn attributes_and_documented_values_have_names() {
    let Some(spec) = spec::load("every_answer") else { return };
    let models = models();
    let mut values = BTreeSet::new();
    for (kind, schema) in spec.types() {
        let source = models.iter().find(|text| text.contains(&format!(": \"{kind}\", ")));
        let source = source.unwrap_or_else(|| panic!("{kind} has no model"));
        for (key, schema) in spec.properties(&spec.follow(schema)["properties"]["attributes"]) {
            assert!(source.contains(&format!("= \"{key}\"")), "{kind} has no field for {key}");
            let schema = spec.follow(schema);
            let element = if schema["type"] == "array" { spec.follow(&schema["items"]) } else { schema };
            values.extend(element["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        }
    }
    assert!(values.len() > 100, "only {} values were seen", values.len());
    for value in values {
        let named = format!(" = \"{value}\",");
        assert!(models.iter().any(|text| text.contains(&named)), "no enumeration knows {value}");
    }
}

#[test]
fn what_is_made_is_as_documented() {
    let Some(spec) = spec::load("every_answer") else { return };
    let sampler = Sampler::new(&spec);
    for stated in spec.operations() {
        for way in &WAYS[..2] {
            let schema = spec.answer(stated);
            let mut made = sampler.document(schema, target_of(stated.path).as_deref(), *way);
            // Its resources are held one by one, below.
            made.as_object_mut().unwrap().remove("included");
            assert_eq!(spec.refuse(&made, schema, stated.path), None);
        }
    }
    for (kind, schema) in spec.types() {
        assert_eq!(spec.refuse(&sampler.resource(kind, WAYS[0]), schema, kind), None);
    }
}

#[test]
fn the_comparison_sees_a_loss() {
    let Some(spec) = spec::load("every_answer") else { return };
    let made = json!({ "data": [Sampler::new(&spec).resource("albums", WAYS[0])], "links": { "self": "/x" } });
    let lossy = |sent: String| any(sent).map(|(written, misfits)| (written.replace("\"title\"", "\"name\""), misfits));
    let outcome = std::panic::catch_unwind(|| comes_back("albums", &made, lossy));
    assert!(outcome.is_err(), "a lost title went unseen");
}

#[test]
fn samples_are_not_empty() {
    let Some(spec) = spec::load("every_answer") else { return };
    let album = Sampler::new(&spec).resource("albums", WAYS[0]);
    assert!(album["attributes"].as_object().unwrap().len() > 10, "{album}");
    assert!(album["relationships"].as_object().unwrap().len() > 8, "{album}");
}
