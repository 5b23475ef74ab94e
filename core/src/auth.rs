//! Signing in: the flows as machines over requests and answers.

mod grant;
mod pkce;
mod token;

pub use grant::Grant;
pub use pkce::{CodeAnswer, CodeExchange, PendingSignIn, RedirectRefused};
pub(crate) use token::{TokenAnswer, TokenRefused, TokenRequest};
