//! The country that calls are for.

use super::Client;
use crate::error::Error;
use crate::runtime::Clock;
use crate::store::Store;
use crate::transport::BlockingTransport;
use crate::value::Country;

/// The country that calls are for.
impl<T: BlockingTransport, S: Store, C: Clock> Client<T, S, C> {
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
    /// # Errors
    /// As sending a request, and if the service doesn't say the user's country. Nothing is changed then.
    pub fn use_own_country(&self) -> Result<Country, Error> {
        let country = self.users().me().send()?.data.own_country()?;
        self.set_country(Some(country));
        Ok(country)
    }
}
