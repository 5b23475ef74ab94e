//! The resource type `genres`.

use crate::document::resource;
use crate::value::Text;

resource! {
    /// A genre.
    Genre: "genres", "genre"
    {
        /// Name.
        genre_name: Option<Text> = "genreName",
    }
    {
    }
}
