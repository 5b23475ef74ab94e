//! The contract of a store in SQL. Each function runs in a transaction of its caller's.

use std::cmp::Reverse;
use std::time::Duration;

use rusqlite::types::Type;
use rusqlite::{Connection, Error, OptionalExtension, Result, Row, named_params};
use tidal_core::store::{Acquired, Kept, Lease};
use tidal_core::{AccountKey, Record, Secret, Selector, Unix};

/// An account, by the names of [`Record`]; `user` may be NULL, so it is compared by `IS`.
const ACCOUNT: &str =
    "SELECT leases.client_id, leases.flow, leases.user, accounts.* FROM accounts JOIN leases ON leases.id = lease";

/// The account that `selector` wants, after its time of use became `now`.
pub(crate) fn find(db: &Connection, selector: &Selector, now: Unix) -> Result<Option<Record>> {
    let found = peek(db, selector, now)?;
    if let Some(record) = &found
        && let Some((id, _)) = newest(db, &record.key)?
    {
        db.execute("UPDATE accounts SET used_at = ?2 WHERE lease = ?1 AND used_at <> ?2", (id, now.as_millis()))?;
    }
    Ok(found)
}

/// The account that `selector` wants, as if its time of use had become `now`.
pub(crate) fn peek(db: &Connection, selector: &Selector, now: Unix) -> Result<Option<Record>> {
    let sql = format!(
        "{ACCOUNT} WHERE client_id = :client AND flow = :flow AND (:user IS NULL OR user = :user)
         ORDER BY used_at DESC, user LIMIT 1"
    );
    let wanted = named_params! { ":client": selector.client_id, ":flow": selector.flow.as_str(), ":user": selector.user };
    let found = db.query_row(&sql, wanted, account).optional()?;
    Ok(found.map(|mut record| {
        record.used_at = now;
        record
    }))
}

/// Gives out a lease of `key` until `now + ttl`, unless another one holds until later than `now` and isn't `instead_of`.
pub(crate) fn acquire(
    db: &Connection,
    key: &AccountKey,
    ttl: Duration,
    instead_of: Option<&Lease>,
    now: Unix,
) -> Result<Acquired> {
    let newest = newest(db, key)?;
    if let Some((_, held)) = &newest
        && let Some(until) = held.until
        && until > now
        && !instead_of.is_some_and(|own| own.key == *key && is_fence(held.fence, own))
    {
        return Ok(Acquired::Busy(until));
    }
    let until = now + ttl;
    let fence = match newest {
        Some((id, held)) => {
            let fence = held.fence.saturating_add(1);
            db.execute("UPDATE leases SET fence = ?2, until = ?3 WHERE id = ?1", (id, fence, until.as_millis()))?;
            fence
        }
        None => {
            let fence = first_fence(now);
            let sql = "INSERT INTO leases (client_id, flow, user, fence, until) VALUES (?, ?, ?, ?, ?)";
            db.execute(sql, (&key.client_id, key.flow.as_str(), &key.user, fence, until.as_millis()))?;
            fence
        }
    };
    let lease = Lease { key: key.clone(), fence: u64::try_from(fence).unwrap_or(0), until };
    Ok(Acquired::Lease(lease, stored(db, key)?.map(Box::new)))
}

/// Stores `record`, used `now`, in place of what is stored under its key, whose `added_at` stays.
pub(crate) fn save(db: &Connection, record: &Record, lease: &Lease, now: Unix) -> Result<Kept> {
    let Some(id) = current(db, &record.key, lease)? else { return Ok(Kept::Stale) };
    let sql = "
        INSERT INTO accounts (lease, client_secret, redirect_uri, scopes, token_type, access_token, refresh_token, expires_at, extra,
            added_at, used_at, rejected)
        VALUES (:lease, :client_secret, :redirect_uri, :scopes, :token_type, :access_token, :refresh_token, :expires_at, :extra,
            :added_at, :used_at, :rejected)
        ON CONFLICT (lease) DO UPDATE SET client_secret = :client_secret, redirect_uri = :redirect_uri, scopes = :scopes,
            token_type = :token_type, access_token = :access_token, refresh_token = :refresh_token, expires_at = :expires_at,
            extra = :extra, used_at = :used_at, rejected = :rejected";
    let extra = serde_json::to_string(&record.extra).map_err(|error| Error::ToSqlConversionFailure(Box::new(error)))?;
    let values = named_params! {
        ":lease": id,
        ":client_secret": record.client_secret.as_ref().map(Secret::expose),
        ":redirect_uri": record.redirect_uri,
        ":scopes": record.scopes.to_string(),
        ":token_type": record.token_type,
        ":access_token": record.access_token.expose(),
        ":refresh_token": record.refresh_token.as_ref().map(Secret::expose),
        ":expires_at": record.expires_at.map(Unix::as_millis),
        ":extra": extra,
        ":added_at": record.added_at.as_millis(),
        ":used_at": now.as_millis(),
        ":rejected": record.rejected,
    };
    db.execute(sql, values)?;
    Ok(Kept::Done)
}

/// Removes the account of `key`, if there is one, but not its fence.
pub(crate) fn forget(db: &Connection, key: &AccountKey, lease: &Lease) -> Result<Kept> {
    let Some(id) = current(db, key, lease)? else { return Ok(Kept::Stale) };
    db.execute("DELETE FROM accounts WHERE lease = ?", (id,))?;
    Ok(Kept::Done)
}

/// Lets others acquire what `lease` holds, if it is the newest of its account.
pub(crate) fn release(db: &Connection, lease: &Lease) -> Result<()> {
    if let Some(id) = current(db, &lease.key, lease)? {
        db.execute("UPDATE leases SET until = NULL WHERE id = ? AND until IS NOT NULL", (id,))?;
    }
    Ok(())
}

/// All accounts, the one used last first.
pub(crate) fn list(db: &Connection) -> Result<Vec<Record>> {
    let mut records: Vec<Record> = db.prepare(ACCOUNT)?.query_map((), account)?.collect::<Result<_>>()?;
    records.sort_by(|a, b| (Reverse(a.used_at), &a.key).cmp(&(Reverse(b.used_at), &b.key)));
    Ok(records)
}

/// The newest lease of an account: its fence, and until when it holds unless it was released.
struct Newest {
    fence: i64,
    until: Option<Unix>,
}

fn newest(db: &Connection, key: &AccountKey) -> Result<Option<(i64, Newest)>> {
    let sql = "SELECT id, fence, until FROM leases WHERE client_id = ? AND flow = ? AND user IS ?";
    let newest = |row: &Row<'_>| {
        let until = row.get::<_, Option<i64>>("until")?.map(Unix::from_millis);
        Ok((row.get("id")?, Newest { fence: row.get("fence")?, until }))
    };
    db.query_row(sql, (&key.client_id, key.flow.as_str(), &key.user), newest).optional()
}

/// The row of `key`'s lease, if `lease` is the newest one of that key.
fn current(db: &Connection, key: &AccountKey, lease: &Lease) -> Result<Option<i64>> {
    let newest = if lease.key == *key { newest(db, key)? } else { None };
    Ok(newest.filter(|(_, newest)| is_fence(newest.fence, lease)).map(|(id, _)| id))
}

fn is_fence(fence: i64, lease: &Lease) -> bool {
    u64::try_from(fence).is_ok_and(|fence| fence == lease.fence)
}

fn stored(db: &Connection, key: &AccountKey) -> Result<Option<Record>> {
    let sql = format!("{ACCOUNT} WHERE client_id = ? AND flow = ? AND user IS ?");
    db.query_row(&sql, (&key.client_id, key.flow.as_str(), &key.user), account).optional()
}

/// Where the fences of an account begin: at the time in milliseconds, not at one. So a database that was lost doesn't give out again
/// what it gave out before, and a lease from before the loss stays stale.
fn first_fence(now: Unix) -> i64 {
    now.as_millis().max(0)
}

fn account(row: &Row<'_>) -> Result<Record> {
    let time = |name: &str| row.get::<_, i64>(name).map(Unix::from_millis);
    let secret = |name: &str| row.get::<_, Option<String>>(name).map(|text| text.map(Secret::new));
    let key = AccountKey {
        client_id: row.get("client_id")?,
        flow: parsed(row, "flow", |text| text.parse().ok())?,
        user: row.get("user")?,
    };
    let access_token = row.get::<_, String>("access_token").map(Secret::new)?;
    let mut record = Record::new(key, access_token, time("added_at")?);
    record.client_secret = secret("client_secret")?;
    record.redirect_uri = row.get("redirect_uri")?;
    record.scopes = parsed(row, "scopes", |text| text.parse().ok())?;
    record.token_type = row.get("token_type")?;
    record.refresh_token = secret("refresh_token")?;
    record.expires_at = row.get::<_, Option<i64>>("expires_at")?.map(Unix::from_millis);
    record.extra = parsed(row, "extra", |text| serde_json::from_str(text).ok())?;
    record.used_at = time("used_at")?;
    record.rejected = row.get("rejected")?;
    Ok(record)
}

/// A column that holds a text of a certain form. The error names the column, not the text.
fn parsed<T>(row: &Row<'_>, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
    let text: String = row.get(name)?;
    parse(&text).ok_or_else(|| Error::InvalidColumnType(0, name.to_owned(), Type::Text))
}
