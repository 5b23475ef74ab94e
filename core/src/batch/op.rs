//! The operations that batches are made of.

use crate::api::{
    GetArtistRole, GetProvider, GetUsageRules, ListAlbums, ListArtists, ListArtworks, ListPlaylists, ListTracks, ListVideos,
};
#[cfg(feature = "internal")]
use crate::api::{
    ListArtistClaimStatuses, ListDownloads, ListDynamicModules, ListGenres, ListPriceConfigurations, ListUserCollectionFolders,
};
use crate::document::Resource;
use crate::model::{Album, Artist, ArtistRole, Artwork, Playlist, Provider, Track, UsageRules, Video};
use crate::pages::{Page, Position};
use crate::request::Op;

/// An operation that can be asked for resources by id. The trait is open, as [`Op`] is.
pub trait BatchOp: Op {
    /// What it reads.
    type Resource: Resource;

    /// How it takes ids.
    const BY: By;

    /// What an answer is about.
    fn resources(output: &Self::Output) -> &[Self::Resource];

    /// Where the rest of an answer is, if it came in pages.
    fn next(_output: &Self::Output) -> Option<Position> {
        None
    }
}

/// How an operation takes ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Many at once, by this query parameter: as many as its [`most`](crate::operation::Parameter::most) says, 20 where it says
    /// nothing. What doesn't come is missing.
    Filter(&'static str),
    /// One, by this path parameter. What the service doesn't know (404) is missing.
    Path(&'static str),
}

macro_rules! listings {
    ($($op:ident => $resource:ty),* $(,)?) => {$(
        impl BatchOp for $op {
            type Resource = $resource;
            const BY: By = By::Filter("filter[id]");

            fn resources(output: &Self::Output) -> &[$resource] {
                &output.data
            }

            fn next(output: &Self::Output) -> Option<Position> {
                output.next_position()
            }
        }
    )*};
}

listings! {
    ListAlbums => Album,
    ListArtists => Artist,
    ListArtworks => Artwork,
    ListPlaylists => Playlist,
    ListTracks => Track,
    ListVideos => Video,
}

#[cfg(feature = "internal")]
listings! {
    ListArtistClaimStatuses => crate::model::ArtistClaimStatus,
    ListDownloads => crate::model::Download,
    ListDynamicModules => crate::model::DynamicModule,
    ListGenres => crate::model::Genre,
    ListPriceConfigurations => crate::model::PriceConfiguration,
    ListUserCollectionFolders => crate::model::UserCollectionFolder,
}

macro_rules! singles {
    ($($op:ident => $resource:ty),* $(,)?) => {$(
        impl BatchOp for $op {
            type Resource = $resource;
            const BY: By = By::Path("id");

            fn resources(output: &Self::Output) -> &[$resource] {
                std::slice::from_ref(&output.data)
            }
        }
    )*};
}

singles! {
    GetArtistRole => ArtistRole,
    GetProvider => Provider,
    GetUsageRules => UsageRules,
}
