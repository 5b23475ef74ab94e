//! Where the tool works: at TIDAL, where the environment points, or at a local TIDAL of its own; and with which account.

use std::sync::Arc;

use tidal_cli::registry::Entry;
use tidal_core::config::{CLIENT_ID_VARIABLE, CLIENT_SECRET_VARIABLE, Tokens};
use tidal_core::operation::Flows;
use tidal_core::store::Store;
use tidal_core::{AccountFilter, Config, Flow, Record, Scopes, url};
use tidal_sandbox::{Options, Sandbox};
use tidal_store_file::FileStore;
use tidal_store_memory::MemoryStore;
use tidal_store_sqlite::SqliteStore;

use crate::arguments::Arguments;
use crate::lookup::{line, suggest};
use crate::sign_in;
use crate::trouble::{Outcome, Trouble, failed, usage};

/// A store of accounts, of whichever kind.
pub(crate) type Keeper = Arc<dyn Store + Send + Sync>;
pub(crate) type Client = tidal_blocking::Client<Keeper>;

const TOKEN_VARIABLE: &str = "TIDAL_API_ACCESS_TOKEN";
const REDIRECT_VARIABLE: &str = "TIDAL_API_REDIRECT_URI";
const REDIRECT: &str = "http://localhost:8080/callback";

pub(crate) struct Place {
    pub(crate) store: Keeper,
    /// Where the accounts are, for people.
    pub(crate) accounts: String,
    pub(crate) sandbox: Option<Sandbox>,
    flow: Option<Flow>,
    user: Option<String>,
    client_id: Option<String>,
    redirect_uri: String,
    has_token: bool,
}

/// A variable of the environment that says something.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

impl Place {
    pub(crate) fn open(arguments: &Arguments) -> Outcome<Self> {
        let sandbox = arguments.has("sandbox").then(start).transpose()?;
        let (store, accounts) = if sandbox.is_some() { memory(arguments)? } else { keeper(arguments)? };
        Ok(Self {
            store,
            accounts,
            has_token: sandbox.is_none() && variable(TOKEN_VARIABLE).is_some(),
            sandbox,
            flow: arguments.flow,
            user: arguments.user.clone(),
            client_id: arguments.client_id.clone(),
            redirect_uri: arguments
                .redirect_uri
                .clone()
                .or_else(|| variable(REDIRECT_VARIABLE))
                .unwrap_or_else(|| REDIRECT.to_owned()),
        })
    }

    /// Whether calls are made with a token of which nothing else is known.
    pub(crate) fn uses_bare_token(&self) -> bool {
        self.has_token
    }

    /// A configuration for this flow, with the addresses and the application of this place.
    pub(crate) fn config(&self, flow: Flow) -> Outcome<Config> {
        let mut config = Config::new(flow);
        config.user_agent = concat!("tidal-cli/", env!("CARGO_PKG_VERSION")).to_owned();
        config.client_id = self.client_id.clone().unwrap_or_default();
        config.user.clone_from(&self.user);
        if flow.has_redirect() {
            config.redirect_uri = Some(self.redirect_uri.clone());
        }
        for (name, local, field) in [
            ("TIDAL_API_BASE_URL", Sandbox::base_url as fn(&Sandbox) -> String, &mut config.base_url),
            ("TIDAL_API_AUTH_URL", Sandbox::authorize_url, &mut config.auth_url),
            ("TIDAL_API_TOKEN_URL", Sandbox::token_url, &mut config.token_url),
            ("TIDAL_API_DEVICE_AUTH_URL", Sandbox::device_url, &mut config.device_auth_url),
        ] {
            if let Some(address) = self.address(name, local)? {
                *field = address;
            }
        }
        config.revoke_url = self.address("TIDAL_API_REVOKE_URL", Sandbox::revoke_url)?;
        if let Some(sandbox) = &self.sandbox {
            config.client_id = sandbox.client_id().to_owned();
            config.client_secret = Some(sandbox.client_secret().into());
        }
        Ok(config)
    }

    /// An address of the local TIDAL, else the one that the environment names.
    fn address(&self, name: &str, local: fn(&Sandbox) -> String) -> Outcome<Option<url::Url>> {
        let Some(address) = self.sandbox.as_ref().map(local).or_else(|| variable(name)) else { return Ok(None) };
        match url::Url::parse(&address) {
            Ok(address) => Ok(Some(address)),
            Err(error) => usage(format!("{name} is no address ({error}); it begins with https://")),
        }
    }

    /// A client for this operation (or for none in particular), with the account that is wanted.
    pub(crate) fn client(&self, entry: Option<&Entry>) -> Outcome<Client> {
        let config = self.account(entry)?;
        let person = config.flow.has_person();
        let client = tidal_blocking::client(config, Keeper::clone(&self.store))?;
        if person && self.sandbox.is_some() {
            sign_in::locally(self, &client)?;
        }
        Ok(client)
    }

    fn account(&self, entry: Option<&Entry>) -> Outcome<Config> {
        let flows = entry.map_or(Flows::ANY, |entry| entry.operation.flows);
        if self.sandbox.is_some() {
            let flow = self.flow.unwrap_or(if flows.person { Flow::Pkce } else { Flow::ClientCredentials });
            let mut config = self.config(flow)?;
            if flow.has_person() {
                config.scopes = Scopes::public();
            }
            return Ok(config);
        }
        if let Some(token) = variable(TOKEN_VARIABLE).filter(|_| self.has_token) {
            return self.with_token(token);
        }
        let takes = |flow: Flow| match flow {
            Flow::ClientCredentials => flows.application || !flows.person,
            _ => flows.person || !flows.application,
        };
        let kept = self.kept()?;
        if let Some(record) = kept.iter().find(|record| self.flow.is_some() || takes(record.key.flow)) {
            let mut config = self.config(record.key.flow)?;
            config.client_id.clone_from(&record.key.client_id);
            config.user.clone_from(&record.key.user);
            return Ok(config);
        }
        match self.flow {
            Some(flow) if !flow.has_person() => self.config(flow),
            Some(flow) => {
                failed(format!("no account that signed in with {flow} is kept{}; {}", self.named(), self.remedy(flow)))
            }
            None if self.user.is_none() && has_application() && takes(Flow::ClientCredentials) => {
                self.config(Flow::ClientCredentials)
            }
            None => failed(self.nobody(entry, !kept.is_empty())),
        }
    }

    /// The accounts that the command line asks for, the one used last first.
    pub(crate) fn kept(&self) -> Outcome<Vec<Record>> {
        let filter = self.filter();
        let known = variable(CLIENT_ID_VARIABLE).filter(|_| filter.client_ids.is_empty());
        let filter = known.into_iter().fold(filter, AccountFilter::client_id);
        let records = self.store.list().map_err(tidal_core::Error::of_store)?;
        Ok(records.into_iter().filter(|record| filter.matches(&record.key)).collect())
    }

    /// What the command line says of accounts.
    pub(crate) fn filter(&self) -> AccountFilter {
        let mut filter = AccountFilter::all();
        filter.flows.extend(self.flow);
        filter.client_ids.extend(self.client_id.clone());
        filter.users.extend(self.user.clone());
        filter
    }

    /// A configuration with a token from the environment, which is neither renewed nor kept.
    fn with_token(&self, token: String) -> Outcome<Config> {
        let mut config = self.config(Flow::Implicit)?;
        if config.client_id.is_empty() {
            config.client_id = variable(CLIENT_ID_VARIABLE).unwrap_or_else(|| "unknown".to_owned());
        }
        config.store_tokens = false;
        config.tokens = Some(Tokens::new(token));
        Ok(config)
    }

    fn named(&self) -> String {
        let user = self.user.as_ref().map(|user| format!(" for {user}"));
        let client = self.client_id.as_ref().map(|id| format!(" with the client {id}"));
        user.into_iter().chain(client).collect()
    }

    fn remedy(&self, flow: Flow) -> String {
        let user = self.user.as_ref().map(|user| format!(" --user {user}")).unwrap_or_default();
        format!("tidal login --flow {flow}{user} signs in")
    }

    fn nobody(&self, entry: Option<&Entry>, some: bool) -> String {
        let ways = format!(
            "{}, {TOKEN_VARIABLE} gives a token, --sandbox needs no account",
            self.remedy(if entry.is_some_and(|entry| !entry.operation.flows.person) {
                Flow::ClientCredentials
            } else {
                Flow::Pkce
            })
        );
        match entry {
            Some(entry) if some || has_application() => {
                let whose = if entry.operation.flows.person { "a person" } else { "an application" };
                format!("{} takes tokens of {whose} only, and no such account is kept{}; {ways}", line(entry), self.named())
            }
            _ => format!(
                "no account is kept{} in {}, and {CLIENT_ID_VARIABLE} and {CLIENT_SECRET_VARIABLE} are not set; {ways}",
                self.named(),
                self.accounts
            ),
        }
    }
}

/// Whether the environment names an application that can sign in by itself.
fn has_application() -> bool {
    variable(CLIENT_ID_VARIABLE).is_some() && variable(CLIENT_SECRET_VARIABLE).is_some()
}

fn start() -> Outcome<Sandbox> {
    let mut options = Options::new();
    options.clients.iter_mut().for_each(|client| client.flows = tidal_sandbox::Flow::ALL.to_vec());
    Sandbox::start(options).map_err(|error| Trouble::Failed(format!("the local TIDAL can't be started: {error}")))
}

fn memory(arguments: &Arguments) -> Outcome<(Keeper, String)> {
    if arguments.store.is_some() || arguments.accounts.is_some() || arguments.client_id.is_some() {
        return usage("--sandbox has an application and a store of its own; leave --store, --accounts and --client-id out");
    }
    Ok((Arc::new(MemoryStore::new()), "memory".to_owned()))
}

/// The store that keeps accounts.
fn keeper(arguments: &Arguments) -> Outcome<(Keeper, String)> {
    let path = |default: fn() -> Result<std::path::PathBuf, tidal_core::Failure>| match &arguments.accounts {
        Some(path) => Ok(path.clone()),
        None => default(),
    };
    match arguments.store.as_deref().unwrap_or("file") {
        "file" => {
            let path = path(FileStore::default_path)?;
            Ok((Arc::new(FileStore::open(&path)?), path.display().to_string()))
        }
        "sqlite" => {
            let path = path(SqliteStore::default_path)?;
            Ok((Arc::new(SqliteStore::open(&path)?), path.display().to_string()))
        }
        other => usage(format!("there is no store {other}{}; there are file and sqlite", suggest(other, ["file", "sqlite"]))),
    }
}
