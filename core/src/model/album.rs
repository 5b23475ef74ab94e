//! The resource type `albums`.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::document::resource;
use crate::model::{
    AccessType, AlbumItemMeta, AlbumStatistics, AnyResource, Artist, Artwork, Availability, Copyright, CoverArtMeta,
    ExternalLink, Genre, PriceConfiguration, Provider, ReplacementMeta, Share, UsageRules, User,
};
use crate::value::open::open_enum;
use crate::value::{Barcode, List, Text, Typed};

resource! {
    /// An album, single or EP.
    Album: "albums", "album"
    {
        /// Who may see it.
        access_type: Option<AccessType> = "accessType",
        /// Whether it was made by artificial intelligence.
        ai: Option<bool> = "ai",
        /// Kind of album.
        album_type: Option<AlbumType> = "albumType",
        /// How it may be used. Deprecated in favour of usage rules.
        availability: List<Availability> = "availability",
        /// Barcode.
        barcode_id: Option<Typed<Barcode>> = "barcodeId",
        /// Copyright notice.
        copyright: Option<Copyright> = "copyright",
        /// When it was made.
        created_at: Option<Typed<Timestamp>> = "createdAt",
        /// Length.
        duration: Option<Typed<Duration>> = "duration",
        /// Whether the content is marked explicit.
        explicit: Option<bool> = "explicit",
        /// Links outside the API.
        external_links: List<ExternalLink> = "externalLinks",
        /// In which qualities it can be had, such as `LOSSLESS`.
        media_tags: List<Text> = "mediaTags",
        /// How many items there are.
        number_of_items: Option<i64> = "numberOfItems",
        /// How many volumes there are.
        number_of_volumes: Option<i64> = "numberOfVolumes",
        /// Popularity, from 0 to 1.
        popularity: Option<f64> = "popularity",
        /// When it was released.
        release_date: Option<Typed<Date>> = "releaseDate",
        /// Title.
        title: Option<Text> = "title",
        /// The same as `album_type`, under its old name. Deprecated.
        type_: Option<AlbumType> = "type",
        /// What sets this version apart, such as `remix`.
        version: Option<Text> = "version",
    }
    {
        /// How often it was played and sold.
        album_statistics: One<AlbumStatistics> = "albumStatistics",
        /// The artists, main ones first.
        artists: Many<Artist> = "artists",
        /// The cover.
        cover_art: Many<Artwork> = "coverArt",
        /// The genres.
        genres: Many<Genre> = "genres",
        /// The items, in order: tracks and videos.
        items: Many<AnyResource, AlbumItemMeta> = "items",
        /// The users to whom it belongs.
        owners: Many<User> = "owners",
        /// What it costs.
        price_config: One<PriceConfiguration> = "priceConfig",
        /// Who delivered it.
        providers: Many<Provider> = "providers",
        /// What stands in for it.
        replacement: One<Album, ReplacementMeta> = "replacement",
        /// Links by which users share it.
        shares: Many<Share> = "shares",
        /// Albums like it.
        similar_albums: Many<Album, ReplacementMeta> = "similarAlbums",
        /// Covers that could be made of its contents.
        suggested_cover_arts: Many<Artwork, CoverArtMeta> = "suggestedCoverArts",
        /// How it may be used.
        usage_rules: One<UsageRules> = "usageRules",
    }
}

open_enum! {
    /// Kinds of album.
    AlbumType {
        Album = "ALBUM",
        Ep = "EP",
        Single = "SINGLE",
    }
}
