//! The items of an album, as they are shown.

use crate::Request;
use crate::api::{Albums, ListAlbumItems};
use crate::model::Album;
use crate::value::Id;

impl<C> Albums<C> {
    /// The items of an album with the tracks and videos themselves: [`items`](Self::items) that includes what they name. Its
    /// [`entries`](Request::entries) come in the order of the album over all pages, each with volume and number.
    pub fn tracklist(self, id: impl Into<Id<Album>>) -> Request<ListAlbumItems, C> {
        self.items(id).include(|items| items.this())
    }
}
