//! Who is signed in.

use crate::Request;
use crate::api::{GetUser, Users};

impl<C> Users<C> {
    /// The signed-in user. See [`GetUser`].
    pub fn me(self) -> Request<GetUser, C> {
        self.get("me")
    }
}
