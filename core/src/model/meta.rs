//! What relationships say about the resources they name.

use jiff::Timestamp;

use crate::document::object;
use crate::value::open::open_enum;
use crate::value::{List, Text, Typed};

open_enum! {
    /// Whether something stands in for something else.
    ReplacementStatus {
        Original = "ORIGINAL",
        Replaced = "REPLACED",
        NotReplaced = "NOT_REPLACED",
    }
}

object! {
    /// Whether something stands in for something else.
    Replacement {
        /// What was asked for.
        original: Option<Original> = "original",
        /// How far it is.
        status: Option<ReplacementStatus> = "status",
    }
}

object! {
    /// How the reader and an artist follow each other.
    ViewerContext {
        /// Whether the artist follows the reader's.
        follows_my_artist: Option<bool> = "followsMyArtist",
        /// Whether the reader's artist follows this one.
        my_artist_follows: Option<bool> = "myArtistFollows",
    }
}

object! {
    /// What something stands in for.
    Original {
        /// Id.
        id: Option<Text> = "id",
        /// Kind.
        type_: Option<Text> = "type",
    }
}

object! {
    /// Where an item is on its album.
    AlbumItemMeta {
        /// Cursor that points to this item.
        item_cursor: Option<Text> = "itemCursor",
        /// Whether another resource stands here in place of the original.
        replacement: Option<Replacement> = "replacement",
        /// Number within the volume, from 1.
        track_number: Option<i64> = "trackNumber",
        /// Number of the volume, from 1.
        volume_number: Option<i64> = "volumeNumber",
    }
}

object! {
    /// What is said about a resource that may stand in for another.
    ReplacementMeta {
        /// Whether another resource stands here in place of the original.
        replacement: Option<Replacement> = "replacement",
    }
}

object! {
    /// Colours that suit a suggested cover art.
    CoverArtMeta {
        /// Background colour.
        background_color: Option<Text> = "backgroundColor",
        /// Foreground colour.
        foreground_color: Option<Text> = "foregroundColor",
    }
}

object! {
    /// How the reader and an artist follow each other.
    FollowMeta {
        /// How the reader and the artist follow each other.
        viewer: Option<ViewerContext> = "viewer",
    }
}

object! {
    /// How much of an artist's work a provider delivers.
    ProviderMeta {
        /// How many tracks.
        number_of_tracks: Option<i64> = "numberOfTracks",
    }
}

object! {
    /// Which item of its playlist this is.
    PlaylistItemMeta {
        /// When it was added.
        added_at: Option<Typed<Timestamp>> = "addedAt",
        /// Cursor that points to this item.
        item_cursor: Option<Text> = "itemCursor",
        /// Id of the item in its list; moving and removing go by it.
        item_id: Option<Text> = "itemId",
        /// Whether another resource stands here in place of the original.
        replacement: Option<Replacement> = "replacement",
    }
}

object! {
    /// When an item was collected.
    CollectionItemMeta {
        /// When it was added.
        added_at: Option<Typed<Timestamp>> = "addedAt",
        /// Whether another resource stands here in place of the original.
        replacement: Option<Replacement> = "replacement",
    }
}

object! {
    /// What an addition passed over, as the meta of its answer says.
    Skipped {
        /// The items.
        skipped: List<SkippedItem> = "skipped",
    }
}

object! {
    /// An item that was not added.
    SkippedItem {
        /// Id.
        id: Option<Text> = "id",
        /// Why it was not.
        reason: Option<SkipReason> = "reason",
        /// Type of resource.
        type_: Option<Text> = "type",
    }
}

open_enum! {
    /// Why an item was not added.
    SkipReason {
        NotFound = "NOT_FOUND",
        AlreadyPresent = "ALREADY_PRESENT",
    }
}
