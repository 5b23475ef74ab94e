//! An operation with its arguments: what is sent, and what the answer means.

use bytes::Bytes;

use crate::error::{DecodeError, Invalid};
use crate::message::Head;
use crate::operation::Operation;
use crate::template::RequestWriter;

/// One operation with its arguments. The trait is open: an operation that this crate doesn't have can be added by its user.
///
/// ```
/// use tidal_core::operation::{CacheClass, Flows, Operation, Replay, Tier};
/// use tidal_core::{Endpoint, bytes::Bytes, http::Method};
/// use tidal_core::{DecodeError, Head, Invalid, RequestWriter};
///
/// struct Ping;
///
/// impl Endpoint for Ping {
///     type Output = usize;
///
///     fn operation(&self) -> &Operation {
///         static PING: Operation = Operation {
///             method: Method::GET,
///             path: std::borrow::Cow::Borrowed("/ping"),
///             tier: Tier::ThirdParty,
///             flows: Flows::ANY,
///             scopes: &[],
///             parameters: &[],
///             has_body: false,
///             cache: CacheClass::None,
///             replay: Replay::Read,
///         };
///         &PING
///     }
///
///     fn write(&self, to: &mut RequestWriter) -> Result<(), Invalid> {
///         to.query("loud", "true");
///         Ok(())
///     }
///
///     fn decode(_: &Head, body: Bytes) -> Result<usize, DecodeError> {
///         Ok(body.len())
///     }
/// }
/// ```
pub trait Endpoint: 'static {
    /// What a successful answer holds.
    type Output: Send + Sync + 'static;

    /// What is known of the operation.
    fn operation(&self) -> &Operation;

    /// Writes the arguments.
    ///
    /// # Errors
    /// If an argument is missing or can't be right.
    fn write(&self, to: &mut RequestWriter) -> Result<(), Invalid>;

    /// Understands a successful answer (2xx). A change may be answered by 204 and an empty body.
    ///
    /// # Errors
    /// If the body is not what the operation answers with.
    fn decode(head: &Head, body: Bytes) -> Result<Self::Output, DecodeError>;
}

/// A type that a successful answer can be understood as.
pub trait FromAnswer: Sized + Send + Sync + 'static {
    /// Understands the answer.
    ///
    /// # Errors
    /// If the body is something else.
    fn from_answer(head: &Head, body: Bytes) -> Result<Self, DecodeError>;
}

impl FromAnswer for () {
    /// Whatever it is: that it succeeded is enough.
    fn from_answer(_: &Head, _: Bytes) -> Result<Self, DecodeError> {
        Ok(())
    }
}

impl<T: FromAnswer> FromAnswer for Option<T> {
    /// `None` for an empty body, as changes may be answered.
    fn from_answer(head: &Head, body: Bytes) -> Result<Self, DecodeError> {
        if body.is_empty() { Ok(None) } else { T::from_answer(head, body).map(Some) }
    }
}
