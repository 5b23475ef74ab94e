//! The contract of transports, held by each of them. A new transport adds a line to `transports!`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "transports/contract.rs"]
mod contract;
#[path = "transports/given_up.rs"]
mod given_up;
#[path = "transports/gzip.rs"]
mod gzip;
#[path = "transports/server.rs"]
mod server;
#[path = "transports/tls.rs"]
mod tls;
#[path = "transports/tls_server.rs"]
mod tls_server;
#[path = "transports/trusting.rs"]
mod trusting;
#[path = "transports/waiting.rs"]
mod waiting;

use tidal_core::transport::BlockingTransport;

use waiting::{Send, waiting};

fn hyper() -> Send {
    waiting(tidal_hyper::Hyper::new().unwrap())
}

// Under tokio on purpose: it works under any executor.
fn isahc() -> Send {
    waiting(tidal_isahc::Isahc::new().unwrap())
}

fn blocking() -> Send {
    let transport = tidal_blocking::Ureq::new();
    Box::new(move |exchange| transport.send(exchange))
}

/// Instantiates the suite: the name of a transport is that of the function that makes one.
macro_rules! transports {
    ($($transport:ident),*) => { $(mod $transport {
        crate::contract::instantiate!(super::$transport);
    })* };
}

transports!(hyper, isahc, blocking);
