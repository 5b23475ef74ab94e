//! A server that says exactly what a test tells it to, byte by byte.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A request as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// `GET /path?query`.
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// All values of a header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// A server on a port of its own. Each connection runs the test's handler on a thread.
pub(crate) struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(crate) fn start(handler: impl Fn(&mut Connection) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self { address, connections: Arc::default(), seen: Arc::default() };
        let (connections, seen, handler) = (server.connections.clone(), server.seen.clone(), Arc::new(handler));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                // A client that holds on when it should not must fail the test, not hang it.
                stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
                connections.fetch_add(1, Ordering::SeqCst);
                let mut connection = Connection { stream, buffer: Vec::new(), seen: seen.clone() };
                let handler = handler.clone();
                thread::spawn(move || handler(&mut connection));
            }
        });
        server
    }

    /// Answers every request with these bytes, and keeps the connection.
    pub(crate) fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |connection| {
            while connection.request().is_some() {
                connection.send(&bytes);
            }
        })
    }

    /// Answers the first request with these bytes, and closes.
    pub(crate) fn closing(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |connection| {
            if connection.request().is_some() {
                connection.send(&bytes);
            }
        })
    }

    /// Answers the first request with these bytes, and then says nothing more for as long as the client stays.
    pub(crate) fn stalling(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |connection| {
            if connection.request().is_some() {
                connection.send(&bytes);
                connection.until_closed();
            }
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The only request so far.
    pub(crate) fn only(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }
}

/// One connection of a client.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Connection {
    /// The next request with its body, or `None` if the client has closed.
    pub(crate) fn request(&mut self) -> Option<Seen> {
        let head = self.until(b"\r\n\r\n")?;
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let line = lines.next().unwrap().strip_suffix(" HTTP/1.1").unwrap().to_owned();
        let split = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        let mut seen = Seen { line, headers: lines.map(split).collect(), body: Vec::new() };
        if let Some(length) = seen.header("content-length").first() {
            let length = length.parse().unwrap();
            while self.buffer.len() < length {
                self.more()?;
            }
            seen.body = self.buffer.drain(..length).collect();
        }
        self.seen.lock().unwrap().push(seen.clone());
        Some(seen)
    }

    /// Sends bytes; whether the client took them.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Sends bytes one by one, each in a packet of its own.
    pub(crate) fn dribble(&mut self, bytes: &[u8]) {
        self.stream.set_nodelay(true).unwrap();
        bytes.chunks(1).for_each(|byte| assert!(self.send(byte)));
    }

    /// Sends a piece again and again until the client goes. Panics if it never does.
    pub(crate) fn send_until_closed(&mut self, piece: &[u8]) {
        let error = loop {
            if let Err(error) = self.stream.write_all(piece) {
                break error;
            }
        };
        assert!(
            ![ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()),
            "the client stopped reading, and stayed"
        );
    }

    /// Waits until the client goes.
    pub(crate) fn until_closed(&mut self) {
        while self.more().is_some() {}
    }

    /// Closes at once.
    pub(crate) fn close(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Resets the connection, once this is dropped: what was sent may not arrive.
    pub(crate) fn reset(&mut self) {
        socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).unwrap();
    }

    fn until(&mut self, end: &[u8]) -> Option<Vec<u8>> {
        loop {
            if let Some(at) = self.buffer.windows(end.len()).position(|window| window == end) {
                return Some(self.buffer.drain(..at + end.len()).collect());
            }
            self.more()?;
        }
    }

    /// Reads what there is; `None` at the end.
    fn more(&mut self) -> Option<()> {
        let mut chunk = [0; 4096];
        match self.stream.read(&mut chunk) {
            Ok(0) => None,
            Ok(length) => {
                self.buffer.extend_from_slice(&chunk[..length]);
                Some(())
            }
            Err(error) => {
                assert!(
                    ![ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()),
                    "the client stays, and is silent"
                );
                None
            }
        }
    }
}
