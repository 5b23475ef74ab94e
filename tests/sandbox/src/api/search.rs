//! Search. A result is no stored resource: its opaque id holds the query, and what it leads to is found again.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::call::{Call, View};
use super::read::listed;
use crate::answer::Answer;
use crate::catalogue::object;
use crate::refusal::Refusal;
use crate::store::{Entry, Linkage};

const MOST: usize = 100;
const TOP: usize = 3;

/// `GET /searchResults`
pub(super) fn results(call: &mut Call<'_>) -> Result<Answer, Refusal> {
    search(call, "searchResults")
}

/// `GET /searchSuggestions`
pub(super) fn suggestions(call: &mut Call<'_>) -> Result<Answer, Refusal> {
    search(call, "searchSuggestions")
}

fn search(call: &Call<'_>, kind: &str) -> Result<Answer, Refusal> {
    let query = call.parameters.one("filter[query]").unwrap_or_default();
    let id = URL_SAFE_NO_PAD.encode(format!("q1:{query}"));
    let entry = entry(&call.view(), kind, &id).ok_or_else(Refusal::not_found)?;
    listed(call, vec![(id, Arc::new(entry))])
}

/// What the search that an id stands for finds.
pub(super) fn entry(view: &View<'_>, kind: &str, id: &str) -> Option<Entry> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
    let query = text.strip_prefix("q1:")?;
    let all = |kind| found(view, kind, query);
    let (albums, artists) = (all("albums"), all("artists"));
    let (tracks, playlists) = (all("tracks"), all("playlists"));
    let top: Vec<_> =
        [&artists, &albums, &tracks, &playlists].iter().flat_map(|linkages| linkages.iter().take(TOP).cloned()).collect();
    let tracking = json!({ "query": query, "trackingId": format!("tracking-{id}") });
    let entry = Entry { attributes: object(tracking), ..Entry::default() };
    if kind == "searchResults" {
        return Some(
            entry
                .link("albums", albums)
                .link("artists", artists)
                .link("tracks", tracks)
                .link("playlists", playlists)
                .link("topHits", top),
        );
    }
    let mut entry = entry;
    let suggestions = suggest(view, &top, query);
    entry.attributes.insert("suggestions".into(), suggestions);
    Some(entry.link("directHits", top))
}

/// Everything of a type that a query matches, the most popular first.
fn found(view: &View<'_>, kind: &'static str, query: &str) -> Vec<Linkage> {
    let popularity = |entry: &Entry| {
        let value = entry.attributes.get("popularity").and_then(Value::as_f64);
        value.unwrap_or_default()
    };
    let mut all: Vec<_> = view
        .store
        .all(kind)
        .filter(|(_, entry)| view.shows(kind, entry) && entry.owner.is_none())
        .filter(|(_, entry)| view.explicit || entry.attributes.get("explicit") != Some(&true.into()))
        .filter(|(_, entry)| has(view, entry, query))
        .collect();
    all.sort_by(|(_, a), (_, b)| popularity(b).total_cmp(&popularity(a)));
    all.truncate(MOST);
    all.into_iter().map(|(id, _)| Linkage::new(kind, id.clone())).collect()
}

/// Whether what a linkage leads to matches a query.
pub(super) fn matches(view: &View<'_>, to: &Linkage, query: &str) -> bool {
    let entry = view.store.get(to.kind, &to.id);
    entry.is_some_and(|entry| has(view, entry, query))
}

/// Every word must be in the name, or in that of an artist.
fn has(view: &View<'_>, entry: &Entry, query: &str) -> bool {
    let mut text = name(entry).to_lowercase();
    for artist in entry.linkages("artists") {
        if let Some(found) = view.store.get("artists", &artist.id) {
            text.push(' ');
            text.push_str(&name(found).to_lowercase());
        }
    }
    query.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

fn name(entry: &Entry) -> &str {
    match entry.text("title") {
        "" => entry.text("name"),
        title => title,
    }
}

/// The names of the best hits, with the place where the query stands in them (counted in characters).
fn suggest(view: &View<'_>, top: &[Linkage], query: &str) -> Value {
    let needle = query.to_lowercase();
    top.iter()
        .filter_map(|to| view.store.get(to.kind, &to.id))
        .map(|entry| {
            let text = name(entry).to_lowercase();
            let highlights: Vec<_> = text
                .find(&needle)
                .map(|at| {
                    let start = text[..at].chars().count();
                    json!({ "start": start, "length": needle.chars().count() })
                })
                .into_iter()
                .collect();
            json!({ "query": text, "highlights": highlights })
        })
        .collect()
}
