//! Tables: which field a key belongs to, and what can be a field.

use std::{fmt, mem};

use super::fault::Why;
use super::reader::{Read, Reader};
use super::unknown::Unknown;
use super::writer::Writer;
use crate::Secret;
use crate::value::{Id, Json, List, Patch, Text, Typed};

/// An object as the list of its fields, to be read. The macros of `define` write it.
pub(crate) trait Table {
    /// Passes to `to` the keys of the fields, the fields in the same order, and what no field was found for. All at once: each
    /// method is one for every type.
    fn slots(&mut self, to: &mut ToSlots<'_>);
}

/// The same, to be written. A trait of its own, so that what only writing needs is compiled where something is written.
pub(crate) trait Fields {
    fn fields(&self, to: &mut ToFields<'_>);
}

/// What is done with keys, fields, and what no field was found for.
pub(crate) type ToSlots<'t> = dyn FnMut(&'static [&'static str], &mut [&mut dyn Slot], &mut Unknown) + 't;
pub(crate) type ToFields<'t> = dyn FnMut(&'static [&'static str], &[&dyn Field], &Unknown) + 't;

/// A value that may be absent, as it is written.
pub(crate) trait Field {
    /// Writes the value, which is not absent.
    fn write(&self, writer: &mut Writer);
    fn is_absent(&self) -> bool;
}

/// A reference to a value that may be absent, as it is read.
pub(crate) trait Slot {
    /// Reads the value that follows, which is not null. After a misfit the field may hold anything.
    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()>;
    fn clear(&mut self);
    fn is_empty(&self) -> bool;
}

/// A value that is not null.
pub(crate) trait Item: Sized {
    /// Reads into a field, or into an empty place.
    fn fill(slot: &mut Option<Self>, reader: &mut Reader<'_>) -> Read<()>;

    /// Empties a field. A method of the value's type, so that what frees one is compiled where the type is.
    fn clear(slot: &mut Option<Self>) {
        // Taken, not overwritten: nothing is left to do where its freeing panics.
        let _gone = slot.take();
    }

    fn write(&self, writer: &mut Writer);
}

/// A type that is read and written as all types of its form are. One line for each type, where two functions would be as long as
/// those of the form.
pub(crate) trait Formed: Sized {
    type Form: Form<Self>;
}

/// How items of a form are read and written.
pub(crate) trait Form<T> {
    fn fill(slot: &mut Option<T>, reader: &mut Reader<'_>) -> Read<()>;
    fn write(item: &T, writer: &mut Writer);
}

impl<T: Formed> Item for T {
    #[inline]
    fn fill(slot: &mut Option<Self>, reader: &mut Reader<'_>) -> Read<()> {
        T::Form::fill(slot, reader)
    }

    #[inline]
    fn write(&self, writer: &mut Writer) {
        T::Form::write(self, writer);
    }
}

/// The form of objects.
pub(crate) enum Object {}

impl<T: Table + Fields + Default> Form<T> for Object {
    fn fill(slot: &mut Option<T>, reader: &mut Reader<'_>) -> Read<()> {
        read_members(slot.insert(T::default()), reader)
    }

    fn write(item: &T, writer: &mut Writer) {
        write_table(item, writer);
    }
}

/// The place of `text` among `texts`.
pub(crate) fn place(text: &str, texts: &[&str]) -> Option<usize> {
    texts.iter().position(|known| *known == text)
}

impl<T: Item> Field for Option<T> {
    fn write(&self, writer: &mut Writer) {
        if let Some(value) = self {
            value.write(writer);
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

/// Of a reference, as the next one: so the table of methods that makes it a `dyn Slot` doesn't have a copy of what frees the value.
impl<T: Item> Slot for &mut Option<T> {
    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        T::fill(self, reader)
    }

    fn clear(&mut self) {
        T::clear(self);
    }

    fn is_empty(&self) -> bool {
        self.is_none()
    }
}

impl<T: Item> Field for List<T> {
    fn write(&self, writer: &mut Writer) {
        write_list(self, writer);
    }

    fn is_absent(&self) -> bool {
        self.0.is_none()
    }
}

impl<T: Item> Slot for &mut List<T> {
    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        let _former = mem::replace(&mut self.0, read_list(reader)?);
        Ok(())
    }

    fn clear(&mut self) {
        let _gone = self.0.take();
    }

    fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl<T: Item> Field for Patch<T> {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Set(value) => value.write(writer),
            Self::Clear | Self::Keep => writer.word("null"),
        }
    }

    fn is_absent(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

/// Writes a value, or null if it is absent.
pub(crate) fn write_or_null(field: &dyn Field, writer: &mut Writer) {
    if field.is_absent() {
        writer.word("null");
    } else {
        field.write(writer);
    }
}

/// The list that follows; nothing if it is null.
pub(super) fn read_list<T: Item>(reader: &mut Reader<'_>) -> Read<Option<Vec<T>>> {
    if !reader.open(b'[', "a list")? {
        return Ok(None);
    }
    // Most lists have one item.
    let mut items = Vec::new();
    let mut first = true;
    while reader.more(b']', &mut first)? {
        let mut slot = None;
        T::fill(&mut slot, reader)?;
        if let Some(item) = slot {
            if items.is_empty() {
                items.reserve_exact(1);
            }
            items.push(item);
        }
    }
    if items.capacity() > items.len() + items.len() / 4 {
        items.shrink_to_fit();
    }
    Ok(Some(items))
}

/// Reads a list, each item by `item`; `false` if it is null.
pub(super) fn read_items(reader: &mut Reader<'_>, item: &mut dyn FnMut(&mut Reader<'_>) -> Read<()>) -> Read<bool> {
    if !reader.open(b'[', "a list")? {
        return Ok(false);
    }
    let mut first = true;
    while reader.more(b']', &mut first)? {
        item(reader)?;
    }
    Ok(true)
}

pub(super) fn write_list<T: Item>(items: &[T], writer: &mut Writer) {
    writer.open('[');
    for item in items {
        item.write(writer);
    }
    writer.close(']');
}

/// Reads the members of an object into `table`; what has no field, or doesn't fit it, is kept. `false` if it is null.
pub(super) fn read_table(table: &mut dyn Table, reader: &mut Reader<'_>) -> Read<bool> {
    if !reader.open(b'{', "an object")? {
        return Ok(false);
    }
    let mut read = Ok(());
    table.slots(&mut |keys, slots, unknown| read = read_slots(keys, slots, unknown, reader));
    read.map(|()| true)
}

/// Reads members up to the end of their object; what has no field becomes `unknown`.
fn read_slots(keys: &[&str], slots: &mut [&mut dyn Slot], unknown: &mut Unknown, reader: &mut Reader<'_>) -> Read<()> {
    let mut first = true;
    let mut rest = Vec::new();
    // Members come in the order of the fields more often than not.
    let mut next = 0;
    while let Some(key) = reader.key(&mut first)? {
        let at = if keys.get(next).is_some_and(|known| *known == key) { Some(next) } else { place(&key, keys) };
        let json = match at.and_then(|at| slots.get_mut(at)) {
            Some(slot) => {
                next = at.map_or(0, |at| at + 1);
                match read_slot(&mut **slot, reader)? {
                    // A null after a misfit of the same name takes its place.
                    Ok(()) if rest.is_empty() || !slot.is_empty() => continue,
                    Ok(()) => Json::null(),
                    Err(json) => {
                        slot.clear();
                        json
                    }
                }
            }
            None => reader.json()?,
        };
        rest.push((Text::from(key), json));
    }
    if !rest.is_empty() {
        let is_known = |name: &str| place(name, keys).and_then(|at| slots.get(at)).is_some_and(|slot| !slot.is_empty());
        *unknown = Unknown::settle(rest, &is_known);
    }
    Ok(())
}

fn read_slot(slot: &mut dyn Slot, reader: &mut Reader<'_>) -> Read<Result<(), Json>> {
    if reader.peek() == b'n' {
        slot.clear();
        return reader.null().map(Ok);
    }
    reader.or_json(|reader| slot.read(reader))
}

/// Writes the members of an object.
pub(super) fn write_members(table: &dyn Fields, writer: &mut Writer) {
    table.fields(&mut |keys, fields, unknown| {
        for (key, field) in keys.iter().zip(fields).filter(|(_, field)| !field.is_absent()) {
            writer.key(key);
            field.write(writer);
        }
        for (key, value) in unknown.iter() {
            writer.key(key);
            writer.json(value);
        }
    });
}

pub(crate) fn write_table(table: &dyn Fields, writer: &mut Writer) {
    writer.open('{');
    write_members(table, writer);
    writer.close('}');
}

/// The JSON text that `write` writes.
pub(crate) fn json(write: &dyn Fn(&mut Writer)) -> String {
    let mut writer = Writer::default();
    write(&mut writer);
    writer.finish()
}

/// Whether both are the same JSON text.
#[inline]
pub(crate) fn same<T: Item>(one: &T, other: &T) -> bool {
    json(&|writer| one.write(writer)) == json(&|writer| other.write(writer))
}

/// The JSON text of a value, without secrets, behind its type's name.
#[inline]
pub(crate) fn debug<T: Item>(f: &mut fmt::Formatter<'_>, name: &str, value: &T) -> fmt::Result {
    let mut writer = Writer::redacting();
    value.write(&mut writer);
    debug_text(f, name, writer)
}

#[inline]
fn debug_text(f: &mut fmt::Formatter<'_>, name: &str, writer: Writer) -> fmt::Result {
    write!(f, "{name} {}", writer.finish())
}

/// Reads the members of an object, not null.
pub(crate) fn read_members(table: &mut dyn Table, reader: &mut Reader<'_>) -> Read<()> {
    if reader.peek() != b'{' {
        return reader.fault(Why::Expected("an object"));
    }
    read_table(table, reader).map(drop)
}

/// The meta as an `M`; empty if there is none, or no object.
pub(crate) fn read_meta<M: Table + Default>(meta: Option<&Json>) -> M {
    let mut read = M::default();
    match meta.map(|meta| read_members(&mut read, &mut Reader::of(meta))) {
        Some(Err(_)) => M::default(),
        _ => read,
    }
}

impl Item for Text {
    fn fill(slot: &mut Option<Self>, reader: &mut Reader<'_>) -> Read<()> {
        *slot = Some(reader.text()?);
        Ok(())
    }

    fn write(&self, writer: &mut Writer) {
        writer.text(self);
    }
}

impl<T> Item for Typed<T> {
    fn fill(slot: &mut Option<Self>, reader: &mut Reader<'_>) -> Read<()> {
        *slot = Some(Self::new(reader.text()?));
        Ok(())
    }

    fn write(&self, writer: &mut Writer) {
        writer.text(self);
    }
}

impl<M> Item for Id<M> {
    fn fill(slot: &mut Option<Self>, reader: &mut Reader<'_>) -> Read<()> {
        *slot = Some(Self::new(reader.text()?));
        Ok(())
    }

    fn write(&self, writer: &mut Writer) {
        writer.text(self.as_str());
    }
}

impl Item for Secret {
    fn fill(slot: &mut Option<Self>, reader: &mut Reader<'_>) -> Read<()> {
        *slot = Some(Self::new(reader.text()?.as_str()));
        Ok(())
    }

    fn write(&self, writer: &mut Writer) {
        writer.secret(self.expose());
    }
}

impl Item for bool {
    fn fill(slot: &mut Option<Self>, reader: &mut Reader<'_>) -> Read<()> {
        *slot = Some(reader.bool()?);
        Ok(())
    }

    fn write(&self, writer: &mut Writer) {
        writer.bool(*self);
    }
}

impl Item for i64 {
    /// An integer, however it is written: `3.0` and `3e0` are 3.
    fn fill(slot: &mut Option<Self>, reader: &mut Reader<'_>) -> Read<()> {
        reader.peek();
        let at = reader.pos;
        let (text, is_whole) = reader.number()?;
        *slot = Some(super::number::int(text, is_whole).map_err(|why| reader.fails(at, why))?);
        Ok(())
    }

    fn write(&self, writer: &mut Writer) {
        writer.int(*self);
    }
}

impl Item for f64 {
    fn fill(slot: &mut Option<Self>, reader: &mut Reader<'_>) -> Read<()> {
        reader.peek();
        let at = reader.pos;
        let (text, is_whole) = reader.number()?;
        *slot = Some(super::number::float(text, is_whole).map_err(|why| reader.fails(at, why))?);
        Ok(())
    }

    #[inline]
    fn write(&self, writer: &mut Writer) {
        writer.float(*self);
    }
}

impl Item for Json {
    fn fill(slot: &mut Option<Self>, reader: &mut Reader<'_>) -> Read<()> {
        *slot = Some(reader.json()?);
        Ok(())
    }

    fn write(&self, writer: &mut Writer) {
        writer.json(self);
    }
}
