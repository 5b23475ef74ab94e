//! The transport.

use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;

use async_std::io::{Cursor, ReadExt};
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{Method, Request, StatusCode, Version};
use isahc::config::{Configurable, RedirectPolicy};
use isahc::tls::{TlsConfig, TrustStore};
use isahc::{AsyncBody, HttpClient, HttpClientBuilder};
use tidal_core::bytes::Bytes;
use tidal_core::transport::{BoxFuture, Transport};
use tidal_core::{Exchange, Failure, FailureKind, Response};
use tidal_transport::{Bounds, Incoming, admit};

use crate::failure::{of_body, of_request};
use crate::mute::{muted, muted_future};

/// A transport on isahc.
///
/// Cloning is cheap, and clones share their connections. Its futures can be polled by any executor; deadlines are read on
/// [`SystemClock`](crate::SystemClock), as [`AsyncStdRuntime`](crate::AsyncStdRuntime) does. A future that is dropped gives its request
/// up: curl ends it with the next byte that comes in, or at its deadline.
#[derive(Clone)]
pub struct Isahc {
    client: HttpClient,
}

impl Isahc {
    /// A transport that trusts Mozilla's roots.
    ///
    /// # Errors
    /// [`FailureKind::Unsupported`] if curl or its thread can't be started.
    pub fn new() -> Result<Self, Failure> {
        Self::with_tls(TlsConfig::builder().trust_store(TrustStore::webpki_roots()).build())
    }

    /// A transport with a TLS configuration of one's own: other roots, or the platform's.
    ///
    /// # Errors
    /// [`FailureKind::Unsupported`] if curl or its thread can't be started.
    pub fn with_tls(config: TlsConfig) -> Result<Self, Failure> {
        let builder = HttpClientBuilder::new()
            .tls_config(config)
            .proxy(None)
            .redirect_policy(RedirectPolicy::None)
            // curl decodes, but where it does nobody counts the bytes
            .automatic_decompression(false)
            .expect_continue(false);
        let client = muted(|| builder.build());
        let client =
            client.map_err(|error| Failure::new(FailureKind::Unsupported, format!("curl can't be started: {error}")))?;
        Ok(Self { client })
    }

    async fn exchange(self, request: Request<Bytes>, bounds: Bounds) -> Result<Response, Failure> {
        let is_head = request.method() == Method::HEAD;
        let request = prepare(request, bounds.left());
        let sent = muted_future(async { self.client.send_async(request).await }).await;
        let (parts, mut body) = sent.map_err(|error| of_request(&bounds, &error))?.into_parts();
        let mut head = http::Response::new(()).into_parts().0;
        head.status = parts.status;
        head.version = parts.version;
        head.headers = parts.headers;
        // curl takes an answer that was cut in its head for a whole one
        let mut due =
            if is_bodiless(head.status) || is_head { None } else { body.len().or_else(|| is_endless(&head).then_some(1)) };
        let mut answer = Incoming::new(head, bounds.clone())?;
        let mut chunk = vec![0; 16 * 1024];
        loop {
            match body.read(&mut chunk).await {
                Ok(0) if due.is_some_and(|due| due > 0) => {
                    return Err(bounds.fail(FailureKind::Broken, "the connection was closed before the answer was whole"));
                }
                Ok(0) => return answer.finish(),
                Ok(length) => {
                    due = due.map(|due| due.saturating_sub(u64::try_from(length).unwrap_or(u64::MAX)));
                    answer.push(&chunk[..length])?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(of_body(&bounds, &error)),
            }
        }
    }
}

/// The request as isahc takes it, with the time that curl has for it.
fn prepare(request: Request<Bytes>, left: Duration) -> Request<AsyncBody> {
    let (mut parts, body) = request.into_parts();
    let body = match u64::try_from(body.len()) {
        Ok(0) | Err(_) => AsyncBody::empty(),
        // When a kept connection turns out to be dead, curl sends again by itself, which is wrong for what may have been carried
        // out. It can't where it can't rewind the body.
        Ok(length) if !is_idempotent(&parts.method) => AsyncBody::from_reader_sized(Cursor::new(body), length),
        Ok(_) => AsyncBody::from_bytes_static(body),
    };
    // isahc keeps its settings among the extensions; only a builder takes them. For curl no time at all is no bound.
    let mut settings = Request::builder().timeout(left.max(Duration::from_millis(1)));
    if let Some(settings) = settings.extensions_mut() {
        parts.extensions.extend(std::mem::take(settings));
    }
    Request::from_parts(parts, body)
}

/// Whether answers of this status never have a body, whatever length they state (RFC 9112 §6.3).
fn is_bodiless(status: StatusCode) -> bool {
    status.is_informational() || status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED
}

/// Whether this head says nothing of where its body ends. A server that ends it by closing has to say that it closes (RFC 9112 §9.6), so
/// such a head was cut, unless there is a body after it.
fn is_endless(head: &http::response::Parts) -> bool {
    head.version == Version::HTTP_11
        && ![CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION].iter().any(|name| head.headers.contains_key(name))
}

/// Whether a request may be sent twice (RFC 9110 §9.2.2).
fn is_idempotent(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE, Method::PUT, Method::DELETE].contains(method)
}

impl Transport for Isahc {
    type Future = BoxFuture<Result<Response, Failure>>;

    fn send(&self, exchange: Exchange) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let (request, bounds) = admit(exchange)?;
            this.exchange(request, bounds).await
        })
    }
}

impl fmt::Debug for Isahc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Isahc").finish_non_exhaustive()
    }
}
