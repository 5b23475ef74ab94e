//! All operations of the API, internal ones included, by method and path.
//!
//! ```
//! use tidal_cli::registry;
//! use tidal_core::bytes::Bytes;
//!
//! let entry = registry::find("GET", "/albums/{id}").expect("it is documented");
//! assert_eq!(entry.name, "GetAlbum");
//! let body = Bytes::from_static(br#"{"data": {"type": "albums", "id": "1"}, "links": {"self": "/albums/1"}}"#);
//! let answer = (entry.decode)(body).unwrap();
//! assert_eq!(answer.json.as_deref(), Some(r#"{"data":{"id":"1","type":"albums"},"links":{"self":"/albums/1"}}"#));
//! ```

mod generated;

use tidal_core::bytes::Bytes;
use tidal_core::document::{Document, Primary};
use tidal_core::http::{HeaderMap, StatusCode};
use tidal_core::request::Op;
use tidal_core::{DecodeError, FromAnswer, Head, Operation};

/// What is known of an operation.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Entry {
    /// What the core knows of it: method, path, tier, flows, scopes, parameters.
    pub operation: &'static Operation,
    /// The name of its type in `tidal_core::api`.
    pub name: &'static str,
    /// The name of its group's type.
    pub group: &'static str,
    /// The method of its group.
    pub function: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Whether the service wants it no longer used.
    pub deprecated: bool,
    /// The first steps that `include` takes.
    pub include: &'static [&'static str],
    /// What its body holds, if it takes one.
    pub body: Option<&'static str>,
    /// What Rust calls its output.
    pub output: fn() -> &'static str,
    /// Understands a successful answer's body, and writes what was understood.
    pub decode: fn(Bytes) -> Result<Understood, DecodeError>,
}

/// What was understood of an answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Understood {
    /// The document, written again; nothing if the body was empty.
    pub json: Option<String>,
    /// Values that don't fit the fields they are meant for, with the paths to them.
    pub misfits: Vec<DecodeError>,
}

/// All operations, by path and method.
#[must_use]
pub fn all() -> &'static [Entry] {
    generated::ENTRIES
}

/// The operation with this method and path, such as `GET` and `/albums/{id}`.
#[must_use]
pub fn find(method: &str, path: &str) -> Option<&'static Entry> {
    all().iter().find(|entry| entry.operation.method == *method && entry.operation.path == path)
}

/// What the generator knows beside the operation's own facts.
struct Facts {
    group: &'static str,
    function: &'static str,
    about: &'static str,
    deprecated: bool,
    include: &'static [&'static str],
    body: Option<&'static str>,
}

const fn entry<O: Op<Output: Written>>(name: &'static str, facts: Facts) -> Entry {
    let Facts { group, function, about, deprecated, include, body } = facts;
    let (output, decode) = (std::any::type_name::<O::Output>, understand::<O>);
    Entry { operation: O::OPERATION, name, group, function, about, deprecated, include, body, output, decode }
}

fn understand<O: Op<Output: Written>>(body: Bytes) -> Result<Understood, DecodeError> {
    let head = Head::new(StatusCode::OK, HeaderMap::new());
    O::Output::from_answer(&head, body).map(Written::understood)
}

/// An output that can be written again.
trait Written: FromAnswer {
    fn understood(self) -> Understood;
}

impl<P: Primary> Written for Document<P> {
    fn understood(self) -> Understood {
        Understood { json: Some(self.to_json()), misfits: self.misfits }
    }
}

impl<P: Primary> Written for Option<Document<P>> {
    fn understood(self) -> Understood {
        self.map_or(Understood { json: None, misfits: Vec::new() }, Document::understood)
    }
}
