//! The crate `prawn` with its own models, decoded the fastest way it offers: its client also tracks paths and copies the body.

use bytes::Bytes;
use prawn::models::*;

use super::Decode;
use crate::reading::{Reading, Touch, touch, touch_plain};

pub struct Prawn;

impl Decode for Prawn {
    type Document = AlbumsMultiResourceDataDocument;

    fn decode(body: Bytes) -> Self::Document {
        serde_json::from_slice(&body).expect("the document suits prawn")
    }

    fn touch(document: &Self::Document, reading: &mut Reading) {
        document.touch(reading);
    }
}

touch! {
    AlbumsMultiResourceDataDocument { data, included, links }
    Links { param_self, next, meta }
    LinksMeta { next_cursor }
    ResourceIdentifier { id, r#type }
    MultiRelationshipDataDocument { data, links }
    SingleRelationshipDataDocument { data, links }

    AlbumsResourceObject { id, r#type, attributes, relationships }
    AlbumsAttributes {
        access_type, availability, barcode_id, copyright, duration, explicit, external_links, media_tags, number_of_items,
        number_of_volumes, popularity, release_date, title, r#type, version,
    }
    AlbumsRelationships {
        artists, cover_art, genres, items, owners, providers, replacement, similar_albums, suggested_cover_arts,
    }
    AlbumsItemsMultiRelationshipDataDocument { data, links }
    AlbumsItemsResourceIdentifier { id, r#type, meta }
    AlbumsItemsResourceIdentifierMeta { track_number, volume_number }
    AlbumsSuggestedCoverArtsMultiRelationshipDataDocument { data, links }
    AlbumsSuggestedCoverArtsResourceIdentifier { id, r#type }

    TracksResourceObject { id, r#type, attributes, relationships }
    TracksAttributes {
        access_type, availability, bpm, copyright, created_at, duration, explicit, external_links, isrc, key, key_scale,
        media_tags, popularity, spotlighted, title, tone_tags, version,
    }
    TracksRelationships {
        albums, artists, genres, lyrics, owners, providers, radio, replacement, shares, similar_tracks, source_file,
        track_statistics,
    }

    ArtistsResourceObject { id, r#type, attributes, relationships }
    ArtistsAttributes {
        contributions_enabled, contributions_sales_pitch, external_links, handle, name, popularity, spotlighted,
    }
    ArtistsRelationships {
        albums, biography, followers, following, owners, profile_art, radio, roles, similar_artists, track_providers, tracks,
        videos,
    }
    ArtistsFollowersMultiRelationshipDataDocument { data, links }
    ArtistsFollowersResourceIdentifier { id, r#type }
    ArtistsFollowingMultiRelationshipDataDocument { data, links }
    ArtistsFollowingResourceIdentifier { id, r#type }
    ArtistsTrackProvidersMultiRelationshipDataDocument { data, links }
    ArtistsTrackProvidersResourceIdentifier { id, r#type }

    ArtworksResourceObject { id, r#type, attributes, relationships }
    ArtworksAttributes { files, media_type }
    ArtworksRelationships { owners }
    ArtworkFile { href, meta }
    ArtworkFileMeta { height, width }

    ProvidersResourceObject { id, r#type, attributes }
    ProvidersAttributes { name }
    GenresResourceObject { id, r#type, attributes }
    GenresAttributes { genre_name }

    ExternalLink { href, meta }
    ExternalLinkMeta { r#type }
    Copyright { text }
}

touch_plain! {
    albums_attributes::AccessType, albums_attributes::Availability, albums_attributes::Type,
    tracks_attributes::AccessType, tracks_attributes::Availability, tracks_attributes::Key, tracks_attributes::KeyScale,
    artworks_attributes::MediaType, external_link_meta::Type,
}

impl Touch for IncludedInner {
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
