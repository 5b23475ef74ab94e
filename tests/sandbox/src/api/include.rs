//! `include`: paths of relationship names, as a tree that the official document's relationships allow.

use std::collections::BTreeMap;

use crate::refusal::Refusal;
use crate::schema::{self, Type};

const DEEPEST: usize = 3;
const MOST: usize = 10;

/// Which relationships to follow from a resource, and from those that they lead to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tree(BTreeMap<Branch, Tree>);

/// A relationship; with a qualifier, only of resources of that type (`items.tracks:albums`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Branch {
    only: Option<&'static str>,
    name: &'static str,
}

impl Tree {
    /// The tree of all paths, from the type of the primary resource.
    pub(super) fn parse<'a>(paths: impl Iterator<Item = &'a str>, root: &'static Type) -> Result<Self, Refusal> {
        let mut tree = Self::default();
        for path in paths {
            if path.split('.').count() > DEEPEST {
                return Err(refuse(format!("{path} is deeper than {DEEPEST} levels")));
            }
            let mut at = &mut tree;
            let mut kinds = vec![root];
            for segment in path.split('.') {
                let (branch, next) = step(segment, &kinds).ok_or_else(|| refuse(format!("{path} cannot be resolved")))?;
                at = at.0.entry(branch).or_default();
                kinds = next;
            }
        }
        let size = tree.size();
        if size > MOST {
            return Err(refuse(format!("{size} resources are named, more than {MOST}")));
        }
        Ok(tree)
    }

    fn size(&self) -> usize {
        self.0.values().map(|tree| 1 + tree.size()).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all paths begin with this relationship.
    pub(super) fn is_all_under(&self, name: &str) -> bool {
        self.0.keys().all(|branch| branch.name == name)
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (branch, tree) in &other.0 {
            self.0.entry(branch.clone()).or_default().merge(tree);
        }
    }

    /// What to follow behind a relationship of a resource of this type; none if it is not included.
    pub(super) fn under(&self, kind: &str, relationship: &str) -> Option<Self> {
        let mut found: Option<Self> = None;
        for (branch, tree) in &self.0 {
            if branch.name == relationship && branch.only.is_none_or(|only| only == kind) {
                found.get_or_insert_default().merge(tree);
            }
        }
        found
    }
}

fn step(segment: &str, kinds: &[&'static Type]) -> Option<(Branch, Vec<&'static Type>)> {
    let (only, name) = match segment.split_once(':') {
        Some((only, name)) => (Some(schema::find(only)?.name), name),
        None => (None, segment),
    };
    let relationships: Vec<_> = kinds
        .iter()
        .filter(|kind| only.is_none_or(|only| only == kind.name))
        .filter_map(|kind| kind.relationship(name))
        .collect();
    let name = relationships.first()?.name;
    let next =
        relationships.iter().flat_map(|relationship| relationship.targets).filter_map(|target| schema::find(target)).collect();
    Some((Branch { only, name }, next))
}

fn refuse(detail: String) -> Refusal {
    Refusal::parameter("include", detail)
}
