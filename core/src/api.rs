//! The operations of the API, in groups as people look for them.
//!
//! A client has a method for each group, a group has a method for each operation. What an operation can't do without are arguments
//! of that method; what it can do without are methods of the [`Request`](crate::Request) that it returns. A parameter that an
//! operation doesn't take is no method there.
//!
//! ```
//! use tidal_core::api::Albums;
//! use tidal_core::Call;
//!
//! let request = Albums::new().get("251380836").country("NO").include(|album| album.artists().profile_art());
//! assert!(Call::new(&request).is_ok());
//!
//! let refused = Call::new(&Albums::new().get("251380836").country("UK")).err();
//! assert_eq!(refused.map(|e| e.to_string()).as_deref(), Some("country: \"UK\" is not assigned; the United Kingdom is \"GB\""));
//! ```

mod addition;
mod albums;
mod argument;
mod artists;
mod artworks;
mod include;
mod op;
mod payload;
mod playlists;
mod search;
mod sort;
#[cfg(test)]
mod tests;
mod tracks;
mod users;

pub use addition::{Addition, Playable, PlaylistItem};
pub use albums::{AlbumSort, Albums, GetAlbum, ListAlbumArtists, ListAlbumItems, ListAlbums, ListSimilarAlbums};
pub use artists::{Artists, CollapseBy, GetArtist, ListArtistAlbums, ListArtistTracks, ListArtistVideos, ListArtists};
pub use artworks::{Artworks, GetArtwork, ListArtworks};
pub use include::Include;
pub use playlists::{
    AddPlaylistItems, CreatePlaylist, DeletePlaylist, GetPlaylist, ListPlaylistItems, ListPlaylists, MovePlaylistItems,
    NewPlaylist, PlaylistChange, PlaylistItemSort, PlaylistSort, Playlists, RemovePlaylistItems, UpdatePlaylist,
};
pub use search::{
    DeviceType, ExplicitFilter, ListDirectHits, ListFoundAlbums, ListFoundArtists, ListFoundPlaylists, ListFoundTracks,
    ListFoundVideos, ListTopHits, Search, SearchAll, SuggestSearches, SystemType,
};
pub use sort::Sort;
pub use tracks::{GetTrack, ListTrackAlbums, ListTrackArtists, ListTracks, TrackSort, Tracks};
pub use users::{
    AddCollectedTracks, CollectedTrackSort, GetCollectedTracks, GetUser, ListCollectedTracks, RemoveCollectedTracks, Users,
};
