//! The address to which a browser was sent at the end of a sign-in.

use std::fmt;

use url::{Url, form_urlencoded};

use crate::error::{Error, ErrorKind, Failure};
use crate::secret::{Secret, blot};
use crate::texts;
use crate::time::Unix;

/// What is wrong with an address that came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RedirectFault {
    /// It is no address, or not the redirect URI.
    NotTheRedirect,
    /// It lacks the state: it does not come from the sign-in page.
    MissingState,
    /// Its state is not that of this sign-in.
    OtherSignIn,
    /// A parameter comes more than once, which no sign-in page may do (RFC 6749 §3.1).
    Repeated,
    /// The person declined (`access_denied`).
    Declined,
    /// The sign-in page reports another error.
    Reported,
    /// It has the state, but neither what the flow brings nor an error.
    MissingCode,
    /// Nothing is wrong with it, but the sign-in has expired.
    Expired,
}

impl RedirectFault {
    /// Whether it is the sign-in page's own last word, after which no other address can be expected. An address with a missing,
    /// another or a repeated state may come from anybody, and never is.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Declined | Self::Reported | Self::MissingCode | Self::Expired)
    }
}

/// The address was refused; the sign-in is still pending.
pub struct RedirectRefused<P> {
    /// The sign-in, to try again with.
    pub pending: Box<P>,
    /// What is wrong with the address.
    pub fault: RedirectFault,
    /// The same for people, with what the sign-in page reports.
    pub error: Error,
}

impl<P> fmt::Debug for RedirectRefused<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {:?}", self.fault, self.error)
    }
}

impl<P> fmt::Display for RedirectRefused<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<P> std::error::Error for RedirectRefused<P> {}

impl<P> From<RedirectRefused<P>> for Error {
    fn from(refused: RedirectRefused<P>) -> Self {
        refused.error
    }
}

impl<P> From<RedirectRefused<P>> for Failure {
    /// For a handler of sign-ins, which gives the sign-in up then.
    fn from(refused: RedirectRefused<P>) -> Self {
        Self::sign_in(&refused.error)
    }
}

/// What an address has to be.
pub(super) struct Expected<'a> {
    pub(super) redirect_uri: &'a str,
    pub(super) state: &'a Secret,
    pub(super) expires_at: Unix,
    /// The flow's own parameters come in the fragment, not in the query.
    pub(super) in_fragment: bool,
    /// The parameter that the flow is after.
    pub(super) wanted: &'static str,
}

/// Parameters of an address that is as expected.
pub(super) struct Parameters(Vec<(String, Secret)>);

impl Parameters {
    #[inline]
    fn of(text: &str) -> Self {
        let mut said = Vec::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            // One without a value is as none (RFC 6749 §3.1).
            if !value.is_empty() {
                said.push((name.into_owned(), Secret::new(value.into_owned())));
            }
        }
        Self(said)
    }

    /// The value, if there is one.
    #[inline]
    pub(super) fn find(&self, name: &str) -> Option<&Secret> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Says which of these comes more than once.
    #[inline]
    fn repeated(&self, names: &[&'static str]) -> Option<&'static str> {
        for name in names {
            let mut times = 0;
            for (known, _) in &self.0 {
                times += usize::from(known == name);
            }
            if times > 1 {
                return Some(name);
            }
        }
        None
    }
}

/// What a sign-in page may say beside the state, of which nothing may come twice. What else the redirect URI has is its own.
const ANSWERS: [&str; 8] =
    ["code", "access_token", "token_type", "expires_in", "scope", "user_id", "error", "error_description"];

impl Expected<'_> {
    /// The parameters of `address`, if it is the one expected.
    #[inline]
    pub(super) fn check(&self, address: &str, now: Unix) -> Result<Parameters, (RedirectFault, Error)> {
        let refuse = |fault, message: &str| Err((fault, Error::of(ErrorKind::Redirect, message)));
        let address = address.trim().trim_matches(['"', '\'', '<', '>']);
        let (Ok(url), Ok(own)) = (Url::parse(address), Url::parse(self.redirect_uri)) else {
            let message = "this is no address; copy the whole line from the browser, from its scheme on";
            return refuse(RedirectFault::NotTheRedirect, message);
        };
        if place(&url) != place(&own) {
            let message = format!("this address is not the redirect URI {}", self.redirect_uri);
            return refuse(RedirectFault::NotTheRedirect, &message);
        }
        let mut parameters = Parameters::of(url.query().unwrap_or_default());
        if self.in_fragment {
            // Errors come there too (RFC 6749 §4.2.2.1); the fragment goes first.
            let mut fragment = Parameters::of(url.fragment().unwrap_or_default());
            fragment.0.append(&mut parameters.0);
            parameters = fragment;
        }
        let once = |names: &[&'static str]| {
            let name = texts::replace(parameters.repeated(names)?, "_", " ");
            let message = format!("the address has the {name} more than once, which no sign-in page may do");
            Some((RedirectFault::Repeated, Error::of(ErrorKind::Redirect, message)))
        };
        once(&["state"]).map_or(Ok(()), Err)?;
        match parameters.find("state") {
            None => {
                let message = "the address lacks the state: it does not come from the sign-in page";
                return refuse(RedirectFault::MissingState, message);
            }
            Some(state) if state != self.state => {
                return refuse(RedirectFault::OtherSignIn, "the address belongs to another sign-in (its state differs)");
            }
            Some(_) => {}
        }
        once(&ANSWERS).map_or(Ok(()), Err)?;
        if let Some(error) = parameters.find("error") {
            return Err(reported(error, &parameters));
        }
        if parameters.find(self.wanted).is_none() {
            let message = format!("the address lacks the {}", texts::replace(self.wanted, "_", " "));
            return refuse(RedirectFault::MissingCode, &message);
        }
        if now >= self.expires_at {
            return refuse(RedirectFault::Expired, "the sign-in took too long and has expired; begin a new one");
        }
        Ok(parameters)
    }
}

/// What tells one redirect URI from another: scheme, host, port, path.
#[inline]
fn place(url: &Url) -> (&str, Option<&str>, Option<u16>, &str) {
    (url.scheme(), url.host_str(), url.port(), url.path())
}

#[inline]
fn reported(error: &Secret, parameters: &Parameters) -> (RedirectFault, Error) {
    let description = parameters.find("error_description").map(|text| format!(": {}", text.expose())).unwrap_or_default();
    let mut secrets = Vec::new();
    for name in ["state", "code", "access_token"] {
        if let Some(secret) = parameters.find(name) {
            secrets.push(secret.clone());
        }
    }
    let said = format!("{}{description}", error.expose());
    // Foreign text: bounded, without control characters. What is cut is not found any more, so secrets go first.
    let said: String = blot(&said, &secrets).chars().filter(|c| !c.is_control()).take(300).collect();
    let (fault, message) = match error.expose() {
        "access_denied" => (RedirectFault::Declined, "the person declined"),
        "unauthorized_client" | "unsupported_response_type" => {
            let message = "the service does not let this client use this flow; sign in with pkce instead";
            (RedirectFault::Reported, message)
        }
        _ => (RedirectFault::Reported, "the sign-in page reports an error"),
    };
    (fault, Error::of(ErrorKind::Redirect, format!("{message} ({said})")))
}
