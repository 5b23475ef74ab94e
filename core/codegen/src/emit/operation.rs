//! Writes the operations.

use std::collections::{BTreeMap, BTreeSet};

use crate::Api;
use crate::emit::model::write_enum;
use crate::emit::payload::write_payload;
use crate::names::{capital, pascal, snake, variant, words};
use crate::operation::{Operation, Output, Parameter, Take, Value, flows};
use crate::payload::{Body, Linkage, Member, Place as At, range};
use crate::plan::{Place, Plan, payloads};
use crate::source::{Scope, Source, docs};

pub(crate) const MODULE: &str = "core/src/api/generated";

/// Writes all operations to `files`.
pub(crate) fn write(api: &Api<'_>, plan: &Plan, files: &mut BTreeMap<String, String>) {
    let mut places: BTreeMap<Place, Vec<&Operation>> = BTreeMap::new();
    for operation in &api.operations {
        places.entry(Place::of(operation)).or_default().push(operation);
    }
    let (mut open, mut internal) = (Vec::new(), Vec::new());
    let (mut open_ways, mut internal_ways) = (String::new(), String::new());
    for (place, operations) in &places {
        let alone = place.internal && !places.contains_key(&Place { internal: false, ..place.clone() });
        let mut names = Vec::new();
        let mut source = Source::new(about(api, &place.group));
        if !place.internal || alone {
            write_group(api, &place.group, &mut source, &mut names);
            *(if place.internal { &mut internal_ways } else { &mut open_ways }) += &way(api, &place.group);
        }
        write_methods(api, &place.group, operations, &mut source);
        for operation in operations {
            write_operation(operation, &mut source);
            names.push(operation.name.clone());
        }
        write_shapes(api, plan, place, operations, &mut source, &mut names);
        for name in &names {
            source.own(name);
        }
        let (folder, list) = if place.internal { ("/internal", &mut internal) } else { ("", &mut open) };
        files.insert(format!("{MODULE}{folder}/{}.rs", place.group), source.finish(&scope(api, plan)));
        list.push((place.group.clone(), names));
    }
    write_shared(api, plan, &mut open, files);
    write_choices(api, &mut open, &mut internal, files);
    write_root(
        &internal,
        "The operations for the service's own clients.",
        &format!("{MODULE}/internal.rs"),
        false,
        &internal_ways,
        files,
    );
    write_root(
        &open,
        "The operations of the official document.",
        &format!("{MODULE}.rs"),
        !internal.is_empty(),
        &open_ways,
        files,
    );
}

fn write_root(
    modules: &[(String, Vec<String>)],
    about: &str,
    path: &str,
    has_internal: bool,
    ways: &str,
    files: &mut BTreeMap<String, String>,
) {
    let mut root = Source::new(about);
    let mut names: Vec<_> = modules.iter().map(|(module, _)| module).collect();
    names.sort();
    for module in names {
        root.line(format!("mod {module};"));
    }
    if has_internal {
        root.line("#[cfg(feature = \"internal\")]\nmod internal;");
    }
    root.line("");
    if has_internal {
        root.line("#[cfg(feature = \"internal\")]\npub use internal::*;");
    }
    for (module, names) in modules {
        let names: BTreeSet<_> = names.iter().map(String::as_str).collect();
        root.line(format!("pub use {module}::{{{}}};", names.into_iter().collect::<Vec<_>>().join(", ")));
    }
    if !ways.is_empty() {
        root.line(format!("\nways! {{\n{ways}}}"));
    }
    if !modules.is_empty() || has_internal {
        let mut scope = Scope::default();
        scope.add("crate::api::op", ["ways!"]);
        files.insert(path.to_owned(), root.finish(&scope));
    }
}

fn scope(api: &Api<'_>, plan: &Plan) -> Scope {
    let mut scope = Scope::default();
    scope.add("std::time", ["Duration"]);
    scope.add("jiff", ["Timestamp"]);
    scope.add("jiff::civil", ["Date"]);
    scope.add("url", ["Url"]);
    scope.add("crate", ["Invalid", "Request", "Secret"]);
    scope.add("crate::value", ["Barcode", "Country", "Id", "Isrc", "Json", "List", "Patch", "Text", "Typed"]);
    scope.add("crate::value::open", ["open_enum!"]);
    scope.add("crate::document", ["Document", "Refs"]);
    scope.add("crate::operation", ["Parameter"]);
    scope.add("crate::api", ["parameter"]);
    scope.add("crate::pages", ["PagedOp"]);
    scope.add(
        "crate::api",
        ["Addition", "Includes", "PlaylistItem", "Replaces", "Sort", "TakesCountry", "TakesLocale", "TakesShareCode"],
    );
    scope.add("crate::api::op", ["group!", "op!"]);
    scope.add("crate::api::sort", ["sort_key!"]);
    scope.add("crate::api::payload", ["Payload"]);
    scope.add("crate::api::member", ["Member", "one_of!"]);
    let types = api.resources.iter().map(|resource| resource.name.clone());
    scope.add("crate::model", types.chain(plan.models.keys().cloned()).chain(["AnyResource".to_owned()]));
    scope.add("crate::api", plan.operations.keys().cloned());
    scope.add("crate::api", api.choices.iter().map(|choice| choice.name.clone()));
    scope.add("crate::api", api.operations.iter().map(|operation| group_name(api, &operation.group)));
    scope
}

/// The Rust name of a group.
pub(crate) fn group_name(api: &Api<'_>, group: &str) -> String {
    if let Some(name) = api.tables.groups.cell(group, 1) {
        return name.to_owned();
    }
    let name = pascal(group);
    let taken = api.resources.iter().any(|resource| resource.name == name)
        || api.shapes.enums.contains_key(&name)
        || api.shapes.objects.contains_key(&name);
    if taken { name + "Operations" } else { name }
}

fn about(api: &Api<'_>, group: &str) -> String {
    if let Some(about) = api.tables.groups.cell(group, 2) {
        return about.to_owned();
    }
    let own = api.resources.iter().find(|resource| resource.group == group);
    own.map_or_else(|| format!("{}.", capital(&words(group).join(" "))), |resource| format!("{}.", capital(&resource.nouns())))
}

fn write_group(api: &Api<'_>, group: &str, source: &mut Source, names: &mut Vec<String>) {
    let name = group_name(api, group);
    source.line("group!(");
    source.doc("    ", &about(api, group));
    source.line(format!("    {name}\n);\n"));
    names.push(name);
}

/// The clients' way to a group.
fn way(api: &Api<'_>, group: &str) -> String {
    format!("{}    {}: {group},\n", docs("    ", &about(api, group)), group_name(api, group))
}

/// The facts of an operation for people: its HTTP line, who may call it, what else is to be known.
pub(crate) fn facts(operation: &Operation) -> String {
    let tier = words(operation.tier).join(" ");
    let mut line = format!("`{} {}` · tier {tier} · {}", operation.method, operation.path, flows(operation.flows));
    if !operation.scopes.is_empty() {
        let scopes: Vec<_> = operation.scopes.iter().map(|scope| format!("`{scope}`")).collect();
        let one = if scopes.len() == 1 { "scope" } else { "any of the scopes" };
        line += &format!(" · {one} {}", scopes.join(", "));
    }
    line
}

fn notes(operation: &Operation) -> Vec<String> {
    let mut notes = Vec::new();
    if operation.deprecated {
        notes.push("**Deprecated** by the service.".to_owned());
    }
    if operation.takes_me {
        notes.push("`me` as the id is who is signed in.".to_owned());
    }
    if let Some(Body::Linkage(Linkage { many: true, min, max, .. })) = &operation.body
        && let Some(range) = range(*min, *max, "reference")
    {
        notes.push(format!("It takes {range} at once."));
    }
    let options = operation.parameters.iter().find_map(|parameter| match &parameter.take {
        Take::Include(options) if operation.relationship.is_none() && !options.is_empty() => Some(options),
        _ => None,
    });
    if let Some(options) = options {
        let options: Vec<_> = options.iter().map(|option| format!("`{option}`")).collect();
        notes.push(format!("What can be included: {}.", options.join(", ")));
    }
    if let Some(meta) = &operation.meta {
        notes.push(format!("The meta of its answer is a [`{meta}`](crate::model::{meta})."));
    }
    notes
}

fn write_docs(operation: &Operation, indent: &str, source: &mut Source) {
    source.doc(indent, &operation.doc);
    source.line(format!("{indent}///"));
    source.doc(indent, &facts(operation));
    let notes = notes(operation);
    if !notes.is_empty() {
        source.line(format!("{indent}///"));
        source.doc(indent, &notes.join(" "));
    }
}

fn write_methods(api: &Api<'_>, group: &str, operations: &[&Operation], source: &mut Source) {
    if operations.iter().all(|operation| operation.function.is_none()) {
        return;
    }
    source.line(format!("impl<C> {}<C> {{", group_name(api, group)));
    for operation in operations {
        let Some(function) = &operation.function else { continue };
        write_docs(operation, "    ", source);
        let (arguments, steps) = arguments(operation);
        source.line(format!("    pub fn {function}(self{arguments}) -> Request<{}, C> {{", operation.name));
        source.line(format!("        self.request(){steps}\n    }}\n"));
    }
    source.line("}\n");
}

/// The arguments of a method, each after a comma, and what is done with them.
fn arguments(operation: &Operation) -> (String, String) {
    let (mut arguments, mut steps) = (String::new(), String::new());
    for parameter in &operation.parameters {
        let (name, key) = (&parameter.name, &parameter.key);
        match &parameter.take {
            Take::Path(of) => {
                arguments += &format!(", {name}: impl Into<Id<{of}>>");
                steps += &format!(".id(\"{key}\", {name})");
            }
            take if parameter.required => {
                arguments += &format!(", {name}: {}", argument(take));
                steps += &step(take, key, name);
            }
            _ => {}
        }
    }
    match &operation.body {
        None => {}
        Some(Body::Bare(kind)) => steps += &format!(".payload(Payload::new(\"{kind}\"))"),
        Some(Body::Payload(payload)) => {
            let name = if operation.method == "PATCH" { "change".to_owned() } else { snake(&operation.resource) };
            arguments += &format!(", {name}: impl Into<{payload}>");
            steps += &format!(".payload({name}.into().0)");
        }
        Some(Body::Linkage(linkage)) => {
            let member = member(linkage);
            let meta = match &linkage.meta {
                None => "None".to_owned(),
                Some((_, true)) => "Some(meta.into().0)".to_owned(),
                Some((_, false)) => "meta.map(|meta| meta.0)".to_owned(),
            };
            let (name, ty, given) = match (linkage.many, linkage.nullable) {
                (true, _) => ("items", format!("impl IntoIterator<Item: Into<{member}>>"), "items".to_owned()),
                (false, true) => ("item", format!("impl Into<Option<{member}>>"), "item".to_owned()),
                (false, false) => ("item", format!("impl Into<{member}>"), "Some(item.into())".to_owned()),
            };
            arguments += &format!(", {name}: {ty}");
            if let Some((payload, required)) = &linkage.meta {
                let ty = if *required { format!("impl Into<{payload}>") } else { format!("Option<{payload}>") };
                arguments += &format!(", meta: {ty}");
            }
            let max = linkage.max.map_or("usize::MAX".to_owned(), |max| max.to_string());
            steps += &match linkage.many {
                true => format!(".linkage::<{member}>({}, {max}, {given}, {meta})", linkage.min),
                false => format!(".link::<{member}>({given}, {meta})"),
            };
        }
    }
    (arguments, steps)
}

/// What a list of references is made of.
pub(crate) fn member(linkage: &Linkage) -> String {
    match (&linkage.place, &linkage.member) {
        (At::Added, Member::One(name) | Member::Several(name)) => format!("Addition<{name}>"),
        (At::Item, _) => "PlaylistItem".to_owned(),
        (At::Other(name), _) => name.clone(),
        (At::Nothing, member) => member.rust(),
    }
}

/// How a parameter is given.
fn argument(take: &Take) -> String {
    match take {
        Take::One(value) => one(value),
        Take::Many(Value::Checked(name)) => format!("impl IntoIterator<Item: TryInto<{name}, Error: Into<Invalid>>>"),
        Take::Many(value) => format!("impl IntoIterator<Item: Into<{}>>", rust(value)),
        Take::Sort(name) => format!("impl Into<Sort<{name}Sort>>"),
        _ => "impl Into<Text>".to_owned(),
    }
}

fn one(value: &Value) -> String {
    match value {
        Value::Checked(name) => format!("impl TryInto<{name}, Error: Into<Invalid>>"),
        Value::Bool | Value::Int => rust(value),
        _ => format!("impl Into<{}>", rust(value)),
    }
}

fn rust(value: &Value) -> String {
    match value {
        Value::Text => "Text".to_owned(),
        Value::Bool => "bool".to_owned(),
        Value::Int => "i64".to_owned(),
        Value::Id(of) => format!("Id<{of}>"),
        Value::Checked(name) | Value::Enum(name) => name.clone(),
    }
}

/// What is done with a parameter that is given as `name`.
fn step(take: &Take, key: &str, name: &str) -> String {
    match take {
        Take::One(Value::Checked(ty)) => format!(".checked::<{ty}>(\"{key}\", {name})"),
        Take::Many(Value::Checked(ty)) => format!(".many_checked::<{ty}>(\"{key}\", {name})"),
        Take::Many(value) => format!(".many::<{}>(\"{key}\", {name})", rust(value)),
        Take::One(value) => format!(".one::<{}>(\"{key}\", {name})", rust(value)),
        Take::Sort(keys) => format!(".one::<Sort<{keys}Sort>>(\"{key}\", {name})"),
        _ => format!(".one::<Text>(\"{key}\", {name})"),
    }
}

fn write_operation(operation: &Operation, source: &mut Source) {
    source.line("op! {");
    write_docs(operation, "    ", source);
    let scopes: Vec<_> = operation.scopes.iter().map(|scope| format!("\"{scope}\"")).collect();
    source.line(format!("    {}: {} \"{}\" => {},", operation.name, operation.method, operation.path, output(operation)));
    let body = if operation.body.is_some() { " body" } else { "" };
    source.line(format!(
        "    {} {} [{}] CacheClass::{} {}{body},",
        operation.tier,
        operation.flows,
        scopes.join(", "),
        operation.cache,
        operation.replay
    ));
    source.line("    [");
    for parameter in &operation.parameters {
        source.line(format!("        {},", fact(parameter)));
    }
    source.line("    ]\n}\n");
    let name = &operation.name;
    let mut options = Vec::new();
    let mut markers = Vec::new();
    for parameter in &operation.parameters {
        let target =
            operation.relationship.as_ref().map_or(operation.resource.as_str(), |relationship| relationship.target.name());
        match &parameter.take {
            Take::Path(_) => {}
            Take::Cursor => markers.push(format!("impl PagedOp for {name} {{}}")),
            Take::Country => markers.push(format!("impl TakesCountry for {name} {{}}")),
            Take::Locale => markers.push(format!("impl TakesLocale for {name} {{}}")),
            Take::ShareCode => markers.push(format!("impl TakesShareCode for {name} {{}}")),
            Take::Include(_) => {
                let step = operation.relationship.as_ref().map(|relationship| &relationship.key);
                let step = step.map(|step| format!("    const STEP: &'static str = \"{step}\";\n")).unwrap_or_default();
                markers.push(format!("impl Includes for {name} {{\n    type From = {target};\n{step}}}"));
            }
            Take::Replace => markers.push(format!("impl Replaces for {name} {{}}")),
            _ if parameter.required => {}
            _ => options.push(parameter),
        }
    }
    if !markers.is_empty() {
        markers.sort();
        source.line(markers.join("\n") + "\n");
    }
    if options.is_empty() {
        return;
    }
    source.line(format!("impl<C> Request<{name}, C> {{"));
    for parameter in options {
        source.doc("    ", &describe(parameter));
        source.line("    ///");
        let verb = if matches!(parameter.take, Take::Many(_)) { "Adds to" } else { "Sets" };
        source.doc("    ", &format!("{verb} `{}`.", parameter.key));
        let many = matches!(parameter.take, Take::Many(_));
        let value = if many { "values" } else { "value" };
        source.line(format!("    pub fn {}(self, {value}: {}) -> Self {{", parameter.name, argument(&parameter.take)));
        source.line(format!("        self{}\n    }}\n", step(&parameter.take, &parameter.key, value)));
    }
    source.line("}\n");
    for parameter in &operation.parameters {
        if let Take::Sort(keys) = &parameter.take {
            write_sort(keys, &parameter.values, source);
        }
    }
}

fn describe(parameter: &Parameter) -> String {
    let mut text = format!("{}.", parameter.doc);
    if let Some(max) = parameter.max_length {
        text += &format!(" At most {max} characters.");
    }
    if let Some(most) = parameter.most {
        text += &format!(" Some {most} at most at once, as was seen.");
    }
    if parameter.deprecated {
        text += " Deprecated.";
    }
    text
}

/// The parameters that many operations have alike, and the constants that hold them.
const ALIKE: &[(&str, &str)] = &[
    ("Parameter::path(\"id\")", "parameter::ID"),
    ("Parameter::query(\"page[cursor]\")", "parameter::CURSOR"),
    ("Parameter::query(\"countryCode\")", "parameter::COUNTRY"),
    ("Parameter::query(\"locale\")", "parameter::LOCALE"),
    ("Parameter::query(\"include\").joined()", "parameter::INCLUDE"),
    ("Parameter::query(\"replaceMedia\").joined()", "parameter::REPLACE"),
    ("Parameter::query(\"shareCode\")", "parameter::SHARE_CODE"),
];

/// The parameter as an entry of the operation's table.
fn fact(parameter: &Parameter) -> String {
    let fact = made(parameter);
    ALIKE.iter().find(|(alike, _)| *alike == fact).map_or(fact, |(_, constant)| (*constant).to_owned())
}

/// How the parameter is made.
fn made(parameter: &Parameter) -> String {
    let key = &parameter.key;
    let mut fact = match parameter.take {
        Take::Path(_) => return format!("Parameter::path(\"{key}\")"),
        _ => format!("Parameter::query(\"{key}\")"),
    };
    fact += match &parameter.take {
        Take::Include(_) | Take::Replace => ".joined()",
        Take::Many(_) | Take::Sort(_) => ".exploded()",
        _ => "",
    };
    fact += match &parameter.take {
        Take::One(Value::Bool) | Take::Many(Value::Bool) => ".boolean()",
        Take::One(Value::Int) | Take::Many(Value::Int) => ".integer()",
        _ => "",
    };
    if parameter.required {
        fact += ".required()";
    }
    if let Some(max) = parameter.max_length {
        fact += &format!(".max_length({max})");
    }
    if !parameter.values.is_empty() {
        let values: Vec<_> = parameter.values.iter().map(|value| format!("\"{value}\"")).collect();
        fact += &format!(".values(&[{}])", values.join(", "));
    }
    if let Some(most) = parameter.most {
        fact += &format!(".most({most})");
    }
    fact
}

/// What the operation answers with, as a type.
pub(crate) fn output(operation: &Operation) -> String {
    let data = match &operation.output {
        Output::One(name) => name.clone(),
        Output::Many(name) => format!("Vec<{name}>"),
        Output::Refs(target, None) => format!("Refs<{target}>"),
        Output::Refs(target, Some(meta)) => format!("Refs<{target}, {meta}>"),
        Output::Nothing => "()".to_owned(),
    };
    if operation.method == "GET" { format!("Document<{data}>") } else { format!("Option<Document<{data}>>") }
}

/// The variant for a key to sort by: `albums.title` is `AlbumTitle`.
pub(crate) fn sort_variant(key: &str) -> String {
    let mut steps: Vec<_> = key.split('.').collect();
    let last = steps.pop().unwrap_or_default();
    steps.into_iter().map(crate::names::singular).map(|step| pascal(&step)).collect::<String>() + &variant(last)
}

fn write_sort(keys: &str, values: &[String], source: &mut Source) {
    source.own(&format!("{keys}Sort"));
    source.line("sort_key! {");
    source.doc("    ", &format!("What {} can be sorted by.", words(&crate::names::plural(keys)).join(" ")));
    source.line(format!("    {keys}Sort {{"));
    for key in sort_keys(values) {
        source.doc("        ", &format!("`{key}`"));
        source.line(format!("        {} = \"{key}\",", sort_variant(key)));
    }
    source.line("    }\n}\n");
}

/// The keys without their directions.
pub(crate) fn sort_keys(values: &[String]) -> Vec<&str> {
    let mut keys: Vec<&str> = Vec::new();
    for value in values {
        let key = value.trim_start_matches('-');
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

fn write_shapes(
    api: &Api<'_>,
    plan: &Plan,
    place: &Place,
    operations: &[&Operation],
    source: &mut Source,
    names: &mut Vec<String>,
) {
    for operation in operations {
        for payload in payloads(api, operation) {
            if !names.contains(&payload.name) {
                write_payload(api, payload, source);
                names.push(payload.name.clone());
            }
        }
        for parameter in &operation.parameters {
            if let Take::Sort(keys) = &parameter.take {
                names.push(format!("{keys}Sort"));
            }
        }
    }
    for (name, at) in &plan.operations {
        if at.as_ref() == Some(place)
            && let Some(enumeration) = api.shapes.enums.get(name)
        {
            write_enum(name, enumeration, source);
            names.push(name.clone());
        }
    }
}

/// Enumerations that several groups name.
fn write_shared(api: &Api<'_>, plan: &Plan, modules: &mut Vec<(String, Vec<String>)>, files: &mut BTreeMap<String, String>) {
    let mut source = Source::new("What parameters of several groups name.");
    let mut names = Vec::new();
    for (name, at) in &plan.operations {
        let Some(enumeration) = api.shapes.enums.get(name).filter(|_| at.is_none()) else { continue };
        write_enum(name, enumeration, &mut source);
        source.own(name);
        names.push(name.clone());
    }
    if !source.is_empty() {
        files.insert(format!("{MODULE}/shared.rs"), source.finish(&scope(api, plan)));
        modules.push(("shared".to_owned(), names));
    }
}

/// Choices of types of resource. Those that only internal operations take stand apart.
fn write_choices(
    api: &Api<'_>,
    open: &mut Vec<(String, Vec<String>)>,
    internal: &mut Vec<(String, Vec<String>)>,
    files: &mut BTreeMap<String, String>,
) {
    for (folder, is_internal, modules) in [("", false, open), ("/internal", true, internal)] {
        let mut source = Source::new("What references in changes may name, where it may be of several types.");
        let mut names = Vec::new();
        for choice in &api.choices {
            let users = |operation: &&Operation| api.named(operation).any(|member| member.name() == choice.name);
            if api.operations.iter().filter(users).all(|operation| operation.tier == "Internal") != is_internal {
                continue;
            }
            source.line("one_of! {");
            source.doc("    ", &choice.doc);
            source.line(format!("    {} {{ {} }}\n}}\n", choice.name, choice.types.join(", ")));
            source.own(&choice.name);
            names.push(choice.name.clone());
        }
        if !source.is_empty() {
            files.insert(format!("{MODULE}{folder}/members.rs"), source.finish(&scope(api, &Plan::default())));
            modules.push(("members".to_owned(), names));
        }
    }
}
