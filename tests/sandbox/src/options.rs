//! What a sandbox is started with.

use std::fmt;

use url::{Host, Url};

use crate::behaviour::Behaviour;
use crate::clock::Clock;

/// How to start a [`Sandbox`](crate::Sandbox). The default: a free port, real time, one client, two people.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The time that it goes by.
    pub clock: Clock,
    /// The applications that it knows; the first is the one that [`Sandbox::client_id`](crate::Sandbox::client_id)
    /// names.
    pub clients: Vec<Client>,
    /// The people who can sign in; the first is the one who consents when nobody is named.
    pub users: Vec<User>,
    /// The switches.
    pub behaviour: Behaviour,
    /// How many requests the log keeps: 65,536.
    pub log: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            clock: Clock::real(),
            clients: vec![Client::new("sandbox-client", "sandbox-secret")],
            users: vec![User::new(204_000_001, "linnea", "SE"), User::new(204_000_002, "tomas", "US")],
            behaviour: Behaviour::default(),
            log: 65_536,
        }
    }
}

impl Options {
    /// The default.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes this port.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Goes by this clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Knows these applications and no others.
    #[must_use]
    pub fn clients(mut self, clients: impl IntoIterator<Item = Client>) -> Self {
        self.clients = clients.into_iter().collect();
        self
    }

    /// Knows these people and no others.
    #[must_use]
    pub fn users(mut self, users: impl IntoIterator<Item = User>) -> Self {
        self.users = users.into_iter().collect();
        self
    }

    /// Changes switches.
    #[must_use]
    pub fn behave(mut self, change: impl FnOnce(&mut Behaviour)) -> Self {
        change(&mut self.behaviour);
        self
    }
}

/// An application that is registered with the sandbox.
#[derive(Clone)]
#[non_exhaustive]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret; empty for an application that has none. Client credentials and a code without PKCE ask for it; a code with
    /// PKCE, a refresh and a device don't, but a wrong one is always refused.
    pub secret: String,
    /// Where people may be sent back to.
    pub redirects: Redirects,
    /// What it may sign in by: client credentials and PKCE, as the service lets third parties.
    pub flows: Vec<Flow>,
}

impl Client {
    /// An application that takes redirects on loopback.
    #[must_use]
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        let flows = vec![Flow::ClientCredentials, Flow::Pkce];
        Self { id: id.into(), secret: secret.into(), redirects: Redirects::Loopback, flows }
    }

    /// Takes these redirects.
    #[must_use]
    pub fn redirects(mut self, redirects: Redirects) -> Self {
        self.redirects = redirects;
        self
    }

    /// Signs in by these and no others. [`Flow::ALL`] is more than the service allows a third party.
    #[must_use]
    pub fn flows(mut self, flows: impl IntoIterator<Item = Flow>) -> Self {
        self.flows = flows.into_iter().collect();
        self
    }

    pub(crate) fn may(&self, flow: Flow) -> bool {
        self.flows.contains(&flow)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("secret", &"[redacted]")
            .field("redirects", &self.redirects)
            .field("flows", &self.flows)
            .finish()
    }
}

/// A way to get tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// As the application itself (RFC 6749 §4.4).
    ClientCredentials,
    /// An authorization code with nothing but the secret to protect it (RFC 6749 §4.1).
    Code,
    /// An authorization code with PKCE (RFC 7636).
    Pkce,
    /// The token comes in the redirect's fragment (RFC 6749 §4.2).
    Implicit,
    /// A device without a browser (RFC 8628).
    Device,
}

impl Flow {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::ClientCredentials, Self::Code, Self::Pkce, Self::Implicit, Self::Device];
}

/// Which redirect URIs a client has registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redirects {
    /// `http` to 127.0.0.1, `[::1]` or localhost, any port and path (RFC 8252 §7.3).
    Loopback,
    /// Exactly these.
    Only(Vec<String>),
}

impl Redirects {
    pub(crate) fn allow(&self, uri: &str) -> bool {
        match self {
            Self::Only(uris) => uris.iter().any(|allowed| allowed == uri),
            Self::Loopback => Url::parse(uri).is_ok_and(|url| {
                let local = match url.host() {
                    Some(Host::Ipv4(address)) => address.is_loopback(),
                    Some(Host::Ipv6(address)) => address.is_loopback(),
                    Some(Host::Domain(name)) => name == "localhost",
                    None => false,
                };
                url.scheme() == "http" && local && url.fragment().is_none()
            }),
        }
    }
}

/// A person with an account at the sandbox.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct User {
    /// The number that token answers call `user_id`.
    pub id: u64,
    /// The name that the consent page shows.
    pub username: String,
    /// Where the person is: two letters of ISO 3166-1.
    pub country: String,
}

impl User {
    /// A person.
    #[must_use]
    pub fn new(id: u64, username: impl Into<String>, country: impl Into<String>) -> Self {
        Self { id, username: username.into(), country: country.into() }
    }
}
