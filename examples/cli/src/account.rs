//! `tidal whoami`, `tidal accounts` and `tidal logout`.

use std::time::Duration;

use serde_json::Value;
use tidal_blocking::SystemClock;
use tidal_cli::registry;
use tidal_core::runtime::Clock as _;
use tidal_core::store::{Acquired, Store};
use tidal_core::{AccountFilter, AccountKey, Call, Config, ErrorKind, Flow, Record, Unix, jiff};

use crate::arguments::Arguments;
use crate::output::{print, table};
use crate::place::{Client, Keeper, Place};
use crate::request::Chosen;
use crate::trouble::{Outcome, failed, usage};

/// What stands for the person in the place of a user's id.
const OWN_USER: &str = "me";

/// Says whose account is used, and that the service takes it.
pub(crate) fn whoami(arguments: &Arguments) -> Outcome {
    let place = Place::open(arguments)?;
    let client = place.client(None)?;
    client.authenticate()?;
    let key = client.account().filter(|_| !place.uses_bare_token());
    let person = key.as_ref().is_none_or(|key| key.flow.has_person());
    let name = if person { username(&client, place.uses_bare_token())? } else { None };
    client.drain();
    let mut text = match (&key, name) {
        (Some(key), Some(name)) => format!("{}, {name}\n", account(key)),
        (Some(key), None) => format!("{}\n", account(key)),
        (None, name) => {
            format!("the token in TIDAL_API_ACCESS_TOKEN, {}\n", name.unwrap_or_else(|| "whose user can't be told".to_owned()))
        }
    };
    if let Some(key) = &key {
        text.push_str(&format!("Signed in with {} and the client {}.\n", key.flow, key.client_id));
        let records = place.store.list()?;
        text.extend(records.iter().find(|record| record.key == *key).map(scopes));
    }
    print(text.as_bytes())
}

/// What the service calls the person. Nothing if it may not tell, which the account's own scopes decide.
fn username(client: &Client, bare_token: bool) -> Outcome<Option<String>> {
    let Some(entry) = registry::find("GET", "/users/{id}") else { return Ok(None) };
    let mut request = Chosen::new(entry);
    request.add("id", OWN_USER, true)?;
    let call = Call::new(&request)?;
    let call = if bare_token { call.without_checks() } else { call };
    let answer = match client.call(call) {
        Ok(answer) => answer,
        Err(error) if error.kind() == ErrorKind::MissingScope => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let document: Value = serde_json::from_slice(&answer).unwrap_or_default();
    let data = &document["data"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let name = text(&data["attributes"]["username"]).or_else(|| text(&data["id"]));
    let country = text(&data["attributes"]["country"]).map(|country| format!(" ({country})"));
    Ok(name.map(|name| format!("whom the service calls {name}{}", country.unwrap_or_default())))
}

/// An account, for people.
pub(crate) fn account(key: &AccountKey) -> String {
    match &key.user {
        Some(user) => format!("the account {user}"),
        None if key.flow.has_person() => "an account without a name".to_owned(),
        None => application(key),
    }
}

/// What stands in place of a person.
pub(crate) fn application(_: &AccountKey) -> String {
    "the application itself".to_owned()
}

/// A line with the scopes that were granted, if the account has any.
pub(crate) fn scopes(record: &Record) -> String {
    if record.scopes.is_empty() { String::new() } else { format!("Scopes: {}\n", record.scopes) }
}

/// The accounts that are kept, without their tokens.
pub(crate) fn list(arguments: &Arguments) -> Outcome {
    let place = Place::open(arguments)?;
    let filter = place.filter();
    let mut records = place.store.list().map_err(tidal_core::Error::of_store)?;
    records.retain(|record| filter.matches(&record.key));
    if records.is_empty() {
        eprintln!("No such account is kept in {}; tidal login signs in.", place.accounts);
        return Ok(());
    }
    let titles = ["USER", "FLOW", "CLIENT", "TOKEN UNTIL", "USED", "SCOPES"].map(str::to_owned);
    let rows: Vec<[String; 6]> = [titles].into_iter().chain(records.iter().map(row)).collect();
    print(table(&rows).as_bytes())
}

fn row(record: &Record) -> [String; 6] {
    let key = &record.key;
    let until = match (&record.rejected, record.refresh_token.is_some()) {
        (Some(_), _) => "ended: sign in again".to_owned(),
        (None, true) => "renewed".to_owned(),
        (None, false) if key.flow == Flow::ClientCredentials => "renewed".to_owned(),
        (None, false) => record.expires_at.map_or_else(|| "unknown".to_owned(), time),
    };
    let user = key.user.clone().unwrap_or_else(|| "-".to_owned());
    let scopes = if record.scopes.is_empty() { "-".to_owned() } else { record.scopes.to_string() };
    [user, key.flow.to_string(), key.client_id.clone(), until, time(record.used_at), scopes]
}

/// ISO 8601, to the second.
fn time(time: Unix) -> String {
    let stamp = jiff::Timestamp::from_second(time.as_millis().div_euclid(1000));
    stamp.map_or_else(|_| "unknown".to_owned(), |stamp| stamp.to_string())
}

/// Signs out of the account that is meant, the one used last if several are.
pub(crate) fn logout(arguments: &Arguments) -> Outcome {
    let place = Place::open(arguments)?;
    let kept = place.kept()?;
    let Some(record) = kept.first() else {
        return failed(format!("no such account is kept in {}; tidal accounts lists them", place.accounts));
    };
    let key = &record.key;
    let mut config = place.config(key.flow)?;
    config.client_id.clone_from(&key.client_id);
    config.user.clone_from(&key.user);
    match tidal_blocking::client(config, Keeper::clone(&place.store)) {
        Ok(client) => {
            client.sign_out()?;
            client.drain();
        }
        // It takes the secret to revoke a token, and none to forget it.
        Err(error) if error.invalid().is_some_and(|invalid| invalid.what() == "client secret") => {
            forget_one(&*place.store, key)?;
        }
        Err(error) => return Err(error.into()),
    }
    print(format!("Signed out {} ({}, client {}).\n", account(key), key.flow, key.client_id).as_bytes())
}

/// Removes the accounts that are meant.
pub(crate) fn remove(arguments: &Arguments) -> Outcome {
    let place = Place::open(arguments)?;
    let filter = place.filter();
    match (filter.is_all(), arguments.has("all")) {
        (true, false) => return usage("say which: --flow, --client-id or --user, or --all for every account"),
        (false, true) => return usage("--all means every account; leave --flow, --client-id and --user out"),
        _ => {}
    }
    let removed = forget(&place, filter)?;
    if removed.is_empty() {
        return failed(format!("no such account is kept in {}; tidal accounts lists them", place.accounts));
    }
    let line = |key: &AccountKey| format!("Removed {} ({}, client {}).\n", account(key), key.flow, key.client_id);
    print(removed.iter().map(line).collect::<String>().as_bytes())
}

/// Removes this account and no other: a filter without a user would mean all of them.
fn forget_one(store: &dyn Store, key: &AccountKey) -> Outcome {
    let now = || SystemClock.now().unix;
    match store.acquire(key, Duration::from_secs(60), None, now())? {
        Acquired::Lease(lease, _) => {
            let forgotten = store.forget(key, &lease, now());
            store.release(&lease, now())?;
            forgotten?;
            Ok(())
        }
        Acquired::Busy(_) => failed("another program is at work on this account; try again in a minute"),
    }
}

fn forget(place: &Place, filter: AccountFilter) -> Outcome<Vec<AccountKey>> {
    let client = tidal_blocking::client(Config::anonymous(), Keeper::clone(&place.store))?;
    Ok(if filter.is_all() { client.remove_all_tokens()? } else { client.remove_tokens(filter)? })
}
