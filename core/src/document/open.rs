//! Values that are one of a list of texts that may grow.

use super::reader::{Read, Reader};
use super::table::{Form, place};
use super::writer::Writer;
use crate::value::Text;

/// A text of a list that may grow.
pub(crate) trait Open: Sized + 'static {
    /// The texts of the values that are known.
    const TEXTS: &'static [&'static str];
    /// The value whose text is at a place, or one that isn't known.
    fn value(found: Result<usize, Text>) -> Self;
    fn text(&self) -> &str;
}

/// A field for one of these texts. A closure in its place would be three functions for each type.
pub(super) trait OpenSlot {
    /// Takes the value whose text is at a place, or one that isn't known.
    fn put(&mut self, found: Result<usize, Text>);
}

impl<E: Open> OpenSlot for Option<E> {
    fn put(&mut self, found: Result<usize, Text>) {
        // Replaced, not overwritten: nothing is left to do where the freeing of the former value panics.
        let _former = self.replace(E::value(found));
    }
}

/// The value that `text` stands for.
#[inline]
pub(crate) fn open<E: Open>(text: &str) -> E {
    E::value(place(text, E::TEXTS).ok_or_else(|| text.into()))
}

/// The form of such texts.
pub(crate) enum OneOf {}

impl<E: Open> Form<E> for OneOf {
    fn fill(slot: &mut Option<E>, reader: &mut Reader<'_>) -> Read<()> {
        reader.place_or_text(E::TEXTS, slot)
    }

    fn write(item: &E, writer: &mut Writer) {
        writer.text(item.text());
    }
}
