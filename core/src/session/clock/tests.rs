use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::time::Mono;

/// 2026-03-01T12:00:00Z by the service's clock.
const TRUE: i64 = 1_772_366_400_000;
const DAY: i64 = 86_400_000;

/// An answer `at` ms after the start, of a service whose clock is `offset` ms ahead of the local one. It goes out, and comes back, in
/// these times.
fn hear(clock: &mut Offset, at: i64, offset: i64, out: i64, back: i64) {
    let local = |at: i64| Now {
        mono: Mono::from_origin(Duration::from_millis(at.unsigned_abs())),
        unix: Unix::from_millis(TRUE - offset + at),
    };
    let made = TRUE + at + out;
    clock.learn(Unix::from_millis(made - made.rem_euclid(1000)), local(at), local(at + out + back));
}

fn millis(clock: &Offset) -> i64 {
    clock.known().map_or(0, |offset| i64::try_from(offset.as_millis()).unwrap_or(i64::MAX))
}

/// A clock that has heard that many quick answers.
fn heard(answers: i64, offset: i64) -> Offset {
    let mut clock = Offset::default();
    (0..answers).for_each(|nth| hear(&mut clock, nth * 1000, offset, 20, 20));
    clock
}

#[test]
fn two_answers_that_agree_are_needed() {
    for day in [DAY, -DAY] {
        assert_eq!(heard(1, day).known(), None);
        assert!((millis(&heard(2, day)) - day).abs() <= 1040);
    }
}

#[test]
fn one_answer_of_another_time_changes_nothing() {
    let mut clock = heard(3, 0);
    for nth in 0..10 {
        // A cache's answer, an hour old, between two others.
        hear(&mut clock, 10_000 + nth * 2000, -3_600_000, 20, 20);
        assert_eq!(clock.known(), None);
        hear(&mut clock, 11_000 + nth * 2000, 0, 20, 20);
    }
}

#[test]
fn a_clock_that_was_set_right_is_known_by_two_answers() {
    let mut clock = heard(3, DAY);
    hear(&mut clock, 10_000, 0, 20, 20);
    assert!(clock.known().is_some());
    hear(&mut clock, 11_000, 0, 20, 20);
    assert_eq!(clock.known(), None);
}

#[test]
fn the_quickest_answer_is_believed() {
    let mut clock = Offset::default();
    // All the delay is on one side, which shows as half of it.
    hear(&mut clock, 0, DAY, 0, 4000);
    hear(&mut clock, 5000, DAY, 0, 4000);
    assert!((millis(&clock) - DAY).abs() > 1000);
    hear(&mut clock, 10_000, DAY, 10, 10);
    assert!((millis(&clock) - DAY).abs() <= 510);
}

#[test]
fn what_says_nothing_is_not_heard() {
    let now =
        |mono: u64, unix: i64| Now { mono: Mono::from_origin(Duration::from_millis(mono)), unix: Unix::from_millis(unix) };
    let day = Unix::from_millis(TRUE + DAY);
    let cases = [
        ("a date that is past", Unix::from_secs(0), now(10, TRUE + 10)),
        ("a date that can't be", Unix::from_millis(i64::MAX), now(10, TRUE + 10)),
        ("it took a minute", day, now(60_000, TRUE + 60_000)),
        ("the local clock was set meanwhile", day, now(10, TRUE + 7 * DAY)),
    ];
    for (name, date, received) in cases {
        let mut clock = Offset::default();
        (0..5).for_each(|_| assert!(!clock.learn(date, now(0, TRUE), received), "{name}"));
        assert_eq!(clock.known(), None, "{name}");
    }
    let mut clock = Offset::default();
    let agree: Vec<bool> = (0..5).map(|_| clock.learn(day, now(0, TRUE), now(10, TRUE + 10))).collect();
    assert_eq!(agree, [false, true, true, true, true]);
    assert!(clock.known().is_some());
}

#[test]
fn a_board_that_starts_in_1970_is_corrected() {
    let clock = heard(2, TRUE);
    let now = clock.correct(Now { mono: Mono::ZERO, unix: Unix::from_millis(0) });
    assert!((now.unix.as_millis() - TRUE).abs() <= 1040);
}

proptest! {
    /// However the delays fall, what is known is off by no more than half a second and half of the quickest answer's delay.
    #[test]
    fn the_error_is_bounded(
        offset in prop_oneof![-DAY * 400..-20_000_i64, 20_000..DAY * 400],
        delays in prop::collection::vec((0..5000_i64, 0..5000_i64), 2..20),
    ) {
        let mut clock = Offset::default();
        for (nth, (out, back)) in (0..).zip(&delays) {
            hear(&mut clock, nth * 12_345, offset, *out, *back);
        }
        let quickest = delays.iter().map(|(out, back)| out + back).min().unwrap_or(0);
        prop_assert!(clock.known().is_some());
        prop_assert!((millis(&clock) - offset).abs() <= 501 + quickest / 2, "{} for {offset}", millis(&clock));
    }

    /// A clock that is right is never corrected, whatever the delays.
    #[test]
    fn a_clock_that_is_right_is_left_alone(
        offset in -4000..4000_i64,
        delays in prop::collection::vec((0..5000_i64, 0..5000_i64), 1..20),
    ) {
        let mut clock = Offset::default();
        for (nth, (out, back)) in (0..).zip(&delays) {
            hear(&mut clock, nth * 12_345, offset, *out, *back);
            prop_assert_eq!(clock.known(), None);
        }
    }

    /// No readings make it panic, or go past what a clock can say.
    #[test]
    fn any_readings_are_taken(readings in prop::collection::vec((any::<i64>(), any::<u64>(), any::<i64>(), any::<u64>(), any::<i64>()), 0..20)) {
        let mut clock = Offset::default();
        for (date, sent, sent_unix, received, received_unix) in readings {
            let now = |mono, unix| Now { mono: Mono::from_origin(Duration::from_millis(mono)), unix: Unix::from_millis(unix) };
            clock.learn(Unix::from_millis(date), now(sent, sent_unix), now(received, received_unix));
            let _ = (clock.known(), clock.correct(now(received, received_unix)));
        }
    }
}
