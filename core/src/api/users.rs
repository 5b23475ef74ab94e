//! Users, and what they collected.

use super::addition::Addition;
use super::op::{change, group, op};
use super::sort::sort_key;
use crate::Request;
use crate::document::{Document, Refs};
use crate::model::{CollectionItemMeta, Track, User, UserCollectionTracks};
use crate::value::{Id, Text};

group!(
    /// Users, and what they collected.
    Users,
    users
);

sort_key! {
    /// What collected tracks can be sorted by.
    CollectedTrackSort {
        /// When they were added.
        AddedAt = "addedAt",
        /// The titles of their albums.
        AlbumTitle = "albums.title",
        /// The names of their artists.
        ArtistName = "artists.name",
        /// How long they are.
        Duration = "duration",
        /// Their titles.
        Title = "title",
    }
}

op! {
    /// One user; `me` is who is signed in.
    GetUser: GET "/users/{id}" => Document<User>,
    ThirdParty PERSON ["r_usr", "user.read"] User Read,
    Users::get(id: path Id<User> = "id")
    {

    }
}

op! {
    /// How many tracks a user collected; `me` is who is signed in.
    GetCollectedTracks: GET "/userCollectionTracks/{id}" => Document<UserCollectionTracks>,
    ThirdParty PERSON ["collection.read", "r_usr"] User Read,
    Users::track_collection(id: path Id<UserCollectionTracks> = "id")
    {
        /// The language of names (BCP 47).
        locale: one Text = "locale",
        /// Also answers with what lies on this path.
        include: paths UserCollectionTracks = "include",
        /// Lets what can't be had there be replaced on this path.
        replace_media: paths UserCollectionTracks = "replaceMedia",
    }
}

op! {
    /// The tracks that a user collected; `me` is who is signed in.
    ListCollectedTracks: GET "/userCollectionTracks/{id}/relationships/items" => Document<Refs<Track, CollectionItemMeta>>,
    ThirdParty PERSON ["collection.read", "r_usr"] User Read paged,
    Users::collected_tracks(id: path Id<UserCollectionTracks> = "id")
    {
        /// In this order; the latest first if left out.
        sort: sort CollectedTrackSort = "sort",
        /// The language of names (BCP 47).
        locale: one Text = "locale",
        /// Also answers with what lies on this path.
        include: within Track = "include" from "items",
        /// Lets what can't be had there be replaced on this path.
        replace_media: within Track = "replaceMedia" from "items",
    }
}

change! {
    /// Adds tracks to what a user collected.
    AddCollectedTracks: POST "/userCollectionTracks/{id}/relationships/items"
        => Option<Document<Refs<Track, CollectionItemMeta>>>,
    ThirdParty PERSON ["collection.write", "w_usr"] Keyed,
    [path "id"]
}

change! {
    /// Removes tracks from what a user collected.
    RemoveCollectedTracks: DELETE "/userCollectionTracks/{id}/relationships/items" => Option<Document<()>>,
    ThirdParty PERSON ["collection.write", "w_usr"] Keyed,
    [path "id"]
}

impl<C> Users<C> {
    /// The signed-in user. See [`GetUser`].
    pub fn me(self) -> Request<GetUser, C> {
        self.get("me")
    }

    /// Adds 1 to 50 tracks to what a user collected; `me` is who is signed in. The answer's meta has the ones that were
    /// [skipped](crate::model::Skipped). See [`AddCollectedTracks`].
    pub fn add_tracks<I>(self, id: impl Into<Id<UserCollectionTracks>>, tracks: I) -> Request<AddCollectedTracks, C>
    where
        I: IntoIterator<Item: Into<Addition<Track>>>,
    {
        let tracks = tracks.into_iter().map(|track| track.into().into_identifier());
        self.request().id("id", &id.into()).linkage(50, tracks, None)
    }

    /// Removes 1 to 50 tracks from what a user collected; `me` is who is signed in. See [`RemoveCollectedTracks`].
    pub fn remove_tracks<I>(self, id: impl Into<Id<UserCollectionTracks>>, tracks: I) -> Request<RemoveCollectedTracks, C>
    where
        I: IntoIterator<Item: Into<Id<Track>>>,
    {
        let tracks = tracks.into_iter().map(|track| Addition::<Track>::from(track.into()).into_identifier());
        self.request().id("id", &id.into()).linkage(50, tracks, None)
    }
}
