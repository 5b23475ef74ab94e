//! A redirect URI on this machine, and the sockets that serve it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use tidal_core::Invalid;
use url::{Host, Url};

use super::BindError;

/// How many free ports are tried until one is free on IPv4 and IPv6 alike.
const FREE_PORTS: usize = 16;

/// A redirect URI with the hosts `localhost`, `127.0.0.1` or `::1`.
#[derive(Clone)]
pub(super) struct Loopback {
    /// As it is sent to the sign-in page, byte for byte.
    pub(super) uri: String,
    url: Url,
}

impl Loopback {
    pub(super) fn parse(uri: &str) -> Result<Self, Invalid> {
        let refuse = |why: &str| Err(Invalid::new("redirect URI", format!("{uri:?} {why}")));
        let Ok(url) = Url::parse(uri) else {
            return refuse("is no absolute URI; an example is http://127.0.0.1:8080/callback");
        };
        if url.scheme() != "http" {
            return refuse("can't be listened on: a listener on loopback speaks plain http");
        }
        if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return refuse("has a fragment or a user, which a redirect URI has not");
        }
        if addresses(&url).is_empty() {
            return refuse("can't be listened on: its host has to be localhost, 127.0.0.1 or ::1");
        }
        Ok(Self { uri: uri.to_owned(), url })
    }

    /// Opens the sockets. Port 0 means any free one, and the URI then names it.
    pub(super) fn bind(&mut self) -> Result<Vec<TcpListener>, BindError> {
        if self.url.port() != Some(0) {
            return bind_all(&addresses(&self.url), self.port());
        }
        let mut bound = bind_all(&addresses(&self.url), 0);
        for _ in 1..FREE_PORTS {
            if !matches!(&bound, Err(BindError::Bind { source, .. }) if source.kind() == io::ErrorKind::AddrInUse) {
                break;
            }
            bound = bind_all(&addresses(&self.url), 0);
        }
        let sockets = bound?;
        if let Some(Ok(address)) = sockets.first().map(TcpListener::local_addr) {
            // a URL with a host takes any port
            let _ = self.url.set_port(Some(address.port()));
            self.uri = self.url.to_string();
        }
        Ok(sockets)
    }

    /// What the header `Host` has to be. Anything else is a name that someone else had point here (DNS rebinding).
    pub(super) fn is_host(&self, host: &str) -> bool {
        let name = self.url.host_str().unwrap_or_default();
        let (given, port) = match host.rsplit_once(':') {
            Some((given, port)) if !port.ends_with(']') => (given, port.parse().ok()),
            _ => (host, Some(80)),
        };
        given.eq_ignore_ascii_case(name) && port == Some(self.port())
    }

    /// The whole address that a request for `target` names, if its path is that of the redirect URI.
    pub(super) fn address(&self, target: &str) -> Option<String> {
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        if !path.starts_with('/') {
            return None;
        }
        let mut asked = self.url.clone();
        asked.set_path(path);
        asked.set_query(query);
        (asked.path() == self.url.path()).then(|| asked.to_string())
    }

    fn port(&self) -> u16 {
        self.url.port().unwrap_or(80)
    }
}

/// Where to listen for a host: `localhost` is both, since browsers try either first.
fn addresses(url: &Url) -> Vec<IpAddr> {
    const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
    const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
    match url.host() {
        Some(Host::Domain("localhost")) => vec![V4, V6],
        Some(Host::Ipv4(ip)) if V4 == ip => vec![V4],
        Some(Host::Ipv6(ip)) if V6 == ip => vec![V6],
        _ => Vec::new(),
    }
}

/// Listens on one port of all these addresses, except where a machine has no such address. A port that another program holds
/// on one of them is an error: the browser might bring the code to that program.
fn bind_all(addresses: &[IpAddr], mut port: u16) -> Result<Vec<TcpListener>, BindError> {
    let mut sockets = Vec::new();
    let mut absent = None;
    for &ip in addresses {
        let address = SocketAddr::new(ip, port);
        let socket = TcpListener::bind(address).and_then(|socket| Ok((socket.local_addr()?.port(), socket)));
        match socket {
            Ok((actual, socket)) => {
                port = actual;
                sockets.push(socket);
            }
            Err(source) if matches!(source.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied) => {
                return Err(BindError::Bind { address, source });
            }
            Err(source) => absent = Some(BindError::Bind { address, source }),
        }
    }
    match absent {
        Some(error) if sockets.is_empty() => Err(error),
        _ => Ok(sockets),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn only_plain_http_on_loopback_is_listened_on() {
        for uri in ["http://localhost:8080/callback", "http://127.0.0.1", "http://[::1]:0/", "http://LOCALHOST:1/a?b=c"] {
            assert_eq!(Loopback::parse(uri).map(|loopback| loopback.uri).as_deref(), Ok(uri), "{uri}");
        }
        for (uri, why) in [
            ("callback", "no absolute URI"),
            ("https://localhost/callback", "plain http"),
            ("myapp://callback", "plain http"),
            ("http://example.com/callback", "host has to be"),
            ("http://localhost.example.com/", "host has to be"),
            ("http://localhost./", "host has to be"),
            ("http://127.0.0.2/", "host has to be"),
            ("http://0.0.0.0/", "host has to be"),
            ("http://192.168.0.1/", "host has to be"),
            ("http://[::]/", "host has to be"),
            ("http://[::ffff:127.0.0.1]/", "host has to be"),
            ("http://localhost/#a", "fragment"),
            ("http://localhost@localhost/", "user"),
        ] {
            let error = Loopback::parse(uri).err().unwrap();
            assert!(error.why().contains(why), "{uri}: {error}");
        }
    }

    #[test]
    fn the_host_is_exactly_that_of_the_uri() {
        let table = [
            ("http://localhost:8080/", "localhost:8080", true),
            ("http://localhost:8080/", "LocalHost:8080", true),
            ("http://localhost:8080/", "localhost", false),
            ("http://localhost:8080/", "localhost:8081", false),
            ("http://localhost:8080/", "127.0.0.1:8080", false),
            ("http://localhost:8080/", "evil.example:8080", false),
            ("http://localhost:8080/", "", false),
            ("http://localhost/", "localhost", true),
            ("http://localhost/", "localhost:80", true),
            ("http://[::1]:8080/", "[::1]:8080", true),
            ("http://[::1]/", "[::1]", true),
            ("http://[::1]:8080/", "[::1]", false),
            ("http://[::1]:8080/", "::1:8080", false),
        ];
        for (uri, host, expected) in table {
            assert_eq!(Loopback::parse(uri).unwrap().is_host(host), expected, "{uri} {host}");
        }
    }

    #[test]
    fn a_target_is_the_redirect_path_or_nothing() {
        let table = [
            ("http://localhost:1/callback", "/callback?code=a&state=b", Some("http://localhost:1/callback?code=a&state=b")),
            ("http://localhost:1/callback?x=1", "/callback?x=1&code=a", Some("http://localhost:1/callback?x=1&code=a")),
            ("http://localhost:1", "/?code=a", Some("http://localhost:1/?code=a")),
            ("http://localhost:1/callback", "/callback/?code=a", None),
            ("http://localhost:1/callback", "//callback?code=a", None),
            ("http://localhost:1/callback", "/?/callback", None),
            ("http://localhost:1/callback", "http://localhost:1/callback?code=a", None),
            ("http://localhost:1/callback", "*", None),
            ("http://localhost:1/", "/favicon.ico", None),
        ];
        for (uri, target, expected) in table {
            assert_eq!(Loopback::parse(uri).unwrap().address(target).as_deref(), expected, "{uri} {target}");
        }
    }
}
