//! Bodies of changes.

use std::fmt;

use super::member::Member;
use crate::Invalid;
use crate::document::{Field, Fields, Identifier, Item, Writer, json, write_or_null};
use crate::request::{Op, Request};
use crate::value::{FromText, Json, List, Patch, Text, Typed};

/// What a change sends: a resource with attributes and relationships, or what is said about references. Members are kept as they will be
/// sent, so that all payloads are one type underneath.
#[derive(Clone, Default)]
pub(super) struct Payload {
    kind: &'static str,
    has_id: bool,
    needs: &'static [&'static str],
    member: Option<Result<Identifier, Invalid>>,
    pub(super) attributes: Members,
    relationships: Members,
    pub(super) meta: Members,
}

impl Payload {
    /// A resource of a type, or meta if it is empty.
    pub(super) fn new(kind: &'static str) -> Self {
        Self { kind, ..Self::default() }
    }

    /// What is said about a reference.
    pub(super) fn of(member: impl Member) -> Self {
        Self { member: Some(member.into_identifier()), ..Self::default() }
    }

    /// It names the resource of the path.
    pub(super) fn with_id(mut self) -> Self {
        self.has_id = true;
        self
    }

    /// If there is meta, these members have to be in it.
    pub(super) fn needs(mut self, keys: &'static [&'static str]) -> Self {
        self.needs = keys;
        self
    }

    /// Sets a relationship to one resource.
    pub(super) fn set_one<M: Member>(&mut self, key: &'static str, to: impl Into<M>) {
        self.set_or_clear::<M>(key, Some(to.into()));
    }

    /// Sets a relationship to one resource, or to none.
    pub(super) fn set_or_clear<M: Member>(&mut self, key: &'static str, to: impl Into<Option<M>>) {
        match to.into().map(Member::into_identifier).transpose() {
            Ok(to) => self.relationships.write(key, &|writer| data(writer, &|writer| write_or_null(&to, writer))),
            Err(invalid) => self.relationships.refuse(invalid),
        }
    }

    /// Sets a relationship to `least` to `most` resources.
    pub(super) fn set_many<M: Member>(
        &mut self,
        key: &'static str,
        least: usize,
        most: usize,
        to: impl IntoIterator<Item: Into<M>>,
    ) {
        match gather::<M>(key, least, most, to) {
            Ok(to) => {
                let to = List::from(to);
                self.relationships.write(key, &|writer| data(writer, &|writer| Field::write(&to, writer)));
            }
            Err(invalid) => self.relationships.refuse(invalid),
        }
    }

    /// The reference, with what is said about it.
    #[inline]
    pub(super) fn into_identifier(self) -> Result<Identifier, Invalid> {
        self.check()?;
        let mut identifier = self.member.unwrap_or_else(|| Ok(Identifier::default()))?;
        identifier.meta = self.meta.to_json();
        Ok(identifier)
    }

    #[inline]
    fn check(&self) -> Result<(), Invalid> {
        let sections = [&self.attributes, &self.relationships, &self.meta];
        if let Some(refused) = sections.into_iter().find_map(|section| section.refused.as_ref()) {
            return Err(refused.clone());
        }
        let missing = |key: &&&str| !self.meta.members.iter().any(|(known, _)| known == *key);
        match self.needs.iter().find(missing) {
            Some(key) if !self.meta.members.is_empty() => {
                Err(Invalid::new(*key, "is missing; whatever else is said beside the resource needs it"))
            }
            _ => Ok(()),
        }
    }

    fn write(&self, id: Option<&str>, writer: &mut Writer) {
        writer.open('{');
        writer.key("data");
        writer.open('{');
        if let Some(id) = id.filter(|_| self.has_id) {
            writer.key("id");
            writer.text(id);
        }
        writer.key("type");
        writer.text(self.kind);
        for (key, section) in [("attributes", &self.attributes), ("relationships", &self.relationships)] {
            if let Some(json) = section.to_json() {
                writer.key(key);
                writer.json(&json);
            }
        }
        writer.close('}');
        if let Some(meta) = self.meta.to_json() {
            writer.key("meta");
            writer.json(&meta);
        }
        writer.close('}');
    }
}

impl fmt::Debug for Payload {
    /// The names of the members; their values may be secret.
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sections = [&self.attributes, &self.relationships, &self.meta];
        f.debug_set().entries(sections.iter().flat_map(|section| &section.members).map(|(key, _)| key)).finish()
    }
}

fn data(writer: &mut Writer, value: &dyn Fn(&mut Writer)) {
    writer.open('{');
    writer.key("data");
    value(writer);
    writer.close('}');
}

/// Members of an object, as they will be sent.
#[derive(Clone, Default)]
pub(super) struct Members {
    members: Vec<(&'static str, String)>,
    refused: Option<Invalid>,
}

impl Members {
    fn write(&mut self, key: &'static str, value: &dyn Fn(&mut Writer)) {
        self.members.retain(|(known, _)| *known != key);
        self.members.push((key, json(value)));
    }

    fn refuse(&mut self, invalid: Invalid) {
        self.refused.get_or_insert(invalid);
    }

    /// The object, if there is anything in it.
    fn to_json(&self) -> Option<Json> {
        if self.members.is_empty() {
            return None;
        }
        let text = json(&|writer| {
            writer.open('{');
            for (key, value) in &self.members {
                writer.key(key);
                writer.word(value);
            }
            writer.close('}');
        });
        Some(Json::trusted(text.into()))
    }

    /// Sets a member that needs no check.
    pub(super) fn value(&mut self, key: &'static str, value: &dyn Field) {
        self.write(key, &|writer| write_or_null(value, writer));
    }

    /// Sets a member that needs no check.
    pub(super) fn some<T: Item>(&mut self, key: &'static str, value: impl Into<T>) {
        self.value(key, &Some(value.into()));
    }

    /// Sets a member that needs no check, or says that there is none.
    pub(super) fn patch<T: Item>(&mut self, key: &'static str, value: impl Into<Patch<T>>) {
        self.value(key, &value.into());
    }

    /// Sets a text of `least` to `most` characters.
    pub(super) fn text(&mut self, key: &'static str, least: usize, most: usize, text: impl Into<Text>) {
        let text = text.into();
        match length(key, least, most, &text) {
            Ok(()) => self.write(key, &|writer| writer.text(&text)),
            Err(invalid) => self.refuse(invalid),
        }
    }

    /// Sets a text that has to mean a `T`.
    pub(super) fn typed<T: FromText>(&mut self, key: &'static str, value: impl Into<Typed<T>>) {
        let value = value.into();
        match value.parse() {
            Ok(_) => self.write(key, &|writer| writer.text(&value)),
            Err(invalid) => self.refuse(Invalid::new(key, invalid.to_string())),
        }
    }
}

impl Members {
    /// Sets a list of `least` to `most` values.
    pub(super) fn list<T: Item>(
        &mut self,
        key: &'static str,
        least: usize,
        most: usize,
        values: impl IntoIterator<Item: Into<T>>,
    ) {
        self.listed::<T>(key, least, most, &values.into_iter().map(Into::into).collect());
    }

    fn listed<T: Item>(&mut self, key: &'static str, least: usize, most: usize, values: &List<T>) {
        match count(key, least, most, values.len()) {
            Ok(()) => self.value(key, values),
            Err(invalid) => self.refuse(invalid),
        }
    }

    /// Sets a list of texts, each of `each.0` to `each.1` characters.
    pub(super) fn texts(
        &mut self,
        key: &'static str,
        least: usize,
        most: usize,
        each: (usize, usize),
        texts: impl IntoIterator<Item: Into<Text>>,
    ) {
        let texts: List<Text> = texts.into_iter().map(Into::into).collect();
        match texts.iter().try_for_each(|text| length(key, each.0, each.1, text)) {
            Ok(()) => self.listed(key, least, most, &texts),
            Err(invalid) => self.refuse(invalid),
        }
    }

    /// Sets an object that needs some of its members.
    pub(super) fn object<T: Item + Fields>(&mut self, key: &'static str, needs: &[&str], object: impl Into<T>) {
        let object = object.into();
        match complete(key, needs, &object) {
            Ok(()) => self.write(key, &|writer| object.write(writer)),
            Err(invalid) => self.refuse(invalid),
        }
    }

    /// Sets a list of such objects.
    pub(super) fn objects<T: Item + Fields>(
        &mut self,
        key: &'static str,
        least: usize,
        most: usize,
        needs: &[&str],
        objects: impl IntoIterator<Item: Into<T>>,
    ) {
        let objects: List<T> = objects.into_iter().map(Into::into).collect();
        match objects.iter().try_for_each(|object| complete(key, needs, object)) {
            Ok(()) => self.listed(key, least, most, &objects),
            Err(invalid) => self.refuse(invalid),
        }
    }
}

fn length(key: &'static str, least: usize, most: usize, text: &str) -> Result<(), Invalid> {
    match text.chars().count() {
        0 if least > 0 => Err(Invalid::new(key, "is empty")),
        count if count < least => Err(Invalid::new(key, format!("has {count} characters; at least {least} are needed"))),
        count if count > most => Err(Invalid::new(key, format!("has {count} characters; at most {most} are taken"))),
        _ => Ok(()),
    }
}

fn count(key: &'static str, least: usize, most: usize, count: usize) -> Result<(), Invalid> {
    match count {
        0 if least > 0 => Err(Invalid::new(key, format!("are none; at least {least} is needed"))),
        count if count < least => Err(Invalid::new(key, format!("are too few; at least {least} are needed"))),
        count if count > most => Err(Invalid::new(key, format!("are too many; at most {most} are taken at once"))),
        _ => Ok(()),
    }
}

fn complete(key: &'static str, needs: &[&str], object: &dyn Fields) -> Result<(), Invalid> {
    let mut missing = None;
    object.fields(&mut |keys, fields, _| {
        let lacks = |(key, field): &(&&str, &&dyn Field)| field.is_absent() && needs.contains(key);
        missing = keys.iter().zip(fields).find(lacks).map(|(key, _)| *key);
    });
    missing.map_or(Ok(()), |name| Err(Invalid::new(key, format!("lacks `{name}`"))))
}

/// The references to `members`, if their number is right.
fn gather<M: Member>(
    key: &'static str,
    least: usize,
    most: usize,
    members: impl IntoIterator<Item: Into<M>>,
) -> Result<Vec<Identifier>, Invalid> {
    // One more than may be is enough to tell; a list without end would otherwise be taken in whole.
    let members = members.into_iter().take(most.saturating_add(1)).map(|member| member.into().into_identifier());
    let members: Vec<_> = members.collect::<Result<_, _>>()?;
    count(key, least, most, members.len())?;
    Ok(members)
}

/// An object with one text.
pub(super) fn object(name: &str, value: &str) -> Json {
    let text = json(&|writer| {
        writer.open('{');
        writer.key(name);
        writer.text(value);
        writer.close('}');
    });
    Json::trusted(text.into())
}

impl<O: Op, C> Request<O, C> {
    /// Sends a resource.
    pub(super) fn payload(self, payload: Payload) -> Self {
        if let Err(invalid) = payload.check() {
            return self.refuse(invalid);
        }
        let text = json(&|writer| payload.write(self.path_value("id"), writer));
        self.json_body(text)
    }

    /// Sends `least` to `most` references, perhaps with what is said beside them.
    pub(super) fn linkage<M: Member>(
        self,
        least: usize,
        most: usize,
        members: impl IntoIterator<Item: Into<M>>,
        beside: Option<Payload>,
    ) -> Self {
        match gather::<M>("items", least, most, members) {
            Ok(members) => self.references(&List::from(members), beside),
            Err(invalid) => self.refuse(invalid),
        }
    }

    /// Sends one reference, or none.
    pub(super) fn link<M: Member>(self, member: impl Into<Option<M>>, beside: Option<Payload>) -> Self {
        match member.into().map(Member::into_identifier).transpose() {
            Ok(member) => self.references(&member, beside),
            Err(invalid) => self.refuse(invalid),
        }
    }

    fn references(self, references: &dyn Field, beside: Option<Payload>) -> Self {
        if let Some(Err(invalid)) = beside.as_ref().map(Payload::check) {
            return self.refuse(invalid);
        }
        let meta = beside.and_then(|payload| payload.meta.to_json());
        let text = json(&|writer| {
            writer.open('{');
            writer.key("data");
            write_or_null(references, writer);
            if let Some(meta) = &meta {
                writer.key("meta");
                writer.json(meta);
            }
            writer.close('}');
        });
        self.json_body(text)
    }
}
