//! Whose work it is.

use super::{Album, Artist, Track, Video};
use crate::document::{Document, Primary, Ref};

macro_rules! main_artists {
    ($($name:ident),+) => {
        $(impl $name {
            /// The artist who is named first, who is taken for the main one: the API doesn't mark main artists. Nothing if the
            /// answer doesn't say who they are (`include` the artists).
            #[must_use]
            #[inline]
            pub fn main_artist(&self) -> Option<Ref<'_, Artist>> {
                self.artists().first()
            }

            /// The artists in the order in which the answer names them, as far as they were included.
            ///
            /// The API names main and featured artists in one list and doesn't say where the main ones end; that the main ones come
            /// first is custom, not promised.
            ///
            /// ```
            #[doc = concat!("use tidal_core::model::", stringify!($name), ";")]
            /// use tidal_core::document::Document;
            ///
            #[doc = concat!("fn line(document: &Document<", stringify!($name), ">) -> String {")]
            ///     let names = document.data.main_artists(document).filter_map(|artist| artist.name.as_deref());
            ///     names.collect::<Vec<_>>().join(", ")
            /// }
            #[doc = concat!("assert_eq!(line(&Document::new(", stringify!($name), "::new(\"1\"))), \"\");")]
            /// ```
            pub fn main_artists<'a, P: Primary>(&'a self, document: &'a Document<P>) -> impl Iterator<Item = &'a Artist> {
                document.resolve(self.artists())
            }
        })+
    };
}
main_artists!(Album, Track, Video);
