//! The resource type `artists`.

use crate::document::resource;
use crate::model::{
    Album, ArtistBiography, ArtistClaimStatus, ArtistRole, Artwork, ExternalLink, FollowMeta, Playlist, Provider, ProviderMeta,
    ReplacementMeta, Track, User, Video,
};
use crate::value::open::open_enum;
use crate::value::{List, Text};

resource! {
    /// An artist.
    Artist: "artists", "artist"
    {
        /// Whether fans can contribute money.
        contributions_enabled: Option<bool> = "contributionsEnabled",
        /// What the artist says to invite contributions.
        contributions_sales_pitch: Option<Text> = "contributionsSalesPitch",
        /// Links outside the API.
        external_links: List<ExternalLink> = "externalLinks",
        /// The name in the artist's address.
        handle: Option<Text> = "handle",
        /// Name.
        name: Option<Text> = "name",
        /// What kind of owner the artist has.
        owner_type: Option<OwnerType> = "ownerType",
        /// Popularity, from 0 to 1.
        popularity: Option<f64> = "popularity",
        /// Whether it is spotlighted.
        spotlighted: Option<bool> = "spotlighted",
    }
    {
        /// The albums.
        albums: Many<Album, ReplacementMeta> = "albums",
        /// The biography.
        biography: One<ArtistBiography> = "biography",
        /// Whether somebody claims to be the artist.
        claim_status: One<ArtistClaimStatus> = "claimStatus",
        /// Artists that follow this one.
        followers: Many<Artist, FollowMeta> = "followers",
        /// Artists that this one follows.
        following: Many<Artist, FollowMeta> = "following",
        /// The users to whom it belongs.
        owners: Many<User> = "owners",
        /// The portrait.
        profile_art: Many<Artwork> = "profileArt",
        /// The mix that begins with it.
        radio: Many<Playlist> = "radio",
        /// What the artist does.
        roles: Many<ArtistRole> = "roles",
        /// Artists like this one.
        similar_artists: Many<Artist> = "similarArtists",
        /// Who delivered the tracks.
        track_providers: Many<Provider, ProviderMeta> = "trackProviders",
        /// The tracks.
        tracks: Many<Track, ReplacementMeta> = "tracks",
        /// The videos.
        videos: Many<Video, ReplacementMeta> = "videos",
    }
}

open_enum! {
    /// Kinds of owner.
    OwnerType {
        Label = "LABEL",
        User = "USER",
        Mixed = "MIXED",
    }
}
