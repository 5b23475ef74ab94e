//! Decodes one albums document with our core, with other clients' models, and with `serde_json` passing over it, and compares.
//!
//! `tidal-peers [ROUNDS [CONTESTANT]]`: in each round each contestant decodes each document once, so that a machine whose speed drifts is as
//! fast for one as for the other. What is compared are the medians of the ratios of each round. The last line has the ratios; the
//! program fails if one of them is beyond its bound. With a contestant, only that one runs, and nothing is said: for profilers.

mod catalogue;
mod contestant;
mod kept;
mod reading;

use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;

use crate::catalogue::{INCLUDED, TypeAt, document};
use crate::contestant::{ALL, Contestant, Run};

/// At least so many times as fast as the faster peer.
const FASTER: f64 = 1.8;
/// At most so many times the time of passing over the document.
const OF_SKIPPING: f64 = 5.5;
/// At most so many times the document's length is kept.
const KEPT: f64 = 2.2;

/// The places of the contestants in [`ALL`].
const OURS: usize = 0;
const PEERS: [usize; 2] = [1, 2];
const SKIP: usize = 3;

fn main() -> ExitCode {
    let rounds = std::env::args().nth(1).map_or(300, |rounds| rounds.parse().expect("the number of rounds is a number"));
    let contests = [TypeAt::First, TypeAt::Last].map(Contest::new);
    if let Some(name) = std::env::args().nth(2) {
        let contestant = *ALL.iter().find(|contestant| contestant.name == name).expect("the contestant is one of ALL");
        (0..rounds).for_each(|_| contests.iter().for_each(|contest| drop(contest.run(contestant))));
        return ExitCode::SUCCESS;
    }
    let mut times = [const { Vec::new() }; 2];
    for round in 0..rounds + 5 {
        for (contest, times) in contests.iter().zip(&mut times) {
            let round = contest.round(round);
            times.push(round);
        }
    }
    // The first rounds warm up.
    let results: Vec<Ratios> = contests.iter().zip(times).map(|(contest, times)| contest.report(&times[5..])).collect();
    let both = |ratio: fn(&Ratios) -> f64| {
        results.iter().map(|ratios| format!("{:.2}", ratio(ratios))).collect::<Vec<_>>().join(" / ")
    };
    println!(
        "\ntype first / last: {} times as fast as the faster peer (at least {FASTER}), {} times the time of skipping (at most \
         {OF_SKIPPING}), {} times the text kept (at most {KEPT})",
        both(|ratios| ratios.faster),
        both(|ratios| ratios.of_skipping),
        both(|ratios| ratios.kept),
    );
    if results.iter().all(Ratios::hold) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One document that all contestants decode.
struct Contest {
    at: TypeAt,
    text: String,
}

/// How long each contestant took in one round: to decode, and to decode and read.
type Round = [(Duration, Duration); ALL.len()];

struct Ratios {
    faster: f64,
    of_skipping: f64,
    kept: f64,
}

impl Ratios {
    fn hold(&self) -> bool {
        self.faster >= FASTER && self.of_skipping <= OF_SKIPPING && self.kept <= KEPT
    }
}

impl Contest {
    fn new(at: TypeAt) -> Self {
        Self { at, text: document(at) }
    }

    fn run(&self, contestant: Contestant) -> Run {
        (contestant.run)(Bytes::from(self.text.clone()))
    }

    /// Each contestant once, another one first in each round.
    fn round(&self, round: usize) -> Round {
        let mut times = Round::default();
        for turn in 0..ALL.len() {
            let who = (round + turn) % ALL.len();
            let run = self.run(ALL[who]);
            times[who] = (run.decoding, run.time());
        }
        times
    }

    fn report(&self, rounds: &[Round]) -> Ratios {
        println!("type {:?}: {} bytes, {INCLUDED} included resources, {} rounds", self.at, self.text.len(), rounds.len());
        println!("{:12} {:>10} {:>10} {:>9} {:>8} {:>7}", "", "decode, µs", "+ read, µs", "× skipped", "× kept", "values");
        let of_skipping = |who: usize| median(rounds.iter().map(|round| ratio(round[who].1, round[SKIP].1)));
        let mut kept = [0.0; ALL.len()];
        for (who, contestant) in ALL.into_iter().enumerate() {
            let counted = kept::counting(|| self.run(contestant));
            kept[who] = counted.kept as f64 / self.text.len() as f64;
            println!(
                "{:12} {:>10.0} {:>10.0} {:>9.2} {:>8.2} {:>7}",
                contestant.name,
                median(rounds.iter().map(|round| micros(round[who].0))),
                median(rounds.iter().map(|round| micros(round[who].1))),
                of_skipping(who),
                kept[who],
                counted.reading.values,
            );
        }
        let than = |peer: usize| median(rounds.iter().map(|round| ratio(round[peer].1, round[OURS].1)));
        Ratios {
            faster: PEERS.map(than).into_iter().fold(f64::INFINITY, f64::min),
            of_skipping: of_skipping(OURS),
            kept: kept[OURS],
        }
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn ratio(of: Duration, to: Duration) -> f64 {
    of.as_secs_f64() / to.as_secs_f64()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
