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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tag {
    /// An operation, by its path with the names of its parameters.
    Operation(Box<str>),
    /// All reads below a first path segment.
    Group(Box<str>),
    /// Reads of a group that name no id in their path.
    Listing(Box<str>),
    /// Reads of one resource, by type and id.
    Resource(Box<str>, Box<str>),
    /// Reads that hold resources which their path does not name.
    Mixed,
}

impl Tag {
    pub(crate) fn resource(kind: &str, id: &str) -> Self {
        Self::Resource(kind.into(), id.into())
    }

    /// What a read is about. `path` is as sent, without base address and query.
    pub(crate) fn of_read(operation: &str, path: &str, includes: bool) -> Vec<Self> {
        let (group, id, is_below) = split(path);
        let mut tags = vec![Self::Operation(operation.into()), Self::Group(group.into())];
        tags.push(id.map_or_else(|| Self::Listing(group.into()), |id| Self::resource(group, id)));
        if includes || is_below {
            tags.push(Self::Mixed);
        }
        tags
    }

    /// What a mutation makes stale. `written` are the identifiers (type, id) in its body.
    pub(crate) fn of_mutation<'a>(path: &'a str, written: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Self> {
        let (group, id, _) = split(path);
        let mut tags = vec![Self::Mixed, Self::Listing(group.into())];
        if group.starts_with("user") || id == Some("me") {
            tags.push(Self::Group(group.into()));
        }
        tags.extend(id.map(|id| Self::resource(group, id)));
        for (kind, id) in written {
            tags.extend([Self::Listing(kind.into()), Self::resource(kind, id)]);
            if kind.starts_with("user") {
                tags.push(Self::Group(kind.into()));
            }
        }
        tags
    }
}

/// Group, id, and whether anything follows.
fn split(path: &str) -> (&str, Option<&str>, bool) {
    let mut parts = crate::texts::pieces(path, '/').filter(|part| !part.is_empty());
    (parts.next().unwrap_or_default(), parts.next(), parts.next().is_some())
}
