//! What every transport on this machine's own clock does in the same way, whatever its HTTP library.
//!
//! A transport [`admit`]s an exchange, sends what it gets, and feeds the answer through an [`Incoming`], which decodes it and keeps
//! it within its bound. [`SystemClock`] is the clock by which deadlines are read; [`seed`] makes a session's entropy.
//!
//! ```
//! use tidal_core::{Exchange, Failure, FailureKind, Response};
//! use tidal_transport::{Incoming, admit};
//!
//! fn send(exchange: Exchange) -> Result<Response, Failure> {
//!     let (request, bounds) = admit(exchange)?;
//!     let (parts, chunks) = library(request, bounds.left()).map_err(|why| bounds.fail(FailureKind::Broken, why))?;
//!     let mut answer = Incoming::new(parts, bounds)?;
//!     for chunk in chunks {
//!         answer.push(&chunk)?;
//!     }
//!     answer.finish()
//! }
//! # type Chunks = Vec<Vec<u8>>;
//! # fn library(_: http::Request<tidal_core::bytes::Bytes>, _: std::time::Duration)
//! #     -> Result<(http::response::Parts, Chunks), String> {
//! #     Ok((http::Response::new(()).into_parts().0, vec![b"{}".to_vec()]))
//! # }
//! # let request = http::Request::get("https://example.com/").body(Default::default()).unwrap();
//! # let deadline = tidal_transport::SystemClock::read() + std::time::Duration::from_secs(9);
//! # assert_eq!(send(Exchange::new(request, deadline, 10)).unwrap().body(), "{}");
//! ```

mod bounds;
mod clock;
mod entropy;
mod environment;
mod incoming;
#[cfg(feature = "rustls")]
mod tls;

pub use bounds::{Bounds, admit, describe};
pub use clock::SystemClock;
pub use entropy::seed;
pub use environment::{complete, variable};
pub use incoming::Incoming;
