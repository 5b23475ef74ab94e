//! What stands in the database, and how one of an older version is brought up to date.
//!
//! `user_version` counts the [`STEPS`] that were taken. Steps are only ever added, never changed, and a step is due for every column
//! that must not be lost and for every value that an older release can't read.

use rusqlite::{Connection, TransactionBehavior};

/// Marks a database as one of accounts (`application_id`): "TIDA".
pub(crate) const APPLICATION: i32 = 0x5449_4441;

/// The steps from nothing to the version of this release.
///
/// 1. An account's key stands with its newest lease, which outlives it; times are Unix times in milliseconds, and `until` is NULL once
///    the lease was released. `scopes` are separated by blanks, `extra` is a JSON object.
pub(crate) const STEPS: [&str; 1] = ["
    CREATE TABLE leases (
        id INTEGER PRIMARY KEY,
        client_id TEXT NOT NULL,
        flow TEXT NOT NULL,
        user TEXT,
        fence INTEGER NOT NULL,
        until INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX leases_by_key ON leases (client_id, flow, user IS NULL, ifnull(user, ''));
    CREATE TABLE accounts (
        lease INTEGER PRIMARY KEY REFERENCES leases (id),
        client_secret TEXT,
        redirect_uri TEXT,
        scopes TEXT NOT NULL,
        token_type TEXT NOT NULL,
        access_token TEXT NOT NULL,
        refresh_token TEXT,
        expires_at INTEGER,
        extra TEXT NOT NULL,
        added_at INTEGER NOT NULL,
        used_at INTEGER NOT NULL,
        rejected TEXT
    ) STRICT;
"];

/// Takes those of `steps` that were not taken yet, all or none.
pub(crate) fn upgrade(connection: &mut Connection, steps: &[&str]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let taken = transaction.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))? as usize;
    for step in steps.iter().skip(taken) {
        transaction.execute_batch(step)?;
    }
    if taken < steps.len() {
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", i64::try_from(steps.len()).unwrap_or(i64::MAX))?;
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn version(connection: &Connection) -> i64 {
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    #[test]
    fn an_older_database_keeps_what_it_has() {
        let mut connection = Connection::open_in_memory().unwrap();
        upgrade(&mut connection, &STEPS).unwrap();
        let lease = "INSERT INTO leases (client_id, flow, user, fence) VALUES ('app', 'pkce', 'ada', 7)";
        connection.execute(lease, ()).unwrap();
        let later = [STEPS[0], "ALTER TABLE leases ADD COLUMN note TEXT NOT NULL DEFAULT 'none'", "CREATE TABLE more (a)"];
        upgrade(&mut connection, &later).unwrap();
        upgrade(&mut connection, &later).unwrap();
        let row: (i64, String) =
            connection.query_row("SELECT fence, note FROM leases", (), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!((version(&connection), row), (3, (7, "none".to_owned())));
    }

    #[test]
    fn a_step_that_fails_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        upgrade(&mut connection, &STEPS).unwrap();
        upgrade(&mut connection, &[STEPS[0], "CREATE TABLE more (a)", "CREATE TABLE more (a)"]).unwrap_err();
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema WHERE type = 'table'", (), |row| row.get(0)).unwrap();
        assert_eq!((version(&connection), tables), (1, 2));
    }
}
