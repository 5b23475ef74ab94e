//! What lists are changed by: the items to add, and the items to move or remove.

use std::marker::PhantomData;

use jiff::Timestamp;

use super::member::Member;
use super::payload::object;
use crate::Invalid;
use crate::api::Playable;
use crate::document::{Identifier, Ref, Resource};
use crate::model::{AnyResource, PlaylistItemMeta};
use crate::value::{Id, Text};

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
    pub(super) fn new(member: impl Member) -> Self {
        Self { identifier: member.into_identifier(), added_at: None, of: PhantomData }
    }

    /// Says when it was added.
    #[must_use]
    pub fn added_at(mut self, time: Timestamp) -> Self {
        self.added_at = Some(time);
        self
    }
}

impl<T> Member for Addition<T> {
    #[inline]
    fn into_identifier(self) -> Result<Identifier, Invalid> {
        let mut identifier = self.identifier?;
        identifier.meta = self.added_at.map(|time| object("addedAt", &time.to_string()));
        Ok(identifier)
    }
}

impl<T: Resource> From<Id<T>> for Addition<T> {
    #[inline]
    fn from(id: Id<T>) -> Self {
        Self::new(id)
    }
}

impl<T: Resource> From<&Id<T>> for Addition<T> {
    #[inline]
    fn from(id: &Id<T>) -> Self {
        Self::new(id.clone())
    }
}

impl<T: Resource> From<&str> for Addition<T> {
    #[inline]
    fn from(id: &str) -> Self {
        Self::new(Id::<T>::from(id))
    }
}

impl<T: Resource> From<u64> for Addition<T> {
    #[inline]
    fn from(id: u64) -> Self {
        Self::new(Id::<T>::from(id))
    }
}

/// An item of a playlist or play queue: what it is, and the id that tells it from other places where the same thing is.
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
    pub fn of<M>(item: Ref<'_, AnyResource, M>) -> Option<Self> {
        let identifier = item.identifier();
        let playable = match (identifier.id_of(), identifier.id_of()) {
            (Some(track), _) => Playable::Track(track),
            (_, Some(video)) => Playable::Video(video),
            _ => return None,
        };
        Some(Self { item: playable, item_id: identifier.meta_as::<PlaylistItemMeta>().item_id? })
    }
}

impl Member for PlaylistItem {
    #[inline]
    fn into_identifier(self) -> Result<Identifier, Invalid> {
        check_item_id(&self.item_id)?;
        let mut identifier = self.item.into_identifier()?;
        identifier.meta = Some(object("itemId", &self.item_id));
        Ok(identifier)
    }
}

pub(super) fn check_item_id(id: &str) -> Result<(), Invalid> {
    if id.is_empty() {
        return Err(Invalid::new("item id", "is empty; it comes with the items of the list as meta.itemId"));
    }
    Ok(())
}
