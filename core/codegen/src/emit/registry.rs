//! Writes the table of all operations for programs that choose them at run time.

use std::collections::BTreeMap;

use crate::Api;
use crate::emit::operation::group_name;
use crate::operation::Take;
use crate::payload::{Body, Part, Payload, Place, Section, range};
use crate::source::{Scope, Source};

/// Writes the registry to `files`.
pub(crate) fn write(api: &Api<'_>, files: &mut BTreeMap<String, String>) {
    let mut source = Source::new("All operations of the official document.");
    source.line("/// All operations, by path and method.");
    source.line("pub(super) static ENTRIES: &[Entry] = &[");
    for operation in &api.operations {
        let include = operation.parameters.iter().find_map(|parameter| match &parameter.take {
            Take::Include(options) => Some(options.iter().map(|option| format!("\"{option}\"")).collect::<Vec<_>>().join(", ")),
            _ => None,
        });
        let body = operation.body.as_ref().map_or("None".to_owned(), |body| format!("Some({:?})", describe(api, body)));
        let function = operation.function.as_deref().or_else(|| operation.example.as_deref()?.split('(').next()).unwrap_or("");
        source.line(format!("    entry::<{0}>(\"{0}\", Facts {{", operation.name));
        source.line(format!("        group: \"{}\",\n        function: {function:?},", group_name(api, &operation.group)));
        source.line(format!("        about: {:?},\n        deprecated: {},", operation.doc, operation.deprecated));
        source.line(format!("        include: &[{}],\n        body: {body},\n    }}),", include.unwrap_or_default()));
    }
    source.line("];");
    let mut scope = Scope::default();
    scope.add("tidal_core::api", api.operations.iter().map(|operation| operation.name.clone()));
    scope.add("super", ["Entry", "Facts", "entry"]);
    files.insert("examples/cli/src/registry/generated.rs".to_owned(), source.finish(&scope));
}

/// What a body holds, in a line.
fn describe(api: &Api<'_>, body: &Body) -> String {
    let payload = |name: &str| api.payloads.iter().find(|known| known.name == name);
    match body {
        Body::Bare(kind) => format!("the type {kind}"),
        Body::Payload(name) => payload(name).map(|payload| parts(api, payload)).unwrap_or_default(),
        Body::Linkage(linkage) => {
            let kinds = api.kinds(&linkage.member).join(", ");
            let count = if linkage.many { range(linkage.min, linkage.max, "reference") } else { None };
            let mut text = format!("{} to {kinds}", count.unwrap_or_else(|| "a reference".into()));
            if linkage.nullable {
                text += ", or null";
            }
            text += &match &linkage.place {
                Place::Nothing => String::new(),
                Place::Added => "; meta of each: addedAt".to_owned(),
                Place::Item => "; meta of each: itemId (required)".to_owned(),
                Place::Other(name) => {
                    payload(name).map(|payload| format!("; each with {}", parts(api, payload))).unwrap_or_default()
                }
            };
            if let Some(payload) = linkage.meta.as_ref().and_then(|(name, _)| payload(name)) {
                text += &format!("; {}", parts(api, payload));
            }
            text
        }
    }
}

fn parts(api: &Api<'_>, payload: &Payload) -> String {
    let all = || payload.required.iter().map(|part| (part, true)).chain(payload.optional.iter().map(|part| (part, false)));
    let name = |(part, required): (&Part, bool)| {
        let to = match part {
            Part::Value(..) => String::new(),
            Part::ToOne { member, .. } => format!(" to {}", api.kinds(member).join(", ")),
            Part::ToMany { member, min, max, .. } => {
                format!(
                    " to {}{}",
                    range(*min, *max, "").map(|range| range.trim_end_matches(['s', ' ']).to_owned() + " ").unwrap_or_default(),
                    api.kinds(member).join(", ")
                )
            }
        };
        format!("{}{to}{}", part.key(), if required { " (required)" } else { "" })
    };
    let section = |title: &str, wanted: fn(&Part) -> bool| {
        let names: Vec<_> = all().filter(|(part, _)| wanted(part)).map(name).collect();
        if names.is_empty() { None } else { Some(format!("{title}: {}", names.join(", "))) }
    };
    let sections = [
        section("attributes", |part| matches!(part, Part::Value(Section::Attributes, _))),
        section("relationships", |part| !matches!(part, Part::Value(..))),
        section("meta", |part| matches!(part, Part::Value(Section::Meta, _))),
    ];
    sections.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
