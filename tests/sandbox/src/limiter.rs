//! The rate limit: a token bucket for each client, by the sandbox's clock.

use std::collections::HashMap;

use http::{HeaderName, StatusCode, header};
use jiff::Timestamp;

use crate::behaviour::RateLimit;
use crate::refusal::Refusal;

#[derive(Default)]
pub(crate) struct Limiter {
    buckets: HashMap<String, Bucket>,
}

/// What is left, in thousandths of a token, so that milliseconds add up exactly.
struct Bucket {
    left: i64,
    at: Timestamp,
}

impl Limiter {
    /// Takes the cost of one request, or says how long to wait.
    pub(crate) fn take(&mut self, client: &str, limit: RateLimit, retry_after: bool, now: Timestamp) -> Result<(), Refusal> {
        let capacity = i64::from(limit.capacity) * 1_000;
        let cost = i64::from(limit.cost) * 1_000;
        let rate = i64::from(limit.per_second);
        let bucket = self.buckets.entry(client.to_owned()).or_insert(Bucket { left: capacity, at: now });
        let passed = now.as_millisecond() - bucket.at.as_millisecond();
        let gained = passed.max(0).saturating_mul(rate);
        bucket.left = bucket.left.saturating_add(gained).min(capacity);
        bucket.at = now;
        if bucket.left >= cost {
            bucket.left -= cost;
            return Ok(());
        }
        let missing = cost - bucket.left;
        let each_second = rate * 1_000;
        let wait = (missing + each_second - 1).checked_div(each_second).unwrap_or(3_600);
        Err(refusal(limit, bucket.left / 1_000, retry_after.then_some(wait)))
    }
}

fn refusal(limit: RateLimit, left: i64, wait: Option<i64>) -> Refusal {
    let named = HeaderName::from_static;
    let mut refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "Rate limit exceeded")
        .header(named("x-ratelimit-remaining"), &left.to_string())
        .header(named("x-ratelimit-requested-tokens"), &limit.cost.to_string())
        .header(named("x-ratelimit-burst-capacity"), &limit.capacity.to_string())
        .header(named("x-ratelimit-replenish-rate"), &limit.per_second.to_string());
    if let Some(seconds) = wait {
        refusal = refusal.header(header::RETRY_AFTER, &seconds.to_string());
    }
    refusal
}
