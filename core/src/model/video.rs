//! The resource type `videos`.

use std::time::Duration;

use jiff::civil::Date;

use crate::document::resource;
use crate::model::{
    Album, Artist, Artwork, Availability, Copyright, Credit, ExternalLink, Provider, ReplacementMeta, UsageRules,
};
use crate::value::{Isrc, List, Text, Typed};

resource! {
    /// A music video.
    Video: "videos", "video"
    {
        /// How it may be used. Deprecated in favour of usage rules.
        availability: List<Availability> = "availability",
        /// Copyright notice.
        copyright: Option<Copyright> = "copyright",
        /// Length.
        duration: Option<Typed<Duration>> = "duration",
        /// Whether the content is marked explicit.
        explicit: Option<bool> = "explicit",
        /// Links outside the API.
        external_links: List<ExternalLink> = "externalLinks",
        /// Code of the recording.
        isrc: Option<Typed<Isrc>> = "isrc",
        /// Popularity, from 0 to 1.
        popularity: Option<f64> = "popularity",
        /// When it was released.
        release_date: Option<Typed<Date>> = "releaseDate",
        /// Title.
        title: Option<Text> = "title",
        /// What sets this version apart, such as `remix`.
        version: Option<Text> = "version",
    }
    {
        /// The albums.
        albums: Many<Album, ReplacementMeta> = "albums",
        /// The artists, main ones first.
        artists: Many<Artist> = "artists",
        /// Who did what.
        credits: Many<Credit> = "credits",
        /// Who delivered it.
        providers: Many<Provider> = "providers",
        /// What stands in for it.
        replacement: One<Video, ReplacementMeta> = "replacement",
        /// Videos like it.
        similar_videos: Many<Video, ReplacementMeta> = "similarVideos",
        /// Videos that go well after it.
        suggested_videos: Many<Video, ReplacementMeta> = "suggestedVideos",
        /// The still image.
        thumbnail_art: Many<Artwork> = "thumbnailArt",
        /// How it may be used.
        usage_rules: One<UsageRules> = "usageRules",
    }
}
