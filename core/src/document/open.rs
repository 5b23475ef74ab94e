//! Values that are one of a list of texts that may grow.

use super::reader::{Read, Reader};
use super::table::{Item, place};
use super::writer::Writer;
use crate::value::Text;

/// A text of a list that may grow.
pub(crate) trait Open: Sized + 'static {
    /// The texts of the values that are known.
    const TEXTS: &'static [&'static str];
    /// The value whose text is at `place`.
    fn known(place: usize) -> Option<Self>;
    fn other(text: Text) -> Self;
    fn text(&self) -> &str;
}

/// A field for one of these texts. A closure in its place would be three functions for each type.
pub(super) trait OpenSlot {
    /// Takes the value whose text is at a place, or one that isn't known.
    fn put(&mut self, found: Result<usize, Text>);
}

impl<E: Open> OpenSlot for Option<E> {
    fn put(&mut self, found: Result<usize, Text>) {
        *self = match found {
            Ok(place) => E::known(place),
            Err(text) => Some(E::other(text)),
        };
    }
}

/// The value that `text` stands for.
#[inline]
pub(crate) fn open<E: Open>(text: &str) -> E {
    place(text, E::TEXTS).and_then(E::known).unwrap_or_else(|| E::other(text.into()))
}

impl<E: Open> Item for E {
    fn fill(slot: &mut Option<Self>, reader: &mut Reader<'_>) -> Read<()> {
        reader.place_or_text(Self::TEXTS, slot)
    }

    fn write(&self, writer: &mut Writer) {
        writer.text(self.text());
    }
}
