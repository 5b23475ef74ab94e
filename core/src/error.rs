//! What can go wrong, told apart by what the caller can do about it.

mod decode;
mod failure;
mod invalid;

pub use decode::DecodeError;
pub use failure::{Failure, FailureKind};
pub use invalid::Invalid;
