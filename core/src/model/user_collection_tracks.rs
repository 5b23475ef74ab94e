//! The resource type `userCollectionTracks`.

use jiff::Timestamp;

use crate::document::resource;
use crate::model::{CollectionItemMeta, Track, User};
use crate::value::Typed;

resource! {
    /// The tracks that a user collected.
    UserCollectionTracks: "userCollectionTracks", "track collection"
    {
        /// When it was last changed.
        last_modified_at: Option<Typed<Timestamp>> = "lastModifiedAt",
        /// How many items there are.
        number_of_items: Option<i64> = "numberOfItems",
    }
    {
        /// The items, in order.
        items: Many<Track, CollectionItemMeta> = "items",
        /// The users to whom it belongs.
        owners: Many<User> = "owners",
    }
}
