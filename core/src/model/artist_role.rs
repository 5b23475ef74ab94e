//! The resource type `artistRoles`.

use crate::document::resource;
use crate::value::Text;

resource! {
    /// A role that artists play, such as producer.
    ArtistRole: "artistRoles", "artist role"
    {
        /// Name.
        name: Option<Text> = "name",
    }
    {
    }
}
