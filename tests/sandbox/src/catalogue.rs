//! The invented catalogue: the same on every start, and nobody's real music.
//!
//! 80 artists, 250 albums, some 2,000 tracks and a handful of editorial playlists. The first artist has enough
//! albums for three pages, the first album enough tracks for three; every tenth album has two volumes; every
//! seventeenth is not available in Norway and Sweden. Barcodes are from the range that no product carries (GS1
//! prefix 20 to 29, or 4 for UPC-A), ISRCs from a registrant that does not exist.

mod albums;
mod artists;
mod codes;
mod dice;
mod names;
mod playlists;

pub(crate) use codes::duration;
pub(crate) use playlists::seconds_of;

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use crate::store::{Entry, Store};

const ARTISTS: usize = 80;
const ALBUMS: usize = 250;

/// A copy of the catalogue, made once in a process.
pub(crate) fn catalogue() -> Store {
    static MADE: OnceLock<Store> = OnceLock::new();
    MADE.get_or_init(make).clone()
}

fn make() -> Store {
    let mut store = Store::default();
    for (index, name) in PROVIDERS.iter().enumerate() {
        let attributes = object(json!({ "name": name }));
        store.put("providers", provider_id(index), of(attributes));
    }
    artists::fill(&mut store);
    albums::fill(&mut store);
    artists::link(&mut store);
    playlists::fill(&mut store);
    store
}

const PROVIDERS: &[&str] = &["Hollow Lane", "Saltworks Recordings", "Second Attic"];

fn provider_id(index: usize) -> String {
    (900 + index % PROVIDERS.len()).to_string()
}

fn artist_id(index: usize) -> String {
    (5_000_000 + index * 37).to_string()
}

fn album_id(index: usize) -> String {
    (70_000_000 + index * 100).to_string()
}

fn track_id(album: usize, index: usize) -> String {
    (70_000_001 + album * 100 + index).to_string()
}

fn of(attributes: Map<String, Value>) -> Entry {
    Entry { attributes, ..Entry::default() }
}

/// The fields of a `json!` object.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// Puts a picture into the store and gives its id.
fn artwork(store: &mut Store, dice: &mut dice::Dice) -> String {
    let id = dice.text(22);
    let files: Vec<_> = [1280, 1080, 750, 640, 320, 160, 80]
        .iter()
        .map(|side| {
            json!({
                "href": format!("https://images.tidal-sandbox.invalid/{id}/{side}x{side}.jpg"),
                "meta": { "width": side, "height": side },
            })
        })
        .collect();
    let attributes = object(json!({ "mediaType": "IMAGE", "files": files }));
    store.put("artworks", id.clone(), of(attributes).link("owners", vec![]));
    id
}

pub(crate) fn sharing_link(kind: &str, id: &str) -> Value {
    json!([{
        "href": format!("https://tidal-sandbox.invalid/browse/{kind}/{id}"),
        "meta": { "type": "TIDAL_SHARING" },
    }])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_linkage_leads_somewhere() {
        let store = catalogue();
        for kind in ["albums", "artists", "tracks", "playlists"] {
            for (id, entry) in store.all(kind) {
                for (name, linkages) in &entry.relationships {
                    for to in linkages {
                        let found = store.get(to.kind, &to.id).is_some();
                        assert!(found, "{kind}/{id}.{name} names {}/{}", to.kind, to.id);
                    }
                }
            }
        }
    }

    #[test]
    fn codes_are_valid_and_nearly_all_different() {
        let store = catalogue();
        let barcodes: HashSet<_> = store.all("albums").map(|(_, album)| album.text("barcodeId").to_owned()).collect();
        assert_eq!(barcodes.len(), ALBUMS);
        let lengths: HashSet<_> = barcodes.iter().map(String::len).collect();
        assert_eq!(lengths, HashSet::from([12, 13, 14]));
        for barcode in &barcodes {
            let digits = barcode.bytes().rev().map(|byte| u32::from(byte - b'0'));
            let sum: u32 = digits.zip([1, 3].iter().cycle()).map(|(d, w)| d * w).sum();
            assert_eq!(sum % 10, 0, "{barcode}");
        }
        let isrcs: Vec<_> = store.all("tracks").map(|(_, t)| t.text("isrc")).collect();
        assert!(isrcs.iter().all(|isrc| isrc.len() == 12 && isrc.is_ascii()));
        let different: HashSet<_> = isrcs.iter().collect();
        assert!(different.len() < isrcs.len(), "none is shared");
    }

    #[test]
    fn there_is_enough_for_pages_and_for_two_volumes() {
        let store = catalogue();
        let first = store.get("albums", &album_id(0)).unwrap();
        assert!(first.linkages("items").len() > 40);
        let artist = store.get("artists", &artist_id(0)).unwrap();
        assert!(artist.linkages("albums").len() > 40);
        let doubles = store.all("albums").filter(|(_, album)| album.attributes["numberOfVolumes"] == 2);
        assert!(doubles.count() >= 10);
    }
}
