//! Artists.

use super::op::{group, op};
use crate::document::{Document, Refs};
use crate::model::{Album, Artist, ReplacementMeta, Track, User, Video};
use crate::value::open::open_enum;
use crate::value::{Country, Id, Text};

group!(
    /// Artists.
    Artists,
    artists
);

open_enum! {
    /// What counts as the same track.
    CollapseBy {
        Fingerprint = "FINGERPRINT",
        None = "NONE",
    }
}

op! {
    /// One artist.
    GetArtist: GET "/artists/{id}" => Document<Artist>,
    ThirdParty ANY [] Catalogue Read,
    Artists::get(id: path Id<Artist> = "id")
    {
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: paths Artist = "include",
        /// Lets what can't be had there be replaced on this path.
        replace_media: paths Artist = "replaceMedia",
    }
}

op! {
    /// Many artists, by id, handle or owner.
    ListArtists: GET "/artists" => Document<Vec<Artist>>,
    ThirdParty ANY ["r_usr"] Catalogue Read,
    Artists::list()
    {
        /// Those with these ids; some 20 at most.
        ids: many Id<Artist> = "filter[id]",
        /// Those with these handles.
        handles: many Text = "filter[handle]",
        /// Those that belong to these users; `me` is who is signed in.
        owners: many Id<User> = "filter[owners.id]",
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: paths Artist = "include",
        /// Lets what can't be had there be replaced on this path.
        replace_media: paths Artist = "replaceMedia",
    }
}

op! {
    /// The albums of an artist.
    ListArtistAlbums: GET "/artists/{id}/relationships/albums" => Document<Refs<Album, ReplacementMeta>>,
    ThirdParty ANY [] Popular Read paged,
    Artists::albums(id: path Id<Artist> = "id")
    {
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: within Album = "include" from "albums",
        /// Lets what can't be had there be replaced on this path.
        replace_media: within Album = "replaceMedia" from "albums",
    }
}

op! {
    /// The tracks of an artist.
    ListArtistTracks: GET "/artists/{id}/relationships/tracks" => Document<Refs<Track, ReplacementMeta>>,
    ThirdParty ANY [] Popular Read paged,
    Artists::tracks(id: path Id<Artist> = "id", collapse_by: required CollapseBy = "collapseBy")
    {
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: within Track = "include" from "tracks",
        /// Lets what can't be had there be replaced on this path.
        replace_media: within Track = "replaceMedia" from "tracks",
    }
}

op! {
    /// The videos of an artist.
    ListArtistVideos: GET "/artists/{id}/relationships/videos" => Document<Refs<Video, ReplacementMeta>>,
    ThirdParty ANY [] Popular Read paged,
    Artists::videos(id: path Id<Artist> = "id")
    {
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: within Video = "include" from "videos",
        /// Lets what can't be had there be replaced on this path.
        replace_media: within Video = "replaceMedia" from "videos",
    }
}
