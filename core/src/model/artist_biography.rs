//! The resource type `artistBiographies`.

use crate::document::resource;
use crate::model::User;
use crate::value::Text;
use crate::value::open::open_enum;

resource! {
    /// The biography of an artist.
    ArtistBiography: "artistBiographies", "artist biography"
    {
        /// Whether the reader may edit it.
        editable: Option<bool> = "editable",
        /// Where it comes from.
        source: Option<BiographySource> = "source",
        /// The text.
        text: Option<Text> = "text",
    }
    {
        /// The users to whom it belongs.
        owners: Many<User> = "owners",
    }
}

open_enum! {
    /// Who wrote a biography.
    BiographySource {
        Tidal = "TIDAL",
        TiVo = "TiVo",
        MusicBrainz = "MusicBrainz",
        Avex = "Avex",
        Artist = "Artist",
        Unknown = "UNKNOWN",
    }
}
