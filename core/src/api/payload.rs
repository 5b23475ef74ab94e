//! Bodies of changes.

use crate::Invalid;
use crate::document::{Identifier, Item, Table, json, write_table};
use crate::request::{Op, Request};
use crate::value::Text;
use serde_json::value::RawValue;

use super::addition::{check_item_id, meta};

impl<O: Op, C> Request<O, C> {
    /// Sends attributes, of a new resource or of the one with this id.
    pub(super) fn attributes(self, kind: &str, id: Option<&str>, attributes: &dyn Table) -> Self {
        self.json(json(&|writer| {
            writer.open('{');
            writer.key("data");
            writer.open('{');
            if let Some(id) = id {
                writer.key("id");
                writer.text(id);
            }
            writer.key("type");
            writer.text(kind);
            writer.key("attributes");
            write_table(attributes, writer);
            writer.close('}');
            writer.close('}');
        }))
    }

    /// Sends a list of 1 to `most` resources, perhaps with the item before which they go.
    pub(super) fn linkage(
        self,
        most: usize,
        data: impl Iterator<Item = Result<Identifier, Invalid>>,
        before: Option<&Text>,
    ) -> Self {
        // One more than may be is enough to tell; a list without end would otherwise be taken in whole.
        let data: Vec<Identifier> = match data.take(most + 1).collect() {
            Ok(data) => data,
            Err(invalid) => return self.refuse(invalid),
        };
        if data.is_empty() {
            return self.refuse(Invalid::new("items", "are none; at least one is needed"));
        }
        if data.len() > most {
            return self.refuse(Invalid::new("items", format!("are too many; at most {most} are taken at once")));
        }
        if let Some(Err(invalid)) = before.map(|before| check_item_id(before)) {
            return self.refuse(invalid);
        }
        self.json(json(&|writer| {
            writer.open('{');
            writer.key("data");
            writer.open('[');
            for identifier in &data {
                identifier.write(writer);
            }
            writer.close(']');
            if let Some(before) = before {
                writer.key("meta");
                writer.json(&meta("positionBefore", before));
            }
            writer.close('}');
        }))
    }

    fn json(self, text: String) -> Self {
        match RawValue::from_string(text) {
            Ok(json) => self.body(&json),
            Err(e) => self.refuse(Invalid::new("body", format!("can't be written as JSON: {e}"))),
        }
    }
}
