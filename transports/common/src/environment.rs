//! What the environment knows: the core reads none.

use tidal_core::store::Store;
use tidal_core::{Config, Error};

/// Fills in client id and secret from `TIDAL_API_CLIENT_ID` and `TIDAL_API_CLIENT_SECRET`, else from the account in `store` that was used
/// last for the flow, where the configuration leaves them out; see [`Config::fill`].
///
/// # Errors
/// If the store can't be read, and could have told something that the flow needs.
pub fn complete(mut config: Config, store: &impl Store) -> Result<Config, Error> {
    config.fill(variable, store).map_err(Error::of_store)?;
    Ok(config)
}

/// A variable of this process's environment, if it is set to Unicode. A client that is put together from parts takes it for its
/// changes of flow ([`use_environment`](tidal_core::Client::use_environment)).
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
