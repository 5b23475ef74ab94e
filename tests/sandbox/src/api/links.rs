//! Links: relative, without `/v2`, brackets and commas encoded.

use serde_json::{Value, json};
use url::form_urlencoded;

/// A path with a query.
pub(super) fn link<'a>(path: &str, pairs: impl Iterator<Item = &'a (String, String)>, cursor: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    if let Some(cursor) = cursor {
        query.append_pair("page[cursor]", cursor);
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// A links object. Without a next page, `next` and `meta` are absent.
pub(super) fn links(here: String, next: Option<(String, String)>) -> Value {
    match next {
        None => json!({ "self": here }),
        Some((link, cursor)) => json!({
            "self": here,
            "next": link,
            "meta": { "nextCursor": cursor },
        }),
    }
}
