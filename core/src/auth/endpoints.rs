//! What the requests of sign-ins and renewals ask, as operations with the names of the endpoints, for who watches requests.

use std::borrow::Cow;

use http::Method;

use crate::api::GetUser;
use crate::operation::{Operation, Replay};
use crate::request::Op;

/// RFC 6749 §3.2.
pub(super) static TOKEN: Operation = endpoint("token");
/// RFC 7009 §2.
pub(super) static REVOCATION: Operation = endpoint("revocation");
/// RFC 8628 §3.1.
pub(super) static DEVICE_AUTHORIZATION: Operation = endpoint("device_authorization");

/// Who has signed in.
pub(super) const OWN_USER: &Operation = GetUser::OPERATION;

const fn endpoint(name: &'static str) -> Operation {
    Operation::bare(Method::POST, Cow::Borrowed(name), Replay::Once)
}
