//! How requests leave: two small traits, one for futures and one for threads.
//!
//! A transport carries out one [`Exchange`] and returns the whole answer. What every transport does:
//!
//! - It never follows redirects: a 3xx is an answer like any other.
//! - It sends `Accept-Encoding` for what it can decode, decodes, and removes the encoding headers.
//! - It ends with [`FailureKind::TooLarge`](crate::FailureKind) as soon as the decoded body exceeds `max_body`, while it streams.
//! - It ends with [`FailureKind::Timeout`](crate::FailureKind) at `deadline`.
//! - It refuses plain `http://` to anything but loopback ([`is_allowed`]).

use std::future::Future;
use std::pin::Pin;

use crate::error::{Failure, FailureKind};
use crate::message::{Exchange, Response};

/// A boxed future that may move between threads.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send + 'static>>;

/// A boxed future that stays on its thread.
pub type LocalBoxFuture<T> = Pin<Box<dyn Future<Output = T> + 'static>>;

/// A transport of futures.
///
/// The future is a named type, so that `Send` follows from it and is never demanded, and it owns what it needs: it can't borrow
/// the transport. Where there is no name for it, [`BoxFuture`] or [`LocalBoxFuture`] is one.
pub trait Transport {
    /// What [`send`](Self::send) returns.
    type Future: Future<Output = Result<Response, Failure>>;

    /// Begins to carry out `exchange`. Dropping the future gives it up.
    fn send(&self, exchange: Exchange) -> Self::Future;
}

/// A transport that blocks the calling thread.
pub trait BlockingTransport {
    /// Carries out `exchange`.
    ///
    /// # Errors
    /// If there is no whole answer within the bounds.
    fn send(&self, exchange: Exchange) -> Result<Response, Failure>;
}

impl<T: Transport + ?Sized> Transport for &T {
    type Future = T::Future;

    fn send(&self, exchange: Exchange) -> Self::Future {
        (**self).send(exchange)
    }
}

impl<T: Transport + ?Sized> Transport for std::sync::Arc<T> {
    type Future = T::Future;

    fn send(&self, exchange: Exchange) -> Self::Future {
        (**self).send(exchange)
    }
}

impl<T: Transport + ?Sized> Transport for std::rc::Rc<T> {
    type Future = T::Future;

    fn send(&self, exchange: Exchange) -> Self::Future {
        (**self).send(exchange)
    }
}

impl<T: BlockingTransport + ?Sized> BlockingTransport for std::sync::Arc<T> {
    fn send(&self, exchange: Exchange) -> Result<Response, Failure> {
        (**self).send(exchange)
    }
}

/// A transport made of a function.
#[derive(Clone, Copy, Debug)]
pub struct FromFn<F>(F);

/// Makes a transport of an `async` function or closure.
///
/// ```
/// # use tidal_core::{Exchange, Failure, Response};
/// use tidal_core::transport::{from_fn, Transport};
///
/// async fn send(exchange: Exchange) -> Result<Response, Failure> {
///     // hand exchange.request to the HTTP library at hand
/// #   let _ = exchange; Ok(Response::default())
/// }
///
/// fn takes(_: impl Transport) {}
/// takes(from_fn(send));
/// ```
pub fn from_fn<F, R>(function: F) -> FromFn<F>
where
    F: Fn(Exchange) -> R,
    R: Future<Output = Result<Response, Failure>>,
{
    FromFn(function)
}

impl<F, R> Transport for FromFn<F>
where
    F: Fn(Exchange) -> R,
    R: Future<Output = Result<Response, Failure>>,
{
    type Future = R;

    fn send(&self, exchange: Exchange) -> R {
        (self.0)(exchange)
    }
}

impl<F> BlockingTransport for FromFn<F>
where
    F: Fn(Exchange) -> Result<Response, Failure>,
{
    fn send(&self, exchange: Exchange) -> Result<Response, Failure> {
        (self.0)(exchange)
    }
}

/// Makes a blocking transport of a function.
pub fn from_blocking_fn<F>(function: F) -> FromFn<F>
where
    F: Fn(Exchange) -> Result<Response, Failure>,
{
    FromFn(function)
}

/// Whether a transport may send to `uri`: `https` anywhere, `http` to loopback only (RFC 9700 §2.6 asks for TLS).
///
/// # Errors
/// [`FailureKind::Unsupported`] with the reason.
pub fn is_allowed(uri: &http::Uri) -> Result<(), Failure> {
    let host = uri.host().unwrap_or_default();
    let reason = match uri.scheme_str() {
        Some("https") if !host.is_empty() => return Ok(()),
        Some("http") if is_loopback(host) => return Ok(()),
        Some("http") => format!("plain http to {host} is refused: use https (http is for loopback only)"),
        _ => "the request has no absolute https address".to_owned(),
    };
    Err(Failure::new(FailureKind::Unsupported, reason))
}

/// Whether `host`, as in a URI, names this machine: `localhost`, 127.0.0.0/8 or `::1`.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare.eq_ignore_ascii_case("localhost") || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
