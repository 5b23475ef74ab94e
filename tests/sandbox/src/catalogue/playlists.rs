//! Playlists that are there from the start: editorial ones, and mixes, which have no size and no UUID.

use serde_json::json;

use super::{codes, object, of, sharing_link, track_id};
use crate::store::{Entry, Linkage, Store};

const EDITORIAL: &[&str] = &["Slow Mornings", "Night Trains", "Kitchen Radio", "Rain on Tin", "Long Way Home"];

pub(super) fn fill(store: &mut Store) {
    for (index, name) in EDITORIAL.iter().enumerate() {
        let id = format!("5a0db0c5-0000-4000-8000-{index:012}");
        let tracks: Vec<_> = (0..10 + index * 7).map(|step| track_id((index * 31 + step * 3) % 240, 0)).collect();
        let seconds: u64 = tracks.iter().map(|track| store.get("tracks", track).map_or(0, |entry| seconds_of(entry))).sum();
        let mut entry = playlist(&id, name, "EDITORIAL", tracks);
        let count = entry.linkages("items").len();
        let sizes = json!({
            "numberOfItems": count,
            "numberOfTrackItems": count,
            "numberOfVideoItems": 0,
            "duration": codes::duration(seconds),
            "description": "Chosen by nobody in particular.",
        });
        entry.attributes.extend(object(sizes));
        store.put("playlists", id, entry);
    }
    for index in 0..2 {
        let id = format!("00{:028x}", 0x5eed_0000 + index);
        let tracks = (0..12).map(|step| track_id(step * 11 + index, 0));
        let entry = playlist(&id, &format!("Mix {}", index + 1), "MIX", tracks.collect());
        store.put("playlists", id, entry);
    }
}

fn playlist(id: &str, name: &str, kind: &str, tracks: Vec<String>) -> Entry {
    let attributes = object(json!({
        "name": name,
        "playlistType": kind,
        "accessType": "PUBLIC",
        "bounded": true,
        // The service writes 0, 3 or 6 digits of a second.
        "createdAt": "2023-03-01T08:00:00Z",
        "lastModifiedAt": "2024-06-12T17:45:10.123456Z",
        "numberOfFollowers": 1_200,
        "externalLinks": sharing_link("playlist", id),
    }));
    let items = tracks.into_iter().enumerate().map(|(index, track)| {
        let meta = json!({
            "itemId": format!("{id}-{index}"),
            "addedAt": "2024-06-12T17:45:10.123Z",
        });
        Linkage::new("tracks", track).with(meta)
    });
    of(attributes).link("items", items.collect())
}

/// The length of a track, read back from its ISO 8601 text.
pub(crate) fn seconds_of(entry: &Entry) -> u64 {
    let span = entry.text("duration").parse::<jiff::SignedDuration>();
    span.map_or(0, |span| span.as_secs().unsigned_abs())
}
