//! Writes a request for each operation with all that it takes, for tests.

use std::collections::BTreeMap;

use crate::Api;
use crate::emit::operation::{group_name, sort_keys, sort_variant};
use crate::names::snake;
use crate::operation::{Operation, Parameter, Take, Value};
use crate::payload::{Body, Linkage, Member, Part, Payload, Place};
use crate::shape::{Field, Item};
use crate::source::{Scope, Source};

/// Writes the requests to `files`.
pub(crate) fn write(api: &Api<'_>, files: &mut BTreeMap<String, String>) {
    let mut groups: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in &api.operations {
        groups.entry(&operation.group).or_default().push(operation);
    }
    let mut source = Source::new("A request of each operation with all that it takes.");
    source.line("/// Adds all requests to `to`.\npub(crate) fn all(to: &mut Requests) {");
    for group in groups.keys() {
        source.line(format!("    {group}(to);"));
    }
    source.line("}\n");
    for (group, operations) in &groups {
        source.line(format!("fn {group}(to: &mut Requests) {{"));
        for operation in operations {
            source.line(format!("    to.add(\"{} {}\", {});", operation.method, operation.path, request(api, operation)));
        }
        source.line("}\n");
    }
    files.insert("tests/suite/tests/every_request/generated.rs".to_owned(), source.finish(&scope(api)));
}

fn scope(api: &Api<'_>) -> Scope {
    let mut scope = Scope::default();
    scope.add("super", ["Requests"]);
    scope.add("tidal_core::value", ["Id", "Json", "Typed"]);
    scope.add("tidal_core::jiff", ["Timestamp"]);
    let types = api.resources.iter().map(|resource| resource.name.clone());
    scope.add("tidal_core::model", types.chain(api.shapes.objects.keys().cloned()).chain(api.shapes.enums.keys().cloned()));
    scope.add("tidal_core::api", ["Addition", "PlaylistItem"]);
    scope.add("tidal_core::api", api.payloads.iter().map(|payload| payload.name.clone()));
    scope.add("tidal_core::api", api.choices.iter().map(|choice| choice.name.clone()));
    scope.add("tidal_core::api", api.operations.iter().map(|operation| group_name(api, &operation.group)));
    for operation in &api.operations {
        for parameter in &operation.parameters {
            if let Take::Sort(keys) = &parameter.take {
                scope.add("tidal_core::api", [format!("{keys}Sort")]);
            }
        }
    }
    scope
}

fn request(api: &Api<'_>, operation: &Operation) -> String {
    let group = group_name(api, &operation.group);
    if let Some(example) = &operation.example {
        return format!("{group}::new().{example}");
    }
    let mut arguments = Vec::new();
    for parameter in &operation.parameters {
        match &parameter.take {
            Take::Path(_) => arguments.push("\"id-1\"".to_owned()),
            _ if parameter.required => arguments.push(given(parameter)),
            _ => {}
        }
    }
    match &operation.body {
        None | Some(Body::Bare(_)) => {}
        Some(Body::Payload(name)) => arguments.extend(api.payload(name).map(|known| payload(api, known, None))),
        Some(Body::Linkage(linkage)) => references(api, linkage, &mut arguments),
    }
    let function = operation.function.as_deref().unwrap_or_default();
    let mut text = format!("{group}::new().{function}({})", arguments.join(", "));
    for parameter in operation.parameters.iter().filter(|parameter| !parameter.required) {
        text += &match &parameter.take {
            Take::Path(_) => String::new(),
            Take::Cursor => ".cursor(\"cursor\")".to_owned(),
            Take::Country => ".country(\"NO\")".to_owned(),
            Take::Locale => ".locale(\"nb-NO\")".to_owned(),
            Take::ShareCode => ".share_code(\"code\")".to_owned(),
            Take::Include(_) => paths(api, operation).iter().map(|path| format!(".include({path})")).collect(),
            Take::Replace => paths(api, operation).iter().map(|path| format!(".replace_media({path})")).collect(),
            _ => format!(".{}({})", parameter.name, given(parameter)),
        };
    }
    text
}

/// All paths of one step from what is asked for, or just the relationship that is asked for.
fn paths(api: &Api<'_>, operation: &Operation) -> Vec<String> {
    if operation.relationship.is_some() {
        return vec!["|path| path.this()".to_owned()];
    }
    let relationships = api.resource(&operation.resource).map(|resource| resource.relationships.as_slice()).unwrap_or_default();
    relationships.iter().map(|relationship| format!("|path| path.{}()", snake(&relationship.key))).collect()
}

fn given(parameter: &Parameter) -> String {
    match &parameter.take {
        Take::Many(of) => {
            let values: Vec<String> = match of {
                Value::Enum(_) => parameter.values.iter().map(|value| format!("\"{value}\"")).collect(),
                of => vec![value(of, parameter)],
            };
            format!("[{}]", values.join(", "))
        }
        Take::Sort(name) => {
            let keys = sort_keys(&parameter.values);
            format!("{name}Sort::{}.descending()", keys.first().map(|key| sort_variant(key)).unwrap_or_default())
        }
        Take::One(of) => value(of, parameter),
        _ => "\"text\"".to_owned(),
    }
}

fn value(of: &Value, parameter: &Parameter) -> String {
    match of {
        Value::Bool => "true".to_owned(),
        Value::Int => "7".to_owned(),
        Value::Text => "\"text\"".to_owned(),
        Value::Id(_) => "\"id-2\"".to_owned(),
        Value::Checked(name) => match &**name {
            "Country" => "\"NO\"".to_owned(),
            "Isrc" => "\"USUM72400548\"".to_owned(),
            _ => "\"196589525444\"".to_owned(),
        },
        Value::Enum(_) => format!("\"{}\"", parameter.values.last().map_or("", String::as_str)),
    }
}

fn references(api: &Api<'_>, linkage: &Linkage, arguments: &mut Vec<String>) {
    let plain = |of: &Member| reference(api, of);
    let one = match &linkage.place {
        Place::Nothing => plain(&linkage.member),
        Place::Added => format!("Addition::from({}).added_at(Timestamp::UNIX_EPOCH)", plain(&linkage.member)),
        Place::Item => "PlaylistItem::new(Id::<Track>::from(\"id-3\"), \"item-1\")".to_owned(),
        Place::Other(name) => {
            api.payload(name).map(|known| payload(api, known, Some(plain(&linkage.member)))).unwrap_or_default()
        }
    };
    arguments.push(match (linkage.many, linkage.nullable) {
        (true, _) => format!("[{one}]"),
        (false, true) => format!("Some({one})"),
        (false, false) => one,
    });
    if let Some((name, required)) = &linkage.meta {
        let meta = api.payload(name).map(|known| payload(api, known, None)).unwrap_or_default();
        arguments.push(if *required { meta } else { format!("Some({meta})") });
    }
}

/// A reference: to the last of the types that it may be to.
fn reference(api: &Api<'_>, of: &Member) -> String {
    match of {
        Member::One(name) => format!("Id::<{name}>::from(\"id-3\")"),
        Member::Several(name) => {
            let last = api.choices.iter().find(|choice| choice.name == *name).and_then(|choice| choice.types.last().cloned());
            format!("{name}::from(Id::<{}>::from(\"id-3\"))", last.unwrap_or_default())
        }
    }
}

fn payload(api: &Api<'_>, payload: &Payload, item: Option<String>) -> String {
    let required: Vec<_> = item.into_iter().chain(payload.required.iter().map(|part| sample(api, part))).collect();
    let optional: String = payload.optional.iter().map(|part| format!(".{}({})", part.name(), sample(api, part))).collect();
    format!("{}::new({}){optional}", payload.name, required.join(", "))
}

fn sample(api: &Api<'_>, part: &Part) -> String {
    match part {
        Part::Value(_, field) => field_value(api, field),
        Part::ToOne { member, nullable, .. } => {
            let one = reference(api, member);
            if *nullable { format!("Some({one})") } else { one }
        }
        Part::ToMany { member, .. } => format!("[{}]", reference(api, member)),
    }
}

fn field_value(api: &Api<'_>, field: &Field) -> String {
    let one = match &field.ty.item {
        Item::Text => format!(
            "\"{}\"",
            "text".chars().cycle().take(field.limits.min.unwrap_or(4).clamp(4, 64) as usize).collect::<String>()
        ),
        Item::Secret => "\"secret\"".to_owned(),
        Item::Bool => "true".to_owned(),
        Item::Int => "7".to_owned(),
        Item::Float => "1.5".to_owned(),
        Item::Json => "Json::null()".to_owned(),
        Item::Typed(name) => format!("\"{}\"", typed(name)),
        // What is under one name may not be taken everywhere: the value that all have.
        Item::Enum(name) => {
            format!("\"{}\"", api.shapes.enums.get(name).and_then(|known| known.values.first()).map_or("", String::as_str))
        }
        Item::Object(name) => object(api, name),
    };
    if field.ty.list { format!("[{one}]") } else { one }
}

fn typed(name: &str) -> &'static str {
    match name {
        "Timestamp" => "2026-01-02T03:04:05Z",
        "Date" => "2026-01-02",
        "Duration" => "PT1M30S",
        "Url" => "https://example.com/x",
        "Country" => "NO",
        "Isrc" => "USUM72400548",
        "Barcode" => "196589525444",
        _ => "",
    }
}

/// An object with all its members, put together as users would.
fn object(api: &Api<'_>, name: &str) -> String {
    let Some(object) = api.shapes.objects.get(name) else { return String::new() };
    let required: Vec<_> = object.required.iter().map(String::as_str).collect();
    let wanted = |field: &&Field| required.is_empty() || required.contains(&&*field.key);
    let values = object.fields.iter().filter(wanted).map(|field| (field, field_value(api, field)));
    if required.is_empty() {
        let steps: String =
            values.map(|(field, value)| format!("one.{} = {}; ", field.name(), wrapped(field, &value))).collect();
        return format!("{{ let mut one = {name}::default(); {steps}one }}");
    }
    format!("{name}::new({})", values.map(|(_, value)| value).collect::<Vec<_>>().join(", "))
}

fn wrapped(field: &Field, value: &str) -> String {
    if field.ty.list {
        return format!("{}.map(Into::into).into_iter().collect()", value);
    }
    match field.ty.item {
        Item::Bool | Item::Int | Item::Float | Item::Object(_) => format!("Some({value})"),
        _ => format!("Some({value}.into())"),
    }
}
