//! How a session comes by its tokens.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Invalid;

/// An OAuth 2 authorization flow. Third parties may use [`Pkce`](Self::Pkce) and [`ClientCredentials`](Self::ClientCredentials) at TIDAL;
/// the others are for clients that the service lets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Flow {
    /// No authentication: requests carry no `Authorization`.
    None,
    /// Client credentials (RFC 6749 §4.4): the application itself, no person. It signs in again by itself.
    ClientCredentials,
    /// Authorization code without PKCE (RFC 6749 §4.1): a person signs in with a browser, the application has a secret.
    #[serde(rename = "auth_code")]
    AuthorizationCode,
    /// Authorization code with PKCE (RFC 6749 §4.1, RFC 7636): a person signs in with a browser.
    Pkce,
    /// Device authorization (RFC 8628): a person signs in on another device.
    Device,
    /// Implicit grant (RFC 6749 §4.2): a person signs in with a browser, which brings the token back itself. There is no refresh
    /// token.
    Implicit,
}

impl Flow {
    const ALL: [Self; 6] =
        [Self::None, Self::ClientCredentials, Self::AuthorizationCode, Self::Pkce, Self::Device, Self::Implicit];

    /// The name of the flow in configurations and stores.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientCredentials => "client_credentials",
            Self::AuthorizationCode => "auth_code",
            Self::Pkce => "pkce",
            Self::Device => "device",
            Self::Implicit => "implicit",
        }
    }

    /// Whether a person takes part.
    #[must_use]
    pub const fn has_person(self) -> bool {
        !matches!(self, Self::None | Self::ClientCredentials)
    }

    /// Whether the token endpoint may give a refresh token.
    #[must_use]
    pub const fn has_refresh_token(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::Pkce | Self::Device)
    }

    /// Whether a browser is sent back to a redirect URI.
    #[must_use]
    pub const fn has_redirect(self) -> bool {
        matches!(self, Self::AuthorizationCode | Self::Pkce | Self::Implicit)
    }
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Flow {
    type Err = Invalid;

    #[inline]
    fn from_str(name: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|flow| flow.as_str() == name).ok_or_else(|| {
            let names = crate::texts::join(&Self::ALL.map(Self::as_str), ", ");
            Invalid::new("flow", format!("{name:?} is none; the flows are {names}"))
        })
    }
}
