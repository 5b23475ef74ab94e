//! Starting and stopping.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use url::Url;

use crate::control::Control;
use crate::log::Log;
use crate::oauth::authorize::{self, NoAsk};
use crate::oauth::decision::Decision;
use crate::options::{Client, Options, User};
use crate::server::{self, Shared};
use crate::state::State;
use crate::urls;

/// A running local TIDAL. It has a thread of its own and stops when it is dropped.
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    clients: Vec<Client>,
    users: Vec<User>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts one on 127.0.0.1. When this returns, it accepts connections.
    ///
    /// # Errors
    /// The port is taken, the system gives no thread, or `options` name no client or no user.
    pub fn start(options: Options) -> io::Result<Self> {
        if options.clients.is_empty() || options.users.is_empty() {
            let why = "a sandbox needs a client and a user";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let listener = listen(&runtime, options.port)?;
        let address = listener.local_addr()?;
        let clock = options.clock.clone();
        let state = State::new(&options, address, clock.timestamp());
        let shared = Arc::new(Shared::new(clock, Log::new(options.log.max(1)), state));
        let (stop, stopped) = oneshot::channel();
        let served = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("tidal-sandbox".into())
            .spawn(move || runtime.block_on(server::serve(served, listener, stopped)))?;
        Ok(Self { address, shared, clients: options.clients, users: options.users, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base of the API, which ends in `/v2`.
    #[must_use]
    pub fn base_url(&self) -> String {
        urls::at(self.address, urls::API)
    }

    /// The page where a person gives consent.
    #[must_use]
    pub fn authorize_url(&self) -> String {
        urls::at(self.address, urls::AUTHORIZE)
    }

    /// The token endpoint.
    #[must_use]
    pub fn token_url(&self) -> String {
        urls::at(self.address, urls::TOKEN)
    }

    /// Where a device asks for its codes (RFC 8628). The page for its person is named in the answer.
    #[must_use]
    pub fn device_url(&self) -> String {
        urls::at(self.address, urls::DEVICE)
    }

    /// The revocation endpoint (RFC 7009).
    #[must_use]
    pub fn revoke_url(&self) -> String {
        urls::at(self.address, urls::REVOKE)
    }

    /// The id of the first client.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.clients.first().map_or("", |client| &client.id)
    }

    /// The secret of the first client.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        self.clients.first().map_or("", |client| &client.secret)
    }

    /// The people who can sign in.
    #[must_use]
    pub fn users(&self) -> &[User] {
        &self.users
    }

    /// The handle that steers it.
    #[must_use]
    pub fn control(&self) -> Control {
        Control(Arc::clone(&self.shared))
    }

    /// Does what the first person would do at the authorize page: consents. Gives the URL to which the browser
    /// would be sent, with `code` and `state` (a token in the fragment, for `response_type=token`), or with `error` where the
    /// application asked for what it may not.
    ///
    /// # Errors
    /// [`NoRedirect`] where the person would be told and not sent back.
    pub fn approve(&self, authorize_url: &str) -> Result<String, NoRedirect> {
        let user = self.users.first().map_or(0, |user| user.id);
        self.decide(authorize_url, Decision::Approve(user))
    }

    /// The same as [`approve`](Self::approve), for the person with this id.
    ///
    /// # Errors
    /// As there, and if there is no such person.
    pub fn approve_as(&self, user: u64, authorize_url: &str) -> Result<String, NoRedirect> {
        self.decide(authorize_url, Decision::Approve(user))
    }

    /// The person says no. Gives the URL with `error=access_denied`.
    ///
    /// # Errors
    /// As for [`approve`](Self::approve).
    pub fn deny(&self, authorize_url: &str) -> Result<String, NoRedirect> {
        self.decide(authorize_url, Decision::Deny)
    }

    fn decide(&self, authorize_url: &str, decision: Decision) -> Result<String, NoRedirect> {
        let url = Url::parse(authorize_url).map_err(|_| NoRedirect("This is no URL."))?;
        let (Some(host), Some(port)) = (url.host_str(), url.port()) else {
            return Err(NoRedirect("This leads to another place."));
        };
        let local = ["127.0.0.1", "localhost"].contains(&host) && port == self.address.port();
        if !local || url.path() != urls::AUTHORIZE {
            return Err(NoRedirect("This leads to another place."));
        }
        let now = self.shared.clock.timestamp();
        let query = url.query().unwrap_or_default();
        match authorize::decide(&mut self.shared.state(), query, decision, now) {
            Ok(url) | Err(NoAsk::Back(url)) => Ok(url),
            Err(NoAsk::Stay(why)) => Err(NoRedirect(why)),
        }
    }
}

/// Listens with room for a thousand clients that come at once; the usual 128 would make them wait for a second.
fn listen(runtime: &Runtime, port: u16) -> io::Result<TcpListener> {
    let _inside = runtime.enter();
    let socket = TcpSocket::new_v4()?;
    // Elsewhere it would let two programs share the port.
    socket.set_reuseaddr(cfg!(unix))?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    socket.listen(4_096)
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has told so itself.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("address", &self.address).finish_non_exhaustive()
    }
}

/// The authorize page kept the person: the application or its redirect URI is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRedirect(&'static str);

impl fmt::Display for NoRedirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for NoRedirect {}
