//! A service on loopback that keeps to a script.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::play::Play;
use crate::server::Server;

pub(crate) struct Service {
    server: Server,
}

impl Service {
    /// A service that does with its nth request, from 1 on, what `script` says.
    pub(crate) fn start(script: impl Fn(usize) -> Play + Send + Sync + 'static) -> Self {
        let count = AtomicUsize::new(0);
        let server = Server::start(move |connection| {
            while connection.request().is_some() {
                if !script(count.fetch_add(1, Ordering::SeqCst) + 1).on(connection) {
                    return;
                }
            }
        });
        Self { server }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        self.server.url(path)
    }

    /// How many requests came in.
    pub(crate) fn met(&self) -> usize {
        self.server.seen().len()
    }
}
