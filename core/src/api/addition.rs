//! What lists are changed by: the items to add, and the items to move or remove.

use std::marker::PhantomData;

use jiff::Timestamp;

use crate::Invalid;
use crate::document::{Identifier, Ref, Resource, Writer};
use crate::model::{AnyResource, PlaylistItemMeta, Track, Video};
use crate::value::{Id, Json, Text};

/// What a playlist can hold: a track or a video.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Playable {
    /// A track.
    Track(Id<Track>),
    /// A video.
    Video(Id<Video>),
}

impl From<Id<Track>> for Playable {
    fn from(id: Id<Track>) -> Self {
        Self::Track(id)
    }
}

impl From<Id<Video>> for Playable {
    fn from(id: Id<Video>) -> Self {
        Self::Video(id)
    }
}

impl Playable {
    fn identifier(&self) -> Result<Identifier, Invalid> {
        match self {
            Self::Track(id) => identifier(id),
            Self::Video(id) => identifier(id),
        }
    }
}

fn identifier<T: Resource>(id: &Id<T>) -> Result<Identifier, Invalid> {
    id.check()?;
    Ok(Identifier::of::<T>(id))
}

/// Something to add to a list of `T`: the id of a resource, perhaps with the time when it was added, for those who bring lists along
/// from elsewhere.
///
/// ```
/// use tidal_core::api::{Addition, Playlists};
/// use tidal_core::jiff::Timestamp;
/// use tidal_core::model::{Track, Video};
/// use tidal_core::value::Id;
///
/// let (track, video) = (Id::<Track>::from("75413016"), Id::<Video>::from("358461354"));
/// let items = [Addition::from(track).added_at(Timestamp::UNIX_EPOCH), Addition::from(video)];
/// let request = Playlists::new().add_items("550e8400-e29b-41d4-a716-446655440000", items);
/// # let _ = request;
/// ```
#[derive(Clone, Debug)]
pub struct Addition<T> {
    identifier: Result<Identifier, Invalid>,
    added_at: Option<Timestamp>,
    of: PhantomData<fn() -> T>,
}

impl<T> Addition<T> {
    fn new(identifier: Result<Identifier, Invalid>) -> Self {
        Self { identifier, added_at: None, of: PhantomData }
    }

    /// Says when it was added.
    #[must_use]
    pub fn added_at(mut self, time: Timestamp) -> Self {
        self.added_at = Some(time);
        self
    }

    pub(super) fn into_identifier(self) -> Result<Identifier, Invalid> {
        let mut identifier = self.identifier?;
        identifier.meta = self.added_at.map(|time| meta("addedAt", &time.to_string()));
        Ok(identifier)
    }
}

impl From<Playable> for Addition<Playable> {
    fn from(item: Playable) -> Self {
        Self::new(item.identifier())
    }
}

impl From<Id<Track>> for Addition<Playable> {
    fn from(id: Id<Track>) -> Self {
        Self::new(identifier(&id))
    }
}

impl From<&Id<Track>> for Addition<Playable> {
    fn from(id: &Id<Track>) -> Self {
        Self::new(identifier(id))
    }
}

impl From<&Id<Video>> for Addition<Playable> {
    fn from(id: &Id<Video>) -> Self {
        Self::new(identifier(id))
    }
}

impl From<Id<Video>> for Addition<Playable> {
    fn from(id: Id<Video>) -> Self {
        Self::new(identifier(&id))
    }
}

impl<T: Resource> From<Id<T>> for Addition<T> {
    fn from(id: Id<T>) -> Self {
        Self::new(identifier(&id))
    }
}

impl<T: Resource> From<&Id<T>> for Addition<T> {
    fn from(id: &Id<T>) -> Self {
        Self::new(identifier(id))
    }
}

impl<T: Resource> From<&str> for Addition<T> {
    fn from(id: &str) -> Self {
        Self::new(identifier::<T>(&id.into()))
    }
}

impl<T: Resource> From<u64> for Addition<T> {
    fn from(id: u64) -> Self {
        Self::new(identifier::<T>(&id.into()))
    }
}

/// An item of a playlist: what it is, and the id that tells it from other places where the same thing is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PlaylistItem {
    /// What it is.
    pub item: Playable,
    /// The id of this place, `meta.itemId` where items are read.
    pub item_id: Text,
}

impl PlaylistItem {
    /// The item of this place.
    #[must_use]
    pub fn new(item: impl Into<Playable>, item_id: impl Into<Text>) -> Self {
        Self { item: item.into(), item_id: item_id.into() }
    }

    /// The item as it was read; nothing if it came without its item id, or is neither track nor video.
    #[must_use]
    pub fn of(item: Ref<'_, AnyResource, PlaylistItemMeta>) -> Option<Self> {
        let identifier = item.identifier();
        let playable = match (identifier.id_of(), identifier.id_of()) {
            (Some(track), _) => Playable::Track(track),
            (_, Some(video)) => Playable::Video(video),
            _ => return None,
        };
        Some(Self { item: playable, item_id: item.meta().item_id? })
    }

    pub(super) fn into_identifier(self) -> Result<Identifier, Invalid> {
        check_item_id(&self.item_id)?;
        let mut identifier = self.item.identifier()?;
        identifier.meta = Some(meta("itemId", &self.item_id));
        Ok(identifier)
    }
}

pub(super) fn check_item_id(id: &str) -> Result<(), Invalid> {
    if id.is_empty() {
        return Err(Invalid::new("item id", "is empty; it comes with the items of the playlist as meta.itemId"));
    }
    Ok(())
}

/// An object with one text.
pub(super) fn meta(name: &str, value: &str) -> Json {
    let mut writer = Writer::default();
    writer.open('{');
    writer.key(name);
    writer.text(value);
    writer.close('}');
    Json::trusted(writer.finish().into())
}
