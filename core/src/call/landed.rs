//! What came back, decoded.

use std::time::Duration;

use http::{HeaderMap, StatusCode};

use super::{Decode, Shared};
use crate::answer::Limits;
use crate::error::{DecodeError, Error, Failure, Refusal, no_json};
use crate::limiter::Signals;
use crate::message::{Head, Response};
use crate::retry::retry_after;
use crate::secret::Secret;
use crate::time::Now;

/// A decoded outcome.
pub(super) enum Landed {
    /// With the length of its body.
    Good(Shared, StatusCode, HeaderMap, usize),
    Unauthorized(Refusal),
    /// With what the answer asks to wait.
    Bad(Error, Option<Duration>),
}

impl Landed {
    pub(super) fn of(
        reply: Result<Response, Failure>,
        decode: Decode,
        secrets: &[Secret],
        now: Now,
    ) -> (Self, Option<Signals>) {
        let (parts, body) = match reply {
            Ok(response) => response.into_parts(),
            Err(failure) => return (Self::Bad(failure.into(), None), None),
        };
        let head = Head::new(parts.status, parts.headers);
        let (retry_after, limits) = (retry_after(&head.headers, now.unix), Limits::of(&head.headers));
        let signals = Signals { status: head.status, retry_after, limits };
        let landed = if head.status.is_success() {
            let length = body.len();
            // Cheap: the bytes are shared.
            match decode(&head, body.clone()) {
                Ok(value) => Self::Good(value, head.status, head.headers, length),
                Err(error) => {
                    let error = no_json(head.status, &head.headers, &body).map_or(error, |what| DecodeError::new("", what));
                    Self::Bad(error.into(), None)
                }
            }
        } else {
            let refusal = Refusal::new(head.status, &head.headers, &body, secrets);
            match head.status {
                StatusCode::UNAUTHORIZED => Self::Unauthorized(refusal),
                _ => Self::Bad(refusal.into(), retry_after),
            }
        };
        (landed, Some(signals))
    }
}
