//! The resource type `albumStatistics`.

use crate::document::resource;
use crate::model::User;

resource! {
    /// How often an album was played and sold.
    AlbumStatistics: "albumStatistics", "album statistics"
    {
        /// How often it was sold.
        num_sales: Option<i64> = "numSales",
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
