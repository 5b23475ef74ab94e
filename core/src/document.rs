//! JSON:API documents.
//!
//! A [`Document`] holds what an operation answers with: primary data, the resources that were included with it, links, meta.
//!
//! # How documents are filled
//!
//! A resource type contributes a table and nothing else: which field a key belongs to, and its fields in order. Reading, writing,
//! null and absence, unknown members, values of the wrong type and error paths are code that exists once, over a small pull
//! reader of the body's text:
//!
//! - Texts are slices of the body, not copies ([`Text`](crate::value::Text)).
//! - Attributes that come before `type` are passed over and read when the type is known. Relationships have one form for all
//!   types, so they are read where they stand.
//! - A value that doesn't fit its field (a number where a text should be, `3.5` for an integer, `1e400`, a lone surrogate) is no
//!   reason to lose a page: the field stays empty, the value is kept as it came among the unknown ones, under its name, and
//!   [`Document::misfits`] says where. What can't be read at all (broken JSON, no `id`, nesting beyond 128 levels) is an error
//!   with the path to the place.
//! - Of duplicate keys the last one counts. Null and absent are the same.

mod define;
mod error_body;
mod fault;
mod identifier;
mod included;
mod links;
pub(crate) mod loose;
mod number;
mod open;
mod primary;
mod reader;
mod refs;
mod relationship;
mod resource;
mod scan;
mod table;
mod unknown;
mod whole;
mod writer;

pub use error_body::{ApiError, ErrorBody, ErrorFormat, ErrorSource};
pub use identifier::Identifier;
pub use included::{Included, IncludedIter};
pub use links::Links;
pub use primary::{Primary, Refs};
pub use refs::{Many, Meta, One, Ref, RefIter, Target};
pub use relationship::{Linkage, Relationship, Relationships};
pub use resource::{Extra, OtherResource, Part, Parts, Resource, Whole};
pub use unknown::Unknown;
pub use whole::Document;

pub(crate) use define::{object, resource, resources, table};
pub(crate) use fault::is_json;
pub(crate) use included::{ROW, Row};
pub(crate) use open::{OneOf, Open, open};
pub(crate) use reader::{Read, Reader};
pub(crate) use resource::{AsResource, Room, read_any, with_id, write_resource};
pub(crate) use table::{
    Field, Fields, Formed, Item, Object, Table, ToFields, ToSlots, debug, json, place, read_meta, same, write_or_null,
};
pub(crate) use writer::Writer;
