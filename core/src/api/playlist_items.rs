//! The items of playlists: adding, moving and removing them.

use super::addition::{Addition, PlaylistItem, check_item_id};
use super::payload::Payload;
use crate::Request;
use crate::api::{AddPlaylistItems, MovePlaylistItems, Playable, Playlists, RemovePlaylistItems};
use crate::model::Playlist;
use crate::value::{Id, Text};

impl<C> Playlists<C> {
    /// Adds 1 to 50 items at the end of a playlist. The answer has their item ids, and its meta the ones that were
    /// [skipped](crate::model::Skipped). See [`AddPlaylistItems`].
    pub fn add_items<I>(self, id: impl Into<Id<Playlist>>, items: I) -> Request<AddPlaylistItems, C>
    where
        I: IntoIterator<Item: Into<Addition<Playable>>>,
    {
        self.request().id("id", id).linkage::<Addition<Playable>>(1, 50, items, None)
    }

    /// Adds 1 to 50 items before the one with this item id. See [`AddPlaylistItems`].
    pub fn insert_items<I>(self, id: impl Into<Id<Playlist>>, items: I, before: impl Into<Text>) -> Request<AddPlaylistItems, C>
    where
        I: IntoIterator<Item: Into<Addition<Playable>>>,
    {
        let before = before.into();
        self.request().check(check_item_id(&before)).id("id", id).linkage::<Addition<Playable>>(
            1,
            50,
            items,
            Some(place(&before)),
        )
    }

    /// Moves 1 to 20 items before the one with this item id, or to the end. See [`MovePlaylistItems`].
    pub fn move_items(
        self,
        id: impl Into<Id<Playlist>>,
        items: impl IntoIterator<Item = PlaylistItem>,
        before: Option<&str>,
    ) -> Request<MovePlaylistItems, C> {
        let check = before.map_or(Ok(()), check_item_id);
        let before = before.map(|before| place(&before.into()));
        self.request().check(check).id("id", id).linkage::<PlaylistItem>(1, 20, items, before)
    }

    /// Removes 1 to 50 items. See [`RemovePlaylistItems`].
    pub fn remove_items(
        self,
        id: impl Into<Id<Playlist>>,
        items: impl IntoIterator<Item = PlaylistItem>,
    ) -> Request<RemovePlaylistItems, C> {
        self.request().id("id", id).linkage::<PlaylistItem>(1, 50, items, None)
    }
}

/// The place before an item.
#[inline]
fn place(before: &Text) -> Payload {
    let mut place = Payload::new("");
    place.meta.text("positionBefore", 1, usize::MAX, before);
    place
}
