//! A way in without sockets, for the fuzz target alone: no part of the interface.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, UNIX_EPOCH};

use hyper::rt::{Read, ReadBufCursor, Write};
use jiff::Timestamp;

use crate::clock::Clock;
use crate::log::Log;
use crate::oauth::SCOPES;
use crate::oauth::ledger::{Access, Grant};
use crate::options::Options;
use crate::server::{self, Shared};
use crate::state::State;

/// A sandbox that nobody can connect to. It takes two bearer tokens: `person`, which may do everything, and `client`.
pub struct Desk(Arc<Shared>);

impl Default for Desk {
    fn default() -> Self {
        let options = Options::default().clock(Clock::manual(UNIX_EPOCH + Duration::from_secs(1_800_000_000)));
        let clock = options.clock.clone();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        let mut state = State::new(&options, address, clock.timestamp());
        let person = options.users.first().map(|user| user.id);
        for (token, user) in [("person", person), ("client", None)] {
            let client = options.clients.first().map_or_else(String::new, |client| client.id.clone());
            let scopes = SCOPES.iter().map(|(scope, _)| (*scope).to_owned()).collect();
            let grant = Grant { client, user, scopes, family: 0 };
            state.ledger.access.insert(token.to_owned(), Access { grant, expires: Timestamp::MAX });
        }
        Self(Arc::new(Shared::new(clock, Log::new(1), state)))
    }
}

impl Desk {
    /// What comes back on a connection on which just these bytes are sent; nothing if it doesn't come to its end.
    #[must_use]
    pub fn converse(&self, sent: &[u8]) -> Option<Vec<u8>> {
        let received = Arc::default();
        let pipe = Pipe { sent: sent.to_vec(), at: 0, received: Arc::clone(&received) };
        let mut connection = pin!(server::connection(Arc::clone(&self.0), pipe));
        let mut cx = Context::from_waker(Waker::noop());
        // Nothing here waits for another thread: who is not ready at once has asked to be polled again.
        let ended = (0..1_000).any(|_| connection.as_mut().poll(&mut cx).is_ready());
        let received = std::mem::take(&mut *received.lock().unwrap_or_else(PoisonError::into_inner));
        ended.then_some(received)
    }
}

struct Pipe {
    sent: Vec<u8>,
    at: usize,
    received: Arc<Mutex<Vec<u8>>>,
}

impl Read for Pipe {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, mut buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let count = buffer.remaining().min(self.sent.len() - self.at);
        buffer.put_slice(&self.sent[self.at..self.at + count]);
        self.at += count;
        Poll::Ready(Ok(()))
    }
}

impl Write for Pipe {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
