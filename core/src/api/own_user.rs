//! Who is signed in.

use crate::Request;
use crate::api::{GetUser, Users};
use crate::error::{Error, ErrorKind};
use crate::model::User;
use crate::value::Country;

impl<C> Users<C> {
    /// The signed-in user. See [`GetUser`].
    pub fn me(self) -> Request<GetUser, C> {
        self.get("me")
    }
}

impl User {
    /// The country, for calls that are for this user.
    #[inline]
    pub(crate) fn own_country(&self) -> Result<Country, Error> {
        let country = self.country.as_ref().and_then(|country| country.value());
        country.ok_or_else(|| Error::of(ErrorKind::Decode, "the service doesn't say the user's country; set one yourself"))
    }
}
