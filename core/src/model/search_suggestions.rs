//! The resource type `searchSuggestions`.

use crate::document::{object, resource};
use crate::model::{AnyResource, ReplacementMeta, SearchHistoryEntry};
use crate::value::{List, Text};

resource! {
    /// What a half-typed search may become.
    SearchSuggestions: "searchSuggestions", "search suggestions"
    {
        /// The text.
        query: Option<Text> = "query",
        /// The suggestions, best first.
        suggestions: List<Suggestion> = "suggestions",
        /// Id that ties later events to this answer.
        tracking_id: Option<Text> = "trackingId",
    }
    {
        /// The best matches of all types.
        direct_hits: Many<AnyResource, ReplacementMeta> = "directHits",
        /// Earlier searches that match.
        history: Many<SearchHistoryEntry> = "history",
    }
}

object! {
    /// A suggestion.
    Suggestion {
        /// Which parts match.
        highlights: List<Highlight> = "highlights",
        /// The text.
        query: Option<Text> = "query",
    }
}

object! {
    /// A part of a suggestion that matches.
    Highlight {
        /// Number of characters.
        length: Option<i64> = "length",
        /// First character.
        start: Option<i64> = "start",
    }
}
