//! One row of minim's table, and the account in it.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use tidal_core::document::Unknown;
use tidal_core::{AccountKey, Flow, Record, Scopes, Secret, Unix};

use super::Refused;

/// The columns that are read, beside `client_name`.
pub(super) const COLUMNS: [&str; 13] = [
    "added_at",
    "auth_flow",
    "client_id",
    "client_secret",
    "user_identifier",
    "redirect_uri",
    "scopes",
    "token_type",
    "access_token",
    "access_token_secret",
    "expires_at",
    "refresh_token",
    "extras",
];

/// What stands in each column; an error if it is no text. Any of it may be secret, as long as nobody looked.
pub(super) struct Row(pub(super) BTreeMap<&'static str, Result<Option<Secret>, ()>>);

impl Row {
    pub(super) fn record(&self) -> Result<Record, Refused> {
        self.read().map_err(|reason| {
            let shown = |column| self.text(column).ok().flatten().map(str::to_owned);
            Refused { client_id: shown("client_id"), flow: shown("auth_flow"), user: shown("user_identifier"), reason }
        })
    }

    fn read(&self) -> Result<Record, String> {
        let key = self.key()?;
        if self.text("access_token_secret")?.is_some() {
            return Err("it has an access_token_secret, which is for OAuth 1; TIDAL has none".to_owned());
        }
        let access_token = Secret::new(self.needed("access_token")?);
        let added_at = date("added_at", self.needed("added_at")?)?;
        let mut record = Record::new(key, access_token, added_at);
        record.client_secret = self.text("client_secret")?.map(Secret::new);
        record.redirect_uri = self.text("redirect_uri")?.map(str::to_owned);
        record.scopes = self.text("scopes")?.map(scopes).transpose()?.unwrap_or_default();
        if let Some(token_type) = self.text("token_type")? {
            record.token_type = token_type.to_owned();
        }
        record.refresh_token = self.text("refresh_token")?.map(Secret::new);
        record.expires_at = self.text("expires_at")?.map(|text| date("expires_at", text)).transpose()?;
        record.extra = self.text("extras")?.map(extra).transpose()?.unwrap_or_default();
        record.unmark();
        record.name_unknown();
        Ok(record)
    }

    fn key(&self) -> Result<AccountKey, String> {
        let client_id = self.needed("client_id")?.to_owned();
        let name = self.needed("auth_flow")?;
        let flow = match name.parse() {
            Ok(Flow::None) => return Err("its flow is none, which has no tokens".to_owned()),
            Ok(flow) => flow,
            Err(_) => return Err("its flow isn't one that this release can use".to_owned()),
        };
        let user = self.text("user_identifier")?.filter(|_| flow != Flow::ClientCredentials).map(str::to_owned);
        Ok(AccountKey { client_id, flow, user })
    }

    /// The text in `column`; nothing if there is none, or an empty one.
    fn text(&self, column: &str) -> Result<Option<&str>, String> {
        match self.0.get(column) {
            Some(Ok(text)) => Ok(text.as_ref().map(Secret::expose).filter(|text| !text.is_empty())),
            _ => Err(format!("its {column} is no text")),
        }
    }

    fn needed(&self, column: &str) -> Result<&str, String> {
        self.text(column)?.ok_or_else(|| format!("it has no {column}"))
    }
}

/// An ISO 8601 date and time, UTC where it names no zone.
fn date(column: &str, text: &str) -> Result<Unix, String> {
    let instant = text.parse::<jiff::Timestamp>().or_else(|_| {
        let local: DateTime = text.parse()?;
        TimeZone::UTC.to_timestamp(local)
    });
    instant
        .map(|instant| Unix::from_millis(instant.as_millisecond()))
        .map_err(|_| format!("its {column} is no date in ISO 8601"))
}

/// Names separated by blanks, or a JSON list of them.
fn scopes(text: &str) -> Result<Scopes, String> {
    let wrong = || "its scopes are neither names separated by blanks nor a JSON list of names".to_owned();
    if !text.trim_start().starts_with('[') {
        return text.parse().map_err(|_| wrong());
    }
    let names: Vec<String> = serde_json::from_str(text).map_err(|_| wrong())?;
    Scopes::try_from_names(names.iter().map(String::as_str)).map_err(|_| wrong())
}

fn extra(text: &str) -> Result<Unknown, String> {
    let fields: Result<Option<Unknown>, _> = serde_json::from_str(text);
    fields.map(Option::unwrap_or_default).map_err(|_| "its extras are no JSON object".to_owned())
}
