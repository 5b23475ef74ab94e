//! Search.

use super::op::{group, op};
use crate::document::{Document, Refs};
use crate::model::{Album, AnyResource, Artist, Playlist, ReplacementMeta, SearchResults, SearchSuggestions, Track, Video};
use crate::value::open::open_enum;
use crate::value::{Country, Id, Text};

group!(
    /// Search: what is found for a text, and what a half-typed text may become.
    Search,
    search
);

open_enum! {
    /// Whether explicit content counts.
    ExplicitFilter {
        Include = "INCLUDE",
        Exclude = "EXCLUDE",
    }
}

open_enum! {
    /// Kinds of device.
    DeviceType {
        Browser = "BROWSER",
        Car = "CAR",
        Desktop = "DESKTOP",
        Phone = "PHONE",
        Tablet = "TABLET",
        Tv = "TV",
    }
}

open_enum! {
    /// Systems.
    SystemType {
        Android = "ANDROID",
        Desktop = "DESKTOP",
        Tesla = "TESLA",
        Ios = "IOS",
        Web = "WEB",
    }
}

op! {
    /// What is found for a text. The answer names an opaque id, by which the lists of what was found are read.
    SearchAll: GET "/searchResults" => Document<Vec<SearchResults>>,
    ThirdParty ANY ["r_usr", "search.read"] Search Read,
    Search::results(query: required Text = "filter[query]" max 256)
    {
        /// Whether explicit content counts.
        explicit: one ExplicitFilter = "explicitFilter",
        /// What kind of device asks.
        device_type: one DeviceType = "deviceType",
        /// What system it runs.
        system_type: one SystemType = "systemType",
        /// The version of the program that asks.
        client_version: one Text = "clientVersion",
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: paths SearchResults = "include",
        /// Lets what can't be had there be replaced on this path.
        replace_media: paths SearchResults = "replaceMedia",
    }
}

op! {
    /// The albums that a search found, best first.
    ListFoundAlbums: GET "/searchResults/{id}/relationships/albums" => Document<Refs<Album, ReplacementMeta>>,
    ThirdParty ANY ["r_usr", "search.read"] Search Read paged,
    Search::albums(id: path Id<SearchResults> = "id")
    {
        /// Whether explicit content counts.
        explicit: one ExplicitFilter = "explicitFilter",
        /// What kind of device asks.
        device_type: one DeviceType = "deviceType",
        /// What system it runs.
        system_type: one SystemType = "systemType",
        /// The version of the program that asks.
        client_version: one Text = "clientVersion",
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: within Album = "include" from "albums",
        /// Lets what can't be had there be replaced on this path.
        replace_media: within Album = "replaceMedia" from "albums",
    }
}

op! {
    /// The artists that a search found, best first.
    ListFoundArtists: GET "/searchResults/{id}/relationships/artists" => Document<Refs<Artist, ReplacementMeta>>,
    ThirdParty ANY ["r_usr", "search.read"] Search Read paged,
    Search::artists(id: path Id<SearchResults> = "id")
    {
        /// Whether explicit content counts.
        explicit: one ExplicitFilter = "explicitFilter",
        /// What kind of device asks.
        device_type: one DeviceType = "deviceType",
        /// What system it runs.
        system_type: one SystemType = "systemType",
        /// The version of the program that asks.
        client_version: one Text = "clientVersion",
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: within Artist = "include" from "artists",
        /// Lets what can't be had there be replaced on this path.
        replace_media: within Artist = "replaceMedia" from "artists",
    }
}

op! {
    /// The playlists that a search found, best first.
    ListFoundPlaylists: GET "/searchResults/{id}/relationships/playlists" => Document<Refs<Playlist, ReplacementMeta>>,
    ThirdParty ANY ["r_usr", "search.read"] Search Read paged,
    Search::playlists(id: path Id<SearchResults> = "id")
    {
        /// Whether explicit content counts.
        explicit: one ExplicitFilter = "explicitFilter",
        /// What kind of device asks.
        device_type: one DeviceType = "deviceType",
        /// What system it runs.
        system_type: one SystemType = "systemType",
        /// The version of the program that asks.
        client_version: one Text = "clientVersion",
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: within Playlist = "include" from "playlists",
        /// Lets what can't be had there be replaced on this path.
        replace_media: within Playlist = "replaceMedia" from "playlists",
    }
}

op! {
    /// The best matches of all types, best first.
    ListTopHits: GET "/searchResults/{id}/relationships/topHits" => Document<Refs<AnyResource, ReplacementMeta>>,
    ThirdParty ANY ["r_usr", "search.read"] Search Read paged,
    Search::top_hits(id: path Id<SearchResults> = "id")
    {
        /// Whether explicit content counts.
        explicit: one ExplicitFilter = "explicitFilter",
        /// What kind of device asks.
        device_type: one DeviceType = "deviceType",
        /// What system it runs.
        system_type: one SystemType = "systemType",
        /// The version of the program that asks.
        client_version: one Text = "clientVersion",
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: within AnyResource = "include" from "topHits",
        /// Lets what can't be had there be replaced on this path.
        replace_media: within AnyResource = "replaceMedia" from "topHits",
    }
}

op! {
    /// The tracks that a search found, best first.
    ListFoundTracks: GET "/searchResults/{id}/relationships/tracks" => Document<Refs<Track, ReplacementMeta>>,
    ThirdParty ANY ["r_usr", "search.read"] Search Read paged,
    Search::tracks(id: path Id<SearchResults> = "id")
    {
        /// Whether explicit content counts.
        explicit: one ExplicitFilter = "explicitFilter",
        /// What kind of device asks.
        device_type: one DeviceType = "deviceType",
        /// What system it runs.
        system_type: one SystemType = "systemType",
        /// The version of the program that asks.
        client_version: one Text = "clientVersion",
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: within Track = "include" from "tracks",
        /// Lets what can't be had there be replaced on this path.
        replace_media: within Track = "replaceMedia" from "tracks",
    }
}

op! {
    /// The videos that a search found, best first.
    ListFoundVideos: GET "/searchResults/{id}/relationships/videos" => Document<Refs<Video, ReplacementMeta>>,
    ThirdParty ANY ["r_usr", "search.read"] Search Read paged,
    Search::videos(id: path Id<SearchResults> = "id")
    {
        /// Whether explicit content counts.
        explicit: one ExplicitFilter = "explicitFilter",
        /// What kind of device asks.
        device_type: one DeviceType = "deviceType",
        /// What system it runs.
        system_type: one SystemType = "systemType",
        /// The version of the program that asks.
        client_version: one Text = "clientVersion",
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: within Video = "include" from "videos",
        /// Lets what can't be had there be replaced on this path.
        replace_media: within Video = "replaceMedia" from "videos",
    }
}

op! {
    /// What a half-typed text may become.
    SuggestSearches: GET "/searchSuggestions" => Document<Vec<SearchSuggestions>>,
    ThirdParty ANY ["r_usr", "search.read"] Search Read,
    Search::suggestions(query: required Text = "filter[query]" max 256)
    {
        /// Whether explicit content counts.
        explicit: one ExplicitFilter = "explicitFilter",
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: paths SearchSuggestions = "include",
        /// Lets what can't be had there be replaced on this path.
        replace_media: paths SearchSuggestions = "replaceMedia",
    }
}

op! {
    /// The best matches of all types for a half-typed text.
    ListDirectHits: GET "/searchSuggestions/{id}/relationships/directHits" => Document<Refs<AnyResource, ReplacementMeta>>,
    ThirdParty ANY ["r_usr", "search.read"] Search Read paged,
    Search::direct_hits(id: path Id<SearchSuggestions> = "id")
    {
        /// Whether explicit content counts.
        explicit: one ExplicitFilter = "explicitFilter",
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: within AnyResource = "include" from "directHits",
        /// Lets what can't be had there be replaced on this path.
        replace_media: within AnyResource = "replaceMedia" from "directHits",
    }
}
