//! The groups' short way to many things by id.

use crate::api::{
    Albums, Artists, Artworks, GetArtistRole, GetProvider, GetUsageRules, ListAlbums, ListArtists, ListArtworks, ListPlaylists,
    ListTracks, ListVideos, Playlists, Providers, Rules, Tracks, Videos,
};
use crate::batch::BatchRequest;
use crate::model::{Album, Artist, ArtistRole, Artwork, Playlist, Provider, Track, UsageRules, Video};
use crate::value::Id;

macro_rules! groups {
    ($($group:ident $method:ident $op:ident => $resource:ty, $doc:literal;)*) => {$(
        impl<C> $group<C> {
            #[doc = $doc]
            ///
            /// See [`batch`](crate::batch).
            pub fn $method(self, ids: impl IntoIterator<Item: Into<Id<$resource>>>) -> BatchRequest<$op, C> {
                self.request::<$op>().batch(ids)
            }
        }
    )*};
}

groups! {
    Albums many ListAlbums => Album, "The albums with these ids, any number of them. To include more: `list()`, and then [`batch`](crate::Request::batch).";
    Artists many ListArtists => Artist, "The artists with these ids, any number of them. To include more: `list()`, and then [`batch`](crate::Request::batch).";
    Artists many_roles GetArtistRole => ArtistRole, "The roles with these ids, any number of them. The API has them one by one only: each is a request.";
    Artworks many ListArtworks => Artwork, "The artworks with these ids, any number of them. To include more: `list()`, and then [`batch`](crate::Request::batch).";
    Playlists many ListPlaylists => Playlist, "The playlists with these ids, any number of them. To include more: `list()`, and then [`batch`](crate::Request::batch).";
    Providers many GetProvider => Provider, "The providers with these ids, any number of them. The API has them one by one only: each is a request.";
    Rules many GetUsageRules => UsageRules, "The usage rules with these ids, any number of them. The API has them one by one only: each is a request.";
    Tracks many ListTracks => Track, "The tracks with these ids, any number of them. To include more: `list()`, and then [`batch`](crate::Request::batch).";
    Videos many ListVideos => Video, "The videos with these ids, any number of them. To include more: `list()`, and then [`batch`](crate::Request::batch).";
}
