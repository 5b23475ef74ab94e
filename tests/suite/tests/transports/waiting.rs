//! Every transport as a function that waits.

use std::sync::LazyLock;

use tidal_core::transport::{BlockingTransport, Transport};
use tidal_core::{Exchange, Failure, Response};
use tokio::runtime::{Builder, Runtime};

/// Whichever transport, waited for.
pub(crate) type Send = Box<dyn Fn(Exchange) -> Result<Response, Failure> + std::marker::Send + Sync>;

/// One for all, since connections that are kept live on it.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: LazyLock<Runtime> =
        LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());
    &RUNTIME
}

pub(crate) fn waiting(transport: impl Transport<Future: std::marker::Send> + std::marker::Send + Sync + 'static) -> Send {
    Box::new(move |exchange| runtime().block_on(transport.send(exchange)))
}

pub(crate) fn blocking(transport: impl BlockingTransport + std::marker::Send + Sync + 'static) -> Send {
    Box::new(move |exchange| transport.send(exchange))
}
