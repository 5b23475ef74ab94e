//! How far the local clock is from the service's, as its answers tell.
//!
//! A machine whose clock is wrong takes good tokens for over, or dead ones for good. Every answer says when it was made (`Date`, RFC 9110
//! §6.6.1), so the difference can be known. Where it is more than a few seconds, expiry is judged by the service's clock.

use jiff::SignedDuration;

use crate::time::{Now, Unix};

/// What a `Date` leaves open, in milliseconds: it is cut to whole seconds.
const RESOLUTION: i64 = 1000;
/// A difference up to this is none: tokens are renewed earlier than that before their end.
const NONE: i64 = 5000;
/// An answer that was under way for longer says too little.
const SLOWEST: i64 = 10_000;
/// No service is older than this client, 2025-01-01, and none here will see 2100.
const PLAUSIBLE: std::ops::Range<Unix> = Unix::from_secs(1_735_689_600)..Unix::from_secs(4_102_444_800);

/// When an answer was made, and the moments of its request and of its arrival.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dated {
    pub(crate) made: Unix,
    pub(crate) sent: Now,
    pub(crate) received: Now,
}

/// The difference that is known, if there is one.
///
/// A single answer changes nothing, since a proxy may have kept it or a server's clock may be wrong: a difference counts when two answers
/// in a row agree on it, and so does its end. Of those that agree, the one that was under way for the shortest time is believed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Offset {
    known: Option<Sample>,
    doubt: Option<Sample>,
}

/// What one answer says: the service's clock less the local one lies between these, in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Sample {
    least: i64,
    most: i64,
}

impl Sample {
    /// Nothing if the answer says nothing: it took too long, the date can't be, or the local clock was set meanwhile.
    fn new(date: Unix, sent: Now, received: Now) -> Option<Self> {
        let delay = i64::try_from(received.mono.since(sent.mono).as_millis()).ok().filter(|delay| *delay <= SLOWEST)?;
        let stepped = received.unix.as_millis().saturating_sub(sent.unix.as_millis()).saturating_sub(delay);
        if !PLAUSIBLE.contains(&date) || stepped.saturating_abs() > RESOLUTION {
            return None;
        }
        // It was made at some moment between the two, and within the second that it names.
        let least = date.as_millis().saturating_sub(received.unix.as_millis());
        Some(Self { least, most: least.saturating_add(RESOLUTION + delay) })
    }

    const fn middle(self) -> i64 {
        self.least.midpoint(self.most)
    }

    /// Whether there is a difference that both allow, give or take the drift of a clock.
    const fn agrees(self, other: Self) -> bool {
        self.least <= other.most.saturating_add(RESOLUTION) && other.least <= self.most.saturating_add(RESOLUTION)
    }

    const fn is_none(self) -> bool {
        self.least <= NONE && self.most >= -NONE
    }

    fn narrower(self, other: Self) -> Self {
        if other.most.saturating_sub(other.least) < self.most.saturating_sub(self.least) { other } else { self }
    }
}

impl Offset {
    /// Takes the `Date` of an answer of the service's own, with the moments of its request and of its arrival; whether that is the
    /// difference known by now.
    pub(crate) fn learn(&mut self, date: Unix, sent: Now, received: Now) -> bool {
        let Some(sample) = Sample::new(date, sent, received) else { return false };
        let as_known = match self.known {
            Some(known) => known.agrees(sample),
            None => sample.is_none(),
        };
        if as_known {
            self.doubt = None;
            self.known = self.known.map(|known| known.narrower(sample));
            return true;
        }
        match self.doubt.take().filter(|doubt| doubt.agrees(sample)) {
            Some(doubt) => {
                self.known = Some(doubt.narrower(sample)).filter(|sample| !sample.is_none());
                true
            }
            None => {
                self.doubt = Some(sample);
                false
            }
        }
    }

    /// The service's clock less the local one, where they differ.
    pub(crate) fn known(&self) -> Option<SignedDuration> {
        self.known.map(|sample| SignedDuration::from_millis(sample.middle()))
    }

    /// The readings, with the service's clock in place of the local one.
    pub(crate) fn correct(&self, now: Now) -> Now {
        Now { mono: now.mono, unix: Unix::from_millis(now.unix.as_millis().saturating_add(self.shift())) }
    }

    /// The difference in milliseconds; none is zero.
    pub(super) fn shift(&self) -> i64 {
        self.known.map_or(0, Sample::middle)
    }
}

#[cfg(test)]
mod tests;
