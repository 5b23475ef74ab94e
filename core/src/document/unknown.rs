//! Members that no type knows.

use std::fmt;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::order::order;
use crate::value::{Json, Text};

/// Members that a type doesn't know yet, or whose values don't fit their fields, as they came.
#[derive(Clone, Default, PartialEq, Eq)]
// Every object has one, and hardly any has something in it: one word instead of three. Shared, since what frees it is compiled once
// then, not wherever an object is let go.
pub struct Unknown(Option<Arc<Vec<(Text, Json)>>>);

impl Unknown {
    /// The member called `name`.
    #[must_use]
    #[inline(never)]
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// All of them, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Json)> {
        self.members().iter().map(|(name, value)| (name, value))
    }

    fn members(&self) -> &[(Text, Json)] {
        self.0.as_deref().map_or(&[], |members| members)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Sets the member called `name`.
    pub fn set(&mut self, name: impl Into<Text>, value: Json) {
        let name = name.into();
        let members = Arc::make_mut(self.0.get_or_insert_default());
        match members.iter_mut().find(|(known, _)| *known == name) {
            Some(member) => member.1 = value,
            None => members.push((name, value)),
        }
    }

    /// Removes the member called `name`.
    #[inline]
    pub fn remove(&mut self, name: &str) -> Option<Json> {
        let members = Arc::make_mut(self.0.as_mut()?);
        let at = members.iter().position(|(known, _)| *known == name)?;
        let (_, value) = members.remove(at);
        if members.is_empty() {
            self.0 = None;
        }
        Some(value)
    }
}

impl fmt::Debug for Unknown {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for Unknown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Unknown {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Unknown;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unknown, A::Error> {
        let mut members = Unknown::default();
        while let Some((name, value)) = map.next_entry::<Text, Json>()? {
            members.set(name, value);
        }
        Ok(members)
    }
}

/// Keeps of members with the same name only the last.
pub(super) fn last_wins<T>(members: &mut Vec<(Text, T)>) {
    if members.len() > 24 || has_twice(members) {
        let stay = last_of_names(members.len(), &|at| &members[at].0);
        retain(members, &mut |at, _| stay[at]);
    }
}

/// Whether a name is there twice. Every resource is asked: no call for each pair of names.
fn has_twice<T>(members: &[(Text, T)]) -> bool {
    for (at, (name, _)) in members.iter().enumerate() {
        for (before, _) in &members[..at] {
            if before == name {
                return true;
            }
        }
    }
    false
}

/// Keeps the members that `stays` says, by their places and as they are.
fn retain<T>(members: &mut Vec<(Text, T)>, stays: &mut dyn FnMut(usize, &(Text, T)) -> bool) {
    let mut kept = 0;
    for at in 0..members.len() {
        if stays(at, &members[at]) {
            members.swap(kept, at);
            kept += 1;
        }
    }
    members.truncate(kept);
}

/// Which of the names have no equal behind them.
#[cold]
fn last_of_names<'a>(len: usize, name: &dyn Fn(usize) -> &'a Text) -> Vec<bool> {
    let order = order(len, &|a, b| name(a).cmp(name(b)));
    let mut stay = vec![true; len];
    for pair in order.windows(2) {
        stay[pair[0]] = name(pair[0]) != name(pair[1]);
    }
    stay
}

impl Unknown {
    /// Takes over members that were read, last ones winning, nulls and those that `is_known` left out.
    #[cold]
    pub(super) fn settle(mut members: Vec<(Text, Json)>, is_known: &dyn Fn(&str) -> bool) -> Self {
        last_wins(&mut members);
        retain(&mut members, &mut |_, (name, value)| value.as_str() != "null" && !is_known(name));
        members.shrink_to_fit();
        Self((!members.is_empty()).then(|| Arc::new(members)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_name_stays_where_it_is() {
        for size in [3, 40] {
            let mut members: Vec<(Text, usize)> = (0..size).map(|n| (Text::from(format!("m{}", n % (size - 1))), n)).collect();
            last_wins(&mut members);
            assert_eq!(members.len(), size - 1);
            assert_eq!(members[0].1, 1);
            assert_eq!(members.last(), Some(&("m0".into(), size - 1)));
        }
    }
}
