//! The country that calls are for.

use std::future::Future;

use super::Client;
use crate::error::Error;
use crate::runtime::Runtime;
use crate::store::Store;
use crate::transport::Transport;
use crate::value::Country;

/// The country that calls are for.
impl<T: Transport, S: Store, R: Runtime> Client<T, S, R> {
    /// Sets the `countryCode` of calls that take one and don't name one, for those that begin from now on.
    pub fn set_country(&self, country: Option<Country>) {
        self.with(|session| session.set_country(country));
    }

    /// Takes that country from the signed-in user: reads `GET /users/me` once and [sets](Self::set_country) what it says. Nothing
    /// does this by itself, and should another user sign in, the country stays until it is set again.
    ///
    /// It needs a person's sign-in with the scope `user.read`. The service says nothing of its users' language: `locale` stays
    /// what the configuration has.
    ///
    /// ```
    /// use tidal_core::config::Tokens;
    /// use tidal_core::testing::{Script, VirtualRuntime};
    /// use tidal_core::{Client, Config, store::NoStore};
    ///
    /// let script = Script::new();
    /// let user = r#"{"data":{"id":"42","type":"users","attributes":{"country":"NO"}}}"#;
    /// script.on("GET /v2/users/me").reply(200, user);
    /// script.on("GET /v2/albums/1").reply(200, r#"{"data":{"id":"1","type":"albums"}}"#);
    /// let runtime = VirtualRuntime::new();
    /// let mut config = Config::pkce("id", "http://localhost:8080/callback")?;
    /// # config.store_tokens = false;
    /// config.scopes = "user.read".parse()?;
    /// config.tokens = Some(Tokens::new("token"));
    /// let client = Client::new(config, [0; 32], script.clone(), NoStore, runtime.clone())?;
    ///
    /// assert_eq!(runtime.block_on(client.use_own_country()).unwrap().as_str(), "NO");
    /// runtime.block_on(client.albums().get("1").send()).unwrap();
    /// assert_eq!(script.requests()[1].query, "countryCode=NO");
    /// # Ok::<_, tidal_core::Invalid>(())
    /// ```
    ///
    /// # Errors
    /// As sending a request, and if the service doesn't say the user's country. Nothing is changed then.
    pub fn use_own_country(&self) -> impl Future<Output = Result<Country, Error>> + use<T, S, R> {
        let (client, call) = (self.clone(), self.users().me().send());
        async move {
            let country = call.await?.data.own_country()?;
            client.set_country(Some(country));
            Ok(country)
        }
    }
}
