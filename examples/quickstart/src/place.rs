//! Where the story plays: at TIDAL, or at a local one.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use tempfile::TempDir;
use tidal_core::{Config, Invalid};
use tidal_sandbox::{Options, Sandbox};
use tidal_store_file::FileStore;

/// The scopes that the story needs.
const SCOPES: &str = "user.read collection.read collection.write playlists.read playlists.write search.read";

pub(crate) struct Place {
    client_id: String,
    client_secret: String,
    redirect_uri: String,
    accounts: PathBuf,
    local: Option<Local>,
}

struct Local {
    sandbox: Sandbox,
    /// Holds the accounts, and is removed at the end.
    _folder: TempDir,
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

impl Place {
    /// TIDAL, where there are credentials in the environment; a local one otherwise.
    pub(crate) fn find() -> Result<Self, Box<dyn std::error::Error>> {
        let redirect_uri = variable("TIDAL_API_REDIRECT_URI").unwrap_or_else(|| "http://localhost:8080/callback".to_owned());
        if let (Some(client_id), Some(client_secret)) = (variable("TIDAL_API_CLIENT_ID"), variable("TIDAL_API_CLIENT_SECRET")) {
            let accounts = FileStore::default_path()?;
            return Ok(Self { client_id, client_secret, redirect_uri, accounts, local: None });
        }
        let folder = tempfile::tempdir()?;
        let accounts = folder.path().join("accounts.json");
        let sandbox = Sandbox::start(Options::default())?;
        Ok(Self {
            client_id: sandbox.client_id().to_owned(),
            client_secret: sandbox.client_secret().to_owned(),
            redirect_uri,
            accounts,
            local: Some(Local { sandbox, _folder: folder }),
        })
    }

    pub(crate) fn introduction(&self) -> String {
        match &self.local {
            None => format!("Talking to TIDAL as the application {}.", self.client_id),
            Some(local) => format!(
                "TIDAL_API_CLIENT_ID and TIDAL_API_CLIENT_SECRET are not set, so this is a local TIDAL with an invented catalogue,\nat {}.",
                local.sandbox.base_url()
            ),
        }
    }

    pub(crate) fn is_local(&self) -> bool {
        self.local.is_some()
    }

    /// Where accounts are kept.
    pub(crate) fn store(&self) -> Result<FileStore, tidal_core::Failure> {
        FileStore::open(&self.accounts)
    }

    pub(crate) fn accounts(&self) -> String {
        self.accounts.display().to_string()
    }

    /// The application by itself.
    pub(crate) fn application(&self) -> Result<Config, Box<dyn std::error::Error>> {
        self.addresses(Config::client_credentials(self.client_id.as_str(), self.client_secret.as_str())?)
    }

    /// A person.
    pub(crate) fn person(&self) -> Result<Config, Box<dyn std::error::Error>> {
        let mut config = Config::pkce(self.client_id.as_str(), self.redirect_uri.as_str())?;
        config.client_secret = Some(self.client_secret.as_str().into());
        config.scopes = SCOPES.parse()?;
        self.addresses(config)
    }

    fn addresses(&self, mut config: Config) -> Result<Config, Box<dyn std::error::Error>> {
        config.country = Some("US".parse().map_err(|invalid: Invalid| invalid)?);
        if let Some(Local { sandbox, .. }) = &self.local {
            config.base_url = sandbox.base_url().parse()?;
            config.auth_url = sandbox.authorize_url().parse()?;
            config.token_url = sandbox.token_url().parse()?;
            config.revoke_url = Some(sandbox.revoke_url().parse()?);
        }
        Ok(config)
    }

    /// Has a person sign in at this address: the address to which their browser was sent, or nothing where nobody is there to ask.
    pub(crate) fn sign_in(&self, authorize_url: &str) -> Result<Option<String>, Box<dyn std::error::Error>> {
        if let Some(local) = &self.local {
            return Ok(Some(local.sandbox.approve(authorize_url)?));
        }
        if !io::stdin().is_terminal() {
            return Ok(None);
        }
        println!("\nOpen this address and sign in:\n\n{authorize_url}\n");
        print!(
            "Your browser is then sent to {} (the page itself may be missing). Paste that address here: ",
            self.redirect_uri
        );
        io::stdout().flush()?;
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        Ok(Some(line))
    }
}
