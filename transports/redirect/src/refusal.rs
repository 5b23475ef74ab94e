//! Why an address that came back is not taken.

use tidal_core::auth::{CodeExchange, PendingSignIn, RedirectFault as Refusal, RedirectRefused};
use tidal_core::{Error, Now, Secret};
use url::Url;

/// Whether `address` may be the beginning of the right one, the rest of which is still to come.
pub(crate) fn may_be_cut(pending: &PendingSignIn, address: &str, now: Now) -> bool {
    match pending.check(address, now).err().unwrap_or(Refusal::Expired) {
        Refusal::MissingState | Refusal::MissingCode => true,
        Refusal::NotTheRedirect => pending.redirect_uri().starts_with(address),
        Refusal::OtherSignIn => {
            let given = Url::parse(address).ok().and_then(|url| field(&url, "state"));
            given.zip(own_state(pending)).is_some_and(|(given, own)| own.expose().starts_with(given.expose()))
        }
        _ => false,
    }
}

/// The state that was sent along with the person.
fn own_state(pending: &PendingSignIn) -> Option<Secret> {
    field(&Url::parse(pending.authorize_url()).ok()?, "state")
}

fn field(url: &Url, name: &str) -> Option<Secret> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| Secret::new(value.into_owned()))
}

/// An address that was not taken.
pub(crate) struct Refused {
    pub(crate) pending: PendingSignIn,
    pub(crate) refusal: Refusal,
    pub(crate) error: Error,
}

/// Hands an address that came back to the sign-in.
pub(crate) fn take(pending: PendingSignIn, address: &str, now: Now) -> Result<CodeExchange, Box<Refused>> {
    pending
        .redirected(address, now)
        .map_err(|RedirectRefused { pending, fault, error }| Box::new(Refused { refusal: fault, pending: *pending, error }))
}
