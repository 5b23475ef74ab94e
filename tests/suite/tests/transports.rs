//! The contract of transports, held by each of them. A new transport adds a line to `transports!`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "transports/contract.rs"]
mod contract;
#[path = "transports/given_up.rs"]
mod given_up;
#[path = "transports/server.rs"]
mod server;
#[path = "transports/tls.rs"]
mod tls;
#[path = "transports/tls_server.rs"]
mod tls_server;

use std::sync::LazyLock;

use tidal_core::transport::{BlockingTransport, Transport};
use tidal_core::{Exchange, Failure, Response};
use tokio::runtime::{Builder, Runtime};

/// Whichever transport, waited for.
type Send = Box<dyn Fn(Exchange) -> Result<Response, Failure> + std::marker::Send + Sync>;

/// One for all, since connections that are kept live on it.
fn runtime() -> &'static Runtime {
    static RUNTIME: LazyLock<Runtime> =
        LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());
    &RUNTIME
}

fn waiting(transport: impl Transport<Future: std::marker::Send> + std::marker::Send + Sync + 'static) -> Send {
    Box::new(move |exchange| runtime().block_on(transport.send(exchange)))
}

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
