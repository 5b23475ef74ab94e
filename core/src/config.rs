//! What a session is told when it is made.

use std::time::Duration;

use url::Url;

use crate::account::{AccountKey, Selector};
use crate::error::Invalid;
use crate::flow::Flow;
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::store::Reach;
use crate::transport;
use crate::value::Country;

/// The API.
pub const BASE_URL: &str = "https://openapi.tidal.com/v2";
/// The authorization endpoint.
pub const AUTH_URL: &str = "https://login.tidal.com/authorize";
/// The token endpoint.
pub const TOKEN_URL: &str = "https://auth.tidal.com/v1/oauth2/token";

/// Configuration of a session: who asks, for what, where, within which bounds.
///
/// A constructor takes what its flow can't do without; everything else is a field with a default.
///
/// ```
/// use tidal_core::{Config, Scopes};
///
/// let mut config = Config::pkce("my-client-id", "http://localhost:8080/callback")?;
/// config.scopes = "user.read playlists.write".parse()?;
/// config.country = Some("NO".parse()?);
/// # Ok::<_, tidal_core::Invalid>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// How the session comes by its tokens.
    pub flow: Flow,
    /// The application's id.
    pub client_id: String,
    /// The application's secret. PKCE works without one.
    pub client_secret: Option<Secret>,
    /// How the secret is sent to the token endpoint.
    pub client_authentication: ClientAuthentication,
    /// Whether the store keeps the secret with the account. Default: no.
    pub keep_client_secret: bool,
    /// Which user's account to use; without it, the one used last.
    pub user: Option<String>,
    /// Where the person's browser is sent when a sign-in ends.
    pub redirect_uri: Option<String>,
    /// The scopes to ask for. Client credentials have none.
    pub scopes: Scopes,
    /// The API's address.
    pub base_url: Url,
    /// The authorization endpoint.
    pub auth_url: Url,
    /// The token endpoint.
    pub token_url: Url,
    /// The revocation endpoint (RFC 7009), if tokens are to be revoked at sign-out. Default: none.
    pub revoke_url: Option<Url>,
    /// `User-Agent` of all requests.
    pub user_agent: String,
    /// `countryCode` of calls that take one and don't name one.
    pub country: Option<Country>,
    /// `locale` of calls that take one and don't name one (BCP 47).
    pub locale: Option<String>,
    /// Whether accounts are looked up and kept in the store. Default: yes.
    pub store_tokens: bool,
    /// Who uses the store. The clients take it from the store.
    pub reach: Reach,
    /// Whether the application handles [`Work::SignIn`](crate::session::Work::SignIn) when a person has to sign in. Default: no.
    pub handles_sign_in: bool,
    /// Bounds in time and number.
    pub bounds: Bounds,
}

/// How a client proves who it is to the token endpoint (RFC 6749 §2.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// By HTTP Basic.
    #[default]
    Basic,
    /// By `client_id` and `client_secret` in the body.
    Body,
}

/// Bounds of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bounds {
    /// One attempt of a call, the body included. Default: 30 s.
    pub attempt: Duration,
    /// A whole call, waiting included. Default: 120 s.
    pub call: Duration,
    /// A request to the token endpoint. Default: 10 s.
    pub token: Duration,
    /// One use of the store. Default: 5 s.
    pub store: Duration,
    /// A sign-in by a person, where the application handles it. Default: 10 min.
    pub sign_in: Duration,
    /// A whole sign-out. Default: 60 s.
    pub sign_out: Duration,
    /// How long before its end a token is renewed. Default: 60 s.
    pub renew_before: Duration,
    /// Bytes of a decoded body. Default: 32 MiB.
    pub body: usize,
    /// Calls in flight. Default: 64.
    pub in_flight: usize,
    /// Calls that wait. Default: 131,072.
    pub waiting: usize,
    /// Events kept until they are taken. Default: 256.
    pub events: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(30),
            call: Duration::from_secs(120),
            token: Duration::from_secs(10),
            store: Duration::from_secs(5),
            sign_in: Duration::from_secs(600),
            sign_out: Duration::from_secs(60),
            renew_before: Duration::from_secs(60),
            body: 32 << 20,
            in_flight: 64,
            waiting: 131_072,
            events: 256,
        }
    }
}

impl Config {
    /// Client credentials: the application itself, without a person.
    ///
    /// # Errors
    /// If the id or the secret is empty.
    pub fn client_credentials(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Result<Self, Invalid> {
        let secret = client_secret.into();
        if secret.expose().is_empty() {
            return Err(Invalid::new("client secret", "is empty; client credentials need one"));
        }
        let mut config = Self::of(Flow::ClientCredentials, client_id.into())?;
        config.client_secret = Some(secret);
        Ok(config)
    }

    /// Authorization code with PKCE: a person signs in with a browser, which is then sent to `redirect_uri`. That address is
    /// registered with the service for this client.
    ///
    /// # Errors
    /// If the id is empty, or the redirect URI is none: it has to be absolute and without a fragment (RFC 6749 §3.1.2).
    pub fn pkce(client_id: impl Into<String>, redirect_uri: impl Into<String>) -> Result<Self, Invalid> {
        let redirect_uri = redirect_uri.into();
        check_redirect_uri(&redirect_uri)?;
        let mut config = Self::of(Flow::Pkce, client_id.into())?;
        config.redirect_uri = Some(redirect_uri);
        Ok(config)
    }

    /// No authentication.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::bare(Flow::None, String::new())
    }

    fn of(flow: Flow, client_id: String) -> Result<Self, Invalid> {
        if client_id.trim().is_empty() {
            return Err(Invalid::new("client id", "is empty; it is the one that the service gave for your application"));
        }
        if client_id.chars().any(char::is_control) {
            return Err(Invalid::new("client id", "holds control characters"));
        }
        Ok(Self::bare(flow, client_id))
    }

    #[expect(clippy::unwrap_used, reason = "the addresses are constants, and a test parses them")]
    fn bare(flow: Flow, client_id: String) -> Self {
        Self {
            flow,
            client_id,
            client_secret: None,
            client_authentication: ClientAuthentication::Basic,
            keep_client_secret: false,
            user: None,
            redirect_uri: None,
            scopes: Scopes::new(),
            base_url: Url::parse(BASE_URL).unwrap(),
            auth_url: Url::parse(AUTH_URL).unwrap(),
            token_url: Url::parse(TOKEN_URL).unwrap(),
            revoke_url: None,
            user_agent: concat!("tidal-core/", env!("CARGO_PKG_VERSION")).to_owned(),
            country: None,
            locale: None,
            store_tokens: true,
            reach: Reach::Local,
            handles_sign_in: false,
            bounds: Bounds::default(),
        }
    }

    /// Checks what the fields' types don't: addresses, scopes, headers.
    ///
    /// # Errors
    /// If an address is neither https nor http on loopback, if an internal scope is asked for, if the redirect URI is none, or
    /// if the user agent holds control characters.
    pub fn check(&self) -> Result<(), Invalid> {
        let addresses = [
            ("base URL", Some(&self.base_url)),
            ("authorization URL", Some(&self.auth_url)),
            ("token URL", Some(&self.token_url)),
        ];
        for (what, url) in addresses.into_iter().chain([("revocation URL", self.revoke_url.as_ref())]) {
            let Some(url) = url else { continue };
            let uri = url.as_str().parse::<http::Uri>().map_err(|e| Invalid::new(what, e.to_string()))?;
            transport::is_allowed(&uri).map_err(|failure| Invalid::new(what, failure.message().to_owned()))?;
        }
        if let Some(uri) = &self.redirect_uri {
            check_redirect_uri(uri)?;
        }
        if let Some(scope) = self.scopes.iter().find(|scope| crate::scope::INTERNAL.contains(scope)) {
            return Err(Invalid::new("scopes", format!("{scope} is reserved for the service's own clients; leave it out")));
        }
        http::HeaderValue::try_from(&self.user_agent)
            .map_err(|_| Invalid::new("user agent", "holds control characters; headers are one line"))?;
        Ok(())
    }

    /// Which stored account this asks for.
    pub(crate) fn selector(&self) -> Selector {
        Selector { client_id: self.client_id.clone(), flow: self.flow, user: self.user.clone() }
    }

    /// The key of the account of `user`, or of the configured one.
    pub(crate) fn key(&self, user: Option<String>) -> AccountKey {
        let user = if self.flow.has_person() { self.user.clone().or(user) } else { None };
        AccountKey { client_id: self.client_id.clone(), flow: self.flow, user }
    }

    /// How long a lease is held at most: a token request, the save, and as much again to spare.
    pub(crate) fn lease_ttl(&self) -> Duration {
        (self.bounds.token + self.bounds.store) * 2
    }
}

fn check_redirect_uri(uri: &str) -> Result<(), Invalid> {
    let refuse = |why: String| Err(Invalid::new("redirect URI", why));
    match Url::parse(uri) {
        Err(e) => refuse(format!("{uri:?} is no absolute URI ({e}); an example is http://localhost:8080/callback")),
        Ok(url) if url.fragment().is_some() => refuse(format!("{uri} has a fragment, which RFC 6749 §3.1.2 doesn't allow")),
        Ok(url) if url.scheme() == "http" && !url.host_str().is_some_and(transport::is_loopback) => {
            refuse(format!("{uri} is plain http, which is for loopback only; use https"))
        }
        Ok(_) => Ok(()),
    }
}
