//! Reading minim's table.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use tidal_core::{Failure, FailureKind, Secret};

use super::row::{COLUMNS, Row};
use crate::database;
use crate::place::{self, Place};
use crate::trouble::{self, Trouble};

/// The class of minim whose tokens are those of the TIDAL API.
const CLIENT: &str = "TIDALAPIClient";

pub(super) struct Rows {
    pub(super) tidal: Vec<Row>,
    pub(super) others: usize,
}

/// The rows of minim's database at `path`, where nobody holds it for longer than `patience`.
pub(super) fn rows(path: &Path, patience: Duration) -> Result<Rows, Failure> {
    let place = Place::resolve(&place::absolute(path)?)?;
    let path = place.file();
    if !place.exists()? {
        return Err(say(path, "there is no such file: give the path of minim's auth.db"));
    }
    let connection = database::open_to_read(path, patience).map_err(|error| failure(path, &error))?;
    check(path, &connection)?;
    read(&connection).map_err(|error| failure(path, &error))
}

/// Whether this is minim's database, and one that has all that is needed.
fn check(path: &Path, connection: &Connection) -> Result<(), Failure> {
    let there: rusqlite::Result<BTreeSet<String>> = connection
        .prepare("SELECT name FROM pragma_table_info('tokens')")
        .and_then(|mut names| names.query_map((), |row| row.get(0))?.collect());
    let there = there.map_err(|error| failure(path, &error))?;
    let needed = || COLUMNS.into_iter().chain(["client_name"]);
    let missing: Vec<_> = needed().filter(|&column| !there.contains(column)).collect();
    if missing.len() == needed().count() {
        return Err(say(path, "this isn't minim's database: it has no table \"tokens\" with its columns"));
    }
    if missing.is_empty() {
        return Ok(());
    }
    let what = format_args!("its table \"tokens\" has no {}: open it once with the newest minim", missing.join(", "));
    Err(say(path, what))
}

fn read(connection: &Connection) -> rusqlite::Result<Rows> {
    let sql = format!("SELECT client_name, {} FROM tokens ORDER BY rowid", COLUMNS.join(", "));
    let mut statement = connection.prepare(&sql)?;
    let mut found = statement.query(())?;
    let mut rows = Rows { tidal: Vec::new(), others: 0 };
    while let Some(row) = found.next()? {
        if row.get_ref("client_name")? != ValueRef::Text(CLIENT.as_bytes()) {
            rows.others += 1;
            continue;
        }
        let texts = COLUMNS.into_iter().map(|column| {
            let text = match row.get_ref(column)? {
                ValueRef::Null => Ok(None),
                ValueRef::Integer(number) => Ok(Some(Secret::new(number.to_string()))),
                ValueRef::Text(text) => str::from_utf8(text).map(|text| Some(Secret::new(text))).map_err(drop),
                ValueRef::Real(_) | ValueRef::Blob(_) => Err(()),
            };
            Ok((column, text))
        });
        rows.tidal.push(Row(texts.collect::<rusqlite::Result<_>>()?));
    }
    Ok(rows)
}

fn say(path: &Path, what: impl std::fmt::Display) -> Failure {
    Failure::new(FailureKind::Store, format!("minim's tokens in {}: {what}", path.display()))
}

fn failure(path: &Path, error: &rusqlite::Error) -> Failure {
    match trouble::sql(path, error) {
        Trouble::Damaged(why) => {
            say(path, format_args!("it is damaged, or no database ({why}): give the path of minim's auth.db"))
        }
        Trouble::Unusable(failure) | Trouble::NotOurs(failure) => failure,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_locked_database_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.db");
        let minim = Connection::open(&path).unwrap();
        minim.execute_batch("CREATE TABLE tokens (a); BEGIN EXCLUSIVE").unwrap();
        let failure = rows(&path, Duration::ZERO).err().unwrap();
        for part in [path.to_str().unwrap(), "another process holds its lock", "try again"] {
            assert!(failure.message().contains(part), "{failure}");
        }
    }
}
