//! The generated sources are what the generator writes, from this version of the official document and, with less, from others.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/spec.rs"]
mod spec;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use spec::Spec;
use tidal_codegen::{Generated, Tables, differences, generate};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn sources_are_as_generated() {
    let Some(spec) = spec::load("generated_sources") else { return };
    let Generated { files, warnings } = generate(&spec.0, &Tables::ours().unwrap(), &root()).unwrap();
    assert_eq!(warnings, [""; 0]);
    let differing = differences(&root(), &files).unwrap();
    assert!(differing.is_empty(), "not as generated: {differing:?}; run `cargo run -p tidal-codegen -- DOCUMENT`");
}

/// The types that references in changes name, by `type.relationship`.
fn named(spec: &Spec) -> BTreeMap<String, BTreeSet<String>> {
    let mut named: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for stated in spec.operations() {
        let Some(schema) = spec.body(stated) else { continue };
        let steps: Vec<_> = stated.path.split('/').collect();
        let data = &spec.follow(schema)["properties"]["data"];
        if let [_, kind, _, "relationships", relationship] = steps[..] {
            named.entry(format!("{kind}.{relationship}")).or_default().extend(kinds(spec, data));
        }
        for (key, schema) in spec.properties(&spec.follow(data)["properties"]["relationships"]) {
            let data = &spec.follow(schema)["properties"]["data"];
            named.entry(format!("{}.{key}", steps[1])).or_default().extend(kinds(spec, data));
        }
    }
    named
}

/// The types that a reference may be to.
fn kinds(spec: &Spec, data: &Value) -> Vec<String> {
    let data = spec.follow(data);
    if let Some(choices) = data["oneOf"].as_array() {
        return choices.iter().flat_map(|choice| kinds(spec, choice)).collect();
    }
    let element = if data["type"] == "array" { spec.follow(&data["items"]) } else { data };
    let kinds = spec.follow(&element["properties"]["type"])["enum"].as_array();
    kinds.into_iter().flatten().map(|kind| kind.as_str().unwrap().to_owned()).collect()
}

#[test]
fn relationships_lead_to_what_changes_name() {
    let Some(spec) = spec::load("generated_sources") else { return };
    let targets = Tables::ours().unwrap().targets();
    let mut held = 0;
    let types = spec.types();
    for (relationship, kinds) in named(&spec) {
        let (kind, key) = relationship.split_once('.').unwrap();
        let schema = types.iter().find(|(known, _)| *known == kind).unwrap().1;
        if !spec.properties(&schema["properties"]["relationships"]).iter().any(|(known, _)| *known == key) {
            // Changes set some relationships that answers don't show.
            continue;
        }
        let ours = targets.get(&relationship).unwrap_or_else(|| panic!("{relationship} isn't in the table"));
        let missing: Vec<_> = kinds.iter().filter(|kind| !ours.is_empty() && !ours.contains(kind)).collect();
        assert!(missing.is_empty(), "{relationship} may lead to {missing:?} too");
        held += 1;
    }
    assert!(held >= 40, "only {held} were compared");
    for (kind, schema) in types {
        for (key, _) in spec.properties(&schema["properties"]["relationships"]) {
            assert!(targets.contains_key(&format!("{kind}.{key}")), "{kind}.{key} isn't in the table");
        }
    }
}

/// Generates from a changed document.
fn changed(change: impl FnOnce(&mut Value)) -> Option<Result<Generated, tidal_codegen::Fault>> {
    let mut spec = spec::load("generated_sources")?.0;
    change(&mut spec);
    Some(generate(&spec, &Tables::ours().unwrap(), &root()))
}

/// A copy of what names `tracks`, for a type called `moods`.
fn moods(spec: &mut Value) {
    let schemas = spec["components"]["schemas"].as_object_mut().unwrap();
    let mut new: Vec<(String, Value)> = Vec::new();
    for (name, schema) in schemas.iter().filter(|(name, _)| name.starts_with("Tracks_")) {
        let text = schema.to_string().replace("schemas/Tracks_", "schemas/Moods_");
        new.push((name.replacen("Tracks_", "Moods_", 1), serde_json::from_str(&text).unwrap()));
    }
    schemas.extend(new);
    let included = &mut schemas["Included"]["items"];
    included["discriminator"]["mapping"]["moods"] = json!("#/components/schemas/Moods_Resource_Object");
    let attributes = schemas["Moods_Attributes"]["properties"].as_object_mut().unwrap();
    attributes.insert("glow".into(), json!({"type": "string", "enum": ["FAINT", "BRIGHT"]}));
    let get = spec["paths"]["/tracks/{id}"]["get"].to_string().replace("schemas/Tracks_", "schemas/Moods_");
    let mut get: Value = serde_json::from_str(&get).unwrap();
    let parameters = get["parameters"].as_array_mut().unwrap();
    parameters.push(json!({"name": "filter[glow]", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}}));
    spec["paths"]["/moods/{id}"] = json!({ "get": get });
}

#[test]
fn new_types_operations_parameters_and_values_are_taken() {
    let Some(generated) = changed(|spec| {
        moods(spec);
        let values = &mut spec["components"]["schemas"]["Albums_Attributes"]["properties"]["albumType"]["enum"];
        values.as_array_mut().unwrap().push("MIXTAPE".into());
    }) else {
        return;
    };
    let Generated { files, warnings } = generated.unwrap();
    let model = &files["core/src/model/generated/mood.rs"];
    assert!(model.contains("Mood: \"moods\", \"mood\""), "{model}");
    assert!(model.contains("glow: Option<Glow> = \"glow\""), "{model}");
    // Where the new type's relationships lead nobody knows yet.
    assert!(model.contains("artists: Many<AnyResource> = \"artists\""), "{model}");
    assert!(warnings.iter().any(|warning| warning.starts_with("moods.artists leads to any resource")), "{warnings:?}");
    let operations = &files["core/src/api/generated/moods.rs"];
    assert!(operations.contains("pub fn get(self, id: impl Into<Id<Mood>>) -> Request<GetMood, C>"), "{operations}");
    assert!(operations.contains("pub fn glows(self, values: impl IntoIterator<Item: Into<Text>>) -> Self"), "{operations}");
    assert!(files["core/src/model/generated/album.rs"].contains("Mixtape = \"MIXTAPE\""));
}

#[test]
fn what_is_gone_goes() {
    let Some(generated) = changed(|spec| {
        spec["paths"]
            .as_object_mut()
            .unwrap()
            .retain(|path, _| !path.starts_with("/shares") && !path.starts_with("/artistRoles"));
        let schemas = spec["components"]["schemas"].as_object_mut().unwrap();
        schemas.retain(|name, _| !name.starts_with("ArtistRoles_"));
        schemas["Included"]["items"]["discriminator"]["mapping"].as_object_mut().unwrap().remove("artistRoles");
        schemas["Albums_Attributes"]["properties"].as_object_mut().unwrap().remove("version");
        let parameters = spec["paths"]["/albums"]["get"]["parameters"].as_array_mut().unwrap();
        parameters.retain(|parameter| parameter["name"] != "shareCode");
    }) else {
        return;
    };
    let Generated { files, warnings } = generated.unwrap();
    assert!(!files.contains_key("core/src/model/generated/artist_role.rs"));
    assert!(!files.contains_key("core/src/api/generated/internal/shares.rs"));
    assert!(!files["core/src/model/generated/album.rs"].contains("\"version\""));
    assert!(!files["core/src/api/generated/albums.rs"].contains("TakesShareCode for ListAlbums "));
    assert!(warnings.iter().any(|warning| warning.starts_with("artists.roles leads to `artistRoles`")), "{warnings:?}");
}

/// What is done to the document.
type Change = Box<dyn FnOnce(&mut Value)>;

#[test]
fn what_cannot_be_expressed_is_named_by_its_place() {
    let album = |change: fn(&mut Value)| {
        move |spec: &mut Value| change(&mut spec["components"]["schemas"]["Albums_Attributes"]["properties"]["title"])
    };
    let cases: [(Change, &str); 5] = [
        (
            Box::new(album(|title| *title = json!({"type": "complex"}))),
            "#/components/schemas/Albums_Attributes/properties/title: a value of type `complex`",
        ),
        (
            Box::new(album(|title| *title = json!({"type": "array", "items": {"type": "array", "items": {"type": "string"}}}))),
            "#/components/schemas/Albums_Attributes/properties/title/items: a list of lists",
        ),
        (
            Box::new(album(|title| *title = json!({"$ref": "#/components/schemas/Nowhere"}))),
            "#/components/schemas/Albums_Attributes/properties/title: \"#/components/schemas/Nowhere\" leads nowhere",
        ),
        (
            Box::new(|spec| spec["paths"]["/albums"]["get"]["x-path-item-properties"]["required-access-tier"] = "ROYAL".into()),
            "#/paths/~1albums/get/x-path-item-properties/required-access-tier: the tier `ROYAL`",
        ),
        (
            Box::new(|spec| {
                let get = spec["paths"]["/albums/{id}"]["get"].clone();
                spec["paths"]["/albums/{id}/deeper"] = json!({ "get": get });
            }),
            "#/paths/~1albums~1{id}~1deeper/get: a path that is neither",
        ),
    ];
    for (change, expected) in cases {
        let Some(generated) = changed(change) else { return };
        let fault = generated.expect_err(expected).to_string();
        assert!(fault.starts_with(expected), "{fault}");
    }
}
