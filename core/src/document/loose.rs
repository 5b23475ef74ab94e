//! JSON of any form, read whole: small answers beside the API's documents.
//!
//! It is read by the reader that documents are read by. `serde_json` would have to be compiled for its values, in several forms.

use std::sync::Arc;

use serde_json::{Map, Number, Value};

use super::reader::Reader;

/// The value; nothing if the text is no JSON, nests more than 128 levels deep, or holds a number that is out of range.
pub(crate) fn value(text: &[u8]) -> Option<Value> {
    let body = Arc::default();
    let mut reader = Reader::new(&body, std::str::from_utf8(text).ok()?, 0);
    let value = read(&mut reader)?;
    reader.end().ok().map(|()| value)
}

/// The members of the object; nothing if the text is none.
pub(crate) fn object(text: &[u8]) -> Option<Map<String, Value>> {
    match value(text) {
        Some(Value::Object(members)) => Some(members),
        _ => None,
    }
}

fn read(reader: &mut Reader<'_>) -> Option<Value> {
    let mut first = true;
    Some(match reader.peek() {
        b'{' => {
            let mut members = Map::new();
            reader.open(b'{', "an object").ok()?;
            while let Some(key) = reader.key(&mut first).ok()? {
                members.insert(key.into_owned(), read(reader)?);
            }
            Value::Object(members)
        }
        b'[' => {
            let mut items = Vec::new();
            reader.open(b'[', "a list").ok()?;
            while reader.more(b']', &mut first).ok()? {
                items.push(read(reader)?);
            }
            Value::Array(items)
        }
        b'"' => Value::String(reader.string().ok()?.into_owned()),
        b'n' => reader.null().ok().map(|()| Value::Null)?,
        b't' | b'f' => Value::Bool(reader.bool().ok()?),
        _ => Value::Number(number(reader.number().ok()?)?),
    })
}

fn number((text, is_whole): (&str, bool)) -> Option<Number> {
    let whole = || text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from)).ok();
    is_whole.then(whole).flatten().or_else(|| Number::from_f64(text.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_that_serde_json_reads() {
        let texts = [
            r#" {"a":[1,-2,3.5,1e3,18446744073709551615,1.0],"b":{"c":null,"d":true,"e":false},"b":"\u00e9\ud83d\ude00\n","":[]} "#,
            "[]",
            "{}",
            "7",
            "\"x\"",
            "null",
            "1e400",
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
            assert_eq!(value(text.as_bytes()), serde_json::from_str(text).ok(), "{text}");
        }
        assert_eq!(value(b"\"\xff\""), None);
        assert_eq!(value("[".repeat(100_000).as_bytes()), None);
        assert_eq!((object(b"[]"), object(b"{}")), (None, Some(Map::new())));
    }
}
