//! Client id and secret that the application left out: from the environment, or from the account that was used last.

use std::sync::OnceLock;

use super::{CLIENT_ID_VARIABLE, CLIENT_SECRET_VARIABLE, Config};
use crate::account::Record;
use crate::error::{Failure, Invalid};
use crate::flow::Flow;
use crate::store::Store;

impl Config {
    /// Fills in client id and secret where they are missing: from variables of the environment, else from the account that was used
    /// last for this flow and, where the id is known, for this client. The transports' constructors do this, and a client does it at a
    /// [change of flow](crate::Client::reconfigure).
    ///
    /// # Errors
    /// If the store can't be read, and without it something is missing that the flow needs. A client that can do without a secret goes
    /// on without one; it tells of the store by [`Event::StoreFailed`](crate::Event::StoreFailed). The store is asked only if the
    /// environment doesn't help.
    #[inline]
    pub fn fill(&mut self, variable: impl Fn(&str) -> Option<String>, store: &(impl Store + ?Sized)) -> Result<(), Failure> {
        self.fill_from_variables(variable);
        if self.asks_the_store() { self.fill_from_accounts(store.list()) } else { Ok(()) }
    }

    #[inline]
    pub(crate) fn fill_from_variables(&mut self, variable: impl Fn(&str) -> Option<String>) {
        self.environment_read = true;
        if self.flow == Flow::None {
            return;
        }
        let named = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let had_id = !self.client_id.is_empty();
        if let (false, Some(id)) = (had_id, named(CLIENT_ID_VARIABLE)) {
            self.client_id = id;
        }
        // A secret belongs to its id: that of the environment is not sent along with another one.
        let same = named(CLIENT_ID_VARIABLE).is_none_or(|id| id == self.client_id);
        if let (None, true, Some(secret)) = (&self.client_secret, same, named(CLIENT_SECRET_VARIABLE)) {
            self.client_secret = Some(secret.into());
        }
    }

    /// Whether a stored account could tell what is missing.
    #[inline]
    pub(crate) fn asks_the_store(&self) -> bool {
        let lacks = self.client_id.is_empty() || self.client_secret.is_none();
        self.flow != Flow::None && self.store_tokens && lacks
    }

    /// Takes what is missing from the first of these that is of the flow, and of the client if that is known. If they can't be told,
    /// that is an error only where it can't be done without.
    #[inline]
    pub(crate) fn fill_from_accounts(&mut self, accounts: Result<Vec<Record>, Failure>) -> Result<(), Failure> {
        let accounts = match accounts {
            Ok(accounts) => accounts,
            Err(failure) if self.client_id.is_empty() || self.needs_secret() => return Err(failure),
            Err(failure) => {
                // A store may say only once what is wrong, for instance that it has put a damaged file aside.
                self.store_failure = Some(failure);
                return Ok(());
            }
        };
        let stored = accounts.into_iter().find(|record| {
            record.key.flow == self.flow && (self.client_id.is_empty() || record.key.client_id == self.client_id)
        });
        if let Some(record) = stored {
            self.client_id = record.key.client_id;
            self.client_secret = self.client_secret.take().or(record.client_secret);
            self.redirect_uri = self.redirect_uri.take().or(record.redirect_uri);
        }
        Ok(())
    }

    #[inline]
    pub(super) fn check_id_and_secret(&self) -> Result<(), Invalid> {
        if self.flow != Flow::None && self.client_id.trim().is_empty() {
            let ways = if self.environment_read {
                format!("pass it, set {CLIENT_ID_VARIABLE}, or sign in once so that it is stored")
            } else {
                // It may be set.
                format!("pass it, or have Config::fill take it from {CLIENT_ID_VARIABLE} or a stored account")
            };
            return Err(Invalid::new("client id", format!("is missing; {ways}")));
        }
        if self.needs_secret() && self.client_secret.as_ref().is_none_or(|secret| secret.expose().is_empty()) {
            let ways = if self.environment_read {
                format!("pass it, or set {CLIENT_SECRET_VARIABLE}, which is for the client that {CLIENT_ID_VARIABLE} names")
            } else {
                format!("pass it, or have Config::fill take it from {CLIENT_SECRET_VARIABLE} or a stored account")
            };
            return Err(Invalid::new("client secret", format!("is missing; the flow {} needs one: {ways}", self.flow)));
        }
        Ok(())
    }

    /// Whether the flow can't do without a client secret.
    #[inline]
    fn needs_secret(&self) -> bool {
        matches!(self.flow, Flow::ClientCredentials | Flow::AuthorizationCode)
    }
}

/// How a client reads variables of the environment, if it was told.
#[derive(Default)]
pub(crate) struct Environment(OnceLock<Box<Variable>>);

type Variable = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Environment {
    #[inline]
    pub(crate) fn set(&self, variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static) {
        self.0.get_or_init(|| Box::new(variable));
    }

    #[inline]
    pub(crate) fn fill(&self, config: &mut Config) {
        if let Some(variable) = self.0.get() {
            config.fill_from_variables(variable);
        }
    }
}
