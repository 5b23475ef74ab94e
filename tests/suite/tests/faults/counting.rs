//! A transport that counts what it is given.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tidal_core::transport::{BlockingTransport, Transport};
use tidal_core::{Exchange, Failure, Response};

/// What is to be done before an exchange, told the how manyth it is, from 1 on.
pub(crate) type Before = Arc<dyn Fn(usize) + Send + Sync>;

pub(crate) struct Counting<T> {
    pub(crate) inner: T,
    pub(crate) count: Arc<AtomicUsize>,
    pub(crate) before: Before,
}

impl<T> Counting<T> {
    fn count(&self) {
        (self.before)(self.count.fetch_add(1, Ordering::SeqCst) + 1);
    }
}

impl<T: Transport> Transport for Counting<T> {
    type Future = T::Future;

    fn send(&self, exchange: Exchange) -> T::Future {
        self.count();
        self.inner.send(exchange)
    }
}

impl<T: BlockingTransport> BlockingTransport for Counting<T> {
    fn send(&self, exchange: Exchange) -> Result<Response, Failure> {
        self.count();
        self.inner.send(exchange)
    }
}
