//! The resource type `credits`.

use crate::document::resource;
use crate::model::{Artist, ArtistRole};
use crate::value::Text;

resource! {
    /// Who did what on a track or video.
    Credit: "credits", "credit"
    {
        /// Name.
        name: Option<Text> = "name",
        /// What was done.
        role: Option<Text> = "role",
    }
    {
        /// The artist.
        artist: One<Artist> = "artist",
        /// The role.
        category: One<ArtistRole> = "category",
    }
}
