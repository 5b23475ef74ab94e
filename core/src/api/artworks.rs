//! Artworks.

use super::op::{group, op};
use crate::document::Document;
use crate::model::Artwork;
use crate::value::{Country, Id};

group!(
    /// Artworks: covers, portraits, stills.
    Artworks,
    artworks
);

op! {
    /// One artwork.
    GetArtwork: GET "/artworks/{id}" => Document<Artwork>,
    ThirdParty ANY [] Catalogue Read,
    Artworks::get(id: path Id<Artwork> = "id")
    {
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: paths Artwork = "include",
    }
}

op! {
    /// Many artworks by id.
    ListArtworks: GET "/artworks" => Document<Vec<Artwork>>,
    ThirdParty ANY [] Catalogue Read,
    Artworks::list(ids: required_many Id<Artwork> = "filter[id]")
    {
        /// The country whose catalogue counts.
        country: one Country = "countryCode",
        /// Also answers with what lies on this path.
        include: paths Artwork = "include",
    }
}
