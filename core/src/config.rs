//! What a session is told when it is made.

mod bounds;
mod fill;

use std::time::Duration;

use url::Url;

pub use bounds::Bounds;

use crate::account::{AccountKey, Selector};
use crate::auth::is_sendable;
use crate::error::{Failure, Invalid};
use crate::flow::Flow;
use crate::retry::Retries;
use crate::scope::Scopes;
use crate::secret::Secret;
use crate::store::Reach;
use crate::time::Unix;
use crate::transport;
use crate::value::Country;

pub(crate) use fill::Environment;

/// The API.
pub const BASE_URL: &str = "https://openapi.tidal.com/v2";
/// The authorization endpoint.
pub const AUTH_URL: &str = "https://login.tidal.com/authorize";
/// The token endpoint.
pub const TOKEN_URL: &str = "https://auth.tidal.com/v1/oauth2/token";

/// The device authorization endpoint.
pub const DEVICE_AUTH_URL: &str = "https://auth.tidal.com/v1/oauth2/device_authorization";

/// The variable that names the client id, where an adapter reads the environment.
pub const CLIENT_ID_VARIABLE: &str = "TIDAL_API_CLIENT_ID";
/// The variable that holds the client secret.
pub const CLIENT_SECRET_VARIABLE: &str = "TIDAL_API_CLIENT_SECRET";

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
    /// Whether the store keeps the secret with the account. One that is kept already stays until the next sign-in. Default: no.
    pub keep_client_secret: bool,
    /// Which user's account to use, and under which name a new one is stored; without it, the one used last, and the TIDAL user
    /// id. A leading `~` skips the look-up: a new sign-in is needed, and is stored under the rest. An empty name is as none.
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
    /// The device authorization endpoint.
    pub device_auth_url: Url,
    /// The revocation endpoint (RFC 7009), if tokens are to be revoked at sign-out. Default: none.
    pub revoke_url: Option<Url>,
    /// `User-Agent` of all requests.
    pub user_agent: String,
    /// `countryCode` of calls that take one and don't name one.
    pub country: Option<Country>,
    /// `locale` of calls that take one and don't name one (BCP 47).
    pub locale: Option<String>,
    /// Tokens that were got elsewhere, with which to begin. They may be the same at each start: where the store holds an account of
    /// this client, flow and user that descends from them, renewed since by an earlier start or another process, that one is used. Otherwise
    /// they are, and are stored as a new sign-in: under [`user`](Self::user), else under the TIDAL user id, which the own-user operation
    /// tells (it needs the scope `user.read`), else without a name. Default: none.
    pub tokens: Option<Tokens>,
    /// Whether accounts are looked up and kept in the store. Default: yes.
    pub store_tokens: bool,
    /// Who uses the store. The clients take it from the store.
    pub reach: Reach,
    /// Whether the application handles [`Work::SignIn`](crate::session::Work::SignIn) when a person has to sign in; the clients ask the
    /// handler that they were given for the flow ([`handle_sign_ins`](crate::Client::handle_sign_ins) and those beside it). Default: no.
    pub handles_sign_in: bool,
    /// Whether answers are kept for as long as their [class](crate::operation::CacheClass) says, and identical reads under way
    /// are joined. Default: yes.
    pub cache: bool,
    /// How often calls that failed are tried again.
    pub retries: Retries,
    /// Bounds in time and number.
    pub bounds: Bounds,
    /// The environment had its say on client id and secret.
    environment_read: bool,
    /// Why the store could not be asked for what isn't needed. The session that begins with this configuration tells it.
    pub(crate) store_failure: Option<Failure>,
}

/// Tokens that were got elsewhere.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Tokens {
    /// The access token.
    pub access_token: Secret,
    /// Its type. Default: `Bearer`.
    pub token_type: String,
    /// The refresh token, for flows that have one. Without it, a new sign-in is needed when the access token ends.
    pub refresh_token: Option<Secret>,
    /// When the access token ends, as far as known.
    pub expires_at: Option<Unix>,
}

impl Tokens {
    /// An access token of type `Bearer`, of which nothing else is known.
    #[must_use]
    pub fn new(access_token: impl Into<Secret>) -> Self {
        Self { access_token: access_token.into(), token_type: "Bearer".to_owned(), refresh_token: None, expires_at: None }
    }

    /// The same, with a refresh token.
    #[must_use]
    pub fn refresh_token(mut self, token: impl Into<Secret>) -> Self {
        self.refresh_token = Some(token.into());
        self
    }

    /// The same, with its end.
    #[must_use]
    pub fn expires_at(mut self, at: Unix) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// The same, of another type.
    #[must_use]
    pub fn token_type(mut self, token_type: impl Into<String>) -> Self {
        self.token_type = token_type.into();
        self
    }
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

    /// Authorization code without PKCE: a person signs in with a browser, the application proves itself by its secret.
    ///
    /// # Errors
    /// If the id or the secret is empty, or the redirect URI is none.
    pub fn authorization_code(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
        redirect_uri: impl Into<String>,
    ) -> Result<Self, Invalid> {
        let mut config = Self::pkce(client_id, redirect_uri)?;
        config.flow = Flow::AuthorizationCode;
        config.client_secret = Some(client_secret.into());
        config.check().map(|()| config)
    }

    /// Device authorization: a person signs in on another device.
    ///
    /// # Errors
    /// If the id is empty.
    pub fn device(client_id: impl Into<String>) -> Result<Self, Invalid> {
        Self::of(Flow::Device, client_id.into())
    }

    /// Implicit grant: a person signs in with a browser, which brings the token back itself.
    ///
    /// # Errors
    /// If the id is empty, or the redirect URI is none.
    pub fn implicit(client_id: impl Into<String>, redirect_uri: impl Into<String>) -> Result<Self, Invalid> {
        let mut config = Self::pkce(client_id, redirect_uri)?;
        config.flow = Flow::Implicit;
        Ok(config)
    }

    /// No authentication.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::bare(Flow::None, String::new())
    }

    /// A flow, everything else left out: to be set field by field, and [filled](Self::fill) from environment and store.
    #[must_use]
    pub fn new(flow: Flow) -> Self {
        Self::bare(flow, String::new())
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
            device_auth_url: Url::parse(DEVICE_AUTH_URL).unwrap(),
            revoke_url: None,
            user_agent: concat!("tidal-core/", env!("CARGO_PKG_VERSION")).to_owned(),
            country: None,
            locale: None,
            tokens: None,
            store_tokens: true,
            reach: Reach::Local,
            handles_sign_in: false,
            cache: true,
            retries: Retries::default(),
            bounds: Bounds::default(),
            environment_read: false,
            store_failure: None,
        }
    }

    /// Checks what the fields' types don't: what the flow needs, addresses, scopes, headers.
    ///
    /// # Errors
    /// If the client id or a needed secret is missing, a user is named for a flow that has none, an address is neither https nor http on loopback, an internal scope is asked
    /// for, the redirect URI is none, a header holds control characters, or tokens are given that the flow doesn't have.
    pub fn check(&self) -> Result<(), Invalid> {
        self.check_id_and_secret()?;
        if !self.flow.has_person() && self.named_user().0.is_some() {
            return Err(Invalid::new("user", format!("the flow {} has no user; leave it out", self.flow)));
        }
        if let Some(tokens) = &self.tokens {
            self.check_tokens(tokens)?;
        }
        let addresses = [
            ("base URL", Some(&self.base_url)),
            ("authorization URL", Some(&self.auth_url)),
            ("token URL", Some(&self.token_url)),
            ("device authorization URL", Some(&self.device_auth_url)),
            ("revocation URL", self.revoke_url.as_ref()),
        ];
        for (what, url) in addresses {
            let Some(url) = url else { continue };
            let uri = url.as_str().parse::<http::Uri>().map_err(|e| Invalid::new(what, e.to_string()))?;
            transport::is_allowed(&uri).map_err(|failure| Invalid::new(what, failure.message().to_owned()))?;
            if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
                return Err(Invalid::new(what, "has a user name, a password or a fragment; leave it out"));
            }
        }
        if self.base_url.query().is_some() {
            return Err(Invalid::new("base URL", "has a query; paths are appended to it"));
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

    /// Refuses tokens that can't belong to the flow or can't be sent.
    pub(crate) fn check_tokens(&self, tokens: &Tokens) -> Result<(), Invalid> {
        if self.flow == Flow::None {
            return Err(Invalid::new("access token", "the flow none carries no token; choose another flow"));
        }
        if tokens.refresh_token.is_some() && !self.flow.has_refresh_token() {
            return Err(Invalid::new("refresh token", format!("the flow {} has none; leave it out", self.flow)));
        }
        if !is_sendable(tokens.access_token.expose()) {
            return Err(Invalid::new("access token", "is empty or not printable ASCII; pass it as the service gave it"));
        }
        if tokens.refresh_token.as_ref().is_some_and(|token| token.expose().is_empty()) {
            return Err(Invalid::new("refresh token", "is empty; leave it out where there is none"));
        }
        if !is_sendable(&tokens.token_type) || tokens.token_type.bytes().any(|byte| byte == b' ') {
            return Err(Invalid::new("token type", "is no word; it is Bearer almost always"));
        }
        Ok(())
    }

    /// The name of the user's account, and whether its look-up is skipped.
    fn named_user(&self) -> (Option<String>, bool) {
        match self.user.as_deref().map(|user| (user, user.strip_prefix('~'))) {
            None => (None, false),
            Some((user, None)) => (Some(user.to_owned()).filter(|user| !user.is_empty()), false),
            Some((_, Some(rest))) => (Some(rest.to_owned()).filter(|rest| !rest.is_empty()), true),
        }
    }

    /// Whether a new sign-in is wanted, whatever is stored.
    pub(crate) fn skips_look_up(&self) -> bool {
        self.named_user().1
    }

    /// Which stored account this asks for.
    pub(crate) fn selector(&self) -> Selector {
        Selector { client_id: self.client_id.clone(), flow: self.flow, user: self.named_user().0 }
    }

    /// The key of the account of `user`, or of the configured one.
    #[inline(never)]
    pub(crate) fn key(&self, user: Option<String>) -> AccountKey {
        let user = if self.flow.has_person() { self.named_user().0.or(user) } else { None };
        AccountKey { client_id: self.client_id.clone(), flow: self.flow, user }
    }

    /// How long a lease is held at most: a token request, the save, and as much again to spare.
    pub(crate) fn lease_ttl(&self) -> Duration {
        self.bounds.token.saturating_add(self.bounds.store).saturating_mul(2)
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
