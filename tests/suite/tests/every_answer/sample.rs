//! Values made from the official document's schemas.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use tidal_codegen::Tables;

use crate::spec::Spec;

/// How values are made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made {
    /// Optional members are there.
    pub(crate) optional: bool,
    /// ... and are null.
    pub(crate) nulls: bool,
    /// Enumerations have values that are not documented.
    pub(crate) unknown_values: bool,
    /// Objects have a member that is not documented.
    pub(crate) extra: bool,
    /// Which value enumerations have.
    pub(crate) value: usize,
}

impl Made {
    /// With what is required only.
    pub(crate) const LEAST: Self = Self { optional: false, nulls: false, unknown_values: false, extra: false, value: 0 };
}

pub(crate) struct Sampler<'a> {
    spec: &'a Spec,
    targets: BTreeMap<String, Vec<String>>,
}

impl<'a> Sampler<'a> {
    pub(crate) fn new(spec: &'a Spec) -> Self {
        Self { spec, targets: Tables::ours().unwrap().targets() }
    }

    /// A resource of this type.
    pub(crate) fn resource(&self, kind: &str, made: Made) -> Value {
        let schema = self.spec.types().into_iter().find(|(known, _)| *known == kind).unwrap().1;
        let mut resource = self.object(schema, made, &mut |key, schema| match key {
            "type" => Some(kind.into()),
            "id" => Some("1".into()),
            "relationships" => Some(self.object(schema, made, &mut |key, schema| {
                Some(self.relationship(schema, Some(&format!("{kind}.{key}")), made))
            })),
            _ => None,
        });
        if made.extra {
            resource["relationships"]["tomorrow"] = json!({ "data": { "id": "2", "type": "moods" } });
        }
        resource
    }

    /// A whole answer; `relationship` is the one that its path names.
    pub(crate) fn document(&self, schema: &Value, relationship: Option<&str>, made: Made) -> Value {
        let kind = |schema: &Value| {
            let same = |&(_, known): &(&str, &'a Value)| std::ptr::eq(known, schema);
            self.spec.types().into_iter().find(same).map(|(kind, _)| kind)
        };
        let relationship = relationship.map(str::to_owned);
        let mut document = self.object(schema, made, &mut |key, schema| match key {
            "data" => {
                let many = schema["type"] == "array";
                let element = if many { self.spec.follow(&schema["items"]) } else { schema };
                let one = match kind(element) {
                    Some(kind) => self.resource(kind, made),
                    None => self.identifier(element, relationship.as_deref(), made),
                };
                Some(if many { json!([one]) } else { one })
            }
            "included" => Some(json!([self.resource("artists", made), self.resource("tracks", made)])),
            _ => None,
        });
        if made.extra {
            document["jsonapi"] = json!({ "version": "1.1" });
        }
        document
    }

    /// How many values the largest enumeration of this type has.
    pub(crate) fn most_values(&self, kind: &str) -> usize {
        let schema = self.spec.types().into_iter().find(|(known, _)| *known == kind).unwrap().1;
        self.values(schema)
    }

    fn values(&self, schema: &Value) -> usize {
        let schema = self.spec.follow(schema);
        let own = schema["enum"].as_array().map_or(0, Vec::len);
        let items = schema.get("items").map_or(0, |items| self.values(items));
        let members = self.spec.properties(schema).into_iter().filter(|(key, _)| *key != "included" && *key != "relationships");
        members.map(|(_, schema)| self.values(schema)).max().unwrap_or(0).max(own).max(items)
    }

    fn relationship(&self, schema: &Value, name: Option<&str>, made: Made) -> Value {
        self.object(schema, made, &mut |key, schema| match key {
            "data" if schema["type"] == "array" => {
                Some(json!([self.identifier(self.spec.follow(&schema["items"]), name, made)]))
            }
            "data" => Some(self.identifier(schema, name, made)),
            // What is included stands beside the primary data.
            "included" => Some(Value::Null),
            _ => None,
        })
    }

    /// A reference to a resource of a type to which the relationship leads.
    fn identifier(&self, schema: &Value, relationship: Option<&str>, made: Made) -> Value {
        let schema = schema["oneOf"].as_array().map_or(schema, |choices| self.spec.follow(&choices[0]));
        let kind = relationship.and_then(|name| self.targets.get(name)?.first().cloned());
        self.object(schema, made, &mut |key, schema| match key {
            "type" => {
                Some(schema["enum"][0].as_str().map(str::to_owned).or_else(|| kind.clone()).unwrap_or("tracks".into()).into())
            }
            "id" => Some("2".into()),
            _ => None,
        })
    }

    /// An object, whose members `special` makes where it gives something; null stands for none.
    fn object(&self, schema: &Value, made: Made, special: &mut dyn FnMut(&str, &Value) -> Option<Value>) -> Value {
        let schema = self.spec.follow(schema);
        let required: Vec<_> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut members = Map::new();
        for (key, schema) in self.spec.properties(schema) {
            let schema = self.spec.follow(schema);
            let is_required = required.contains(&key);
            if !is_required && !made.optional {
                continue;
            }
            let value = match special(key, schema) {
                Some(Value::Null) => continue,
                Some(value) => value,
                None if made.nulls && !is_required => Value::Null,
                None => self.value(schema, made),
            };
            members.insert(key.to_owned(), value);
        }
        if made.extra {
            members.insert("tomorrow".into(), json!({ "glow": [1, { "a": "b" }, "é\n"] }));
        }
        members.into()
    }

    fn value(&self, schema: &Value, made: Made) -> Value {
        let schema = self.spec.follow(schema);
        if let Some(choices) = schema["oneOf"].as_array() {
            return self.value(&choices[0], made);
        }
        if let Some(values) = schema["enum"].as_array() {
            let known = &values[made.value % values.len()];
            return if made.unknown_values { "OF_TOMORROW".into() } else { known.clone() };
        }
        match (schema["type"].as_str(), schema["format"].as_str()) {
            (Some("string"), Some("date")) => "2024-02-29".into(),
            (Some("string"), Some("date-time")) => "2024-02-29T23:59:59.5Z".into(),
            (Some("string"), _) => schema["example"].as_str().filter(|text| !text.is_empty()).unwrap_or("ein \"Text\"").into(),
            (Some("integer"), _) => 7.into(),
            (Some("number"), _) => 0.25.into(),
            (Some("boolean"), _) => true.into(),
            (Some("array"), _) => {
                let least = schema["minItems"].as_u64().unwrap_or(1).max(1);
                (0..least).map(|_| self.value(&schema["items"], made)).collect()
            }
            _ if schema.get("properties").is_some() || schema.get("allOf").is_some() => {
                self.object(schema, made, &mut |_, _| None)
            }
            _ => json!({ "anything": [1, "x"] }),
        }
    }
}

/// The value as JSON, with `type` as the first or the last member of each object.
pub(crate) fn text(value: &Value, type_first: bool) -> String {
    let mut to = String::new();
    write(value, type_first, &mut to);
    to
}

fn write(value: &Value, type_first: bool, to: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(key, _)| (*key == "type") != type_first);
            to.push('{');
            for (n, (key, value)) in members.into_iter().enumerate() {
                write!(to, "{}{}:", if n > 0 { "," } else { "" }, Value::from(key.as_str())).unwrap();
                write(value, type_first, to);
            }
            to.push('}');
        }
        Value::Array(items) => {
            to.push('[');
            for (n, item) in items.iter().enumerate() {
                to.push_str(if n > 0 { "," } else { "" });
                write(item, type_first, to);
            }
            to.push(']');
        }
        other => write!(to, "{other}").unwrap(),
    }
}

/// What has to come back of an answer: null counts as absent, and references keep their own members only.
pub(crate) fn known(value: Value) -> Value {
    match value {
        Value::Object(mut members) => {
            let is_reference = members.keys().all(|key| matches!(key.as_str(), "id" | "type" | "meta" | "tomorrow"));
            if is_reference && members.contains_key("id") {
                members.remove("tomorrow");
            }
            members.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key, known(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(known).collect(),
        other => other,
    }
}
