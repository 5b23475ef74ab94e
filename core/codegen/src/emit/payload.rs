//! Writes the payloads of changes.

use crate::Api;
use crate::emit::model::item;
use crate::names::capital;
use crate::payload::{Part, Payload, Section, range};
use crate::shape::{Field, Item, Limits};
use crate::source::Source;

/// Writes a payload as a type that is built step by step.
pub(crate) fn write_payload(api: &Api<'_>, payload: &Payload, source: &mut Source) {
    let name = &payload.name;
    source.doc("", &payload.doc);
    source.line(format!("#[derive(Clone, Debug)]\n#[must_use]\npub struct {name}(Payload);\n"));
    source.line(format!("impl {name} {{"));
    let member = api.place_member(name);
    write_new(payload, member.as_deref(), source);
    for part in payload.required.iter().chain(&payload.optional) {
        source.doc("    ", &part.doc());
        if let Some(limits) = limits(part) {
            source.line("    ///");
            source.doc("    ", &limits);
        }
        let (argument, step) = setter(api, part);
        inline(&argument, source);
        source.line(format!("    pub fn {}(mut self, value: {argument}) -> Self {{", part.name()));
        source.line(format!("        {step}\n        self\n    }}\n"));
    }
    source.line("}\n");
    if payload.required.is_empty() && member.is_none() {
        source.line(format!("impl Default for {name} {{\n    /// See [`new`](Self::new).\n    #[inline]\n    fn default() -> Self {{\n        Self::new()\n    }}\n}}\n"));
    }
    if let Some(member) = &member {
        source.line(format!("impl Member for {name} {{\n    #[inline]\n    fn into_identifier(self) -> Result<crate::document::Identifier, Invalid> {{\n        self.0.into_identifier()\n    }}\n}}\n"));
        if payload.required.is_empty() {
            from(name, member, source);
        }
    } else if let [Part::Value(_, Field { ty, .. })] = &payload.required[..]
        && !ty.list
        && matches!(ty.item, Item::Text | Item::Int | Item::Enum(_))
    {
        from(name, &item(&ty.item), source);
    }
}

/// What is not generic would be compiled with the core, though few programs call it: `#[inline]`, those compile it.
fn inline(arguments: &str, source: &mut Source) {
    if !arguments.contains("impl ") {
        source.line("    #[inline]");
    }
}

fn from(name: &str, of: &str, source: &mut Source) {
    if of == "i64" {
        source.line(format!(
            "impl From<i64> for {name} {{\n    #[inline]\n    fn from(value: i64) -> Self {{\n        Self::new(value)\n    }}\n}}\n"
        ));
        return;
    }
    source.line(format!(
        "impl<T: Into<{of}>> From<T> for {name} {{\n    fn from(value: T) -> Self {{\n        Self::new(value)\n    }}\n}}\n"
    ));
}

fn write_new(payload: &Payload, member: Option<&str>, source: &mut Source) {
    let kind = payload.kind.as_deref().unwrap_or("");
    let names: Vec<_> = payload.required.iter().map(|part| part.name()).collect();
    let mut arguments: Vec<_> =
        payload.required.iter().map(|part| format!("{}: {}", part.name(), plain_argument(part))).collect();
    let about = match (&names[..], member) {
        ([], None) if payload.kind.is_some() => "One that says nothing yet, to build on.".to_owned(),
        ([], None) => "One that says nothing, to build on.".to_owned(),
        ([], Some(_)) => "The resource, with nothing said about it yet.".to_owned(),
        _ => "One with all that it needs.".to_owned(),
    };
    source.doc("    ", &about);
    if let Some(member) = member {
        arguments.insert(0, format!("item: impl Into<{member}>"));
    }
    let arguments = arguments.join(", ");
    inline(&arguments, source);
    source.line(format!("    pub fn new({arguments}) -> Self {{"));
    let mut base = match member {
        Some(_) => "Payload::of(item.into())".to_owned(),
        None => format!("Payload::new(\"{kind}\")"),
    };
    if payload.has_id {
        base += ".with_id()";
    }
    if !payload.needs.is_empty() {
        let needs: Vec<_> = payload.needs.iter().map(|key| format!("\"{key}\"")).collect();
        base += &format!(".needs(&[{}])", needs.join(", "));
    }
    let steps: String = names.iter().map(|name| format!(".{name}({name})")).collect();
    source.line(format!("        Self({base}){steps}\n    }}\n"));
}

fn plain_argument(part: &Part) -> String {
    match part {
        Part::Value(_, field) => match (&field.ty.item, field.ty.list, field.ty.nullable) {
            (item_type, true, _) => format!("impl IntoIterator<Item: Into<{}>>", item(item_type)),
            (Item::Bool | Item::Int | Item::Float, false, false) => item(&field.ty.item),
            (item_type, false, true) => format!("impl Into<Patch<{}>>", item(item_type)),
            (item_type, false, false) => format!("impl Into<{}>", item(item_type)),
        },
        Part::ToOne { member, nullable: false, .. } => format!("impl Into<{}>", member.rust()),
        Part::ToOne { member, nullable: true, .. } => format!("impl Into<Option<{}>>", member.rust()),
        Part::ToMany { member, .. } => format!("impl IntoIterator<Item: Into<{}>>", member.rust()),
    }
}

/// The argument of a setter, and what it does.
fn setter(api: &Api<'_>, part: &Part) -> (String, String) {
    let argument = plain_argument(part);
    let key = part.key();
    let step = match part {
        Part::Value(section, field) => {
            let section = if *section == Section::Attributes { "attributes" } else { "meta" };
            format!("self.0.{section}.{};", value(api, field))
        }
        Part::ToOne { member, nullable: false, .. } => format!("self.0.set_one::<{}>(\"{key}\", value);", member.rust()),
        Part::ToOne { member, nullable: true, .. } => format!("self.0.set_or_clear::<{}>(\"{key}\", value);", member.rust()),
        Part::ToMany { member, min, max, .. } => {
            let max = max.map_or("usize::MAX".to_owned(), |max| max.to_string());
            format!("self.0.set_many::<{}>(\"{key}\", {min}, {max}, value);", member.rust())
        }
    };
    (argument, step)
}

fn value(api: &Api<'_>, field: &Field) -> String {
    let (key, rust) = (&field.key, item(&field.ty.item));
    let Limits { min, max, each } = field.limits;
    let range = format!("{}, {}", min.unwrap_or(0), max.map_or("usize::MAX".to_owned(), |max| max.to_string()));
    let required = |name: &str| {
        let object = api.shapes.objects.get(name);
        let keys: Vec<_> = object.iter().flat_map(|object| &object.required).map(|key| format!("\"{key}\"")).collect();
        keys.join(", ")
    };
    match (&field.ty.item, field.ty.list, field.ty.nullable) {
        (Item::Text, false, false) => format!("text(\"{key}\", {range}, value)"),
        (Item::Typed(_), false, false) => format!("typed::<{}>(\"{key}\", value)", &rust[6..rust.len() - 1]),
        (Item::Object(name), false, false) => format!("object::<{rust}>(\"{key}\", &[{}], value)", required(name)),
        (Item::Bool | Item::Int | Item::Float, false, false) => format!("value(\"{key}\", &Some(value))"),
        (_, false, false) => format!("some::<{rust}>(\"{key}\", value)"),
        (_, false, true) => format!("patch::<{rust}>(\"{key}\", value)"),
        (Item::Text, true, _) => {
            let (least, longest) = each.unwrap_or((0, u64::from(u32::MAX)));
            format!("texts(\"{key}\", {range}, ({least}, {longest}), value)")
        }
        (Item::Object(name), true, _) => {
            format!("objects::<{rust}>(\"{key}\", {range}, &[{}], value)", required(name))
        }
        (_, true, _) => format!("list::<{rust}>(\"{key}\", {range}, value)"),
    }
}

fn limits(part: &Part) -> Option<String> {
    let sentence = |range: Option<String>| range.map(|range| format!("{}.", capital(&range)));
    match part {
        Part::Value(_, field) => {
            let Limits { min, max, .. } = field.limits;
            let what = if field.ty.list { "value" } else { "character" };
            sentence(range(min.unwrap_or(0), max, what))
        }
        Part::ToMany { min, max, .. } => sentence(range(*min, *max, "resource")),
        Part::ToOne { .. } => None,
    }
}
