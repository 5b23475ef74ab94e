//! The resource type `tracksMetadataStatus`.

use crate::document::resource;
use crate::model::ProcessingStatus;

resource! {
    /// How far the processing of an uploaded track's metadata is.
    TracksMetadataStatus: "tracksMetadataStatus", "track metadata status"
    {
        /// How far it is.
        status: Option<ProcessingStatus> = "status",
    }
    {
    }
}
