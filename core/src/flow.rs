//! How a session comes by its tokens.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Invalid;

/// An OAuth 2 authorization flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Flow {
    /// No authentication: requests carry no `Authorization`.
    None,
    /// Client credentials (RFC 6749 §4.4): the application itself, no person. It signs in again by itself.
    ClientCredentials,
    /// Authorization code with PKCE (RFC 6749 §4.1, RFC 7636): a person signs in with a browser.
    Pkce,
}

impl Flow {
    /// The name of the flow in configurations and stores.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientCredentials => "client_credentials",
            Self::Pkce => "pkce",
        }
    }

    /// Whether a person takes part.
    #[must_use]
    pub const fn has_person(self) -> bool {
        matches!(self, Self::Pkce)
    }
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Flow {
    type Err = Invalid;

    fn from_str(name: &str) -> Result<Self, Invalid> {
        [Self::None, Self::ClientCredentials, Self::Pkce]
            .into_iter()
            .find(|flow| flow.as_str() == name)
            .ok_or_else(|| Invalid::new("flow", format!("{name:?} is none; the flows are none, client_credentials and pkce")))
    }
}
