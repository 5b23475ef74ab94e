//! The resource type `lyrics`.

use crate::document::resource;
use crate::model::{ProcessingStatus, ReplacementMeta, Track, User};
use crate::value::open::open_enum;
use crate::value::{Json, Text};

resource! {
    /// The lyrics of a track.
    Lyrics: "lyrics", "lyrics"
    {
        /// Direction in which it is read.
        direction: Option<TextDirection> = "direction",
        /// The text with times, in LRC format.
        lrc_text: Option<Text> = "lrcText",
        /// Who provides it.
        provider: Option<Json> = "provider",
        /// How far its processing is.
        technical_status: Option<ProcessingStatus> = "technicalStatus",
        /// The text.
        text: Option<Text> = "text",
    }
    {
        /// The users to whom it belongs.
        owners: Many<User> = "owners",
        /// The track.
        track: One<Track, ReplacementMeta> = "track",
    }
}

open_enum! {
    /// Directions in which text is read.
    TextDirection {
        LeftToRight = "LEFT_TO_RIGHT",
        RightToLeft = "RIGHT_TO_LEFT",
    }
}
