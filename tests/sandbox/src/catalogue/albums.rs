//! The albums and their tracks.

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::{ALBUMS, ARTISTS, album_id, artist_id, artwork, codes, names, object, of, provider_id, sharing_link, track_id};
use crate::store::{Entry, Linkage, Store};

const KEYS: &[&str] = &["C", "CSharp", "D", "Eb", "E", "F", "FSharp", "G", "Ab", "A", "Bb", "B"];
const SCALES: &[&str] = &["MAJOR", "MINOR", "UNKNOWN"];

struct Plan {
    index: usize,
    kind: &'static str,
    /// How many tracks each volume has.
    volumes: Vec<usize>,
    artists: Vec<Linkage>,
    year: usize,
    explicit: bool,
    tags: Value,
    blocked: &'static [&'static str],
}

pub(super) fn fill(store: &mut Store) {
    let mut dice = Dice::new(0x0a1b_0a15);
    let mut songs: Vec<(String, String)> = Vec::new();
    for index in 0..ALBUMS {
        let plan = plan(index, &mut dice);
        album(store, &plan, &mut songs, &mut dice);
    }
}

fn plan(index: usize, dice: &mut Dice) -> Plan {
    let (kind, volumes) = match index {
        0 => ("ALBUM", vec![25, 21]),
        _ if index.is_multiple_of(10) => ("ALBUM", vec![dice.between(7, 12), dice.between(5, 11)]),
        _ if index % 5 == 2 => ("SINGLE", vec![dice.between(1, 2)]),
        _ if index % 5 == 4 => ("EP", vec![dice.between(4, 6)]),
        _ => ("ALBUM", vec![dice.between(8, 14)]),
    };
    // Every fifth album is the first artist's; the others take turns, some in pairs.
    let artist = if index.is_multiple_of(5) { 0 } else { index % ARTISTS };
    let mut artists = vec![Linkage::new("artists", artist_id(artist))];
    if index % 9 == 4 {
        artists.push(Linkage::new("artists", artist_id((artist + 13) % ARTISTS)));
    }
    Plan {
        index,
        kind,
        volumes,
        artists,
        year: 1996 + index / 8,
        explicit: dice.below(6) == 0,
        tags: match dice.below(3) {
            0 => json!(["LOSSLESS"]),
            1 => json!(["HIRES_LOSSLESS", "LOSSLESS"]),
            _ => json!(["LOSSLESS", "DOLBY_ATMOS"]),
        },
        blocked: if index % 17 == 16 { &["NO", "SE"] } else { &[] },
    }
}

impl Plan {
    fn copyright(&self, sign: char) -> Value {
        json!({ "text": format!("{sign} {} The Sandbox Archive", self.year) })
    }

    fn entry(&self, attributes: Map<String, Value>) -> Entry {
        Entry { blocked: self.blocked, ..of(attributes) }
            .link("artists", self.artists.clone())
            .link("providers", vec![Linkage::new("providers", provider_id(self.index))])
    }
}

fn album(store: &mut Store, plan: &Plan, songs: &mut Vec<(String, String)>, dice: &mut Dice) {
    let id = album_id(plan.index);
    let mut items = Vec::new();
    let mut seconds = 0;
    for (volume, &count) in plan.volumes.iter().enumerate() {
        for number in 0..count {
            let track = track_id(plan.index, items.len());
            let length = dice.between(65, 520) as u64;
            seconds += length;
            let entry = track_entry(plan, &track, length, songs, dice);
            store.put("tracks", track.clone(), entry);
            let place = json!({ "volumeNumber": volume + 1, "trackNumber": number + 1 });
            items.push(Linkage::new("tracks", track).with(place));
        }
    }
    let mut attributes = object(json!({
        "title": names::album(dice),
        "albumType": plan.kind,
        "type": plan.kind,
        "barcodeId": codes::barcode(plan.index),
        "numberOfVolumes": plan.volumes.len(),
        "numberOfItems": items.len(),
        "duration": codes::duration(seconds),
        "explicit": plan.explicit,
        "releaseDate": format!("{}-{:02}-{:02}", plan.year, dice.between(1, 12), dice.between(1, 28)),
        "copyright": plan.copyright('©'),
        "popularity": dice.share(),
        "accessType": "PUBLIC",
        "availability": ["STREAM", "DJ"],
        "mediaTags": plan.tags,
        "externalLinks": sharing_link("album", &id),
    }));
    if plan.index % 7 == 3 {
        attributes.insert("version".into(), "Remastered".into());
    }
    let art = artwork(store, dice);
    let reach = if plan.index == 0 { 45 } else { 8 };
    let similar = (1..=reach).map(|step| album_id((plan.index + step * 3) % ALBUMS));
    let entry = plan
        .entry(attributes)
        .link("coverArt", vec![Linkage::new("artworks", art)])
        .link("items", items)
        .link("similarAlbums", similar.map(|id| Linkage::new("albums", id)).collect());
    store.put("albums", id, entry);
}

/// The title and the ISRC of a track: of a new one, or (on singles) of one that an album has already.
fn song(plan: &Plan, songs: &mut Vec<(String, String)>, dice: &mut Dice) -> (String, String) {
    if plan.kind == "SINGLE" {
        return dice.of(songs).clone();
    }
    let song = (names::song(dice), codes::isrc(plan.year, songs.len()));
    songs.push(song.clone());
    song
}

fn track_entry(plan: &Plan, id: &str, seconds: u64, songs: &mut Vec<(String, String)>, dice: &mut Dice) -> Entry {
    let (title, isrc) = song(plan, songs, dice);
    let mut attributes = object(json!({
        "title": title,
        "isrc": isrc,
        "duration": codes::duration(seconds),
        "explicit": plan.explicit,
        "popularity": dice.share(),
        "copyright": plan.copyright('℗'),
        "accessType": "PUBLIC",
        "availability": ["STREAM"],
        "mediaTags": plan.tags,
        "externalLinks": sharing_link("track", id),
    }));
    // The service leaves these out, or writes them in several ways.
    if dice.below(3) > 0 {
        attributes.insert("key".into(), (*dice.of(KEYS)).into());
        attributes.insert("keyScale".into(), (*dice.of(SCALES)).into());
        attributes.insert("bpm".into(), json!(dice.between(60, 180) as f64));
    }
    match dice.below(4) {
        0 => attributes.insert("version".into(), Value::Null),
        1 => attributes.insert("version".into(), "".into()),
        2 => attributes.insert("version".into(), "Live".into()),
        _ => None,
    };
    // Within the first 30 albums, which have at least one track each.
    let similar = (1..=5).map(|step| track_id((plan.index + step * 5) % 30, 0));
    plan.entry(attributes)
        .link("albums", vec![Linkage::new("albums", album_id(plan.index))])
        .link("similarTracks", similar.map(|id| Linkage::new("tracks", id)).collect())
}
