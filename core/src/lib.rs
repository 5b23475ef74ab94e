//! The protocol core of a client for the official TIDAL API (v2: JSON:API over OAuth 2).
//!
//! The core decides and does nothing: it has no sockets, files, threads, clocks or randomness of its own. It builds
//! [`http::Request`]s, understands answers, and says what is to be done next; *shells* do it. Applications use one of the
//! transport crates (`tidal-hyper`, `tidal-isahc`, `tidal-blocking`), which re-export this one, and a store.
//!
//! - [`Client`] is the asynchronous shell, [`blocking::Client`] the blocking one.
//! - [`Session`] and [`Call`] are what they drive, and what you drive where neither fits.
//! - [`api`] has the operations, [`model`] the resource types, [`document`] what answers are made of.
//! - [`cache`] is how a session spares requests, [`Retries`] how it repeats them.
//! - [`pages`] and [`entries`] walk through long lists, [`batch`] reads many things by id.
//! - [`transport`], [`runtime`] and [`store`] are the traits to bring parts of one's own.
//! - `testing` (a feature) has a scripted transport and virtual time.
//!
//! # Driving a call by hand
//!
//! All that a shell does, in one loop. `send` carries out a request, `do_store` uses a store, `sleep_until` sleeps.
//!
//! ```
//! use tidal_core::session::{Reply, StoreReply, StoreWork, Work};
//! use tidal_core::{Answer, Call, Error, Exchange, Failure, Mono, Now, Response, Session, Step};
//!
//! fn run<T: Send + Sync + 'static>(
//!     session: &mut Session,
//!     mut call: Call<T>,
//!     now: impl Fn() -> Now,
//!     mut send: impl FnMut(Exchange) -> Result<Response, Failure>,
//!     mut do_store: impl FnMut(StoreWork) -> Result<StoreReply, Failure>,
//!     sleep_until: impl Fn(Mono),
//! ) -> Result<Answer<T>, Error> {
//!     loop {
//!         match call.poll(session, now()) {
//!             Step::Send(attempt) => {
//!                 let reply = send(attempt.exchange);
//!                 call.receive(attempt.id, reply, now());
//!             }
//!             Step::Done(outcome) => return outcome,
//!             // The only call of the session waits: for a job, or for time to pass.
//!             Step::Wait(ticket) => match session.poll_job() {
//!                 Some(job) => {
//!                     let reply = match job.work {
//!                         Work::Token(exchange) => send(exchange).map(Reply::Token),
//!                         Work::Store(work) => do_store(work).map(Reply::Store),
//!                         // Nothing else is asked for, unless the configuration says so.
//!                         _ => continue,
//!                     };
//!                     session.handle_job(job.id, reply, now());
//!                 }
//!                 None => {
//!                     sleep_until(session.poll_timeout().map_or(ticket.until, |at| at.min(ticket.until)));
//!                     session.handle_timeout(now());
//!                 }
//!             },
//!         }
//!     }
//! }
//!
//! # use tidal_core::{Config, Raw, bytes::Bytes};
//! # let mut config = Config::client_credentials("id", "secret")?;
//! # config.store_tokens = false;
//! # let mut session = Session::new(config, [0; 32]);
//! # let call = Call::new(&Raw::get("/albums/1"))?;
//! # let token = r#"{"access_token":"t","token_type":"Bearer","expires_in":3600}"#;
//! # let mut bodies = [token, "{}"].into_iter();
//! # let send = |_| Ok(Response::new(Bytes::from_static(bodies.next().unwrap_or_default().as_bytes())));
//! # let answer = run(&mut session, call, Now::default, send, |_| Err(Failure::lost()), |_| ()).unwrap();
//! # assert_eq!(answer.body, "{}");
//! # assert_eq!(bodies.next(), None);
//! # Ok::<_, tidal_core::Invalid>(())
//! ```

pub mod account;
mod answer;
pub mod api;
pub mod auth;
pub mod batch;
pub mod blocking;
mod by_id;
pub mod cache;
mod call;
pub mod client;
pub mod config;
pub mod document;
mod endpoint;
pub mod entries;
mod entropy;
mod error;
mod flow;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod limiter;
mod message;
pub mod model;
pub mod operation;
mod order;
pub mod pages;
mod raw;
pub mod report;
pub mod request;
mod retry;
pub mod runtime;
pub mod scope;
mod secret;
pub mod session;
pub mod store;
#[cfg(not(shuttle))]
mod sync;
#[cfg(shuttle)]
#[doc(hidden)]
pub mod sync;
mod template;
#[cfg(feature = "testing")]
pub mod testing;
mod texts;
pub mod time;
pub mod transport;
pub mod value;

pub use account::{AccountFilter, AccountKey, Record, Selector};
pub use answer::{Answer, How, Limits};
pub use batch::{Batch, BatchError, BatchRequest};
pub use call::{Attempt, AttemptId, Call, Step, Ticket};
pub use client::Client;
pub use config::Config;
pub use endpoint::{Endpoint, FromAnswer};
pub use entries::{Entries, Entry};
pub use error::{DecodeError, Error, ErrorKind, Failure, FailureKind, Invalid, Refusal};
pub use flow::Flow;
pub use limiter::{LaneState, LimiterState};
pub use message::{Exchange, Head, Response};
pub use operation::Operation;
pub use pages::{Pages, Position};
pub use raw::{Raw, RawAnswer};
pub use report::{Observed, Report};
pub use request::Request;
pub use retry::{Backoff, Retries};
pub use scope::Scopes;
pub use secret::Secret;
pub use session::{Event, Session, SignOut};
pub use template::RequestWriter;
pub use time::{Mono, Now, Unix};

// The crates whose types appear in this one's signatures.
pub use bytes;
pub use http;
pub use jiff;
pub use url;
