//! Our core, read through its fields and typed accessors, as an application would.

use bytes::Bytes;
use tidal_core::document::{Document, Identifier, Links, Many, Meta, One, Target};
use tidal_core::model::*;
use tidal_core::value::{Id, List, Text, Typed};

use super::Decode;
use crate::reading::{Reading, Touch, touch};

pub struct Tidal;

impl Decode for Tidal {
    type Document = Document<Vec<Album>>;

    fn decode(body: Bytes) -> Self::Document {
        Document::decode(body).expect("the document suits tidal-core")
    }

    fn touch(document: &Self::Document, reading: &mut Reading) {
        assert!(document.misfits.is_empty());
        document.data.touch(reading);
        document.included.iter().for_each(|resource| resource.touch(reading));
        document.links.touch(reading);
    }
}

impl Touch for Text {
    fn touch(&self, reading: &mut Reading) {
        reading.text(self);
    }
}

impl<T> Touch for Typed<T> {
    fn touch(&self, reading: &mut Reading) {
        reading.text(self);
    }
}

impl<T> Touch for Id<T> {
    fn touch(&self, reading: &mut Reading) {
        reading.text(self.as_str());
    }
}

impl<T: Touch> Touch for List<T> {
    fn touch(&self, reading: &mut Reading) {
        self.iter().for_each(|item| item.touch(reading));
    }
}

impl Touch for Links {
    fn touch(&self, reading: &mut Reading) {
        self.this().touch(reading);
        self.next().touch(reading);
        self.next_cursor().touch(reading);
    }
}

touch! {
    Identifier { id, kind }
    Copyright { text }
    ExternalLink { href, meta }
    ExternalLinkMeta { type_ }
    ArtworkFile { href, meta }
    ArtworkFileMeta { height, width }
    VisualMetadata { blur_hash, selected_palette_color, status }
    AlbumItemMeta { item_cursor, track_number, volume_number }
}

macro_rules! touch_open {
    ($($type:ty),+ $(,)?) => {
        $(impl Touch for $type {
            fn touch(&self, reading: &mut Reading) {
                reading.text(self.as_str());
            }
        })+
    };
}

touch_open!(AccessType, AlbumType, Availability, Key, KeyScale, LinkType, MediaType, OwnerType, VisualMetadataStatus);

impl<T: Target, M> Touch for Many<'_, T, M> {
    fn touch(&self, reading: &mut Reading) {
        self.links().into_iter().for_each(|links| links.touch(reading));
        self.iter().for_each(|reference| reference.identifier().touch(reading));
    }
}

impl<T: Target, M> Touch for One<'_, T, M> {
    fn touch(&self, reading: &mut Reading) {
        self.links().into_iter().for_each(|links| links.touch(reading));
        self.get().into_iter().for_each(|reference| reference.identifier().touch(reading));
    }
}

/// Reads what a relationship says about each of its resources.
fn metas<T: Target, M: Meta + Touch>(many: Many<'_, T, M>, reading: &mut Reading) {
    many.iter().for_each(|reference| reference.meta().touch(reading));
}

/// Reads a resource: its fields, what its accessors give, and what some of those say about each of their resources.
macro_rules! touch_resource {
    ($($type:ident: $kind:literal
        { $($field:ident),* $(,)? } { $($accessor:ident),* $(,)? } $({ $($meta:ident),* })?
    )+) => {
        $(impl Touch for $type {
            fn touch(&self, reading: &mut Reading) {
                self.id.touch(reading);
                reading.text($kind);
                $(self.$field.touch(reading);)*
                $(self.$accessor().touch(reading);)*
                $($(metas(self.$meta(), reading);)*)?
            }
        })+
    };
}

touch_resource! {
    Album: "albums" {
        access_type, ai, album_type, availability, barcode_id, copyright, created_at, duration, explicit, external_links,
        media_tags, number_of_items, number_of_volumes, popularity, release_date, title, type_, version,
    } {
        album_statistics, artists, cover_art, genres, items, owners, price_config, providers, replacement, shares,
        similar_albums, suggested_cover_arts, usage_rules,
    } { items }
    Track: "tracks" {
        access_type, ai, availability, bpm, copyright, created_at, duration, explicit, external_links, isrc, key, key_scale,
        media_tags, popularity, spotlighted, title, tone_tags, version,
    } {
        albums, artists, credits, download, genres, lyrics, metadata_status, owners, price_config, providers, radio,
        replacement, shares, similar_tracks, source_file, suggested_tracks, track_statistics, usage_rules,
    }
    Artist: "artists" {
        contributions_enabled, contributions_sales_pitch, external_links, handle, name, owner_type, popularity, spotlighted,
    } {
        albums, biography, claim_status, followers, following, owners, profile_art, radio, roles, similar_artists,
        track_providers, tracks, videos,
    }
    Artwork: "artworks" { files, media_type, visual_metadata } { owners }
    Genre: "genres" { genre_name } {}
    Provider: "providers" { name } {}
}

impl Touch for AnyResource {
    fn touch(&self, reading: &mut Reading) {
        match self {
            Self::Artist(artist) => artist.touch(reading),
            Self::Artwork(artwork) => artwork.touch(reading),
            Self::Genre(genre) => genre.touch(reading),
            Self::Provider(provider) => provider.touch(reading),
            Self::Track(track) => track.touch(reading),
            other => panic!("the document includes no {other:?}"),
        }
    }
}
