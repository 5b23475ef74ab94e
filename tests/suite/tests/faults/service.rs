//! A service on loopback that keeps to a script: the API and its token endpoint.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::play::Play;
use crate::server::{Seen, Server};

/// A request that came in.
pub(crate) struct Asked<'a> {
    pub(crate) seen: &'a Seen,
    /// Whether it went to the token endpoint.
    pub(crate) for_token: bool,
    /// The how manyth of its kind it is, from 1 on.
    pub(crate) nth: usize,
}

pub(crate) struct Service {
    server: Server,
}

const TOKEN_PATH: &str = "/token";

fn is_for_token(seen: &Seen) -> bool {
    seen.line.starts_with(&format!("POST {TOKEN_PATH}"))
}

impl Service {
    /// A service that does with each request what `script` says.
    pub(crate) fn start(script: impl Fn(&Asked<'_>) -> Play + Send + Sync + 'static) -> Self {
        let counts: Arc<[AtomicUsize; 2]> = Arc::default();
        let server = Server::start(move |connection| {
            while let Some(seen) = connection.request() {
                let for_token = is_for_token(&seen);
                let nth = counts[usize::from(for_token)].fetch_add(1, Ordering::SeqCst) + 1;
                if !script(&Asked { seen: &seen, for_token, nth }).on(connection) {
                    return;
                }
            }
        });
        Self { server }
    }

    pub(crate) fn base_url(&self) -> String {
        self.server.url("/v2")
    }

    pub(crate) fn token_url(&self) -> String {
        self.server.url(TOKEN_PATH)
    }

    /// How many requests came to the API.
    pub(crate) fn calls(&self) -> usize {
        self.server.seen().iter().filter(|seen| !is_for_token(seen)).count()
    }

    /// How many requests came to the token endpoint.
    pub(crate) fn renewals(&self) -> usize {
        self.server.seen().iter().filter(|seen| is_for_token(seen)).count()
    }

    pub(crate) fn connections(&self) -> usize {
        self.server.connections()
    }
}
