//! A sign-in to come back from, and a browser made of a raw socket.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use tidal_core::auth::{CodeExchange, PendingSignIn};
use tidal_core::runtime::Clock;
use tidal_core::url::Url;
use tidal_core::{Config, Now, Session, Unix};
use tidal_redirect::{Canceller, Listener, Unfinished};

/// Longer than any test takes.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// A clock that stands still, at so many seconds.
#[derive(Clone, Copy)]
pub(crate) struct At(pub(crate) i64);

impl Clock for At {
    fn now(&self) -> Now {
        Now { unix: Unix::from_secs(self.0), ..Now::default() }
    }
}

/// A sign-in begun at second 0.
pub(crate) fn begin(redirect_uri: &str) -> PendingSignIn {
    let config = Config::pkce("client", redirect_uri).unwrap();
    Session::new(config, [7; 32]).begin_sign_in(At(0).now()).unwrap()
}

pub(crate) fn state(pending: &PendingSignIn) -> String {
    let url = Url::parse(pending.authorize_url()).unwrap();
    url.query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned()
}

/// The code that came, seen by what the token endpoint would be sent.
pub(crate) fn code(exchange: CodeExchange) -> String {
    let config = Config::pkce("client", "http://localhost/").unwrap();
    let (exchange, _) = exchange.send(&config, At(0).now()).unwrap();
    let form = Url::parse(&format!("form:?{}", std::str::from_utf8(exchange.request.body()).unwrap())).unwrap();
    form.query_pairs().find(|(key, _)| key == "code").unwrap().1.into_owned()
}

/// A listener that waits in the background.
pub(crate) struct Waiting {
    pub(crate) host: String,
    pub(crate) state: String,
    pub(crate) address: SocketAddr,
    pub(crate) canceller: Canceller,
    outcome: Receiver<(Listener, Result<CodeExchange, Unfinished>)>,
}

pub(crate) fn waiting(listener: Listener, clock: At, timeout: Duration) -> Waiting {
    let pending = begin(listener.redirect_uri());
    go_on(listener, pending, clock, timeout)
}

pub(crate) fn go_on(listener: Listener, pending: PendingSignIn, clock: At, timeout: Duration) -> Waiting {
    let url = Url::parse(listener.redirect_uri()).unwrap();
    let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let (state, address) = (state(&pending), url.socket_addrs(|| None).unwrap()[0]);
    let (sender, outcome) = mpsc::channel();
    let canceller = listener
        .spawn(pending, timeout, clock, move |listener, ended| {
            let _ = sender.send((listener, ended));
        })
        .unwrap();
    Waiting { host, state, address, canceller, outcome }
}

impl Waiting {
    pub(crate) fn outcome(self) -> (Listener, Result<CodeExchange, Unfinished>) {
        self.outcome.recv_timeout(LONG).expect("the wait ends")
    }

    /// Goes to a path and query by `GET`, with further header lines.
    pub(crate) fn get(&self, target: &str, headers: &[&str]) -> Page {
        self.request("GET", target, headers)
    }

    /// Comes back with this state and `code=the-code`.
    pub(crate) fn come_back(&self, state: &str) -> Page {
        self.get(&format!("/callback?code=the-code&state={state}"), &[])
    }

    pub(crate) fn request(&self, method: &str, target: &str, headers: &[&str]) -> Page {
        let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        raw(self.address, &format!("{method} {target} HTTP/1.1\r\nHost: {}\r\n{lines}\r\n", self.host))
    }
}

/// What a browser was given.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Sends the text and reads to the end.
pub(crate) fn raw(address: SocketAddr, text: &str) -> Page {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    read_page(stream)
}

pub(crate) fn read_page(mut stream: TcpStream) -> Page {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).map_or(0, |status| status.parse().unwrap());
    Page { status, head: head.to_owned(), body: body.to_owned() }
}
