//! Why an address that came back is not taken.

use tidal_core::auth::{CodeExchange, PendingSignIn, RedirectRefused};
use tidal_core::{Error, Now, Secret};
use url::Url;

/// What is wrong with an address that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// It is no address, or not the redirect URI.
    NotTheRedirect,
    /// It lacks the state: it does not come from the sign-in page.
    MissingState,
    /// Its state is not that of this sign-in.
    OtherSignIn,
    /// The person declined (`access_denied`).
    Declined,
    /// The sign-in page reports another error.
    Reported,
    /// It has the state, but neither a code nor an error.
    MissingCode,
    /// Nothing is wrong with it, but the sign-in has expired.
    Expired,
}

impl Refusal {
    /// Whether it is the sign-in page's own last word, after which no other address can be expected. An address with a missing
    /// or another state may come from anybody, and never is.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(self, Self::Declined | Self::Reported | Self::MissingCode | Self::Expired)
    }

    /// What is wrong with `address`, as the sign-in stands.
    fn of(pending: &PendingSignIn, address: &str) -> Self {
        let (Ok(url), Ok(own)) = (Url::parse(address), Url::parse(pending.redirect_uri())) else {
            return Self::NotTheRedirect;
        };
        let place = |url: &Url| (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port(), url.path().to_owned());
        if place(&url) != place(&own) {
            return Self::NotTheRedirect;
        }
        match field(&url, "state") {
            None => return Self::MissingState,
            state if state != own_state(pending) => return Self::OtherSignIn,
            Some(_) => {}
        }
        match field(&url, "error") {
            Some(error) if error.expose() == "access_denied" => Self::Declined,
            Some(_) => Self::Reported,
            None if field(&url, "code").is_none_or(|code| code.expose().is_empty()) => Self::MissingCode,
            None => Self::Expired,
        }
    }
}

/// Whether `address` may be the beginning of the right one, the rest of which is still to come.
pub(crate) fn may_be_cut(pending: &PendingSignIn, address: &str) -> bool {
    match Refusal::of(pending, address) {
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
    pending.redirected(address, now).map_err(|RedirectRefused { pending, error }| {
        Box::new(Refused { refusal: Refusal::of(&pending, address), pending: *pending, error })
    })
}
