//! What the operations say of themselves is what the official document says of them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::PathBuf;

use serde_json::Value;
use tidal_core::Operation;
use tidal_core::api::*;
use tidal_core::operation::{List, Parameter, Place, Replay, Tier};
use tidal_core::request::Op;

fn spec() -> Option<Value> {
    let Some(directory) = std::env::var_os("TIDAL_SPEC_DIR") else {
        println!("skipped: operation_facts, since TIDAL_SPEC_DIR is not set");
        return None;
    };
    let path = PathBuf::from(directory).join("tidal-api-oas.json");
    let text = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Some(serde_json::from_slice(&text).unwrap())
}

/// The operation's name, its facts, and its output as Rust writes it.
type Known = (&'static str, &'static Operation, &'static str);

macro_rules! operations {
    ($($name:ident,)+) => {
        [$((stringify!($name), <$name as Op>::OPERATION, std::any::type_name::<<$name as Op>::Output>())),+]
    };
}

fn operations() -> Vec<Known> {
    operations![
        GetAlbum,
        ListAlbums,
        ListAlbumItems,
        ListAlbumArtists,
        ListSimilarAlbums,
        GetArtist,
        ListArtists,
        ListArtistAlbums,
        ListArtistTracks,
        ListArtistVideos,
        GetTrack,
        ListTracks,
        ListTrackAlbums,
        ListTrackArtists,
        GetArtwork,
        ListArtworks,
        SearchAll,
        ListFoundAlbums,
        ListFoundArtists,
        ListFoundPlaylists,
        ListTopHits,
        ListFoundTracks,
        ListFoundVideos,
        SuggestSearches,
        ListDirectHits,
        GetPlaylist,
        ListPlaylists,
        ListPlaylistItems,
        CreatePlaylist,
        UpdatePlaylist,
        DeletePlaylist,
        AddPlaylistItems,
        MovePlaylistItems,
        RemovePlaylistItems,
        GetUser,
        GetCollectedTracks,
        ListCollectedTracks,
        AddCollectedTracks,
        RemoveCollectedTracks,
    ]
    .into()
}

fn follow<'a>(spec: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => follow(spec, spec.pointer(reference.trim_start_matches('#')).unwrap()),
        None => value,
    }
}

/// The parameter as the document has it; `None` for headers.
fn parameter(stated: &Value) -> Option<(String, Place, bool, List, Option<u64>)> {
    let name = stated["name"].as_str().unwrap();
    let place = match stated["in"].as_str().unwrap() {
        "path" => Place::Path,
        "query" => Place::Query,
        _ => return None,
    };
    let list = match (name, stated["schema"]["type"].as_str().unwrap()) {
        // Comma-separated, as the document's introduction says.
        ("include" | "replaceMedia", _) => List::Joined,
        (_, "array") => List::Exploded,
        _ => List::One,
    };
    let required = stated["required"].as_bool().unwrap_or(false);
    Some((name.to_owned(), place, required, list, stated["schema"]["maxLength"].as_u64()))
}

fn ours(parameter: &Parameter) -> (String, Place, bool, List, Option<u64>) {
    (parameter.name.to_owned(), parameter.place, parameter.required, parameter.list, parameter.max_length.map(u64::from))
}

#[test]
fn operations_are_as_documented() {
    let Some(spec) = spec() else { return };
    for (name, operation, _) in operations() {
        let method = operation.method.as_str().to_lowercase();
        let stated = &spec["paths"][&*operation.path][&method];
        assert!(stated.is_object(), "{name}: {method} {} is not in the document", operation.path);

        let tier = match stated["x-path-item-properties"]["required-access-tier"].as_str().unwrap() {
            "THIRD_PARTY" => Tier::ThirdParty,
            "PARTNER" => Tier::Partner,
            _ => Tier::Internal,
        };
        assert_eq!(operation.tier, tier, "{name}");

        let security = stated["security"].as_array().unwrap();
        let of = |flow: &str| security.iter().find_map(|one| one.get(flow));
        assert_eq!(operation.flows.application, of("Client_Credentials").is_some(), "{name}");
        let person = of("Authorization_Code_PKCE");
        assert_eq!(operation.flows.person, person.is_some(), "{name}");
        let mut scopes: Vec<_> =
            person.into_iter().flat_map(|scopes| scopes.as_array().unwrap()).map(|scope| scope.as_str().unwrap()).collect();
        let mut known = operation.scopes.to_vec();
        scopes.sort_unstable();
        known.sort_unstable();
        assert_eq!(known, scopes, "{name}");

        let all: Vec<_> = stated["parameters"].as_array().into_iter().flatten().map(|one| follow(&spec, one)).collect();
        let mut parameters: Vec<_> = all.iter().filter_map(|one| parameter(one)).collect();
        let mut known: Vec<_> = operation.parameters.iter().map(ours).collect();
        parameters.sort_by(|a, b| a.0.cmp(&b.0));
        known.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(known, parameters, "{name}");

        let keyed = all.iter().any(|one| one["name"] == "Idempotency-Key");
        let replay = match (method.as_str(), keyed) {
            ("get", _) => Replay::Read,
            (_, true) => Replay::Keyed,
            (_, false) => Replay::Once,
        };
        assert_eq!(operation.replay, replay, "{name}");
    }
}

#[test]
fn outputs_fit_the_documented_answers() {
    let Some(spec) = spec() else { return };
    for (name, operation, output) in operations() {
        let method = operation.method.as_str().to_lowercase();
        let responses = spec["paths"][&*operation.path][&method]["responses"].as_object().unwrap();
        let answer = responses.iter().find(|(status, _)| status.starts_with('2')).unwrap().1;
        let schema = answer["content"].as_object().unwrap().values().next().unwrap()["schema"]["$ref"].as_str().unwrap();
        let schema = schema.rsplit('/').next().unwrap();
        let (resource, shape) = schema.split_once('_').unwrap();
        let expects: &[&str] = match shape {
            _ if schema == "Mutation_Response_Document" => &["Option<", "Document<()>"],
            "Single_Resource_Data_Document"
            | "Create_Single_Resource_Data_Document"
            | "Update_Single_Resource_Data_Document" => &["Document<tidal_core::model::"],
            "Multi_Resource_Data_Document" => &["Document<alloc::vec::Vec<tidal_core::model::"],
            _ if shape.ends_with("Relationship_Data_Document") => &["Refs<tidal_core::model::"],
            other => panic!("{name}: {other}"),
        };
        assert!(expects.iter().all(|part| output.contains(part)), "{name}: {output} for {schema}");
        assert_eq!(output.contains("Option<"), method != "get", "{name}: {output}");
        if shape.contains("Resource_Data") {
            let kind = output.rsplit("::").next().unwrap().trim_end_matches('>');
            assert!(resource.starts_with(kind), "{name}: {output} for {schema}");
        }
    }
}
