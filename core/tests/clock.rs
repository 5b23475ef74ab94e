//! A local clock that is wrong.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/stage.rs"]
mod stage;

use std::time::Duration;

use stage::{ALBUM, Stage, TOKEN, token};
use tidal_core::Raw;
use tidal_core::testing::Reply;

const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3600);

/// Asks for the album, which the service answers at that time of its day; the token that the request carried.
fn asks(stage: &Stage, time: &str) -> String {
    let date = format!("Thu, 01 Jan 2026 {time} GMT");
    stage.script.on(ALBUM).then(Reply::answer(200, "{}").headers(&[("date", &date)]));
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    stage.script.requests().iter().rev().find_map(|seen| seen.bearer().map(str::to_owned)).unwrap()
}

fn hours_ahead(stage: &Stage) -> Option<i64> {
    stage.client.clock_offset().map(|offset| (offset.as_secs() + 1800).div_euclid(3600))
}

/// Here a token was stored while the clock was right, and the clock goes back a day: the token seems to live for a day more.
#[test]
fn a_token_that_is_over_is_not_sent_by_a_clock_that_is_behind() {
    let stage = Stage::signed_in(HOUR);
    stage.runtime.set_unix(stage.runtime_now().unix - DAY);
    stage.script.on(TOKEN).reply(200, token("new", None));
    assert_eq!(asks(&stage, "00:00:00"), "old");
    assert_eq!(hours_ahead(&stage), None);
    assert_eq!(asks(&stage, "00:00:01"), "old");
    assert_eq!(hours_ahead(&stage), Some(24));
    stage.runtime.advance(2 * HOUR);
    assert_eq!(asks(&stage, "02:00:00"), "new");
    assert_eq!(stage.script.count(TOKEN), 1);
}

/// The answer that brings a token says when it was made, too: with the first answer of the API it tells the difference.
#[test]
fn the_answer_that_brings_a_token_counts() {
    let stage = Stage::expired();
    let date = "Fri, 02 Jan 2026 00:00:00 GMT";
    stage.script.on(TOKEN).then(Reply::answer(200, token("new", None)).headers(&[("date", date)]));
    stage.script.on(ALBUM).then(Reply::answer(200, "{}").headers(&[("date", date)]));
    stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
    assert_eq!(hours_ahead(&stage), Some(24));
}

/// A clock that is set while a token is in use says nothing of how long that lives: it is neither sent after its end, nor renewed before.
#[test]
fn a_clock_that_is_set_dates_no_token_anew_that_was_dated_right() {
    // With the clock right at first, and a day ahead.
    for ahead in [Duration::ZERO, DAY] {
        let stage = Stage::expired();
        stage.runtime.set_unix(stage.runtime_now().unix + ahead);
        stage.script.on(TOKEN).reply(200, token("new", None)).reply(200, token("newer", None));
        for second in 0..3 {
            assert_eq!(asks(&stage, &format!("00:00:0{second}")), "new");
        }
        stage.runtime.set_unix(stage.runtime_now().unix - DAY);
        for second in 3..6 {
            assert_eq!(asks(&stage, &format!("00:00:0{second}")), "new");
        }
        assert_eq!(hours_ahead(&stage).unwrap_or_default(), if ahead.is_zero() { 24 } else { 0 });
        // As in a machine that sleeps, the one clock stands still.
        stage.runtime.set_unix(stage.runtime_now().unix + 2 * HOUR);
        assert_eq!(asks(&stage, "02:00:00"), "newer");
        assert_eq!(stage.script.count(TOKEN), 2);
    }
}

/// A clock that is wrong by a day, either way, costs no renewal of a token that was just issued.
#[test]
fn what_was_issued_before_the_difference_was_known_is_dated_anew() {
    // The virtual clock begins with the year 2026.
    for day in ["Fri, 02 Jan 2026", "Wed, 31 Dec 2025"] {
        let stage = Stage::expired();
        stage.script.on(TOKEN).reply(200, token("new", None));
        for minute in 0..30 {
            let date = format!("{day} 00:{minute:02}:00 GMT");
            stage.script.on(ALBUM).then(Reply::answer(200, "{}").headers(&[("date", &date)]));
            stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
            stage.runtime.advance(Duration::from_secs(60));
        }
        assert_eq!(hours_ahead(&stage).map(i64::abs), Some(24), "{day}");
        assert_eq!(stage.script.count(TOKEN), 1, "{day}");
    }
}
