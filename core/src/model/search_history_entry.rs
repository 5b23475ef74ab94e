//! The resource type `searchHistoryEntries`.

use crate::document::resource;
use crate::value::Text;

resource! {
    /// A search that the user made.
    SearchHistoryEntry: "searchHistoryEntries", "search history entry"
    {
        /// The text.
        query: Option<Text> = "query",
    }
    {
    }
}
