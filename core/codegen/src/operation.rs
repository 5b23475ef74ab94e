//! Operations: what the document says of each, and what it is called in Rust.

use crate::fault::Result;
use crate::names::{pascal, plural, singular, snake, words};
use crate::node::Node;
use crate::payload::{Bodies, Body};
use crate::resource::{Relationship, Resource, Target};
use crate::tables::Tables;

#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// `GET`
    pub(crate) method: String,
    pub(crate) path: String,
    /// Its name in Rust: `GetAlbum`.
    pub(crate) name: String,
    /// The method of its group; nothing if that is written by hand.
    pub(crate) function: Option<String>,
    /// How to call the method that is written by hand.
    pub(crate) example: Option<String>,
    pub(crate) doc: String,
    pub(crate) deprecated: bool,
    /// `ThirdParty`, `Partner`, `Internal`
    pub(crate) tier: &'static str,
    /// `ANY`, `PERSON`, `APPLICATION`
    pub(crate) flows: &'static str,
    pub(crate) scopes: Vec<String>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) output: Output,
    /// The Rust name of what answers say about the whole.
    pub(crate) meta: Option<String>,
    /// `Catalogue`
    pub(crate) cache: &'static str,
    /// `Read`, `Keyed`, `Once`
    pub(crate) replay: &'static str,
    /// The group that it belongs to.
    pub(crate) group: String,
    /// The Rust name of the type that it is about.
    pub(crate) resource: String,
    /// The relationship that it is about.
    pub(crate) relationship: Option<Relationship>,
    /// Whether `me` stands for who is signed in.
    pub(crate) takes_me: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    One(String),
    Many(String),
    /// References: target and meta.
    Refs(String, Option<String>),
    Nothing,
}

#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) key: String,
    pub(crate) required: bool,
    pub(crate) max_length: Option<u64>,
    /// The values that are documented.
    pub(crate) values: Vec<String>,
    pub(crate) deprecated: bool,
    pub(crate) doc: String,
    /// Its method, or argument.
    pub(crate) name: String,
    pub(crate) take: Take,
    /// How many values it was seen to take.
    pub(crate) most: Option<u64>,
}

/// How a parameter is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Take {
    Path(String),
    Cursor,
    Country,
    Locale,
    ShareCode,
    /// The options that are documented.
    Include(Vec<String>),
    Replace,
    One(Value),
    Many(Value),
    /// The Rust name of the keys.
    Sort(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text,
    Bool,
    Int,
    Id(String),
    /// `Country`, `Isrc`, `Barcode`: texts that are checked.
    Checked(String),
    Enum(String),
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Reads all operations.
pub(crate) fn read(root: &Node<'_>, tables: &Tables, bodies: &mut Bodies<'_, '_, '_>) -> Result<Vec<Operation>> {
    let mut operations: Vec<Operation> = Vec::new();
    for (path, item) in root.need("paths")?.entries() {
        for (key, at) in item.entries() {
            if !METHODS.contains(&key) && !matches!(key, "summary" | "description" | "servers" | "parameters") {
                return at.fault("a method that no operation has");
            }
        }
        if let Some(shared) = item.get("parameters") {
            return shared.fault("parameters of a whole path");
        }
        for method in METHODS {
            let Some(at) = item.get(method) else { continue };
            let mut operation = one(tables, bodies, path, &method.to_uppercase(), &at)?;
            if operations.iter().any(|known| known.name == operation.name) {
                return at.fault(format!(
                    "a second operation that would be called {}: name it in tables/operations.tsv",
                    operation.name
                ));
            }
            let same = |known: &Operation| known.group == operation.group && known.function == operation.function;
            if operation.function.is_some() && operations.iter().any(same) {
                operation.function = Some(snake(&operation.name));
            }
            operations.push(operation);
        }
    }
    Ok(operations)
}

/// What a path is about: a type, perhaps one resource of it, perhaps a relationship of that.
fn subject<'r>(at: &Node<'_>, path: &str, resources: &'r [Resource]) -> Result<(&'r Resource, bool, Option<&'r Relationship>)> {
    let steps: Vec<_> = path.trim_start_matches('/').split('/').collect();
    let resource = |kind: &str| resources.iter().find(|known| known.kind == kind);
    match steps[..] {
        [kind] if let Some(resource) = resource(kind) => Ok((resource, false, None)),
        [kind, "{id}"] if let Some(resource) = resource(kind) => Ok((resource, true, None)),
        [kind, "{id}", "relationships", name] if let Some(resource) = resource(kind) => match resource.relationship(name) {
            Some(relationship) => Ok((resource, true, Some(relationship))),
            None => at.fault(format!("a relationship `{name}` that {kind} don't have")),
        },
        _ => at.fault("a path that is neither `/type`, nor `/type/{id}`, nor `/type/{id}/relationships/name`"),
    }
}

fn one(tables: &Tables, bodies: &mut Bodies<'_, '_, '_>, path: &str, method: &str, at: &Node<'_>) -> Result<Operation> {
    let resources = bodies.resources;
    let (resource, is_one, relationship) = subject(at, path, resources)?;
    let key = format!("{method} {path}");
    let cell = |column| tables.operations.cell(&key, column);
    let (mut name, function) = names(tables, resource, method, is_one, relationship);
    // The biography of an artist is a type of its own, and a relationship.
    if let Some(relationship) = relationship
        && !relationship.many
        && resources.iter().any(|known| name == format!("Get{}", known.name))
    {
        name += "Ref";
    }
    let name = cell(1).map_or(name, str::to_owned);
    let (function, example) = match cell(2) {
        Some(stated) => match stated.strip_prefix('*') {
            Some(example) => (None, Some(example.to_owned())),
            None => (Some(stated.to_owned()), None),
        },
        None => (Some(function), None),
    };
    let doc = cell(3).map_or_else(|| describe(resource, method, is_one, relationship), str::to_owned);
    let (tier, flows, scopes) = admission(at)?;
    let mut takes_me = false;
    let (mut parameters, mut keyed) = (Vec::new(), false);
    for parameter in at.get("parameters").iter().flat_map(Node::items) {
        let parameter = parameter.follow()?;
        if parameter.need("in")?.text()? == "header" {
            match parameter.need("name")?.text()? {
                "Idempotency-Key" => keyed = true,
                _ => return parameter.fault("a header as a parameter"),
            }
            continue;
        }
        // That `me` may stand for an id is said in words only.
        takes_me |= parameter.get("description").is_some_and(|words| words.text().is_ok_and(|words| words.contains("`me`")));
        parameters.push(parameter_of(tables, bodies, resource, relationship, &name, &parameter)?);
    }
    let body = match at.get("requestBody") {
        Some(body) => Some(bodies.read(&body.follow()?, resource, &name, relationship.is_some())?),
        None => None,
    };
    let (output, meta) = output(bodies, at, relationship)?;
    let replay = match (method, keyed) {
        ("GET", _) => "Read",
        (_, true) => "Keyed",
        (_, false) => "Once",
    };
    let cache = if method == "GET" { cache(tables, path, flows)? } else { "None" };
    Ok(Operation {
        method: method.to_owned(),
        path: path.to_owned(),
        name,
        function,
        example,
        doc,
        deprecated: at.is_true("deprecated"),
        tier,
        flows,
        scopes,
        parameters,
        body,
        output,
        meta,
        cache,
        replay,
        group: resource.group.clone(),
        resource: resource.name.clone(),
        relationship: relationship.cloned(),
        takes_me,
    })
}

/// What the operation and its method are called if no table says so.
fn names(
    tables: &Tables,
    resource: &Resource,
    method: &str,
    is_one: bool,
    relationship: Option<&Relationship>,
) -> (String, String) {
    // In a group of several types, those that it isn't named after come before their operations' names.
    let own =
        snake(&resource.kind) == resource.group || tables.groups.row(&resource.group).is_some() && resource.group == "rules";
    let before = |function: String| if own { function } else { format!("{}_{function}", snake(&resource.noun)) };
    let one = &resource.name;
    if let Some(relationship) = relationship {
        let (name, steps) = (pascal(&relationship.key), snake(&relationship.key));
        let verb = match method {
            "GET" if relationship.many => "List",
            "GET" => "Get",
            "POST" => "Add",
            "DELETE" => "Remove",
            _ => "Update",
        };
        let function = if method == "GET" { steps } else { format!("{}_{steps}", verb.to_lowercase()) };
        let one = if name.starts_with(one) { "" } else { one };
        return (format!("{verb}{one}{name}"), before(function));
    }
    match (method, is_one) {
        ("GET", false) => (format!("List{}", pascal(&resource.kind)), before("list".into())),
        ("GET", true) => (format!("Get{one}"), if own { "get".into() } else { snake(&resource.noun) }),
        ("POST", _) => (format!("Create{one}"), before("create".into())),
        ("DELETE", _) => (format!("Delete{one}"), before("delete".into())),
        _ => (format!("Update{one}"), before("update".into())),
    }
}

/// What the operation does, if no table says so.
fn describe(resource: &Resource, method: &str, is_one: bool, relationship: Option<&Relationship>) -> String {
    let (noun, nouns) = (resource.a(), resource.nouns());
    if let Some(relationship) = relationship {
        let what = words(&relationship.key).join(" ");
        return match method {
            "GET" => format!("The {what} of {noun}."),
            "POST" => format!("Adds to the {what} of {noun}."),
            "DELETE" => format!("Removes from the {what} of {noun}."),
            _ => format!("Changes the {what} of {noun}."),
        };
    }
    match (method, is_one) {
        ("GET", false) => format!("Many {nouns}."),
        ("GET", true) if noun == resource.noun => format!("The {noun} with an id."),
        ("GET", true) => format!("One {}.", resource.noun),
        ("POST", _) => format!("Makes {noun}."),
        ("DELETE", _) => format!("Deletes {noun}."),
        _ => format!("Changes {noun}."),
    }
}

/// Tier, flows and scopes.
fn admission(at: &Node<'_>) -> Result<(&'static str, &'static str, Vec<String>)> {
    let tier = at.need("x-path-item-properties")?.need("required-access-tier")?;
    let tier = match tier.text()? {
        "THIRD_PARTY" => "ThirdParty",
        "PARTNER" => "Partner",
        "INTERNAL" => "Internal",
        other => return tier.fault(format!("the tier `{other}`")),
    };
    let (mut application, mut person, mut scopes) = (false, false, Vec::new());
    let security = at.need("security")?;
    for (flow, names) in security.items().iter().flat_map(Node::entries) {
        match flow {
            "Client_Credentials" => application = true,
            "Authorization_Code_PKCE" => {
                person = true;
                scopes.extend(names.texts()?.into_iter().map(str::to_owned));
            }
            _ => return names.fault("a flow that is neither client credentials nor authorization code"),
        }
    }
    let flows = match (application, person) {
        (true, true) => "ANY",
        (false, true) => "PERSON",
        (true, false) => "APPLICATION",
        (false, false) => return security.fault("no flow"),
    };
    Ok((tier, flows, scopes))
}

fn cache(tables: &Tables, path: &str, flows: &str) -> Result<&'static str> {
    let Some(row) = tables.cache.fitting(path) else { return Ok(if flows == "PERSON" { "User" } else { "Catalogue" }) };
    Ok(match &*row[1] {
        "none" => "None",
        "user" => "User",
        "search" => "Search",
        "media" => "Media",
        "popular" => "Popular",
        "recommendation" => "Recommendation",
        "catalogue" => "Catalogue",
        other => return tables.cache.fault(&row[0], format!("`{other}` is no class")),
    })
}

fn output(
    bodies: &mut Bodies<'_, '_, '_>,
    at: &Node<'_>,
    relationship: Option<&Relationship>,
) -> Result<(Output, Option<String>)> {
    let responses = at.need("responses")?;
    let answers: Vec<_> = responses.entries().into_iter().filter(|(status, _)| status.starts_with('2')).collect();
    let Some((_, answer)) = answers.first() else { return responses.fault("no answer that means success") };
    let Some(content) = answer.follow()?.get("content") else { return Ok((Output::Nothing, None)) };
    let Some((_, media)) = content.entries().into_iter().next() else { return Ok((Output::Nothing, None)) };
    let schema = media.need("schema")?;
    let members = schema.follow()?.need("properties")?;
    let meta = match members.get("meta") {
        Some(meta) if meta.follow()?.get("properties").is_some() => {
            Some(bodies.shapes.object(meta.target().unwrap_or("Meta"), &meta)?)
        }
        _ => None,
    };
    let Some(data) = members.get("data") else { return Ok((Output::Nothing, meta)) };
    let inner = data.follow()?;
    let many = inner.kind() == Some("array");
    let element = if many { inner.need("items")? } else { data.clone() };
    let name = element.target().and_then(|name| name.strip_suffix("_Resource_Object"));
    if let Some(prefix) = name {
        let found = bodies.resources.iter().find(|known| crate::resource::prefix(&known.kind) == prefix);
        let Some(found) = found else { return element.fault("a type of resource of which nothing else is known") };
        let output = if many { Output::Many(found.name.clone()) } else { Output::One(found.name.clone()) };
        return Ok((output, meta));
    }
    let (_, item_meta) = crate::resource::identifier(&data)?;
    let Some(relationship) = relationship else {
        return data.fault("references as the answer of what is about no relationship");
    };
    if let Some(item_meta) = item_meta {
        // What is added comes back with meta of its own, which the references that are read have too.
        bodies.shapes.object(item_meta.target().unwrap_or("Meta"), &item_meta)?;
    }
    Ok((Output::Refs(relationship.target.name().to_owned(), relationship.meta.clone()), meta))
}

fn parameter_of(
    tables: &Tables,
    bodies: &mut Bodies<'_, '_, '_>,
    resource: &Resource,
    relationship: Option<&Relationship>,
    operation: &str,
    at: &Node<'_>,
) -> Result<Parameter> {
    let key = at.need("name")?.text()?;
    let place = at.need("in")?;
    let required = at.is_true("required");
    let schema = at.need("schema")?.follow()?;
    let row = tables.parameters.row(&format!("{operation}:{key}")).or_else(|| tables.parameters.row(key));
    let cell = |column| row.and_then(|row| crate::tables::cell(row, column));
    let many = schema.kind() == Some("array");
    let element = if many { schema.need("items")?.follow()? } else { schema.clone() };
    let values: Vec<String> = element.list("enum")?.into_iter().map(str::to_owned).collect();
    let kind = element.kind().unwrap_or("");
    let plain = kind == "string" && values.is_empty();
    let take = match (place.text()?, key) {
        ("path", "id") if plain && !many => Take::Path(resource.name.clone()),
        ("path", _) => return at.fault("a parameter of the path beside `id`"),
        ("query", "page[cursor]") if plain && !many && !required => Take::Cursor,
        ("query", "countryCode") if plain && !many && !required => Take::Country,
        ("query", "locale") if plain && !many && !required => Take::Locale,
        ("query", "shareCode") if plain && !many && !required => Take::ShareCode,
        ("query", "include") if plain && many && !required => Take::Include(options(at)?),
        ("query", "replaceMedia") if plain && !many && !required => Take::Replace,
        ("query", "sort") if many && !values.is_empty() && !required => Take::Sort(if relationship.is_some() {
            singular(operation.trim_start_matches("List"))
        } else {
            resource.name.clone()
        }),
        ("query", _) => {
            let value = value(bodies, resource, relationship, key, kind, &values, cell(2), &element)?;
            if many { Take::Many(value) } else { Take::One(value) }
        }
        (other, _) => return place.fault(format!("a parameter in `{other}`")),
    };
    let derived = snake(key.strip_prefix("filter").unwrap_or(key));
    let name = cell(1).map_or_else(|| if many && key != "sort" { plural(&derived) } else { derived }, str::to_owned);
    let doc = cell(3).map_or_else(|| format!("The parameter `{key}`"), str::to_owned);
    let max_length = element.get("maxLength").or_else(|| schema.get("maxLength")).and_then(|max| max.number());
    let most = tables.observed.cell(&format!("parameter {key}"), 1).and_then(|most| most.parse().ok());
    Ok(Parameter {
        key: key.to_owned(),
        required,
        max_length,
        values,
        deprecated: at.is_true("deprecated"),
        doc,
        name,
        take,
        most,
    })
}

/// What `include` may name, which the document says in words only.
fn options(at: &Node<'_>) -> Result<Vec<String>> {
    let Some(words) = at.get("description") else { return Ok(Vec::new()) };
    let Some((_, list)) = words.text()?.split_once("Available options: ") else { return Ok(Vec::new()) };
    let name = |name: &&str| !name.is_empty() && name.chars().all(char::is_alphanumeric);
    Ok(list.split([',', ' ', '\n']).filter(name).map(str::to_owned).collect())
}

#[allow(clippy::too_many_arguments)]
fn value(
    bodies: &mut Bodies<'_, '_, '_>,
    resource: &Resource,
    relationship: Option<&Relationship>,
    key: &str,
    kind: &str,
    values: &[String],
    stated: Option<&str>,
    at: &Node<'_>,
) -> Result<Value> {
    let resources = bodies.resources;
    Ok(match (kind, stated) {
        ("string", Some(checked @ ("Country" | "Isrc" | "Barcode"))) => Value::Checked(checked.to_owned()),
        ("string", _) if !values.is_empty() => {
            let values: Vec<_> = values.iter().map(String::as_str).collect();
            Value::Enum(bodies.shapes.enumeration(&format!("parameter {key}"), "Parameter", key, &values))
        }
        ("string", _) => match key.strip_prefix("filter[").and_then(|key| key.strip_suffix("id]")) {
            Some("") => match relationship {
                None => Value::Id(resource.name.clone()),
                Some(Relationship { target: Target::One(name), .. }) => Value::Id(name.clone()),
                Some(_) => Value::Text,
            },
            Some(path) => {
                let path = path.trim_end_matches('.');
                let named = |known: &&Resource| singular(&known.kind) == singular(path);
                match resource.relationship(path).map(|relationship| &relationship.target) {
                    Some(Target::One(name)) => Value::Id(name.clone()),
                    Some(Target::Any) => Value::Text,
                    None => resources.iter().find(named).map_or(Value::Text, |known| Value::Id(known.name.clone())),
                }
            }
            None => Value::Text,
        },
        ("boolean", _) => Value::Bool,
        ("integer", _) => Value::Int,
        (other, _) => return at.fault(format!("a parameter of type `{other}`")),
    })
}

/// What a person reads of the flows.
pub(crate) fn flows(flows: &str) -> &'static str {
    match flows {
        "ANY" => "flows client credentials, authorization code",
        "PERSON" => "flow authorization code",
        _ => "flow client credentials",
    }
}
