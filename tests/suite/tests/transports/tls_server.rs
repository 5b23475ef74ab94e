//! An HTTPS server with a certificate of its own, HTTP/2 where the client can.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use http::header::CONTENT_ENCODING;
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tidal_core::bytes::Bytes;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::gzip::gzip;
use crate::waiting::runtime;

pub(crate) struct TlsServer {
    pub(crate) url: String,
    pub(crate) der: Vec<u8>,
    pub(crate) pem: String,
    connections: Arc<AtomicUsize>,
}

impl TlsServer {
    pub(crate) fn start() -> Self {
        Self::with(&[b"h2", b"http/1.1"], serve)
    }

    /// A server that speaks these protocols, by a handler for each connection.
    pub(crate) fn with<F>(protocols: &[&[u8]], handler: impl Fn(TlsStream<TcpStream>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send,
    {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (der, key) = (made.cert.der().clone(), PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap());
        let config =
            ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
        let mut config = config.unwrap().with_no_client_auth().with_single_cert(vec![der.clone()], key).unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(config));

        let listener = runtime().block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let connections = Arc::new(AtomicUsize::new(0));
        let (counter, handler) = (connections.clone(), Arc::new(handler));
        runtime().spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counter.fetch_add(1, Ordering::SeqCst);
                let (acceptor, handler) = (acceptor.clone(), handler.clone());
                tokio::spawn(async move {
                    // A client that doesn't trust the certificate leaves here.
                    if let Ok(stream) = acceptor.accept(stream).await {
                        handler(stream).await;
                    }
                });
            }
        });
        Self { url, der: der.to_vec(), pem: made.cert.pem(), connections }
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn serve(stream: TlsStream<TcpStream>) {
    let leave = Notify::new();
    let service = service_fn(|request: Request<Incoming>| {
        if request.uri().path() == "/leave" {
            leave.notify_one();
        }
        answer(request)
    });
    let builder = auto::Builder::new(TokioExecutor::new());
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    loop {
        tokio::select! {
            _ = connection.as_mut() => return,
            // GOAWAY (RFC 9113 §6.8), or `Connection: close`.
            () = leave.notified() => connection.as_mut().graceful_shutdown(),
        }
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Play>, Infallible> {
    let path = request.uri().path().to_owned();
    let method = request.method().clone();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    Ok(match path.as_str() {
        "/gzip" => {
            let play = Play::Once(Some(gzip(&b"hello ".repeat(1000)).into()));
            Response::builder().header(CONTENT_ENCODING, "gzip").body(play).unwrap()
        }
        "/endless" => Response::new(Play::Endless),
        "/broken" => Response::new(Play::Broken(false)),
        _ => Response::new(Play::Once(Some([format!("{method} ").as_bytes(), &body].concat().into()))),
    })
}

/// The body of an answer.
enum Play {
    Once(Option<Bytes>),
    Endless,
    Broken(bool),
}

impl Body for Play {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(match &mut *self {
            Self::Once(bytes) => bytes.take().map(|bytes| Ok(Frame::data(bytes))),
            Self::Endless => Some(Ok(Frame::data(Bytes::from_static(&[0; 16 * 1024])))),
            Self::Broken(begun @ false) => {
                *begun = true;
                Some(Ok(Frame::data(Bytes::from_static(b"half"))))
            }
            Self::Broken(true) => Some(Err(std::io::Error::other("cut"))),
        })
    }
}
