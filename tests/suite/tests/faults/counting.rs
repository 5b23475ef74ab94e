//! A transport that counts what it is given.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tidal_core::transport::{BlockingTransport, Transport};
use tidal_core::{Exchange, Failure, Response};

pub(crate) struct Counting<T> {
    pub(crate) inner: T,
    pub(crate) count: Arc<AtomicUsize>,
}

impl<T: Transport> Transport for Counting<T> {
    type Future = T::Future;

    fn send(&self, exchange: Exchange) -> T::Future {
        self.count.fetch_add(1, Ordering::SeqCst);
        self.inner.send(exchange)
    }
}

impl<T: BlockingTransport> BlockingTransport for Counting<T> {
    fn send(&self, exchange: Exchange) -> Result<Response, Failure> {
        self.count.fetch_add(1, Ordering::SeqCst);
        self.inner.send(exchange)
    }
}
