//! Pages and their cursors. A cursor is opaque, and good only for the list that gave it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::behaviour::Behaviour;
use crate::refusal::Refusal;

pub(super) struct Page<'a, T> {
    pub(super) items: &'a [T],
    /// The cursor of the next page.
    pub(super) next: Option<String>,
}

/// The page that a cursor names, or the first. `list` tells one list from another.
pub(super) fn page<'a, T>(
    all: &'a [T],
    list: &str,
    cursor: Option<&str>,
    behaviour: &Behaviour,
) -> Result<Page<'a, T>, Refusal> {
    let (start, number) = match cursor {
        None => (0, 0),
        Some(text) => decode(text, list).ok_or_else(|| Refusal::parameter("page[cursor]", "The cursor is not valid"))?,
    };
    let start = start.min(all.len());
    let end = (start + size(behaviour, number)).min(all.len());
    let next = (end < all.len()).then(|| encode(list, end, number + 1));
    Ok(Page { items: &all[start..end], next })
}

fn size(behaviour: &Behaviour, number: u32) -> usize {
    let full = behaviour.page_size.max(1);
    match number % 4 {
        1 if behaviour.ragged_pages => full.div_ceil(3),
        2 if behaviour.ragged_pages => 0,
        3 if behaviour.ragged_pages => full.div_ceil(2),
        _ => full,
    }
}

fn mark(list: &str) -> [u8; 4] {
    let digest = Sha256::digest(list);
    [digest[0], digest[1], digest[2], digest[3]]
}

fn encode(list: &str, start: usize, number: u32) -> String {
    let start = u32::try_from(start).unwrap_or(u32::MAX);
    let parts = [mark(list), start.to_be_bytes(), number.to_be_bytes()];
    URL_SAFE_NO_PAD.encode(parts.concat())
}

fn decode(text: &str, list: &str) -> Option<(usize, u32)> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (chunks, rest) = bytes.as_chunks::<4>();
    let [marked, start, number] = chunks else {
        return None;
    };
    let good = rest.is_empty() && *marked == mark(list);
    let start = usize::try_from(u32::from_be_bytes(*start)).ok()?;
    good.then_some((start, u32::from_be_bytes(*number)))
}
