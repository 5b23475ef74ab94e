#![allow(clippy::unwrap_used)]

mod away;

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response};

use crate::cache::tests::count;
use crate::operation::{CacheClass, Flows, Operation, Parameter, Replay, Tier};
use crate::{Call, Config, DecodeError, Endpoint, Head, Invalid, Mono, Now, RequestWriter, Session, Step, Unix};

/// An album, by number.
struct Read(usize);

impl Endpoint for Read {
    type Output = Bytes;

    fn operation(&self) -> &Operation {
        static READ: Operation = Operation {
            method: Method::GET,
            path: Cow::Borrowed("/albums/{id}"),
            tier: Tier::ThirdParty,
            flows: Flows::ANY,
            scopes: &[],
            parameters: const { &[Parameter::path("id")] },
            has_body: false,
            cache: CacheClass::Catalogue,
            replay: Replay::Read,
        };
        &READ
    }

    fn write(&self, to: &mut RequestWriter) -> Result<(), Invalid> {
        // All ids are equally long, so that each costs the same.
        to.path("id", "album id", &format!("{:08}", self.0))
    }

    fn decode(_: &Head, body: Bytes) -> Result<Bytes, DecodeError> {
        Ok(body)
    }
}

const NOW: Now = Now { mono: Mono::from_origin(Duration::from_secs(5)), unix: Unix::from_secs(1_800_000_000) };

/// A whole call, from its first poll to its end. Whether the cache knew.
fn read(session: &mut Session, number: usize) -> bool {
    let mut call = Call::new(&Read(number)).unwrap();
    let answer = loop {
        match call.poll(session, NOW) {
            Step::Send(attempt) => call.receive(attempt.id, Ok(Response::new(Bytes::from_static(b"{}"))), NOW),
            Step::Wait(_) => panic!("nothing is to be waited for"),
            Step::Done(answer) => break answer.unwrap(),
        }
    };
    drop(session.take_discarded());
    answer.how.cached
}

/// What a hundred hits and a hundred misses take, with so many entries: steps of the cache, allocations, bytes allocated.
fn cost(entries: usize) -> [[u64; 3]; 2] {
    let mut config = Config::anonymous();
    (config.bounds.cache_entries, config.bounds.cache_bytes) = (entries, usize::MAX);
    let mut session = Session::new(config, [7; 32]);
    (0..entries).for_each(|number| assert!(!read(&mut session, number)));
    assert_eq!(session.cache_statistics().entries, entries);
    let mut take = |first: usize, apart: usize, known: bool| {
        let mut steps = 0;
        let reads = || (0..100).for_each(|n| assert_eq!(read(&mut session, first + n * apart), known));
        let mut reads = Some(reads);
        let taken = allocation_counter::measure(|| steps = count(&mut || reads.take().unwrap()()));
        [steps, taken.count_total, taken.bytes_total]
    };
    // The entries that the misses put in take the places of others.
    [take(0, entries / 100, true), take(entries, 1, false)]
}

#[test]
fn hits_and_misses_take_as_much_with_a_hundred_thousand_entries_as_with_a_hundred() {
    let few = cost(100);
    // In steps, so that what grows with the entries is found before it takes too long.
    for entries in [1_000, 10_000, 100_000] {
        for (what, (few, many)) in ["hits", "misses"].into_iter().zip(few.into_iter().zip(cost(entries))) {
            for (few, many) in few.into_iter().zip(many) {
                assert!(few > 0 && many <= 2 * few, "a hundred {what}: {few} with 100 entries, {many} with {entries}");
            }
        }
    }
}
