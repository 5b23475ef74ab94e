//! Resource types.
//!
//! Each is a struct with plain fields: its id, its attributes, its relationships behind typed accessors. An attribute that the
//! service left out is `None`, a list that it left out is empty. Enumerations, codes and times never fail a document: see
//! [`value`](crate::value).

mod access_type;
mod album;
mod album_statistics;
mod artist;
mod artist_biography;
mod artist_claim_status;
mod artist_role;
mod artwork;
mod copyright;
mod credit;
mod download;
mod external_link;
mod file;
mod genre;
mod lyrics;
mod meta;
mod playlist;
mod price_configuration;
mod processing_status;
mod provider;
mod search_history_entry;
mod search_results;
mod search_suggestions;
mod share;
mod track;
mod track_source_file;
mod track_statistics;
mod tracks_metadata_status;
mod usage_rules;
mod user;
mod user_collection_tracks;
mod video;

pub use access_type::AccessType;
pub use album::{Album, AlbumType};
pub use album_statistics::AlbumStatistics;
pub use artist::{Artist, OwnerType};
pub use artist_biography::{ArtistBiography, BiographySource};
pub use artist_claim_status::{ArtistClaimStatus, ClaimSource, ClaimStatus};
pub use artist_role::ArtistRole;
pub use artwork::{Artwork, ArtworkFile, ArtworkFileMeta, MediaType, VisualMetadata, VisualMetadataStatus};
pub use copyright::Copyright;
pub use credit::Credit;
pub use download::{Download, DownloadLink, DownloadLinkMeta};
pub use external_link::{ExternalLink, ExternalLinkMeta, LinkType};
pub use file::{AiScanningStatus, FileStatus, ModerationStatus, SourceFile, TechnicalStatus, UploadLink, UploadLinkMeta};
pub use genre::Genre;
pub use lyrics::{Lyrics, TextDirection};
pub use meta::{
    AlbumItemMeta, CollectionItemMeta, CoverArtMeta, FollowMeta, Original, PlaylistItemMeta, ProviderMeta, Replacement,
    ReplacementMeta, ReplacementStatus, SkipReason, Skipped, SkippedItem, ViewerContext,
};
pub use playlist::{Playlist, PlaylistType};
pub use price_configuration::{Currency, PriceConfiguration};
pub use processing_status::ProcessingStatus;
pub use provider::Provider;
pub use search_history_entry::SearchHistoryEntry;
pub use search_results::SearchResults;
pub use search_suggestions::{Highlight, SearchSuggestions, Suggestion};
pub use share::Share;
pub use track::{Key, KeyScale, Track};
pub use track_source_file::TrackSourceFile;
pub use track_statistics::TrackStatistics;
pub use tracks_metadata_status::TracksMetadataStatus;
pub use usage_rules::{Availability, Usage, UsageRules};
pub use user::{AccessTier, User};
pub use user_collection_tracks::UserCollectionTracks;
pub use video::Video;

use crate::document::{Resource, resources};
use crate::value::Text;

resources! {
    /// A resource of any type.
    AnyResource {
        Album,
        AlbumStatistics,
        Artist,
        ArtistBiography,
        ArtistClaimStatus,
        ArtistRole,
        Artwork,
        Credit,
        Download,
        Genre,
        Lyrics,
        Playlist,
        PriceConfiguration,
        Provider,
        SearchHistoryEntry,
        SearchResults,
        SearchSuggestions,
        Share,
        Track,
        TrackSourceFile,
        TrackStatistics,
        TracksMetadataStatus,
        UsageRules,
        User,
        UserCollectionTracks,
        Video,
    }
}

impl AnyResource {
    /// The type's name in documents, such as `albums`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.parts().kind()
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &Text {
        self.parts().id_text()
    }

    /// The resource, if it is a `T`.
    #[must_use]
    pub fn get<T: Resource>(&self) -> Option<&T> {
        T::pick(self)
    }
}
