//! The artists, and what leads from them to their work.

use std::collections::HashMap;

use serde_json::json;

use super::dice::Dice;
use super::{ARTISTS, artist_id, artwork, names, object, of, sharing_link};
use crate::store::{Linkage, Store};

pub(super) fn fill(store: &mut Store) {
    let mut dice = Dice::new(0x00a9_7157);
    for index in 0..ARTISTS {
        let id = artist_id(index);
        let name = names::artist(index);
        let mut attributes = object(json!({
            "name": name,
            "popularity": dice.share(),
            "externalLinks": sharing_link("artist", &id),
        }));
        if index % 3 == 0 {
            let handle = name.to_lowercase().replace(' ', "");
            attributes.insert("handle".into(), handle.into());
            attributes.insert("spotlighted".into(), false.into());
        }
        let similar = (1..=6).map(|step| artist_id((index + step * 11) % ARTISTS));
        let similar = similar.map(|id| Linkage::new("artists", id)).collect();
        let art = artwork(store, &mut dice);
        let entry = of(attributes).link("profileArt", vec![Linkage::new("artworks", art)]).link("similarArtists", similar);
        store.put("artists", id, entry);
    }
}

/// Albums and tracks name their artists; this is the way back.
pub(super) fn link(store: &mut Store) {
    for kind in ["albums", "tracks"] {
        let mut works: HashMap<String, Vec<Linkage>> = HashMap::new();
        for (id, entry) in store.all(kind) {
            for artist in entry.linkages("artists") {
                let of_artist = works.entry(artist.id.clone()).or_default();
                of_artist.push(Linkage::new(kind, id.clone()));
            }
        }
        for (id, mut works) in works {
            // Newest first, as a discography is shown.
            works.reverse();
            if let Some(artist) = store.get_mut("artists", &id) {
                artist.relationships.insert(kind, works);
            }
        }
    }
}
