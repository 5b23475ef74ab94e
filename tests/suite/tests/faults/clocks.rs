//! Local clocks that are a day off, or set while tokens are in use.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidal_blocking::SystemClock;
use tidal_core::runtime::Clock;
use tidal_core::{Config, Unix};

use crate::client::{Around, Client};
use crate::ends::SECRET;
use crate::play::{ALBUM, answer};
use crate::server::Server;
use crate::shifted::Shift;
use crate::table::{application, run};

const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3600);

/// A token endpoint and an API that keep to a clock of theirs. Tokens live for an hour.
struct Service {
    server: Server,
    ledger: Arc<Mutex<Ledger>>,
}

#[derive(Default)]
struct Ledger {
    /// When each token ends.
    ends: Vec<Unix>,
    /// How many requests carried one that was over.
    dead: usize,
}

impl Ledger {
    fn answer(&mut self, line: &str, authorization: &[&str], now: Unix) -> Vec<u8> {
        let seconds = jiff::Timestamp::from_millisecond(now.as_millis()).unwrap();
        let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&seconds).unwrap();
        let date = format!("Date: {date}\r\n");
        if line.starts_with("POST /token") {
            self.ends.push(now + HOUR);
            let nth = self.ends.len() - 1;
            return answer("200 OK", &date, format!(r#"{{"access_token":"{SECRET}-{nth}","expires_in":3600}}"#));
        }
        let carries = |nth: usize| authorization == [format!("Bearer {SECRET}-{nth}")];
        match self.ends.iter().enumerate().find(|(nth, _)| carries(*nth)) {
            Some((_, end)) if now < *end => answer("200 OK", &date, ALBUM),
            Some(_) => {
                self.dead += 1;
                answer("401 Unauthorized", &date, "")
            }
            None => answer("403 Forbidden", &date, ""),
        }
    }
}

impl Service {
    fn start(shift: Shift) -> Self {
        let ledger = Arc::<Mutex<Ledger>>::default();
        let theirs = Arc::clone(&ledger);
        let server = Server::start(move |connection| {
            while let Some(seen) = connection.request() {
                let now = shift.of(SystemClock.now().unix);
                let bytes = theirs.lock().unwrap().answer(&seen.line, &seen.header("authorization"), now);
                if !connection.send(&bytes) {
                    return;
                }
            }
        });
        Self { server, ledger }
    }

    fn config(&self) -> Config {
        let mut config = application(&self.server.url("/v2"), &self.server.url("/token"));
        config.tokens = None;
        config
    }
}

/// What happens between two groups of calls.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// Time goes by, for all.
    Pass(Duration),
    /// The local clock is set.
    Forward(Duration),
    Back(Duration),
}

use Event::{Back, Forward, Pass};

struct Row {
    name: &'static str,
    /// What happens before the first call.
    at_first: &'static [Event],
    /// What happens after the calls that the first token serves.
    then: &'static [Event],
    /// How many tokens are asked for in all, and how many requests carry one that is over.
    tokens: usize,
    dead: usize,
}

/// While nothing says that the clock was set, a token that seems to be over is renewed, once, and one that seems to be good is sent, once.
const ROWS: [Row; 6] = [
    Row { name: "a day ahead, all the time", at_first: &[Forward(DAY)], then: &[Pass(HOUR)], tokens: 2, dead: 0 },
    Row { name: "a day behind, all the time", at_first: &[Back(DAY)], then: &[Pass(HOUR)], tokens: 2, dead: 0 },
    Row { name: "set forward a day", at_first: &[], then: &[Forward(DAY)], tokens: 2, dead: 0 },
    Row { name: "set back a day", at_first: &[], then: &[Back(DAY)], tokens: 1, dead: 0 },
    Row { name: "set back a day as the token ends", at_first: &[], then: &[Pass(HOUR), Back(DAY)], tokens: 2, dead: 1 },
    Row { name: "a day ahead, and set right", at_first: &[Forward(DAY)], then: &[Back(DAY)], tokens: 1, dead: 0 },
];

/// Every call is answered. In the end an hour goes by: the token is renewed before it is sent, whatever the clock has been through.
#[test]
fn a_clock_that_is_a_day_off_costs_no_answer() {
    run(
        &ROWS,
        |row| row.name,
        |row, adapter| {
            let (theirs, ours) = (Shift::default(), Shift::default());
            let happens = |event: &Event| match *event {
                Pass(time) => {
                    theirs.forward(time);
                    ours.forward(time);
                }
                Forward(time) => ours.forward(time),
                Back(time) => ours.back(time),
            };
            let service = Service::start(theirs.clone());
            row.at_first.iter().for_each(happens);
            let around = Around { shift: ours.clone(), ..Around::default() };
            let client = Client::with(adapter, service.config(), around);
            let mut albums = 0..;
            // Other albums each time: what is cached is not asked for.
            let mut calls = || {
                (0..4).try_for_each(|_| {
                    let outcome = client.album(&albums.next().unwrap().to_string());
                    happens(&Pass(Duration::from_secs(300)));
                    outcome.map(drop).map_err(|error| error.to_string())
                })
            };
            let met = || {
                let ledger = service.ledger.lock().unwrap();
                (ledger.ends.len(), ledger.dead)
            };
            calls()?;
            row.then.iter().for_each(happens);
            calls()?;
            let before = met();
            happens(&Pass(HOUR));
            calls()?;
            let after = met();
            let expected = ((row.tokens, row.dead), (row.tokens + 1, row.dead));
            if (before, after) == expected { Ok(()) } else { Err(format!("{before:?}, {after:?} instead of {expected:?}")) }
        },
    );
}
