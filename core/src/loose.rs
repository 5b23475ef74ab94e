//! JSON of any form, read whole: small answers beside the API's documents. One place, so that the parser compiles once.

use serde_json::{Map, Value};

/// The value; nothing if the text is no JSON.
pub(crate) fn value(text: &[u8]) -> Option<Value> {
    serde_json::from_slice(text).ok()
}

/// The members of the object; nothing if the text is none.
pub(crate) fn object(text: &[u8]) -> Option<Map<String, Value>> {
    match value(text) {
        Some(Value::Object(members)) => Some(members),
        _ => None,
    }
}
