//! Idempotency keys: the same key and payload within an hour give the same answer again.
//!
//! ```text
//!   (no entry) ──begin──▶ in progress (409) ──finish──▶ done (replay; 422 for another payload) ──1 h──▶ (no entry)
//! ```

use std::collections::HashMap;
use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::answer::Answer;
use crate::oauth::ledger::{Grant, later};
use crate::refusal::Refusal;
use crate::request::Request;

const LONGEST: usize = 128;
const LIFE: Duration = Duration::from_secs(3_600);

/// Whose key it is.
pub(crate) type Ticket = (String, Option<u64>, String);

struct Kept {
    payload: [u8; 32],
    answer: Option<Answer>,
    until: Timestamp,
}

#[derive(Default)]
pub(crate) struct Idempotency(HashMap<Ticket, Kept>);

pub(crate) enum Begin {
    Fresh(Ticket),
    Replay(Answer),
}

impl Idempotency {
    pub(crate) fn begin(&mut self, grant: &Grant, key: &str, request: &Request, now: Timestamp) -> Result<Begin, Refusal> {
        if key.is_empty() || key.len() > LONGEST {
            let detail = "An idempotency key has 1 to 128 characters";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, detail)
                .code("INVALID_REQUEST_HEADER")
                .source("header", "Idempotency-Key"));
        }
        let ticket = (grant.client.clone(), grant.user, key.to_owned());
        let payload = fingerprint(request);
        self.0.retain(|_, kept| kept.answer.is_none() || now < kept.until);
        match self.0.get(&ticket) {
            Some(kept) if kept.payload != payload => {
                Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "Idempotency key reused with a different payload")
                    .code("IDEMPOTENT_REQUEST_PAYLOAD_MISMATCH"))
            }
            Some(kept) => match &kept.answer {
                Some(answer) => Ok(Begin::Replay(answer.clone())),
                None => Err(Refusal::new(StatusCode::CONFLICT, "Request already in progress for this idempotency key")
                    .code("IDEMPOTENT_REQUEST_IN_PROGRESS")),
            },
            None => {
                let kept = Kept { payload, answer: None, until: later(now, LIFE) };
                self.0.insert(ticket.clone(), kept);
                Ok(Begin::Fresh(ticket))
            }
        }
    }

    pub(crate) fn finish(&mut self, ticket: &Ticket, answer: Answer) {
        if let Some(kept) = self.0.get_mut(ticket) {
            kept.answer = Some(answer);
        }
    }
}

fn fingerprint(request: &Request) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [request.method.as_str(), &request.path, &request.raw_query] {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(&request.body);
    hash.finalize().into()
}
