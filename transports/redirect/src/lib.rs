//! How a sign-in comes back from the browser to a program.
//!
//! A person signs in on a page, which then sends the browser to the program's redirect URI. It gets from there to the program by
//! - a [`Listener`] on loopback, which the browser reaches by itself, or
//! - [`Paste`]: the person copies the address into the terminal. This works with every redirect URI, and on a machine without
//!   a browser.
//!
//! Either yields the code, to be given to the client's `finish_sign_in`; or it hands the sign-in back, with the [`Reason`].
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use tidal_core::auth::CodeExchange;
//! use tidal_core::runtime::Clock;
//! use tidal_core::{Config, Session};
//! use tidal_redirect::{Listener, Paste, open_or_show};
//!
//! # fn example(seed: [u8; 32], clock: impl Clock) -> Result<(), Box<dyn std::error::Error>> {
//! // bind first: a sign-in names its redirect URI
//! let mut listener = Listener::bind("http://localhost:8080/callback")?;
//! let config = Config::pkce("client id", listener.redirect_uri())?;
//! let mut session = Session::new(config, seed); // or a client, which begins a sign-in likewise
//! let pending = session.begin_sign_in(clock.now())?;
//!
//! open_or_show(pending.authorize_url(), std::io::stdout())?;
//! let code: CodeExchange = match listener.wait(pending, Duration::from_secs(300), &clock) {
//!     Ok(code) => code,
//!     // perhaps the browser is on another machine
//!     Err(unfinished) => Paste::terminal().ask(*unfinished.pending, &clock)?,
//! };
//! # Ok(())
//! # }
//! ```
//!
//! An asynchronous program [spawns](Listener::spawn) the wait, and has its outcome sent to a channel:
//!
//! ```no_run
//! # use std::time::Duration;
//! # use tidal_core::auth::PendingSignIn;
//! # use tidal_core::runtime::Clock;
//! # use tidal_redirect::{Listener, Unfinished};
//! # fn example(listener: Listener, pending: PendingSignIn, clock: impl Clock + Send + 'static) -> Result<(), Unfinished> {
//! # let (sender, outcome) = std::sync::mpsc::channel(); // stands for the runtime's own
//! let canceller = listener.spawn(pending, Duration::from_secs(300), clock, move |listener, ended| {
//!     // the receiver keeps the listener until it has exchanged the code
//!     let _ = sender.send((listener, ended));
//! })?;
//! // canceller.cancel() ends the wait
//! # Ok(())
//! # }
//! ```
//!
//! And a client may ask for sign-ins by itself, when a call needs one:
//!
//! ```no_run
//! # use std::time::Duration;
//! # use tidal_core::{blocking, runtime::Clock, store::Store, transport::BlockingTransport};
//! # use tidal_core::{Failure, FailureKind};
//! # use tidal_redirect::{Listener, open_or_show};
//! # fn example<C: Clock + Clone + Send + Sync + 'static>(client: blocking::Client<impl BlockingTransport, impl Store, C>, clock: C) {
//! // of a configuration with `handles_sign_in`
//! client.handle_sign_ins(move |pending| {
//!     let failed = |error: String| Failure::new(FailureKind::SignIn, error);
//!     let mut listener = Listener::bind(pending.redirect_uri()).map_err(|error| failed(error.to_string()))?;
//!     open_or_show(pending.authorize_url(), std::io::stdout()).map_err(|error| failed(error.to_string()))?;
//!     Ok(listener.wait(pending, Duration::from_secs(300), &clock)?)
//! });
//! # }
//! ```

mod browser;
mod listener;
mod paste;
mod refusal;
mod unfinished;

pub use browser::{open_browser, open_or_show, show};
pub use listener::{BindError, Canceller, Limits, Listener};
pub use paste::Paste;
pub use tidal_core::auth::RedirectFault as Refusal;
pub use unfinished::{Reason, Unfinished};
