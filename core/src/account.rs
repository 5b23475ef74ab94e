//! Stored accounts: what a store keeps of a sign-in, and how it is found again.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::document::Unknown;
use crate::flow::Flow;
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::time::Unix;
use crate::value::Json;

/// What the name of an account begins with whose user isn't known.
const UNKNOWN: &str = "unknown:";

/// The field of a record that says from which given tokens it descends.
const DESCENT: &str = "descends_from";

/// The field that says in which given tokens' place a sign-in has come.
const PRECEDENT: &str = "follows";

/// What tells one stored account from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountKey {
    /// The application's client id.
    pub client_id: String,
    /// The flow by which the account signed in.
    pub flow: Flow,
    /// The user's identifier: the TIDAL user id or a name of the application's choice, or `unknown:` and a fingerprint of the first tokens
    /// where nobody said who that is. Client credentials have none.
    pub user: Option<String>,
}

impl AccountKey {
    /// Whether it is known whose account this is. It is not where the flow has a person, but neither the token answer nor the own-user
    /// operation told who that is, as without the scope `user.read`.
    #[must_use]
    #[inline(never)]
    pub fn has_known_user(&self) -> bool {
        self.user.as_ref().is_some_and(|user| !user.starts_with(UNKNOWN))
    }

    /// Whether it is a person's of whom it isn't known who that is.
    pub(crate) fn is_nameless(&self) -> bool {
        self.flow.has_person() && !self.has_known_user()
    }

    /// What selects this account and no other.
    #[inline(never)]
    pub(crate) fn selector(&self) -> Selector {
        Selector { client_id: self.client_id.clone(), flow: self.flow, user: self.user.clone() }
    }
}

/// Which stored account is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Selector {
    /// The application's client id.
    pub client_id: String,
    /// The flow by which the account signed in.
    pub flow: Flow,
    /// The user's identifier; without it, the account of this client and flow that was used last.
    pub user: Option<String>,
}

impl Selector {
    /// Whether the account of `key` is one of those wanted.
    #[must_use]
    pub fn matches(&self, key: &AccountKey) -> bool {
        self.client_id == key.client_id && self.flow == key.flow && (self.user.is_none() || self.user == key.user)
    }
}

/// Which stored accounts are meant: those that match one of each list. An empty list means any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountFilter {
    /// Flows.
    pub flows: Vec<Flow>,
    /// Client ids.
    pub client_ids: Vec<String>,
    /// Users' identifiers. Accounts without a user match only where this is empty.
    pub users: Vec<String>,
}

impl AccountFilter {
    /// All accounts.
    #[must_use]
    pub const fn all() -> Self {
        Self { flows: Vec::new(), client_ids: Vec::new(), users: Vec::new() }
    }

    /// Accounts of this flow too.
    #[must_use]
    pub fn flow(mut self, flow: Flow) -> Self {
        self.flows.push(flow);
        self
    }

    /// Accounts of this client too.
    #[must_use]
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.client_ids.push(id.into());
        self
    }

    /// Accounts of this user too.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.users.push(user.into());
        self
    }

    /// Whether it means all accounts.
    #[must_use]
    #[inline]
    pub fn is_all(&self) -> bool {
        *self == Self::all()
    }

    /// Whether the account of `key` is one of those meant.
    #[must_use]
    #[inline]
    pub fn matches(&self, key: &AccountKey) -> bool {
        (self.flows.is_empty() || self.flows.contains(&key.flow))
            && (self.client_ids.is_empty() || self.client_ids.contains(&key.client_id))
            && (self.users.is_empty() || key.user.as_ref().is_some_and(|user| self.users.contains(user)))
    }
}

/// A stored account with its tokens.
///
/// It serialises with its secrets in plain text: a store keeps it where others can't read it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// Which account this is.
    pub key: AccountKey,
    /// The client secret, where the application asked for it to be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<Secret>,
    /// The redirect URI of the sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// The scopes granted.
    #[serde(default)]
    pub scopes: Scopes,
    /// The token's type, `Bearer`.
    pub token_type: String,
    /// The access token.
    pub access_token: Secret,
    /// The refresh token, if the service gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
    /// When the access token expires, as far as known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Unix>,
    /// Fields of the token answer that have no place of their own. Where the account goes back to tokens that were given by hand,
    /// `descends_from` says to which, by a fingerprint: SHA-256 of the refresh token, or of the access token where there was none. `follows`
    /// says so of a later sign-in that came in their place.
    #[serde(default, skip_serializing_if = "Unknown::is_empty")]
    pub extra: Unknown,
    /// When the account was stored first.
    pub added_at: Unix,
    /// When it was found or saved last.
    pub used_at: Unix,
    /// Why the service rejected its tokens for good, if it did. A new sign-in or a sign-out clears it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<String>,
}

impl fmt::Debug for Record {
    /// Without secrets, and of the extra fields the names only.
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("key", &self.key)
            .field("scopes", &self.scopes)
            .field("expires_at", &self.expires_at)
            .field("refreshable", &self.refresh_token.is_some())
            .field("extra", &self.extra.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("rejected", &self.rejected)
            .finish_non_exhaustive()
    }
}

impl Record {
    /// A record of a token that was got at `now`, everything optional left out.
    #[must_use]
    pub fn new(key: AccountKey, access_token: Secret, now: Unix) -> Self {
        Self {
            key,
            client_secret: None,
            redirect_uri: None,
            scopes: Scopes::new(),
            token_type: "Bearer".to_owned(),
            access_token,
            refresh_token: None,
            expires_at: None,
            extra: Unknown::default(),
            added_at: now,
            used_at: now,
            rejected: None,
        }
    }

    /// Gives the account of a person a name of its own, where nobody said who that is: what a record has that was made elsewhere, before it
    /// is stored. Sign-ins have it.
    pub fn name_unknown(&mut self) {
        if self.key.flow.has_person() && self.key.user.is_none() {
            // 128 bits of it.
            self.key.user = Some(format!("{UNKNOWN}{:.22}", self.fingerprint()));
        }
    }

    /// Takes away what says that it goes back to tokens given by hand, or has come in their place (see [`extra`](Self::extra)): in a record that
    /// was made elsewhere, fields of these names are something else.
    #[inline]
    pub fn unmark(&mut self) {
        self.descend_from(None);
        self.follow(None);
    }

    /// By what tokens are known again: it tells nothing of them.
    pub(crate) fn fingerprint(&self) -> String {
        let token = self.refresh_token.as_ref().unwrap_or(&self.access_token);
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token.expose()))
    }

    /// The fingerprint of the tokens given by hand from which it descends.
    pub(crate) fn descent(&self) -> Option<&Json> {
        self.extra.get(DESCENT)
    }

    /// Where it is stored while nobody knows whose it is, if it goes back to tokens given by hand.
    pub(crate) fn nameless_place(&self) -> Option<AccountKey> {
        self.place_of(self.descent()?)
    }

    /// Where that was stored in whose place it has come.
    pub(crate) fn preceding_place(&self) -> Option<AccountKey> {
        self.place_of(self.precedent()?)
    }

    fn place_of(&self, fingerprint: &Json) -> Option<AccountKey> {
        let fingerprint = fingerprint.to_text()?;
        Some(AccountKey { user: Some(format!("{UNKNOWN}{fingerprint:.22}")), ..self.key.clone() })
            .filter(|key| key.flow.has_person())
    }

    /// The fingerprint of the tokens given by hand in whose place it has come.
    pub(crate) fn precedent(&self) -> Option<&Json> {
        self.extra.get(PRECEDENT)
    }

    pub(crate) fn descend_from(&mut self, fingerprint: Option<Json>) {
        self.mark(DESCENT, fingerprint);
    }

    #[inline(never)]
    pub(crate) fn follow(&mut self, fingerprint: Option<Json>) {
        let other = fingerprint.filter(|fingerprint| self.descent() != Some(fingerprint));
        self.mark(PRECEDENT, other);
    }

    /// Whatever a token answer says there is not ours.
    #[inline(never)]
    fn mark(&mut self, field: &str, fingerprint: Option<Json>) {
        self.extra.remove(field);
        if let Some(fingerprint) = fingerprint {
            self.extra.set(field, fingerprint);
        }
    }

    /// Whether a start with the tokens of `given` goes on with this account.
    #[inline(never)]
    pub(crate) fn succeeds(&self, given: &Self) -> bool {
        self.is_kin(given) || given.descent().is_some_and(|descent| self.precedent() == Some(descent))
    }

    /// Whether both descend from the same tokens given by hand.
    #[inline(never)]
    pub(crate) fn is_kin(&self, other: &Self) -> bool {
        self.descent().is_some_and(|descent| other.descent() == Some(descent))
    }

    /// Whether both hold the same tokens in the same standing, whatever else differs.
    #[must_use]
    pub fn same_tokens(&self, other: &Self) -> bool {
        self.access_token == other.access_token
            && self.refresh_token == other.refresh_token
            && self.rejected.is_some() == other.rejected.is_some()
    }
}
