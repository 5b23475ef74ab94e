//! Who decodes.

mod prawn;
mod skip;
mod tidal;
mod tidalv2;

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::kept;
use crate::reading::Reading;

/// One way to decode an albums document.
trait Decode {
    type Document;

    /// Decodes the received body.
    fn decode(body: Bytes) -> Self::Document;

    /// Reads every field of the document.
    fn touch(document: &Self::Document, reading: &mut Reading);
}

/// A contestant whose documents have no common type.
#[derive(Clone, Copy)]
pub struct Contestant {
    pub name: &'static str,
    pub run: fn(Bytes) -> Run,
}

/// How one decoding went.
pub struct Run {
    /// How long it took to decode.
    pub decoding: Duration,
    /// How long it took to read everything afterwards.
    pub touching: Duration,
    /// What was read.
    pub reading: Reading,
    /// Bytes that the document keeps, the body among them where it stays alive. Zero unless [`kept::counting`] is on.
    pub kept: usize,
}

impl Run {
    pub fn time(&self) -> Duration {
        self.decoding + self.touching
    }
}

/// All of them: ours, the peers, and the one that does the least that can be done.
pub const ALL: [Contestant; 4] = [
    Contestant { name: "tidal-core", run: run::<tidal::Tidal> },
    Contestant { name: "prawn", run: run::<prawn::Prawn> },
    Contestant { name: "tidalv2", run: run::<tidalv2::TidalV2> },
    Contestant { name: "skip", run: run::<skip::Skip> },
];

/// Freeing the document is not part of the time.
fn run<D: Decode>(body: Bytes) -> Run {
    let start = Instant::now();
    let document = D::decode(body);
    let decoding = start.elapsed();
    let mut reading = Reading::default();
    let start = Instant::now();
    D::touch(black_box(&document), &mut reading);
    let touching = start.elapsed();
    Run { decoding, touching, reading: black_box(reading), kept: kept::bytes() }
}
