//! The resource type `searchResults`.

use crate::document::resource;
use crate::model::{Album, AnyResource, Artist, Playlist, ReplacementMeta, Track, Video};
use crate::value::Text;

resource! {
    /// What a search found.
    SearchResults: "searchResults", "search results"
    {
        /// A better spelling.
        did_you_mean: Option<Text> = "didYouMean",
        /// The text.
        query: Option<Text> = "query",
        /// Id that ties later events to this answer.
        tracking_id: Option<Text> = "trackingId",
    }
    {
        /// The albums.
        albums: Many<Album, ReplacementMeta> = "albums",
        /// The artists, main ones first.
        artists: Many<Artist, ReplacementMeta> = "artists",
        /// The playlists.
        playlists: Many<Playlist, ReplacementMeta> = "playlists",
        /// The best matches of all types.
        top_hits: Many<AnyResource, ReplacementMeta> = "topHits",
        /// The tracks.
        tracks: Many<Track, ReplacementMeta> = "tracks",
        /// The videos.
        videos: Many<Video, ReplacementMeta> = "videos",
    }
}
