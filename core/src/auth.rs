//! Signing in: the flows as machines over requests and answers.
//!
//! Each is linear and has one owner: a step consumes the last, so only the valid next step compiles. What waits for a person can be
//! serialised, because they may come back to another process.
//!
//! | flow | machine |
//! |---|---|
//! | client credentials | none: the [`Session`](crate::Session) signs in by itself |
//! | authorization code, with PKCE or without | [`PendingSignIn`] → [`CodeExchange`] → [`CodeAnswer`] → [`Grant`] |
//! | device authorization | [`DeviceAnswer`] → [`PendingDevice`] ⇄ [`DevicePoll`] → [`Grant`] |
//! | implicit grant | [`PendingImplicit`] → [`ImplicitToken`] → [`Grant`] |
//!
//! A session [adopts](crate::Session::adopt) the grant.

mod begun;
mod code;
mod device;
mod endpoints;
mod grant;
mod implicit;
mod redirect;
mod token;

pub use code::{CodeAnswer, CodeExchange, PendingSignIn};
pub use device::{DeviceAnswer, DeviceOutcome, DevicePoll, DevicePrompt, PendingDevice};
pub use grant::Grant;
pub use implicit::{ImplicitToken, PendingImplicit};
pub use redirect::{RedirectFault, RedirectRefused};

pub(crate) use device::begin as begin_device;
pub(crate) use grant::told_user;
pub(crate) use token::{TokenAnswer, TokenRefused, TokenRequest, client_secrets, is_sendable};
