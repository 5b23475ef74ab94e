//! Reading the bodies of mutations: only what their schemas name, each complaint with its pointer.

use serde_json::{Map, Value};

use super::call::Call;
use crate::refusal::Refusal;

/// The body, which must be an object with these members and no others.
pub(super) fn body(call: &Call<'_>, members: &[&str]) -> Result<Map<String, Value>, Refusal> {
    let value: Value = serde_json::from_slice(&call.request.body).map_err(|_| Refusal::member("", "The body is no JSON"))?;
    fields(value, "", members)
}

/// An object with no members but these.
pub(super) fn fields(value: Value, at: &str, members: &[&str]) -> Result<Map<String, Value>, Refusal> {
    let Value::Object(fields) = value else {
        return Err(Refusal::member(at, "Not an object"));
    };
    if let Some(name) = fields.keys().find(|name| !members.contains(&name.as_str())) {
        let pointer = format!("{at}/{name}");
        return Err(Refusal::member(&pointer, "Unknown member"));
    }
    Ok(fields)
}

/// A member that must be a text with something in it.
pub(super) fn text(fields: &mut Map<String, Value>, at: &str, name: &str) -> Result<String, Refusal> {
    match fields.remove(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        _ => {
            let pointer = format!("{at}/{name}");
            Err(Refusal::member(&pointer, "A text is required here"))
        }
    }
}

/// A resource identifier of a mutation.
pub(super) struct Given {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) meta: Map<String, Value>,
}

impl Given {
    /// The `meta.itemId`, which its schema demands.
    pub(super) fn item_id(&self, index: usize) -> Result<&str, Refusal> {
        let id = self.meta.get("itemId").and_then(Value::as_str);
        id.ok_or_else(|| {
            let pointer = format!("/data/{index}/meta/itemId");
            Refusal::member(&pointer, "A text is required here")
        })
    }
}

/// What a list of identifiers may be.
pub(super) struct Shape {
    pub(super) most: usize,
    pub(super) kinds: &'static [&'static str],
    /// The members of each one's `meta`.
    pub(super) meta: &'static [&'static str],
}

/// The `data` of a body that is a list of identifiers.
pub(super) fn identifiers(body: &mut Map<String, Value>, shape: &Shape) -> Result<Vec<Given>, Refusal> {
    let Some(Value::Array(data)) = body.remove("data") else {
        return Err(Refusal::member("/data", "A list is required here"));
    };
    if data.is_empty() || data.len() > shape.most {
        let detail = format!("1 to {} members, not {}", shape.most, data.len());
        return Err(Refusal::member("/data", detail));
    }
    let all = data.into_iter().enumerate();
    all.map(|(index, one)| given(one, &format!("/data/{index}"), shape)).collect()
}

fn given(one: Value, at: &str, shape: &Shape) -> Result<Given, Refusal> {
    let members: &[&str] = if shape.meta.is_empty() { &["id", "type"] } else { &["id", "type", "meta"] };
    let mut fields_of = fields(one, at, members)?;
    let kind = text(&mut fields_of, at, "type")?;
    let Some(kind) = shape.kinds.iter().find(|known| **known == kind) else {
        let detail = format!("One of {}", shape.kinds.join(", "));
        return Err(Refusal::member(&format!("{at}/type"), detail));
    };
    let id = text(&mut fields_of, at, "id")?;
    let meta = match fields_of.remove("meta") {
        Some(meta) => fields(meta, &format!("{at}/meta"), shape.meta)?,
        None => Map::new(),
    };
    Ok(Given { kind, id, meta })
}

/// The `meta.positionBefore` of a body. Without `meta`, none; with it, the schema demands it.
pub(super) fn position_before(body: &mut Map<String, Value>) -> Result<Option<String>, Refusal> {
    let Some(meta) = body.remove("meta") else {
        return Ok(None);
    };
    let mut meta = fields(meta, "/meta", &["positionBefore"])?;
    text(&mut meta, "/meta", "positionBefore").map(Some)
}
