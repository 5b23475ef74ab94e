//! JSON of any form, read whole: small answers beside the API's documents, and bodies of changes.
//!
//! A tree of its own. With `serde_json`'s, what inserts into its maps, clones and frees them would be compiled with the core.

use std::sync::Arc;

use super::reader::{Read, Reader};
use super::unknown::Unknown;
use super::writer::Writer;
use crate::order::order;
use crate::value::Json;

/// A JSON value.
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    Text(String),
    List(Arc<Vec<Value>>),
    Object(Object),
}

/// The members of an object, as they came. Behind an `Arc`, like a list's items: what frees them is compiled once then, and not in every
/// unit that reads an answer. It has one owner only.
#[derive(Default)]
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Object(Arc<Vec<(String, Value)>>);

/// The value; nothing if the text is no JSON, or nests more than 128 levels deep.
pub(crate) fn value(text: &[u8]) -> Option<Value> {
    let body = Arc::default();
    let mut reader = Reader::new(&body, std::str::from_utf8(text).ok()?, 0);
    let value = read(&mut reader).ok()?;
    reader.end().ok().map(|()| value)
}

/// The members of the object; nothing if the text is none.
pub(crate) fn object(text: &[u8]) -> Option<Object> {
    match value(text) {
        Some(Value::Object(members)) => Some(members),
        _ => None,
    }
}

fn read(reader: &mut Reader<'_>) -> Read<Value> {
    let mut first = true;
    Ok(match reader.peek() {
        b'{' => {
            let mut members = Vec::new();
            reader.open(b'{', "an object")?;
            while let Some(key) = reader.key(&mut first)? {
                members.push((key.into_owned(), read(reader)?));
            }
            Value::Object(Object(Arc::new(members)))
        }
        b'[' => {
            let mut items = Vec::new();
            reader.open(b'[', "a list")?;
            while reader.more(b']', &mut first)? {
                items.push(read(reader)?);
            }
            Value::List(Arc::new(items))
        }
        b'"' => Value::Text(reader.string()?.into_owned()),
        b'n' => reader.null().map(|()| Value::Null)?,
        b't' | b'f' => Value::Bool(reader.bool()?),
        _ => Value::Number(reader.number()?.0.to_owned()),
    })
}

impl Value {
    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The member called `name`, if it is an object that has one.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }

    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Null => writer.word("null"),
            Self::Bool(value) => writer.bool(*value),
            Self::Number(number) => writer.word(number),
            Self::Text(text) => writer.text(text),
            Self::List(items) => {
                writer.open('[');
                items.iter().for_each(|item| item.write(writer));
                writer.close(']');
            }
            Self::Object(members) => {
                writer.open('{');
                for at in members.sorted() {
                    let (name, value) = &members.0[at];
                    writer.key(name);
                    value.write(writer);
                }
                writer.close('}');
            }
        }
    }
}

impl Object {
    /// The member called `name`. Of several the last counts.
    #[inline(never)]
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let mut found = None;
        for (known, value) in &*self.0 {
            if known == name {
                found = Some(value);
            }
        }
        found
    }

    /// Takes the member called `name` out.
    #[inline(never)]
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let members = Arc::get_mut(&mut self.0)?;
        let mut taken = None;
        while let Some(at) = members.iter().position(|(known, _)| known == name) {
            taken = Some(members.remove(at).1);
        }
        taken
    }

    /// The values of all members.
    pub(crate) fn values(&self) -> impl Iterator<Item = &Value> {
        self.0.iter().map(|(_, value)| value)
    }

    /// The places of those members that count, in the order of their names.
    fn sorted(&self) -> Vec<usize> {
        let name = |at: usize| self.0[at].0.as_str();
        let mut places = order(self.0.len(), &|a, b| name(a).cmp(name(b)));
        let mut next = places.clone().into_iter().skip(1);
        places.retain(|at| next.next().is_none_or(|next| name(*at) != name(next)));
        places
    }

    /// All members, as JSON that is the same however it was written: without spaces, in the order of their names.
    pub(crate) fn members(&self) -> Unknown {
        let mut members = Unknown::default();
        for at in self.sorted() {
            let (name, value) = &self.0[at];
            let mut writer = Writer::default();
            value.write(&mut writer);
            members.set(name.as_str(), Json::trusted(writer.finish().into()));
        }
        members
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn written(value: &Value) -> String {
        let mut writer = Writer::default();
        value.write(&mut writer);
        writer.finish()
    }

    #[test]
    fn values_are_those_that_serde_json_reads() {
        let texts = [
            r#" {"a":[1,-2,3.5,18446744073709551615,1.0],"b":{"c":null,"d":true,"e":false},"b":"\u00e9\ud83d\ude00\n","":[]} "#,
            r#"{"b":{"y":1,"x":"\"","y":2},"a":[]}"#,
            "[]",
            "{}",
            "7",
            "\"x\"",
            "null",
            "-",
            "[1,]",
            "{\"a\"}",
            "{\"a\":1,}",
            "nul",
            "1 2",
            "",
            "\"\\ud800\"",
            "01",
            "NaN",
            "[1}",
        ];
        for text in texts {
            let other = serde_json::from_str::<serde_json::Value>(text).ok().map(|value| value.to_string());
            assert_eq!(value(text.as_bytes()).as_ref().map(written), other, "{text}");
        }
        assert!(value(b"\"\xff\"").is_none());
        assert!(value("[".repeat(100_000).as_bytes()).is_none());
        assert_eq!((object(b"[]"), object(b"{}")), (None, Some(Object::default())));
    }

    #[test]
    fn of_members_with_the_same_name_the_last_counts() {
        let mut twice = object(br#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(twice.get("a").map(written).as_deref(), Some("3"));
        assert_eq!(twice.members().get("a").map(Json::as_str), Some("3"));
        assert_eq!(twice.take("a").as_ref().map(written).as_deref(), Some("3"));
        assert!(twice.get("a").is_none() && twice.members().iter().count() == 1);
    }
}
