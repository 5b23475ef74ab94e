//! What a read is about, and what a mutation makes stale.
//!
//! The rule is read off the path, `/group/id/…`, and errs towards stale:
//!
//! - A read is about its operation and its group; with an id also about that resource, without one it is a listing. What holds
//!   other resources than the one it names (it includes some, or lies below the id) is mixed as well.
//! - A mutation makes stale: the resource that it names and those whose identifiers it writes, the listings of their groups, and
//!   all that is mixed.
//! - `me` and the user's own id name the same resource, and the objects of a user hang together: a mutation in a group that begins
//!   with `user`, or of an id `me`, makes all groups of that kind that it names stale as a whole.

/// One thing that a read can be about.
///
/// One text for all kinds: an enumeration with a text or two in each would be freed by a long function in every unit that has tags.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Tag {
    kind: Kind,
    /// A path, a group or a group and an id, one behind the other.
    text: Box<str>,
    /// Where in the text the id begins.
    cut: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// An operation, by its path with the names of its parameters.
    Operation,
    /// All reads below a first path segment.
    Group,
    /// Reads of a group that name no id in their path.
    Listing,
    /// Reads of one resource, by type and id.
    Resource,
    /// Reads that hold resources which their path does not name.
    Mixed,
}

impl Tag {
    #[inline(never)]
    fn new(kind: Kind, group: &str, id: &str) -> Self {
        let mut text = String::with_capacity(group.len() + id.len());
        text.push_str(group);
        text.push_str(id);
        Self { kind, text: text.into(), cut: group.len() }
    }

    /// The operation with this path.
    pub(crate) fn operation(path: &str) -> Self {
        Self::new(Kind::Operation, path, "")
    }

    /// All reads below this first path segment.
    pub(crate) fn group(name: &str) -> Self {
        Self::new(Kind::Group, name, "")
    }

    /// Reads of this group that name no id.
    pub(crate) fn listing(group: &str) -> Self {
        Self::new(Kind::Listing, group, "")
    }

    /// Reads of this resource.
    pub(crate) fn resource(kind: &str, id: &str) -> Self {
        Self::new(Kind::Resource, kind, id)
    }

    /// Reads that hold resources which their path does not name.
    pub(crate) fn mixed() -> Self {
        Self::new(Kind::Mixed, "", "")
    }

    /// What a read is about. `path` is as sent, without base address and query.
    pub(crate) fn of_read(operation: &str, path: &str, includes: bool) -> Vec<Self> {
        let (group, id, is_below) = split(path);
        let mut tags = vec![Self::operation(operation), Self::group(group)];
        tags.push(match id {
            Some(id) => Self::resource(group, id),
            None => Self::listing(group),
        });
        if includes || is_below {
            tags.push(Self::mixed());
        }
        tags
    }

    /// What a mutation makes stale. `written` are the identifiers (type, id) in its body.
    pub(crate) fn of_mutation<'a>(path: &'a str, written: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Self> {
        let (group, id, _) = split(path);
        let mut tags = vec![Self::mixed(), Self::listing(group)];
        if group.starts_with("user") || id == Some("me") {
            tags.push(Self::group(group));
        }
        if let Some(id) = id {
            tags.push(Self::resource(group, id));
        }
        for (kind, id) in written {
            tags.push(Self::listing(kind));
            tags.push(Self::resource(kind, id));
            if kind.starts_with("user") {
                tags.push(Self::group(kind));
            }
        }
        tags
    }
}

/// Group, id, and whether anything follows.
fn split(path: &str) -> (&str, Option<&str>, bool) {
    let (mut group, mut id) = (None, None);
    for part in crate::texts::pieces(path, '/') {
        match (group, id) {
            _ if part.is_empty() => {}
            (None, _) => group = Some(part),
            (_, None) => id = Some(part),
            _ => return (group.unwrap_or_default(), id, true),
        }
    }
    (group.unwrap_or_default(), id, false)
}
