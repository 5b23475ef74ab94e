//! Tracks.

use super::op::{group, op};
use super::sort::sort_key;
use crate::document::{Document, Refs};
use crate::model::{Album, Artist, ReplacementMeta, Track, User};
use crate::value::{Country, Id, Isrc, Text};

group!(
    /// Tracks.
    Tracks,
    tracks
);

sort_key! {
    /// What tracks can be sorted by.
    TrackSort {
        /// When they were made.
        CreatedAt = "createdAt",
        /// Their titles.
        Title = "title",
    }
}

op! {
    /// One track.
    GetTrack: GET "/tracks/{id}" => Document<Track>,
    ThirdParty ANY [] Catalogue Read,
    Tracks::get(id: path Id<Track> = "id")
    {
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: paths Track = "include",
        /// Lets what can't be had there be replaced on this path.
        replace_media: paths Track = "replaceMedia",
        /// A code by which unlisted things may be seen.
        share_code: one Text = "shareCode",
    }
}

op! {
    /// Many tracks, by id, recording or owner.
    ListTracks: GET "/tracks" => Document<Vec<Track>>,
    ThirdParty ANY ["r_usr"] Catalogue Read paged,
    Tracks::list()
    {
        /// Those with these ids; some 20 at most.
        ids: many Id<Track> = "filter[id]",
        /// Those of these recordings: all of a single one, page by page; of several, one track for each.
        isrcs: many Isrc = "filter[isrc]",
        /// Those that belong to these users; `me` is who is signed in.
        owners: many Id<User> = "filter[owners.id]",
        /// In this order; the newest first if left out.
        sort: sort TrackSort = "sort",
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: paths Track = "include",
        /// Lets what can't be had there be replaced on this path.
        replace_media: paths Track = "replaceMedia",
        /// A code by which unlisted things may be seen.
        share_code: one Text = "shareCode",
    }
}

op! {
    /// The albums that a track is on.
    ListTrackAlbums: GET "/tracks/{id}/relationships/albums" => Document<Refs<Album, ReplacementMeta>>,
    ThirdParty ANY [] Catalogue Read paged,
    Tracks::albums(id: path Id<Track> = "id")
    {
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: within Album = "include" from "albums",
        /// Lets what can't be had there be replaced on this path.
        replace_media: within Album = "replaceMedia" from "albums",
        /// A code by which unlisted things may be seen.
        share_code: one Text = "shareCode",
    }
}

op! {
    /// The artists of a track, main ones first.
    ListTrackArtists: GET "/tracks/{id}/relationships/artists" => Document<Refs<Artist>>,
    ThirdParty ANY [] Catalogue Read paged,
    Tracks::artists(id: path Id<Track> = "id")
    {
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: within Artist = "include" from "artists",
        /// Lets what can't be had there be replaced on this path.
        replace_media: within Artist = "replaceMedia" from "artists",
        /// A code by which unlisted things may be seen.
        share_code: one Text = "shareCode",
    }
}
