//! Answers of the real service decode, their facts are found through typed accessors, and nothing is lost on the way.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::PathBuf;

use serde_json::Value;
use tidal_core::document::{Document, ErrorBody, ErrorFormat, Primary, Refs, Resource};
use tidal_core::model::{Album, AlbumItemMeta, AlbumType, AnyResource, Track, Video};

/// The body of an answer; `None`, with a word about it, where the answers are not at hand.
fn body(name: &str) -> Option<Vec<u8>> {
    let Some(directory) = std::env::var_os("TIDAL_SPEC_DIR") else {
        println!("skipped: real_answers ({name}), since TIDAL_SPEC_DIR is not set");
        return None;
    };
    let path = PathBuf::from(directory).join("responses").join(name);
    Some(std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
}

fn document<P: Primary>(name: &str) -> Option<Document<P>> {
    let body = body(name)?;
    let before: Value = serde_json::from_slice(&body).unwrap();
    let document = Document::<P>::decode(body.into()).unwrap_or_else(|e| panic!("{name}: {e}"));
    let after: Value = serde_json::from_str(&document.to_json()).unwrap();
    assert_eq!(difference("", &known(&before), &known(&after)), None, "{name}");
    Some(document)
}

/// The value without nulls, and with all numbers as fractions, since 7 and 7.0 are the same.
fn known(value: &Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().into(),
        Value::Array(items) => items.iter().map(known).collect(),
        Value::Object(members) => {
            members.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), known(value))).collect()
        }
        other => other.clone(),
    }
}

/// The first place where two values differ.
fn difference(path: &str, one: &Value, other: &Value) -> Option<String> {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let names = a.keys().chain(b.keys());
            names.into_iter().find_map(|name| difference(&format!("{path}.{name}"), &one[name], &other[name]))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            (0..a.len()).find_map(|at| difference(&format!("{path}[{at}]"), &a[at], &b[at]))
        }
        _ => (one != other).then(|| format!("{path}: {one} became {other}")),
    }
}

#[test]
fn an_album_with_type_last() {
    let Some(document) = document::<Vec<Album>>("albums-list-US-decisions-harmony-multipage-items.json") else { return };
    assert_eq!(document.misfits, []);
    let album = &document.data[0];
    assert_eq!(album.title.as_deref(), Some("PRODUCTION DOSSIER"));
    assert_eq!(album.id, "396698918");
    assert_eq!(album.type_, Some(AlbumType::Album));
    assert_eq!(album.album_type, None);
    assert_eq!(album.duration.as_ref().unwrap().value().unwrap().as_secs(), 7216);
    assert_eq!(album.barcode_id.as_ref().unwrap().value().unwrap().as_str(), "5056688837945");
    assert_eq!(album.release_date.as_ref().unwrap().value().unwrap(), tidal_core::jiff::civil::date(2024, 11, 22));
    assert_eq!(album.copyright_text().unwrap(), "DECISIONS");
    assert_eq!(album.media_tags.iter().map(|tag| tag.as_str()).collect::<Vec<_>>(), ["HIRES_LOSSLESS", "LOSSLESS"]);
    assert_eq!((album.number_of_items, album.items().len()), (Some(46), 20));
    assert_eq!(album.items().links().unwrap().next_cursor().unwrap(), "3nI1Esi");
    assert!(!album.genres().is_stated());

    let names: Vec<_> = document.resolve(album.artists()).map(|artist| artist.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["Air Max '97"]);
    let cover = document.resolve(album.cover_art()).next().unwrap();
    assert_eq!(cover.nearest(300, 300).unwrap().size(), Some((320, 320)));
    let provider = document.resolve(album.providers()).next().unwrap();
    assert_eq!(provider.name.as_deref(), Some("Cargo"));
    for (place, item) in album.items().iter().enumerate() {
        let meta = item.meta();
        assert_eq!((meta.volume_number, meta.track_number), (Some(1), i64::try_from(place + 1).ok()));
        let Some(AnyResource::Track(track)) = document.find(item) else { panic!("{item:?}") };
        assert!(track.isrc.as_ref().unwrap().value().is_some());
    }
}

#[test]
fn an_album_whose_items_are_incomplete() {
    let Some(document) = document::<Vec<Album>>("albums-list-SE-made-of-music-harmony.json") else { return };
    assert_eq!(document.misfits, []);
    let album = &document.data[0];
    let places: Vec<_> = album.items().iter().map(|item| item.meta().track_number.unwrap()).collect();
    assert_eq!(places, [1, 3, 4, 6, 7, 8, 9, 10]);
    let artists: Vec<_> = document.resolve(album.artists()).map(|artist| artist.name.as_deref().unwrap()).collect();
    // The linkage names three; one of them is not included under that id.
    assert_eq!(album.artists().len(), 3);
    assert!(artists.contains(&"Maher Cissoko") && artists.contains(&"Sousou Cissoko"));
}

#[test]
fn an_album_of_an_older_deployment() {
    let Some(document) = document::<Vec<Album>>("albums-list-GB-die-with-a-smile-harmony.json") else { return };
    let album = &document.data[0];
    assert_eq!(album.copyright, None);
    assert_eq!(album.copyright_text().unwrap(), "© 2024 Interscope Records");
    assert!(album.unknown("imageLinks").unwrap().as_str().contains("1280x1280.jpg"));
    assert_eq!(album.popularity, Some(0.0));
    let paths: Vec<_> = document.misfits.iter().map(|misfit| misfit.path()).collect();
    assert_eq!(paths[0], "data[0].attributes.copyright");
    assert!(paths.iter().all(|path| path.ends_with("attributes.copyright")), "{paths:?}");
    let track = document.included.find::<Track>(&"381265362".into()).unwrap();
    assert_eq!(track.isrc.as_ref().unwrap().value().unwrap().as_str(), "USUM72409273");
    assert_eq!(track.copyright_text().unwrap(), "℗ 2024 Interscope Records");
    let names: Vec<_> = document.resolve(album.artists()).map(|artist| artist.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["Lady Gaga", "Bruno Mars"]);
}

#[test]
fn pages_of_items() {
    type Items = Refs<AnyResource, AlbumItemMeta>;
    for (name, first, len, next) in [
        ("albums-relationships-items-page2-harmony.json", 21, 20, Some("3nI1F0y")),
        ("albums-relationships-items-page3-harmony.json", 41, 6, None),
    ] {
        let Some(document) = document::<Items>(name) else { return };
        assert_eq!(document.misfits, []);
        assert_eq!(document.data.len(), len);
        assert_eq!(document.data.first().unwrap().meta().track_number, Some(first));
        assert_eq!(document.next_cursor().as_deref(), next);
        assert_eq!(document.links.next().is_some(), next.is_some());
        for item in document.resolve(&document.data) {
            let AnyResource::Track(track) = item else { panic!("{item:?}") };
            let artist = document.resolve(track.artists()).next().unwrap();
            assert_eq!(artist.name.as_deref(), Some("Air Max '97"));
        }
    }
}

#[test]
fn a_video() {
    let Some(document) = document::<Vec<Video>>("videos-list-US-filter-id-harmony-v1.json") else { return };
    let video = &document.data[0];
    assert_eq!(video.isrc.as_ref().unwrap().value().unwrap().as_str(), "USUMV2400558");
    assert_eq!(video.duration.as_ref().unwrap().value().unwrap().as_secs(), 208);
    assert_eq!(document.resolve(video.artists()).next().unwrap().name.as_deref(), Some("Taylor Swift"));
    let still = document.resolve(video.thumbnail_art()).next().unwrap();
    assert_eq!(still.nearest(1000, 560).unwrap().size(), Some((800, 450)));
}

#[test]
fn refusals() {
    let cases = [
        ("error-400-invalid_resource_id-soulsync1290.json", ErrorFormat::JsonApi, "INVALID_RESOURCE_ID", None),
        ("error-401-unauthorized-oneplaylist.json", ErrorFormat::JsonApi, "UNAUTHORIZED", None),
        ("token-error-400-invalid_grant-refresh-oneplaylist.json", ErrorFormat::OAuth, "invalid_grant", Some("1005")),
    ];
    for (name, format, code, sub_code) in cases {
        let Some(body) = body(name) else { return };
        let refusal = ErrorBody::parse(&body);
        assert_eq!(refusal.format, format);
        assert_eq!(refusal.code().unwrap(), code);
        assert_eq!(refusal.sub_code().map(|code| code.as_str()), sub_code);
        match code {
            "INVALID_RESOURCE_ID" => assert_eq!(refusal.errors[0].source.pointer.as_deref(), Some("data/id")),
            "UNAUTHORIZED" => assert_eq!(refusal.errors[0].category.as_deref(), Some("AUTHENTICATION_ERROR")),
            _ => assert_eq!(refusal.errors[0].detail.as_deref(), Some("Token has invalid payload")),
        }
    }
}

#[test]
fn no_answer_is_left_out() {
    let Some(directory) = std::env::var_os("TIDAL_SPEC_DIR") else { return };
    let names = std::fs::read_dir(PathBuf::from(directory).join("responses")).unwrap().map(|entry| entry.unwrap().file_name());
    let this = include_str!("real_answers.rs");
    for name in names {
        let name = name.into_string().unwrap();
        assert!(this.contains(&name), "{name} has no test");
    }
}
