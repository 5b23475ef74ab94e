//! What stands in the file.
//!
//! `{"format":"tidal-accounts","version":1,"store":{"accounts":[…],"leases":[…]}}`, the store as [`Table`] serialises.
//!
//! Whoever rewrites a file drops what it doesn't know of. So the version grows with every field that must not be lost, and with every
//! value that an older release can't read; and a release reads all versions up to its own.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tidal_store_memory::Table;
use zeroize::Zeroizing;

const FORMAT: &str = "tidal-accounts";
pub(crate) const VERSION: u64 = 1;

/// Why a text gives no accounts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It is JSON, but of another program.
    Foreign,
    /// It is of this later version.
    Newer(u64),
    /// It is no JSON, or not what this version writes; where, but not what stands there.
    Damaged(String),
}

#[derive(Deserialize)]
struct Head {
    format: String,
    version: Option<Value>,
}

#[derive(Deserialize)]
struct Body {
    store: Table,
}

#[derive(Serialize)]
struct Whole<'a> {
    format: &'a str,
    version: u64,
    store: &'a Table,
}

/// A text without any bytes is that of a file that was made, but never written to.
pub(crate) fn decode(text: &[u8]) -> Result<Table, Unreadable> {
    if text.is_empty() {
        return Ok(Table::default());
    }
    let head: Head =
        serde_json::from_slice(text).map_err(|error| if error.is_data() { Unreadable::Foreign } else { damaged(&error) })?;
    if head.format != FORMAT {
        return Err(Unreadable::Foreign);
    }
    match head.version.as_ref().and_then(Value::as_u64) {
        Some(VERSION) => serde_json::from_slice::<Body>(text).map(|body| body.store).map_err(|error| damaged(&error)),
        Some(version) if version > VERSION => Err(Unreadable::Newer(version)),
        _ => Err(Unreadable::Damaged("it has no version that was ever written".to_owned())),
    }
}

/// The error's own text may quote a token.
fn damaged(error: &serde_json::Error) -> Unreadable {
    let what = if error.is_data() { "what stands there doesn't belong there" } else { "it is no JSON" };
    Unreadable::Damaged(format!("line {}, column {}: {what}", error.line(), error.column()))
}

/// The text, in a buffer that is wiped. It is measured first: a buffer that grows leaves copies behind.
pub(crate) fn encode(table: &Table) -> io::Result<Zeroizing<Vec<u8>>> {
    let whole = Whole { format: FORMAT, version: VERSION, store: table };
    let mut length = Length(0);
    serde_json::to_writer(&mut length, &whole)?;
    let mut text = Zeroizing::new(Vec::with_capacity(length.0 + 1));
    serde_json::to_writer(&mut *text, &whole)?;
    text.push(b'\n');
    Ok(text)
}

struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
