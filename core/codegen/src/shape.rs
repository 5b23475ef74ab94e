//! What values are made of: objects and enumerations, collected from all over the document.

use std::collections::{BTreeMap, BTreeSet};

use crate::fault::Result;
use crate::names::{capital, pascal, singular, snake, words};
use crate::node::Node;
use crate::tables::{Tables, cell};

/// What a value can be, other than a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Text,
    Bool,
    Int,
    Float,
    /// Anything.
    Json,
    Secret,
    /// A text with a meaning: `Timestamp`, `Isrc`, ….
    Typed(String),
    Enum(String),
    Object(String),
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Type {
    pub(crate) item: Item,
    pub(crate) list: bool,
    pub(crate) nullable: bool,
}

/// A member of an object.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) key: String,
    pub(crate) ty: Type,
    pub(crate) doc: String,
    pub(crate) deprecated: bool,
    pub(crate) limits: Limits,
    /// Its name in Rust, where its key doesn't give that.
    pub(crate) rename: Option<String>,
}

/// How many characters a text, or how many members a list has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) min: Option<u64>,
    pub(crate) max: Option<u64>,
    /// The same for each text of a list.
    pub(crate) each: Option<(u64, u64)>,
}

impl Field {
    pub(crate) fn name(&self) -> String {
        self.rename.clone().unwrap_or_else(|| snake(&self.key))
    }

    pub(crate) fn doc(&self) -> String {
        if self.deprecated { format!("{} Deprecated.", self.doc) } else { self.doc.clone() }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) doc: String,
    pub(crate) fields: Vec<Field>,
    /// What all schemas of this name require.
    pub(crate) required: BTreeSet<String>,
    /// Whether changes send it.
    pub(crate) is_sent: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Enum {
    pub(crate) doc: String,
    pub(crate) values: Vec<String>,
    named: bool,
}

/// All objects and enumerations, by their Rust names.
#[derive(Clone, Debug)]
pub(crate) struct Shapes<'t> {
    tables: &'t Tables,
    pub(crate) objects: BTreeMap<String, Object>,
    pub(crate) enums: BTreeMap<String, Enum>,
    /// The Rust names of the objects that were read, by schema.
    read: BTreeMap<String, String>,
    /// Names that are taken by something else.
    taken: BTreeSet<String>,
    /// The names of resource types in documents.
    kinds: BTreeSet<String>,
}

impl<'t> Shapes<'t> {
    pub(crate) fn new(tables: &'t Tables, taken: BTreeSet<String>, kinds: BTreeSet<String>) -> Self {
        Self { tables, objects: BTreeMap::new(), enums: BTreeMap::new(), read: BTreeMap::new(), taken, kinds }
    }

    /// What a property is called in our own words.
    pub(crate) fn doc(&self, schema: &str, key: &str) -> String {
        let fields = &self.tables.fields;
        let stated = fields.cell(&format!("{schema}.{key}"), 2).or_else(|| fields.cell(key, 2));
        stated.map_or_else(|| format!("{}.", capital(&words(key).join(" "))), str::to_owned)
    }

    /// The fields of an object schema.
    pub(crate) fn fields(&mut self, schema: &str, at: &Node<'_>) -> Result<Vec<Field>> {
        let at = at.follow()?;
        let mut fields: BTreeMap<String, Field> = BTreeMap::new();
        for part in at.get("allOf").iter().flat_map(Node::items) {
            let name = part.target().unwrap_or(schema).to_owned();
            fields.extend(self.fields(&name, &part)?.into_iter().map(|field| (field.key.clone(), field)));
        }
        for (key, value) in at.get("properties").iter().flat_map(Node::entries) {
            let ty = self.type_of(schema, key, &value)?;
            let doc = self.doc(schema, key);
            let limits = self.limits(schema, key, &value)?;
            let deprecated = value.is_true("deprecated");
            fields.insert(key.to_owned(), Field { key: key.to_owned(), ty, doc, deprecated, limits, rename: None });
        }
        Ok(fields.into_values().collect())
    }

    fn limits(&self, schema: &str, key: &str, at: &Node<'_>) -> Result<Limits> {
        let at = at.follow()?;
        let number = |at: &Node<'_>, key: &str| at.get(key).and_then(|limit| limit.number());
        let observed = self.tables.observed.cell(&format!("{schema}.{key}"), 1).and_then(|min| min.parse().ok());
        let either = |text: &str, list: &str| number(&at, text).or_else(|| number(&at, list));
        let each = at.get("items").and_then(|items| {
            let min = number(&items, "minLength");
            number(&items, "maxLength").map(|max| (min.unwrap_or(0), max)).or_else(|| min.map(|min| (min, u64::from(u32::MAX))))
        });
        let min = either("minLength", "minItems").or(observed).filter(|min| *min > 0);
        Ok(Limits { min, max: either("maxLength", "maxItems"), each })
    }

    /// The type of the property `key` of `schema`.
    pub(crate) fn type_of(&mut self, schema: &str, key: &str, at: &Node<'_>) -> Result<Type> {
        let here = at.follow()?;
        if let Some(choices) = here.get("oneOf").or_else(|| here.get("anyOf")) {
            let all = choices.items();
            let choices: Vec<_> = all.iter().filter(|choice| !choice.is_null()).collect();
            let nullable = choices.len() < all.len();
            return match &choices[..] {
                [] => here.fault("can only be null"),
                [one] => Ok(Type { nullable, ..self.type_of(schema, key, one)? }),
                several => Ok(Type { item: self.either(&here, several)?, list: false, nullable }),
            };
        }
        let nullable = here.is_true("nullable");
        if here.kind() == Some("array") {
            let items = here.need("items")?;
            let inner = self.type_of(schema, key, &items)?;
            if inner.list || inner.nullable {
                return items.fault("a list of lists or of what may be null");
            }
            return Ok(Type { list: true, nullable, ..inner });
        }
        let item = if here.get("properties").is_some() || here.get("allOf").is_some() {
            let name = match at.target() {
                Some(name) => name.to_owned(),
                None => format!("{schema}_{}", pascal(key)),
            };
            Item::Object(self.object(&name, &here)?)
        } else {
            self.scalar(schema, key, &here)?
        };
        Ok(Type { item, list: false, nullable })
    }

    fn scalar(&mut self, schema: &str, key: &str, at: &Node<'_>) -> Result<Item> {
        Ok(match at.kind() {
            Some("string") => {
                let values = at.list("enum")?;
                // Which types of resource may stand there is what targets are for.
                let is_kind = key == "type" && values.iter().all(|value| self.kinds.contains(*value));
                if !values.is_empty() && !is_kind {
                    return Ok(Item::Enum(self.enumeration(&format!("{schema}.{key}"), schema, key, &values)));
                }
                let fields = &self.tables.fields;
                let ours = fields.cell(&format!("{schema}.{key}"), 1).or_else(|| fields.cell(key, 1));
                let format = at.get("format").map(|format| format.text()).transpose()?;
                match (ours, format) {
                    (Some("Text"), _) => Item::Text,
                    (Some("Secret"), _) => Item::Secret,
                    (Some(name), _) => Item::Typed(name.to_owned()),
                    (None, Some("date-time")) => Item::Typed("Timestamp".into()),
                    (None, Some("date")) => Item::Typed("Date".into()),
                    (None, Some("uri" | "url")) => Item::Typed("Url".into()),
                    (None, Some("duration")) => Item::Typed("Duration".into()),
                    _ => Item::Text,
                }
            }
            Some("boolean") => Item::Bool,
            Some("integer") => Item::Int,
            Some("number") => Item::Float,
            // An object of which nothing is said, or whose keys are data.
            Some("object") | None => Item::Json,
            Some(other) => return at.fault(format!("a value of type `{other}`")),
        })
    }

    /// The name of the enumeration that stands at `place`.
    pub(crate) fn enumeration(&mut self, place: &str, schema: &str, key: &str, values: &[&str]) -> String {
        let row = self.tables.enums.fitting(place);
        let name = match row.and_then(|row| cell(row, 1)) {
            Some(name) => name.to_owned(),
            None => {
                let short = pascal(key);
                let known = self.enums.get(&short);
                let same = known.is_some_and(|known| !known.named && overlap(&known.values, values));
                let free = known.is_none() && !self.taken.contains(&short) && !self.objects.contains_key(&short);
                if same || free { short } else { pascal(schema) + &pascal(key) }
            }
        };
        let doc = row.and_then(|row| cell(row, 2)).map_or_else(|| format!("Values of `{key}`."), str::to_owned);
        let named = row.is_some();
        let known = self.enums.entry(name.clone()).or_insert(Enum { doc, values: Vec::new(), named });
        // The longest list gives the order.
        let (mut first, more): (Vec<String>, Vec<String>) = {
            let new: Vec<_> = values.iter().map(|value| (*value).to_owned()).collect();
            if new.len() > known.values.len() {
                (new, std::mem::take(&mut known.values))
            } else {
                (std::mem::take(&mut known.values), new)
            }
        };
        for value in more {
            if !first.contains(&value) {
                first.push(value);
            }
        }
        known.values = first;
        name
    }

    /// The object schema called `schema`, or standing at a place called so; its Rust name.
    pub(crate) fn object(&mut self, schema: &str, at: &Node<'_>) -> Result<String> {
        if let Some(name) = self.read.get(schema) {
            return Ok(name.clone());
        }
        let row = self.tables.schemas.fitting(schema);
        let stated = row.and_then(|row| cell(row, 1));
        // Read before it is named: it may be the same as another.
        let fields = self.fields(schema, at)?;
        let name = match stated {
            Some(name) => name.to_owned(),
            None => self.derived(schema, &fields),
        };
        let doc =
            row.and_then(|row| cell(row, 2)).map_or_else(|| format!("{}.", capital(&words(schema).join(" "))), str::to_owned);
        self.read.insert(schema.to_owned(), name.clone());
        let required: BTreeSet<String> = at.follow()?.list("required")?.into_iter().map(str::to_owned).collect();
        self.add(&name, doc, fields, required, at)?;
        Ok(name)
    }

    fn add(&mut self, name: &str, doc: String, fields: Vec<Field>, required: BTreeSet<String>, at: &Node<'_>) -> Result<()> {
        let Some(known) = self.objects.get_mut(name) else {
            self.objects.insert(name.to_owned(), Object { doc, fields, required, is_sent: false });
            return Ok(());
        };
        known.required = known.required.intersection(&required).cloned().collect();
        for field in fields {
            match known.fields.binary_search_by(|known| known.key.cmp(&field.key)) {
                Ok(same) if known.fields[same].ty == field.ty => {}
                Ok(_) => return at.fault(format!("`{}` has another type in other schemas that are called {name}", field.key)),
                Err(place) => known.fields.insert(place, field),
            }
        }
        Ok(())
    }

    /// The name of an object that the table doesn't name.
    fn derived(&self, schema: &str, fields: &[Field]) -> String {
        let is_meta = schema.ends_with("_Resource_Identifier_Meta");
        let same = |object: &Object| {
            object.fields.len() == fields.len() && object.fields.iter().zip(fields).all(|(a, b)| a.key == b.key && a.ty == b.ty)
        };
        if is_meta && let Some((name, _)) = self.objects.iter().find(|(name, object)| name.ends_with("Meta") && same(object)) {
            return name.clone();
        }
        let parts: Vec<_> = schema.split('_').collect();
        let name = match parts[..] {
            [kind, relationship, "Resource", "Identifier", "Meta"] => {
                pascal(&singular(kind)) + &pascal(&singular(relationship)) + "Meta"
            }
            _ => pascal(schema),
        };
        let taken = self.taken.contains(&name) || self.objects.contains_key(&name) || self.enums.contains_key(&name);
        if taken { name + "Object" } else { name }
    }

    /// One of several objects: an object with the members of all.
    fn either(&mut self, at: &Node<'_>, choices: &[&Node<'_>]) -> Result<Item> {
        let mut name = None;
        for choice in choices {
            let Some(schema) = choice.target() else { return choice.fault("a choice between values without names") };
            let object = choice.follow()?;
            if object.get("properties").is_none() && object.get("allOf").is_none() {
                return choice.fault("a choice between values that are not all objects");
            }
            // What they are all made from gives the name, else the first of them.
            let base = object.get("allOf").iter().flat_map(Node::items).find_map(|part| part.target());
            let base = base.unwrap_or(schema).to_owned();
            let known = name.get_or_insert(base).clone();
            let fields = self.fields(schema, &object)?;
            let row = self.tables.schemas.fitting(&known);
            let rust = row.and_then(|row| cell(row, 1)).map_or_else(|| pascal(&known), str::to_owned);
            let doc = row
                .and_then(|row| cell(row, 2))
                .map_or_else(|| format!("{}.", capital(&words(&known).join(" "))), str::to_owned);
            self.add(&rust, doc, fields, BTreeSet::new(), at)?;
            self.read.insert(known, rust);
        }
        name.and_then(|name| self.read.get(&name).cloned()).map_or_else(|| at.fault("no choice"), |name| Ok(Item::Object(name)))
    }

    /// Notes that changes send this object, and what is in it.
    pub(crate) fn sends(&mut self, item: &Item) {
        let Item::Object(name) = item else { return };
        let Some(object) = self.objects.get_mut(name).filter(|object| !object.is_sent) else { return };
        object.is_sent = true;
        for field in object.fields.clone() {
            self.sends(&field.ty.item);
        }
    }
}

/// Whether one list holds all of the other.
fn overlap(known: &[String], new: &[&str]) -> bool {
    known.iter().all(|value| new.contains(&&**value)) || new.iter().all(|value| known.iter().any(|known| known == value))
}
