//! The resource type `playlists`.

use std::time::Duration;

use jiff::Timestamp;

use crate::document::resource;
use crate::model::{AccessType, AnyResource, Artist, Artwork, CoverArtMeta, ExternalLink, PlaylistItemMeta, User};
use crate::value::open::open_enum;
use crate::value::{List, Text, Typed};

resource! {
    /// A playlist or mix.
    Playlist: "playlists", "playlist"
    {
        /// Who may see it.
        access_type: Option<AccessType> = "accessType",
        /// Whether the playlist has an end; mixes may have none.
        bounded: Option<bool> = "bounded",
        /// When it was made.
        created_at: Option<Typed<Timestamp>> = "createdAt",
        /// Description.
        description: Option<Text> = "description",
        /// Length.
        duration: Option<Typed<Duration>> = "duration",
        /// Links outside the API.
        external_links: List<ExternalLink> = "externalLinks",
        /// When it was last changed.
        last_modified_at: Option<Typed<Timestamp>> = "lastModifiedAt",
        /// Name.
        name: Option<Text> = "name",
        /// How many users follow it.
        number_of_followers: Option<i64> = "numberOfFollowers",
        /// How many items there are.
        number_of_items: Option<i64> = "numberOfItems",
        /// How many of the items are tracks.
        number_of_track_items: Option<i64> = "numberOfTrackItems",
        /// How many of the items are videos.
        number_of_video_items: Option<i64> = "numberOfVideoItems",
        /// Kind of playlist.
        playlist_type: Option<PlaylistType> = "playlistType",
    }
    {
        /// The artists' profiles of those who may change it too.
        collaborator_profiles: Many<Artist> = "collaboratorProfiles",
        /// The users who may change it too.
        collaborators: Many<User> = "collaborators",
        /// The cover.
        cover_art: Many<Artwork> = "coverArt",
        /// The items, in order: tracks and videos.
        items: Many<AnyResource, PlaylistItemMeta> = "items",
        /// The artists' profiles of the owners.
        owner_profiles: Many<Artist> = "ownerProfiles",
        /// The users to whom it belongs.
        owners: Many<User> = "owners",
        /// Covers that could be made of its contents.
        suggested_cover_arts: Many<Artwork, CoverArtMeta> = "suggestedCoverArts",
    }
}

open_enum! {
    /// Kinds of playlist.
    PlaylistType {
        Editorial = "EDITORIAL",
        User = "USER",
        Mix = "MIX",
        Artist = "ARTIST",
    }
}
