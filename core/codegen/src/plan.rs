//! Which file each object and enumeration goes to.

use std::collections::{BTreeMap, BTreeSet};

use crate::Api;
use crate::names::snake;
use crate::operation::{Operation, Take, Value};
use crate::payload::{Body, Part, Payload};
use crate::shape::Item;

/// A group's file: with the operations for everybody, or with the internal ones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) group: String,
    pub(crate) internal: bool,
}

impl Place {
    pub(crate) fn of(operation: &Operation) -> Self {
        Self { group: operation.group.clone(), internal: operation.tier == "Internal" }
    }
}

/// Who names a shape.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum User {
    Type(String),
    Object(String),
    /// Parameters and payloads.
    Operations(Place),
}

/// Where shapes go.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// Module among the models.
    pub(crate) models: BTreeMap<String, String>,
    /// Enumerations among the operations; those of several files stand in one of their own.
    pub(crate) operations: BTreeMap<String, Option<Place>>,
}

impl Plan {
    pub(crate) fn of(api: &Api<'_>) -> Self {
        let users = users(api);
        let mut plan = Self::default();
        for (name, users) in &users {
            let files: BTreeSet<_> = users
                .iter()
                .filter_map(|user| match user {
                    User::Operations(place) => Some(place),
                    _ => None,
                })
                .collect();
            if files.len() == users.len() && api.shapes.enums.contains_key(name) {
                let only = if files.len() == 1 { files.first().map(|place| (*place).clone()) } else { None };
                plan.operations.insert(name.clone(), only);
            }
        }
        let names = api.shapes.objects.keys().chain(api.shapes.enums.keys());
        for name in names.filter(|name| !plan.operations.contains_key(*name)) {
            plan.models.insert(name.clone(), module(api, &users, name));
        }
        plan
    }
}

/// The module of a model's part: that of its only user, or its own.
fn module(api: &Api<'_>, users: &BTreeMap<String, BTreeSet<User>>, name: &str) -> String {
    let mut name = name;
    loop {
        let users: Vec<_> = users.get(name).into_iter().flatten().filter(|user| !matches!(user, User::Operations(_))).collect();
        match users[..] {
            [User::Type(kind)] => return api.resource(kind).map_or_else(|| snake(kind), |resource| resource.module()),
            [User::Object(object)] => name = object,
            _ => return snake(name),
        }
    }
}

fn users(api: &Api<'_>) -> BTreeMap<String, BTreeSet<User>> {
    let mut users: BTreeMap<String, BTreeSet<User>> = BTreeMap::new();
    let mut note = |name: &str, user: User| {
        users.entry(name.to_owned()).or_default().insert(user);
    };
    let shape = |item: &Item| match item {
        Item::Enum(name) | Item::Object(name) => Some(name.clone()),
        _ => None,
    };
    for resource in &api.resources {
        let fields = resource.fields.iter().filter_map(|field| shape(&field.ty.item));
        let metas = resource.relationships.iter().filter_map(|relationship| relationship.meta.clone());
        for name in fields.chain(metas).chain(resource.meta.clone()) {
            note(&name, User::Type(resource.name.clone()));
        }
    }
    for (owner, object) in &api.shapes.objects {
        for name in object.fields.iter().filter_map(|field| shape(&field.ty.item)) {
            note(&name, User::Object(owner.clone()));
        }
    }
    for operation in &api.operations {
        let place = Place::of(operation);
        for parameter in &operation.parameters {
            if let Take::One(Value::Enum(name)) | Take::Many(Value::Enum(name)) = &parameter.take {
                note(name, User::Operations(place.clone()));
            }
        }
        for payload in payloads(api, operation) {
            for part in payload.required.iter().chain(&payload.optional) {
                let Part::Value(_, field) = part else { continue };
                if let Some(name) = shape(&field.ty.item) {
                    note(&name, User::Operations(place.clone()));
                }
            }
        }
    }
    users
}

/// The payloads of an operation.
pub(crate) fn payloads<'a>(api: &'a Api<'_>, operation: &'a Operation) -> impl Iterator<Item = &'a Payload> {
    let names: Vec<&str> = match &operation.body {
        Some(Body::Payload(name)) => vec![name],
        Some(Body::Linkage(linkage)) => {
            let place = match &linkage.place {
                crate::payload::Place::Other(name) => Some(name.as_str()),
                _ => None,
            };
            linkage.meta.iter().map(|(name, _)| name.as_str()).chain(place).collect()
        }
        _ => Vec::new(),
    };
    // What is written by hand brings its own.
    let by_hand = operation.function.is_none();
    api.payloads.iter().filter(move |payload| !by_hand && names.contains(&&*payload.name))
}
