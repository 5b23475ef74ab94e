//! The official document, as tests read it: without the generator's help.
#![allow(dead_code)]

use std::path::PathBuf;

use serde_json::Value;

/// The official document; nothing, with a word about it, where it is not at hand.
pub(crate) fn load(test: &str) -> Option<Spec> {
    let Some(directory) = std::env::var_os("TIDAL_SPEC_DIR") else {
        println!("skipped: {test}, since TIDAL_SPEC_DIR is not set");
        return None;
    };
    let path = PathBuf::from(directory).join("tidal-api-oas.json");
    let text = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Some(Spec(serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))))
}

/// The official document.
pub(crate) struct Spec(pub(crate) Value);

/// One operation of it.
#[derive(Clone, Copy)]
pub(crate) struct Stated<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) value: &'a Value,
}

impl Spec {
    /// All operations.
    pub(crate) fn operations(&self) -> Vec<Stated<'_>> {
        let paths = self.0["paths"].as_object().unwrap();
        let all = paths.iter().flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().iter();
            methods.map(move |(method, value)| Stated { method, path, value })
        });
        all.collect()
    }

    /// What a value is, through references.
    pub(crate) fn follow<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.follow(self.0.pointer(reference.trim_start_matches('#')).unwrap()),
            None => value,
        }
    }

    /// The parameters of an operation, headers among them.
    pub(crate) fn parameters<'a>(&'a self, operation: Stated<'a>) -> Vec<&'a Value> {
        operation.value["parameters"].as_array().into_iter().flatten().map(|one| self.follow(one)).collect()
    }

    /// The schema of an operation's body.
    pub(crate) fn body<'a>(&'a self, operation: Stated<'a>) -> Option<&'a Value> {
        let content = self.follow(operation.value.get("requestBody")?)["content"].as_object()?;
        content.values().next().map(|media| &media["schema"])
    }

    /// The schema of an operation's successful answer.
    pub(crate) fn answer<'a>(&'a self, operation: Stated<'a>) -> &'a Value {
        let responses = operation.value["responses"].as_object().unwrap();
        let answer = responses.iter().find(|(status, _)| status.starts_with('2')).unwrap().1;
        &self.follow(answer)["content"].as_object().unwrap().values().next().unwrap()["schema"]
    }

    /// The types of resource, with their schemas.
    pub(crate) fn types(&self) -> Vec<(&str, &Value)> {
        let mapping = &self.0["components"]["schemas"]["Included"]["items"]["discriminator"]["mapping"];
        let all = mapping.as_object().unwrap().iter();
        all.map(|(kind, target)| (kind.as_str(), self.0.pointer(&target.as_str().unwrap()[1..]).unwrap())).collect()
    }

    /// The properties of an object's schema, those of its parts among them.
    pub(crate) fn properties<'a>(&'a self, schema: &'a Value) -> Vec<(&'a str, &'a Value)> {
        let schema = self.follow(schema);
        let parts = schema["allOf"].as_array().into_iter().flatten().flat_map(|part| self.properties(part));
        let own = schema["properties"].as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value));
        parts.chain(own).collect()
    }

    /// What is wrong with a value that is sent; nothing if it is as documented. Members that the document doesn't know are wrong too.
    pub(crate) fn refuse(&self, value: &Value, schema: &Value, at: &str) -> Option<String> {
        let schema = self.follow(schema);
        if let Some(choices) = schema["oneOf"].as_array() {
            let reasons: Vec<_> = choices.iter().map(|choice| self.refuse(value, choice, at)).collect();
            return if reasons.contains(&None) { None } else { reasons.into_iter().flatten().next() };
        }
        if value.is_null() {
            let may = schema["nullable"] == true || schema["enum"].as_array().is_some_and(|all| all.contains(&Value::Null));
            return (!may).then(|| format!("{at} is null"));
        }
        let fits = match schema["type"].as_str() {
            Some("string") => value.is_string(),
            Some("boolean") => value.is_boolean(),
            Some("integer") => value.is_i64(),
            Some("number") => value.is_number(),
            Some("array") => value.is_array(),
            Some("object") => value.is_object(),
            _ => true,
        };
        if !fits {
            return Some(format!("{at} is no {}", schema["type"]));
        }
        if let Some(values) = schema["enum"].as_array()
            && !values.contains(value)
        {
            return Some(format!("{at} is {value}, not one of {values:?}"));
        }
        let count = match value {
            Value::String(text) => Some(("Length", text.chars().count())),
            Value::Array(items) => Some(("Items", items.len())),
            _ => None,
        };
        if let Some((what, count)) = count {
            let limit = |name: &str| schema[format!("{name}{what}")].as_u64();
            if limit("min").is_some_and(|min| (count as u64) < min) || limit("max").is_some_and(|max| count as u64 > max) {
                return Some(format!("{at} has {count} {what}"));
            }
        }
        match value {
            Value::Array(items) => {
                items.iter().enumerate().find_map(|(n, item)| self.refuse(item, &schema["items"], &format!("{at}[{n}]")))
            }
            Value::Object(members) if schema.get("properties").is_some() || schema.get("allOf").is_some() => {
                let known = self.properties(schema);
                let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
                if let Some(missing) = required.into_iter().find(|key| !members.contains_key(*key)) {
                    return Some(format!("{at} lacks {missing}"));
                }
                members.iter().find_map(|(key, value)| match known.iter().find(|(name, _)| name == key) {
                    Some((_, schema)) => self.refuse(value, schema, &format!("{at}.{key}")),
                    None => Some(format!("{at} has {key}, which isn't documented")),
                })
            }
            _ => None,
        }
    }
}
