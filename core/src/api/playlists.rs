//! Playlists.

use jiff::Timestamp;

use super::addition::{Addition, Playable, PlaylistItem};
use super::op::{change, group, op};
use super::sort::sort_key;
use crate::document::{Document, Identifier, Refs, Resource, object};
use crate::model::{AccessType, AnyResource, Playlist, PlaylistItemMeta, User};
use crate::value::{Country, Id, Text, Typed};
use crate::{Invalid, Request};

group!(
    /// Playlists and their items.
    Playlists,
    playlists
);

sort_key! {
    /// What playlists can be sorted by.
    PlaylistSort {
        /// When they were made.
        CreatedAt = "createdAt",
        /// When they were last changed.
        LastModifiedAt = "lastModifiedAt",
        /// Their names.
        Name = "name",
    }
}

sort_key! {
    /// What the items of a playlist can be sorted by.
    PlaylistItemSort {
        /// When they were added.
        AddedAt = "addedAt",
        /// The titles of their albums.
        AlbumTitle = "albums.title",
        /// The names of their artists.
        ArtistName = "artists.name",
        /// How long they are.
        Duration = "duration",
        /// Their places in the playlist.
        ItemIndex = "itemIndex",
        /// Their titles.
        Title = "title",
    }
}

op! {
    /// One playlist.
    GetPlaylist: GET "/playlists/{id}" => Document<Playlist>,
    ThirdParty ANY [] User Read,
    Playlists::get(id: path Id<Playlist> = "id")
    {
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: paths Playlist = "include",
        /// Lets what can't be had there be replaced on this path.
        replace_media: paths Playlist = "replaceMedia",
    }
}

op! {
    /// Many playlists, by id, owner or collaborator.
    ListPlaylists: GET "/playlists" => Document<Vec<Playlist>>,
    ThirdParty ANY ["playlists.read", "r_usr"] User Read paged,
    Playlists::list()
    {
        /// Those with these ids; some 20 at most.
        ids: many Id<Playlist> = "filter[id]",
        /// Those that belong to these users; `me` is who is signed in.
        owners: many Id<User> = "filter[owners.id]",
        /// Those that these users may change too; `me` is who is signed in.
        collaborators: many Id<User> = "filter[collaborators.id]",
        /// In this order; the newest first if left out.
        sort: sort PlaylistSort = "sort",
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: paths Playlist = "include",
        /// Lets what can't be had there be replaced on this path.
        replace_media: paths Playlist = "replaceMedia",
    }
}

op! {
    /// The items of a playlist: tracks and videos.
    ListPlaylistItems: GET "/playlists/{id}/relationships/items" => Document<Refs<AnyResource, PlaylistItemMeta>>,
    ThirdParty ANY [] User Read paged,
    Playlists::items(id: path Id<Playlist> = "id")
    {
        /// In this order; that of the playlist if left out.
        sort: sort PlaylistItemSort = "sort",
        /// Those that match this text.
        matching: one Text = "filter[query]" max 100,
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: within AnyResource = "include" from "items",
        /// Lets what can't be had there be replaced on this path.
        replace_media: within AnyResource = "replaceMedia" from "items",
    }
}

object! {
    /// A playlist to make.
    NewPlaylist {
        /// Who may see it; [`AccessType::Private`] is not among what can be chosen.
        access_type: Option<AccessType> = "accessType",
        /// When it was made, for those who bring playlists along from elsewhere.
        created_at: Option<Typed<Timestamp>> = "createdAt",
        /// Description.
        description: Option<Text> = "description",
        /// Name.
        name: Option<Text> = "name",
    }
}

impl NewPlaylist {
    /// A playlist with this name.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }

    /// With this description.
    #[must_use]
    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// To be seen by these.
    #[must_use]
    pub fn access(mut self, access: AccessType) -> Self {
        self.access_type = Some(access);
        self
    }
}

impl<N: Into<Text>> From<N> for NewPlaylist {
    fn from(name: N) -> Self {
        Self::new(name)
    }
}

object! {
    /// A change of a playlist: what is `None` stays as it is.
    PlaylistChange {
        /// Who may see it; [`AccessType::Private`] is not among what can be chosen.
        access_type: Option<AccessType> = "accessType",
        /// Description.
        description: Option<Text> = "description",
        /// Name.
        name: Option<Text> = "name",
    }
}

impl PlaylistChange {
    /// A change of nothing, to build on.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the name.
    #[must_use]
    pub fn name(mut self, text: impl Into<Text>) -> Self {
        self.name = Some(text.into());
        self
    }

    /// Sets the description.
    #[must_use]
    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// Sets who may see it.
    #[must_use]
    pub fn access(mut self, access: AccessType) -> Self {
        self.access_type = Some(access);
        self
    }
}

change! {
    /// Makes a playlist.
    CreatePlaylist: POST "/playlists" => Option<Document<Playlist>>,
    ThirdParty PERSON ["playlists.write", "w_usr"] Keyed,
    []
}

change! {
    /// Changes a playlist.
    UpdatePlaylist: PATCH "/playlists/{id}" => Option<Document<Playlist>>,
    ThirdParty PERSON ["playlists.write", "w_usr"] Keyed,
    [path "id"]
}

change! {
    /// Deletes a playlist.
    DeletePlaylist: DELETE "/playlists/{id}" => Option<Document<()>>,
    ThirdParty PERSON ["playlists.write", "w_usr"] Keyed,
    [path "id"]
}

change! {
    /// Adds items to a playlist.
    AddPlaylistItems: POST "/playlists/{id}/relationships/items" => Option<Document<Refs<AnyResource, PlaylistItemMeta>>>,
    ThirdParty PERSON ["playlists.write", "w_usr"] Keyed,
    [path "id"]
}

change! {
    /// Moves items within a playlist.
    MovePlaylistItems: PATCH "/playlists/{id}/relationships/items" => Option<Document<()>>,
    ThirdParty PERSON ["playlists.write", "w_usr"] Keyed,
    [path "id"]
}

change! {
    /// Removes items from a playlist.
    RemovePlaylistItems: DELETE "/playlists/{id}/relationships/items" => Option<Document<()>>,
    ThirdParty PERSON ["playlists.write", "w_usr"] Keyed,
    [path "id"]
}

impl<C> Playlists<C> {
    /// Makes a playlist, of a name alone or more. See [`CreatePlaylist`].
    pub fn create(self, playlist: impl Into<NewPlaylist>) -> Request<CreatePlaylist, C> {
        let playlist = playlist.into();
        let named = playlist.name.as_ref().is_some_and(|name| !name.is_empty());
        let check = if named { Ok(()) } else { Err(Invalid::new("playlist name", "is empty; a playlist needs one")) };
        self.request().check(check).attributes(Playlist::KIND, None, &playlist)
    }

    /// Changes name, description or access of a playlist. See [`UpdatePlaylist`].
    pub fn update(self, id: impl Into<Id<Playlist>>, change: PlaylistChange) -> Request<UpdatePlaylist, C> {
        let id = id.into();
        self.request().id("id", &id).attributes(Playlist::KIND, Some(id.as_str()), &change)
    }

    /// Deletes a playlist. See [`DeletePlaylist`].
    pub fn delete(self, id: impl Into<Id<Playlist>>) -> Request<DeletePlaylist, C> {
        self.request().id("id", &id.into())
    }

    /// Adds 1 to 50 items at the end of a playlist. The answer has their item ids, and its meta the ones that were
    /// [skipped](crate::model::Skipped). See [`AddPlaylistItems`].
    pub fn add_items<I>(self, id: impl Into<Id<Playlist>>, items: I) -> Request<AddPlaylistItems, C>
    where
        I: IntoIterator<Item: Into<Addition<Playable>>>,
    {
        self.request().id("id", &id.into()).linkage(50, additions(items), None)
    }

    /// Adds 1 to 50 items before the one with this item id. See [`AddPlaylistItems`].
    pub fn insert_items<I>(self, id: impl Into<Id<Playlist>>, items: I, before: impl Into<Text>) -> Request<AddPlaylistItems, C>
    where
        I: IntoIterator<Item: Into<Addition<Playable>>>,
    {
        self.request().id("id", &id.into()).linkage(50, additions(items), Some(&before.into()))
    }

    /// Moves 1 to 20 items before the one with this item id, or to the end. See [`MovePlaylistItems`].
    pub fn move_items(
        self,
        id: impl Into<Id<Playlist>>,
        items: impl IntoIterator<Item = PlaylistItem>,
        before: Option<&str>,
    ) -> Request<MovePlaylistItems, C> {
        let items = items.into_iter().map(PlaylistItem::into_identifier);
        self.request().id("id", &id.into()).linkage(20, items, before.map(Text::from).as_ref())
    }

    /// Removes 1 to 50 items. See [`RemovePlaylistItems`].
    pub fn remove_items(
        self,
        id: impl Into<Id<Playlist>>,
        items: impl IntoIterator<Item = PlaylistItem>,
    ) -> Request<RemovePlaylistItems, C> {
        let items = items.into_iter().map(PlaylistItem::into_identifier);
        self.request().id("id", &id.into()).linkage(50, items, None)
    }
}

fn additions<I>(items: I) -> impl Iterator<Item = Result<Identifier, Invalid>>
where
    I: IntoIterator<Item: Into<Addition<Playable>>>,
{
    items.into_iter().map(|item| item.into().into_identifier())
}
