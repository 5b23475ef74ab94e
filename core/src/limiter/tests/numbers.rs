//! The parts that calculate, against plain arithmetic and absurd values.

use proptest::prelude::*;

use super::super::meter::Meter;
use super::super::pace::Pace;
use super::super::stated::Stated;
use super::*;

/// A bucket as it is usually written: tokens, counted in thousandths.
struct Bucket {
    tokens: u64,
    burst: u64,
    cost: u64,
    /// Tokens for a second; so many thousandths for a millisecond.
    rate: u64,
}

impl Bucket {
    fn pass(&mut self, millis: u64) {
        self.tokens = (self.tokens + millis * self.rate).min(self.burst);
    }
}

fn absurd() -> impl Strategy<Value = Option<u32>> {
    prop_oneof![
        Just(None),
        prop::sample::select(vec![0, 1, 5, 10, u32::MAX - 1, u32::MAX]).prop_map(Some),
        any::<u32>().prop_map(Some)
    ]
}

fn any_limits() -> impl Strategy<Value = Limits> {
    (absurd(), absurd(), absurd(), absurd()).prop_map(|(remaining, requested, burst, replenish)| Limits {
        remaining,
        requested,
        burst,
        replenish,
    })
}

proptest! {
    #[test]
    fn a_meter_is_a_token_bucket(
        (burst, cost) in (1..50_u64).prop_flat_map(|burst| (Just(burst), 1..=burst)),
        // Those that divide a second.
        rate in prop::sample::select(vec![1, 2, 4, 5, 8, 10, 20]),
        pauses in prop::collection::vec(0..3_000_u64, 1..60),
    ) {
        let mut bucket = Bucket { tokens: burst * 1000, burst: burst * 1000, cost: cost * 1000, rate };
        let mut meter = Meter::default();
        let fills = |tokens: u64| Duration::from_secs(tokens) / u32::try_from(rate).unwrap();
        meter.set(fills(cost), fills(burst));
        let mut now = 0;
        for pause in pauses {
            now += pause;
            bucket.pass(pause);
            prop_assert_eq!(meter.opens() <= at(now), bucket.tokens >= bucket.cost, "at {} ms", now);
            if bucket.tokens >= bucket.cost {
                bucket.tokens -= bucket.cost;
                meter.take(at(now));
            }
        }
    }

    #[test]
    fn a_pace_is_bounded_and_fewer_than_100_clean_answers_make_it_quick_again(
        said in prop::collection::vec(prop::bool::weighted(0.8), 0..200)
    ) {
        let mut pace = Pace::new();
        for clean in said {
            if clean { pace.speed_up() } else { pace.slow_down(at(0)) }
            prop_assert!(pace.meter.gap() <= Duration::from_secs(16));
            prop_assert!(pace.meter.opens() <= at(16_000));
        }
        let answers = (0..1_000).take_while(|_| { let slow = !pace.meter.gap().is_zero(); pace.speed_up(); slow }).count();
        prop_assert!(answers < 100, "{} answers", answers);
        prop_assert_eq!(pace.meter.opens(), Mono::ZERO);
    }

    #[test]
    fn no_statement_locks_a_lane_up(
        said in prop::collection::vec((any_limits(), 0..100_u64, prop::sample::select(vec![0, 1, 63, usize::MAX])), 1..20)
    ) {
        let mut stated = None;
        for (limits, number, later) in said {
            Stated::learn(&mut stated, Some(&limits), number, later, at(1_000));
            let Some(mut known) = stated else { continue };
            prop_assert!(known.meter.opens() <= at(1_000) + PAUSE_MAX, "{:?}", known);
            prop_assert!(known.meter.gap() <= Duration::from_secs(60));
            known.meter.take(known.meter.opens().max(at(1_000)));
            prop_assert!(known.meter.opens() <= at(1_000) + PAUSE_MAX + Duration::from_secs(60), "{:?}", known);
        }
    }

    #[test]
    fn no_pause_is_longer_than_the_bound(
        after in prop_oneof![any::<u64>(), 0..400_u64],
        limits in any_limits(),
        status in prop::sample::select(vec![200, 404, 429, 500, 503]),
    ) {
        let mut limiter = limiter(8);
        come(&mut limiter, 0..10, Lane::Reads, at(0));
        answer(&mut limiter, 0, &signals(status, Some(after), Some(limits)), at(5_000));
        let closed = limiter.state().reads.closed_until;
        prop_assert!(closed.is_none_or(|closed| closed <= at(305_000)), "{:?}", closed);
        if status == 429 {
            prop_assert!(closed >= Some(at(5_000) + Duration::from_secs(after.min(300))));
        }
    }
}

#[test]
fn statements_that_make_little_sense() {
    // Remaining, burst, cost, replenished in a second; the gap and the wait that follow, in milliseconds.
    let cases = [
        ((5, 10, 5, 1), 5_000, 0),
        ((4, 10, 5, 1), 5_000, 1_000),
        // Free, or no bucket at all, or one that never fills: nothing to keep to.
        ((0, 10, 0, 1), 0, 0),
        ((0, 0, 5, 1), 0, 0),
        ((0, 10, 5, 0), 0, 0),
        // Dearer than the bucket is large: as soon as it is full.
        ((1, 5, 9, 1), 5_000, 4_000),
        // More left than it holds.
        ((99, 10, 5, 1), 5_000, 0),
        // Slower than is believed.
        ((0, 600, 600, 1), 60_000, 60_000),
        ((0, u32::MAX, 3, u32::MAX), 0, 0),
    ];
    for ((remaining, burst, requested, replenish), gap, wait) in cases {
        let mut stated = None;
        Stated::learn(&mut stated, Some(&limits(remaining, burst, requested, replenish)), 0, 0, at(0));
        let meter = stated.map_or(Meter::default(), |stated| stated.meter);
        let millis = (meter.gap().as_millis(), meter.opens().since_origin().as_millis());
        assert_eq!(millis, (gap, wait), "{remaining} of {burst}, {requested} each, {replenish}/s");
    }
    // Parts that are missing, and a bucket smaller than what is taken of it.
    let mut stated = None;
    Stated::learn(&mut stated, Some(&Limits { remaining: Some(0), ..Limits::default() }), 0, 0, at(0));
    assert!(stated.is_none());
    let mut meter = Meter::default();
    meter.set(Duration::from_secs(5), Duration::from_secs(1));
    meter.take(at(0));
    assert_eq!(meter.opens(), at(5_000));
}

#[test]
fn a_clock_that_goes_back_stands_still() {
    let mut limiter = limiter(8);
    come(&mut limiter, 0..1, Lane::Reads, at(9_000));
    answer(&mut limiter, 0, &signals(429, Some(1), None), at(5_000));
    come(&mut limiter, 1..2, Lane::Reads, at(0));
    assert_eq!(limiter.poll_timeout(), Some(at(10_000)));
    limiter.handle_timeout(at(9_999));
    limiter.handle_timeout(at(0));
    assert_eq!(wakes(&mut limiter), NOBODY);
    limiter.handle_timeout(at(10_000));
    assert_eq!(wakes(&mut limiter), [1]);
    // It has been twelve already.
    limiter.handle_timeout(at(12_000));
    assert_eq!(limiter.enter(CallId(2), Lane::Reads, at(3)), Turn::Go);
}
