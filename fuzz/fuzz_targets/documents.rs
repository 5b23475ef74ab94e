//! Bodies of answers: documents of several types, and errors.
//!
//! Whatever is read can be written, what was written is read again and written alike, and nothing is taken for JSON that
//! `serde_json` refuses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use tidal_core::document::{Document, ErrorBody, Primary, Refs};
use tidal_core::model::{Album, AlbumItemMeta, AnyResource, Artist, Playlist, Track};
use tidal_core::pages::Page;
use tidal_core::value::Json;

/// How many errors of a body are kept, and how long each text may be.
const ERRORS: usize = 64;
const TEXT: usize = 1024;

fuzz_target!(|body: &[u8]| {
    let text = std::str::from_utf8(body).map(|text| text.strip_prefix('\u{feff}').unwrap_or(text));
    let is_json = text.is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());

    if let Some(document) = round::<Vec<Album>>(body, is_json) {
        look_at_albums(&document);
    }
    round::<Option<Track>>(body, is_json);
    round::<Playlist>(body, is_json);
    round::<Vec<AnyResource>>(body, is_json);
    round::<()>(body, is_json);
    if let Some(document) = round::<Refs<AnyResource, AlbumItemMeta>>(body, is_json) {
        for item in &document.data {
            let _ = (item.identifier(), item.meta(), document.find(item));
        }
    }
    json_alone(text.unwrap_or_default());
    errors(body);
});

/// Reads, writes, reads, writes: from the first writing on, nothing changes.
fn round<P: Primary>(body: &[u8], is_json: bool) -> Option<Document<P>> {
    let document = match Document::<P>::decode(body.to_vec().into()) {
        Ok(document) => document,
        Err(error) => {
            let _ = (error.to_string(), format!("{error:?}"));
            return None;
        }
    };
    assert!(is_json, "serde_json refuses this body");
    for misfit in &document.misfits {
        assert!(!misfit.message().is_empty() && !misfit.to_string().is_empty());
    }
    let _ = (document.next_position(), document.links.this());
    let once = document.to_json();
    serde_json::from_str::<IgnoredAny>(&once).expect("what is written is JSON");
    let again = Document::<P>::decode(once.clone().into()).expect("what is written can be read");
    assert_eq!(again.to_json(), once);
    Some(document)
}

fn look_at_albums(document: &Document<Vec<Album>>) {
    for album in &document.data {
        let _ = document.resolve(album.artists()).map(|artist: &Artist| artist.name.as_deref().map(str::len)).count();
        for item in album.items().iter() {
            let _ = (item.identifier(), item.meta(), document.find(item));
        }
        let _ = album.duration.as_ref().and_then(|duration| duration.value());
        let _ = album.release_date.as_ref().map(|date| date.value());
    }
    for resource in document.included.iter() {
        let found = document.included.get(resource.kind(), resource.id()).expect("what is included is found");
        assert!(found.kind() == resource.kind() && found.id() == resource.id());
    }
}

/// A value by itself, where both have the same opinion unless it is nested too deeply for ours.
fn json_alone(text: &str) {
    let (ours, theirs) = (Json::new(text).is_ok(), serde_json::from_str::<IgnoredAny>(text).is_ok());
    let flat = text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count() < 100;
    assert!(theirs || !ours, "only ours takes this for JSON");
    assert!(ours || !theirs || !flat, "only serde_json takes this for JSON");
}

fn errors(body: &[u8]) {
    let parsed = ErrorBody::parse(body);
    let _ = (parsed.to_string(), parsed.code(), parsed.sub_code());
    assert!(parsed.errors.len() <= ERRORS);
    for error in &parsed.errors {
        let texts = [&error.id, &error.code, &error.title, &error.detail, &error.source.pointer];
        assert!(texts.into_iter().flatten().all(|text| text.chars().count() <= TEXT));
    }
}
