//! Tables: which field a key belongs to, and what can be a field.

use std::fmt;

use super::fault::{Fault, Why};
use super::reader::{Read, Reader};
use super::unknown::Unknown;
use super::writer::Writer;
use crate::Secret;
use crate::value::{Id, Json, List, Patch, Text, Typed};

/// An object as the list of its fields. The macros of `define` write it.
pub(crate) trait Table {
    /// The field for `key`.
    fn slot(&mut self, key: &str) -> Option<&mut dyn Slot>;
    /// Passes each field to `each`, in order.
    fn visit(&self, each: &mut dyn FnMut(&'static str, &dyn Slot));
    /// What no field was found for.
    fn unknown(&self) -> &Unknown;
    fn unknown_mut(&mut self) -> &mut Unknown;
}

/// A field: a value that may be absent.
pub(crate) trait Slot {
    /// Reads the value that follows. After a misfit the field is what it was.
    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()>;
    fn write(&self, writer: &mut Writer);
    fn is_absent(&self) -> bool;
    fn clear(&mut self);
}

/// A value that is not null.
pub(crate) trait Item: Sized {
    fn read(reader: &mut Reader<'_>) -> Read<Self>;
    fn write(&self, writer: &mut Writer);
}

/// A text of a list that may grow.
pub(crate) trait Open: Sized {
    fn known(text: &str) -> Option<Self>;
    fn other(text: Text) -> Self;
    fn text(&self) -> &str;
}

impl<T: Item> Slot for Option<T> {
    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        *self = if reader.peek() == b'n' {
            reader.null()?;
            None
        } else {
            Some(T::read(reader)?)
        };
        Ok(())
    }

    fn write(&self, writer: &mut Writer) {
        match self {
            Some(value) => value.write(writer),
            None => writer.word("null"),
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }

    fn clear(&mut self) {
        *self = None;
    }
}

impl<T: Item> Slot for List<T> {
    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        self.0 = read_list(reader)?;
        Ok(())
    }

    fn write(&self, writer: &mut Writer) {
        write_list(self, writer);
    }

    fn is_absent(&self) -> bool {
        List::is_absent(self)
    }

    fn clear(&mut self) {
        self.0 = None;
    }
}

/// Only ever written.
impl<T: Item> Slot for Patch<T> {
    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        let mut value = None;
        value.read(reader)?;
        *self = value.into();
        Ok(())
    }

    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Set(value) => value.write(writer),
            Self::Clear | Self::Keep => writer.word("null"),
        }
    }

    fn is_absent(&self) -> bool {
        matches!(self, Self::Keep)
    }

    fn clear(&mut self) {
        *self = Self::Keep;
    }
}

pub(super) fn read_list<T: Item>(reader: &mut Reader<'_>) -> Read<Option<Vec<T>>> {
    if !reader.open(b'[', "a list")? {
        return Ok(None);
    }
    let mut items = Vec::new();
    let mut first = true;
    while reader.more(b']', &mut first)? {
        if items.is_empty() {
            // Most lists have one item.
            items.reserve_exact(1);
        }
        items.push(T::read(reader)?);
    }
    if items.capacity() > items.len() + items.len() / 4 {
        items.shrink_to_fit();
    }
    Ok(Some(items))
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
    let mut first = true;
    let mut rest = Vec::new();
    while let Some(key) = reader.key(&mut first)? {
        let json = match table.slot(&key) {
            Some(slot) => match reader.or_json(|reader| slot.read(reader))? {
                // A null after a misfit of the same name takes its place.
                Ok(()) if rest.is_empty() || !slot.is_absent() => continue,
                Ok(()) => Json::null(),
                Err(json) => {
                    slot.clear();
                    json
                }
            },
            None => reader.json()?,
        };
        rest.push((Text::from(key), json));
    }
    if !rest.is_empty() {
        let unknown = Unknown::settle(rest, |name| table.slot(name).is_some_and(|slot| !slot.is_absent()));
        *table.unknown_mut() = unknown;
    }
    Ok(true)
}

/// Writes the members of an object.
pub(super) fn write_members(table: &dyn Table, writer: &mut Writer) {
    table.visit(&mut |key, slot| {
        if !slot.is_absent() {
            writer.key(key);
            slot.write(writer);
        }
    });
    for (key, value) in table.unknown().iter() {
        writer.key(key);
        writer.json(value);
    }
}

pub(crate) fn write_table(table: &dyn Table, writer: &mut Writer) {
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

/// Whether `write` writes the same JSON text of both.
pub(crate) fn same<T: ?Sized>(one: &T, other: &T, write: fn(&T, &mut Writer)) -> bool {
    json(&|writer| write(one, writer)) == json(&|writer| write(other, writer))
}

/// What `write` writes of a value, without secrets.
pub(crate) fn debug<T: ?Sized>(f: &mut fmt::Formatter<'_>, name: &str, value: &T, write: fn(&T, &mut Writer)) -> fmt::Result {
    let mut writer = Writer::redacting();
    write(value, &mut writer);
    write!(f, "{name} {}", writer.finish())
}

/// Reads an object of its own, not null.
pub(crate) fn read_object<T: Table + Default>(reader: &mut Reader<'_>) -> Read<T> {
    let mut object = T::default();
    read_members(&mut object, reader)?;
    Ok(object)
}

fn read_members(table: &mut dyn Table, reader: &mut Reader<'_>) -> Read<()> {
    if reader.peek() != b'{' {
        return reader.fault(Why::Expected("an object"));
    }
    read_table(table, reader).map(drop)
}

/// The meta as an `M`; empty if there is none, or no object.
pub(crate) fn read_meta<M: Table + Default>(meta: Option<&Json>) -> M {
    let read = |meta: &Json| read_object(&mut Reader::of(meta)).ok();
    meta.and_then(read).unwrap_or_default()
}

impl Item for Text {
    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        reader.text()
    }

    fn write(&self, writer: &mut Writer) {
        writer.text(self);
    }
}

impl<T> Item for Typed<T> {
    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        reader.text().map(Self::new)
    }

    fn write(&self, writer: &mut Writer) {
        writer.text(self);
    }
}

impl<M> Item for Id<M> {
    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        reader.text().map(Self::new)
    }

    fn write(&self, writer: &mut Writer) {
        writer.text(self.as_str());
    }
}

impl<E: Open> Item for E {
    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let mut known = None;
        let other = reader.text_unless(&mut |text| {
            known = E::known(text);
            known.is_some()
        })?;
        Ok(known.unwrap_or_else(|| E::other(other.unwrap_or_default())))
    }

    fn write(&self, writer: &mut Writer) {
        writer.text(self.text());
    }
}

impl Item for Secret {
    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        reader.text().map(|text| Self::new(text.as_str()))
    }

    fn write(&self, writer: &mut Writer) {
        writer.secret(self.expose());
    }
}

impl Item for bool {
    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        reader.bool()
    }

    fn write(&self, writer: &mut Writer) {
        writer.bool(*self);
    }
}

impl Item for i64 {
    /// An integer, however it is written: `3.0` and `3e0` are 3.
    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        reader.peek();
        let at = reader.pos;
        let (text, is_whole) = reader.number()?;
        super::number::int(text, is_whole).map_err(|why| Fault { at, why })
    }

    fn write(&self, writer: &mut Writer) {
        writer.int(*self);
    }
}

impl Item for f64 {
    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        reader.peek();
        let at = reader.pos;
        let (text, is_whole) = reader.number()?;
        super::number::float(text, is_whole).map_err(|why| Fault { at, why })
    }

    fn write(&self, writer: &mut Writer) {
        writer.float(*self);
    }
}

impl Item for Json {
    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        reader.json()
    }

    fn write(&self, writer: &mut Writer) {
        writer.json(self);
    }
}
