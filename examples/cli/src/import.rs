//! `tidal accounts import`: accounts of minim, a Python library, are taken over.

use std::path::PathBuf;

use tidal_blocking::SystemClock;
use tidal_core::AccountKey;
use tidal_core::runtime::Clock as _;
use tidal_store_sqlite::minim::{self, Refused};

use crate::account::account;
use crate::arguments::Arguments;
use crate::output::print;
use crate::place::Place;
use crate::trouble::{Outcome, failed};

/// Adds the accounts in minim's database to those that are kept, and says which were left out and why. minim's own stay as they are.
pub(crate) fn import(arguments: &Arguments, path: Option<&str>) -> Outcome {
    let path = path.map_or_else(minim::default_path, |path| Ok(PathBuf::from(path)))?;
    // First: where nothing can be read, no store is made.
    let mut found = minim::import(&path)?;
    if !arguments.has("keep-secret") {
        found = found.without_client_secrets();
    }
    if found.records.is_empty() {
        let reasons: String = found.refused.iter().map(|refused| format!("\n  {}", reason(refused))).collect();
        return failed(format!("no account of the TIDAL API can be taken from {}{reasons}", path.display()));
    }
    let place = Place::open(arguments)?;
    let left = found.put_into(&place.store, SystemClock.now().unix)?;
    for refused in left.iter().chain(&found.refused) {
        eprintln!("Left out: {}", reason(refused));
    }
    let is_left = |key: &AccountKey| {
        let flow = Some(key.flow.as_str());
        left.iter().any(|one| {
            (one.client_id.as_deref(), one.flow.as_deref(), &one.user) == (Some(key.client_id.as_str()), flow, &key.user)
        })
    };
    let taken = found.records.iter().map(|record| &record.key).filter(|key| !is_left(key));
    let line = |key: &AccountKey| format!("Imported {} ({}, client {}).\n", account(key), key.flow, key.client_id);
    let mut text: String = taken.map(line).collect();
    if !text.is_empty() {
        text.push_str(&format!(
            "Kept in {}. Use them here or in minim: a token that one renews, the other loses.\n",
            place.accounts
        ));
    }
    print(text.as_bytes())
}

/// Which account it is, as far as that is known, and why it was left out.
fn reason(refused: &Refused) -> String {
    let known = |name: &Option<String>| name.clone().unwrap_or_else(|| "-".to_owned());
    let Refused { client_id, flow, user, reason, .. } = refused;
    format!("{} ({}, client {}): {reason}", known(user), known(flow), known(client_id))
}
