//! The resource type `trackStatistics`.

use crate::document::resource;
use crate::model::User;

resource! {
    /// How often a track was played.
    TrackStatistics: "trackStatistics", "track statistics"
    {
        /// How often it was played.
        total_playbacks: Option<i64> = "totalPlaybacks",
        /// How many listened.
        unique_listeners: Option<i64> = "uniqueListeners",
    }
    {
        /// The users to whom it belongs.
        owners: Many<User> = "owners",
    }
}
