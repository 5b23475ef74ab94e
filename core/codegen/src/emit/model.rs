//! Writes the models.

use std::collections::BTreeMap;

use crate::Api;
use crate::names::{snake, variant};
use crate::plan::Plan;
use crate::resource::Resource;
use crate::shape::{Enum, Item, Object, Type};
use crate::source::{Scope, Source};

pub(crate) const MODULE: &str = "core/src/model/generated";

/// Writes all models to `files`.
pub(crate) fn write(api: &Api<'_>, plan: &Plan, files: &mut BTreeMap<String, String>) {
    let scope = scope(api, plan);
    let mut sources: BTreeMap<String, Source> = BTreeMap::new();
    let mut exports: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for resource in &api.resources {
        let mut source = Source::new(format!("The resource type `{}`.", resource.kind));
        source.own(&resource.name);
        write_resource(api, resource, &mut source);
        sources.insert(resource.module(), source);
        exports.entry(resource.module()).or_default().push(resource.name.clone());
    }
    for (name, object) in &api.shapes.objects {
        let Some(module) = plan.models.get(name) else { continue };
        let source = sources.entry(module.clone()).or_insert_with(|| Source::new(object.doc.clone()));
        source.own(name);
        write_object(name, object, source);
        exports.entry(module.clone()).or_default().push(name.clone());
    }
    for (name, enumeration) in &api.shapes.enums {
        let Some(module) = plan.models.get(name) else { continue };
        let source = sources.entry(module.clone()).or_insert_with(|| Source::new(enumeration.doc.clone()));
        source.own(name);
        write_enum(name, enumeration, source);
        exports.entry(module.clone()).or_default().push(name.clone());
    }
    let mut root = Source::new("The resource types of the official document, and what they are made of.");
    for module in sources.keys() {
        root.line(format!("mod {module};"));
    }
    root.line("");
    for (module, names) in &mut exports {
        names.sort();
        names.iter().for_each(|name| root.own(name));
        root.line(format!("pub use {module}::{{{}}};", names.join(", ")));
    }
    root.line("");
    root.own("AnyResource");
    root.line("resources! {\n    /// A resource of any type.\n    AnyResource {");
    for resource in &api.resources {
        root.line(format!("        {},", resource.name));
    }
    root.line("    }\n}");
    files.insert(format!("{MODULE}.rs"), root.finish(&scope));
    files.extend(sources.iter().map(|(module, source)| (format!("{MODULE}/{module}.rs"), source.finish(&scope))));
}

fn scope(api: &Api<'_>, plan: &Plan) -> Scope {
    let mut scope = Scope::default();
    scope.add("std::time", ["Duration"]);
    scope.add("jiff", ["Timestamp"]);
    scope.add("jiff::civil", ["Date"]);
    scope.add("url", ["Url"]);
    scope.add("crate", ["Secret"]);
    scope.add("crate::value", ["Barcode", "Country", "Isrc", "Json", "List", "Text", "Typed"]);
    scope.add("crate::value::open", ["open_enum!"]);
    scope.add("crate::document", ["object!", "resource!", "resources!"]);
    let types = api.resources.iter().map(|resource| resource.name.clone());
    scope.add("crate::model", types.chain(plan.models.keys().cloned()).chain(["AnyResource".to_owned()]));
    scope
}

/// The type of a field.
pub(crate) fn rust(ty: &Type) -> String {
    let item = item(&ty.item);
    if ty.list { format!("List<{item}>") } else { format!("Option<{item}>") }
}

/// The type of a value.
pub(crate) fn item(item: &Item) -> String {
    match item {
        Item::Text => "Text".into(),
        Item::Bool => "bool".into(),
        Item::Int => "i64".into(),
        Item::Float => "f64".into(),
        Item::Json => "Json".into(),
        Item::Secret => "Secret".into(),
        Item::Typed(name) => format!("Typed<{name}>"),
        Item::Enum(name) | Item::Object(name) => name.clone(),
    }
}

fn write_resource(api: &Api<'_>, resource: &Resource, source: &mut Source) {
    source.line("resource! {");
    source.doc("    ", &resource.doc);
    let tiers = operations(api, resource);
    if !tiers.is_empty() {
        source.line("    ///");
        source.doc("    ", &tiers);
    }
    source.line(format!("    {}: \"{}\", \"{}\"", resource.name, resource.kind, resource.noun));
    if let Some(meta) = &resource.meta {
        source.line(format!("    meta {meta}"));
    }
    source.line("    {");
    for field in &resource.fields {
        source.doc("        ", &field.doc());
        source.line(format!("        {}: {} = \"{}\",", field.name(), rust(&field.ty), field.key));
    }
    source.line("    }\n    {");
    for relationship in &resource.relationships {
        let kind = if relationship.many { "Many" } else { "One" };
        let meta = relationship.meta.as_ref().map(|meta| format!(", {meta}")).unwrap_or_default();
        let (name, target) = (snake(&relationship.key), relationship.target.name());
        source.doc("        ", &relationship.doc);
        source.line(format!("        {name}: {kind}<{target}{meta}> = \"{}\",", relationship.key));
    }
    source.line("    }\n}\n");
}

/// Where a resource comes from.
fn operations(api: &Api<'_>, resource: &Resource) -> String {
    let reads = |operation: &&crate::operation::Operation| {
        operation.resource == resource.name && operation.relationship.is_none() && operation.method == "GET"
    };
    let reads: Vec<_> = api.operations.iter().filter(reads).collect();
    let internal = !reads.is_empty() && reads.iter().all(|operation| operation.tier == "Internal");
    let paths: Vec<_> = reads.iter().map(|operation| format!("`{} {}`", operation.method, operation.path)).collect();
    match (&paths[..], internal) {
        ([], _) => String::new(),
        (paths, false) => format!("Read by {}.", paths.join(" and ")),
        (paths, true) => format!("Read by {}, which are for the service's own clients.", paths.join(" and "))
            .replace("which are for", if paths.len() == 1 { "which is for" } else { "which are for" }),
    }
}

fn write_object(name: &str, object: &Object, source: &mut Source) {
    source.line("object! {");
    source.doc("    ", &object.doc);
    source.line(format!("    {name} {{"));
    for field in &object.fields {
        source.doc("        ", &field.doc());
        source.line(format!("        {}: {} = \"{}\",", field.name(), rust(&field.ty), field.key));
    }
    source.line("    }\n}\n");
    let required: Vec<_> = object.fields.iter().filter(|field| object.required.contains(&field.key)).collect();
    if !object.is_sent || required.is_empty() {
        return;
    }
    let arguments: Vec<_> = required
        .iter()
        .map(|field| match field.ty.list {
            true => format!("{}: impl IntoIterator<Item: Into<{}>>", field.name(), item(&field.ty.item)),
            false => format!("{}: impl Into<{}>", field.name(), item(&field.ty.item)),
        })
        .collect();
    let values: Vec<_> = required
        .iter()
        .map(|field| match field.ty.list {
            true => format!("{0}: {0}.into_iter().map(Into::into).collect()", field.name()),
            false => format!("{0}: Some({0}.into())", field.name()),
        })
        .collect();
    source.line(format!("impl {name} {{\n    /// One with all that it needs.\n    #[must_use]"));
    source.line(format!("    pub fn new({}) -> Self {{", arguments.join(", ")));
    source.line(format!("        Self {{ {}, ..Self::default() }}\n    }}\n}}\n", values.join(", ")));
}

/// Writes an enumeration.
pub(crate) fn write_enum(name: &str, enumeration: &Enum, source: &mut Source) {
    source.line("open_enum! {");
    source.doc("    ", &enumeration.doc);
    source.line(format!("    {name} {{"));
    let mut seen: Vec<String> = Vec::new();
    for value in &enumeration.values {
        let mut variant = variant(value);
        while seen.contains(&variant) {
            variant.push('2');
        }
        source.line(format!("        {variant} = \"{value}\","));
        seen.push(variant);
    }
    source.line("    }\n}\n");
}
