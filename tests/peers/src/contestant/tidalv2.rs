//! The crate `tidalv2` with its own models, decoded as its client does.

use bytes::Bytes;
use tidalv2::models::album::*;
use tidalv2::models::artist::*;
use tidalv2::models::artwork::*;
use tidalv2::models::artwork_file::*;
use tidalv2::models::copyright::*;
use tidalv2::models::genre::*;
use tidalv2::models::provider::*;
use tidalv2::models::track::*;
use tidalv2::models::*;

use super::Decode;
use crate::reading::{Reading, Touch, touch, touch_plain};

pub struct TidalV2;

impl Decode for TidalV2 {
    type Document = MultiResource<Album>;

    fn decode(body: Bytes) -> Self::Document {
        serde_json::from_slice(&body).expect("the document suits tidalv2")
    }

    fn touch(document: &Self::Document, reading: &mut Reading) {
        document.touch(reading);
    }
}

touch! {
    MultiResource<Album> { data, included, links }
    Links { param_self, next, meta }
    LinksMeta { next_cursor }
    ResourceIdentifier { id, r#type }
    ResourceIdentifier<AlbumsItemsResourceMeta> { id, r#type, meta }
    MultiRelationship<ResourceIdentifier> { data, links }
    MultiRelationship<ResourceIdentifier<AlbumsItemsResourceMeta>> { data, links }
    Relationship { data, links }

    Album { id, r#type, attributes, relationships }
    AlbumAttributes {
        availability, barcode_id, copyright, duration, explicit, external_links, media_tags, number_of_items,
        number_of_volumes, popularity, release_date, title, r#type, version,
    }
    AlbumsRelationships { artists, cover_art, genres, items, owners, providers, similar_albums }
    AlbumsItemsResourceMeta { track_number, volume_number }

    Track { id, r#type, attributes, relationships }
    TrackAttributes {
        access_type, availability, bpm, copyright, created_at, duration, explicit, external_links, isrc, key, key_scale,
        media_tags, popularity, spotlighted, title, tone_tags, version,
    }
    TracksRelationships {
        albums, artists, genres, lyrics, owners, providers, radio, similar_tracks, source_file, track_statistics,
    }

    Artist { id, r#type, attributes, relationships }
    ArtistAttributes {
        contributions_enabled, contributions_sales_pitch, external_links, handle, name, popularity, spotlighted,
    }

    Artwork { id, r#type, attributes, relationships }
    ArtworkAttributes { files, media_type }
    ArtworkRelationships { owners }
    ArtworkFile { href, meta }
    ArtworkFileMeta { height, width }

    Provider { id, r#type, attributes }
    ProviderAttributes { name }
    Genre { id, r#type, attributes }
    GenreAttributes { genre_name }

    ExternalLink { href, meta }
    ExternalLinkMeta { r#type }
    Copyright { text }
}

touch_plain! {
    AlbumAvailability, AlbumType, ArtworkMediaType, ExternalLinkType, ResourceType, TrackAccess, TrackAvailability, TrackKey,
    TrackKeyScale,
}

impl Touch for ArtistsRelationships {
    fn touch(&self, reading: &mut Reading) {
        let plain = [&self.owners, &self.profile_art, &self.radio, &self.roles, &self.similar_artists, &self.videos];
        self.albums.touch(reading);
        self.tracks.touch(reading);
        self.biography.touch(reading);
        plain.iter().for_each(|relationship| relationship.touch(reading));
        // The type of what is said about a provider is private; the document says nothing about any.
        if let Some(providers) = &self.track_providers {
            providers.links.touch(reading);
            assert!(providers.data.is_none());
        }
    }
}

impl Touch for AnyResource {
    fn touch(&self, reading: &mut Reading) {
        match self {
            Self::Artists(artist) => artist.touch(reading),
            Self::Artworks(artwork) => artwork.touch(reading),
            Self::Genres(genre) => genre.touch(reading),
            Self::Providers(provider) => provider.touch(reading),
            Self::Tracks(track) => track.touch(reading),
            other => panic!("the document includes no {other:?}"),
        }
    }
}
