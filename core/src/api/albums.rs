//! Albums.

use super::op::{group, op};
use super::sort::sort_key;
use crate::document::{Document, Refs};
use crate::model::{Album, AlbumItemMeta, AnyResource, Artist, ReplacementMeta, User};
use crate::value::{Barcode, Country, Id, Text};

group!(
    /// Albums.
    Albums,
    albums
);

sort_key! {
    /// What albums can be sorted by.
    AlbumSort {
        /// When they were made.
        CreatedAt = "createdAt",
        /// Their titles.
        Title = "title",
    }
}

op! {
    /// One album.
    GetAlbum: GET "/albums/{id}" => Document<Album>,
    ThirdParty ANY [] Catalogue Read,
    Albums::get(id: path Id<Album> = "id")
    {
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: paths Album = "include",
        /// Lets what can't be had there be replaced on this path.
        replace_media: paths Album = "replaceMedia",
        /// A code by which unlisted things may be seen.
        share_code: one Text = "shareCode",
    }
}

op! {
    /// Many albums, by id, barcode or owner.
    ListAlbums: GET "/albums" => Document<Vec<Album>>,
    ThirdParty ANY ["r_usr"] Catalogue Read paged,
    Albums::list()
    {
        /// Those with these ids; some 20 at most.
        ids: many Id<Album> = "filter[id]",
        /// Those with these barcodes; of several, one album for each.
        barcodes: many Barcode = "filter[barcodeId]",
        /// Those that belong to these users; `me` is who is signed in.
        owners: many Id<User> = "filter[owners.id]",
        /// In this order; the newest first if left out.
        sort: sort AlbumSort = "sort",
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: paths Album = "include",
        /// Lets what can't be had there be replaced on this path.
        replace_media: paths Album = "replaceMedia",
        /// A code by which unlisted things may be seen.
        share_code: one Text = "shareCode",
    }
}

op! {
    /// The items of an album in order: tracks and videos.
    ListAlbumItems: GET "/albums/{id}/relationships/items" => Document<Refs<AnyResource, AlbumItemMeta>>,
    ThirdParty ANY [] Catalogue Read paged,
    Albums::items(id: path Id<Album> = "id")
    {
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: within AnyResource = "include" from "items",
        /// Lets what can't be had there be replaced on this path.
        replace_media: within AnyResource = "replaceMedia" from "items",
        /// A code by which unlisted things may be seen.
        share_code: one Text = "shareCode",
    }
}

op! {
    /// The artists of an album, main ones first.
    ListAlbumArtists: GET "/albums/{id}/relationships/artists" => Document<Refs<Artist>>,
    ThirdParty ANY [] Catalogue Read paged,
    Albums::artists(id: path Id<Album> = "id")
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

op! {
    /// Albums like an album.
    ListSimilarAlbums: GET "/albums/{id}/relationships/similarAlbums" => Document<Refs<Album, ReplacementMeta>>,
    ThirdParty ANY [] Recommendation Read paged,
    Albums::similar(id: path Id<Album> = "id")
    {
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: within Album = "include" from "similarAlbums",
        /// Lets what can't be had there be replaced on this path.
        replace_media: within Album = "replaceMedia" from "similarAlbums",
        /// A code by which unlisted things may be seen.
        share_code: one Text = "shareCode",
    }
}
