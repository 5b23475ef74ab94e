//! The API that the calls talk to: what can be read and changed there, and what it says. The answer to a read names its request, so that
//! it is known again wherever it comes back.

use std::borrow::Cow;
use std::time::Duration;

use tidal_core::bytes::Bytes;
use tidal_core::http::Method;
use tidal_core::operation::{CacheClass, Flows, Operation, Replay, Tier};
use tidal_core::{DecodeError, Endpoint, Failure, FailureKind, Head, Invalid, RequestWriter, Response};

use crate::model::ops::{Kind, Said};
use crate::model::server::response;
use crate::model::tries::{Came, Class};

/// How many things there are that can change: two albums, a playlist, the user's collection, and whatever else there is.
pub const THINGS: usize = 5;

/// What several calls read.
pub struct Read {
    path: &'static str,
    includes: bool,
    pub class: CacheClass,
    /// The things of which the answer may tell.
    pub holds: &'static [usize],
    /// Bytes of the answer.
    size: usize,
}

const ALL: &[usize] = &[0, 1, 2, 3, 4];

const fn read(path: &'static str, class: CacheClass, holds: &'static [usize], size: usize) -> Read {
    Read { path, includes: false, class, holds, size }
}

pub const READS: [Read; 6] = [
    read("/albums/1", CacheClass::Catalogue, &[0], 300),
    Read { includes: true, ..read("/albums/2", CacheClass::Media, ALL, 900) },
    read("/albums", CacheClass::Search, &[0, 1], 600),
    read("/playlists/1/relationships/items", CacheClass::User, ALL, 2_000),
    read("/userCollections/me", CacheClass::User, &[3], 100),
    // The same collection under the user's own id.
    read("/userCollections/7", CacheClass::User, &[3], 100),
];

/// What several calls change.
pub struct Change {
    path: &'static str,
    body: &'static str,
    /// The things that are others after it.
    pub changes: &'static [usize],
}

/// What a change of something else changes: what holds other resources may hold that too.
pub const ELSE: &[usize] = &[4];

pub const CHANGES: [Change; 3] = [
    Change { path: "/albums/1", body: "{}", changes: &[0] },
    Change { path: "/playlists/1", body: r#"{"data":[{"type":"albums","id":"2"}]}"#, changes: &[1, 2] },
    Change { path: "/userCollections/me/relationships/albums", body: "{}", changes: &[3] },
];

/// An operation of this API.
pub struct Ask {
    operation: Operation,
    includes: bool,
    body: &'static str,
}

impl Ask {
    /// What call number `number` asks for: what `about` says, or else something that no other call does.
    pub fn new(kind: Kind, about: Option<usize>, number: usize) -> Self {
        let own = || (Cow::Owned(format!("/call/{number}")), CacheClass::None, false, "");
        let (path, cache, includes, body) = match (kind, about) {
            (_, None) => own(),
            (Kind::Read, Some(index)) => {
                let Read { path, class, includes, .. } = READS[index];
                (Cow::Borrowed(path), class, includes, "")
            }
            (_, Some(index)) => (Cow::Borrowed(CHANGES[index].path), CacheClass::None, false, CHANGES[index].body),
        };
        let (method, replay) = match kind {
            Kind::Read => (Method::GET, Replay::Read),
            Kind::Once => (Method::POST, Replay::Once),
            Kind::Keyed => (Method::POST, Replay::Keyed),
        };
        let (tier, flows) = (Tier::ThirdParty, Flows::ANY);
        let operation = Operation { method, path, tier, flows, scopes: &[], parameters: &[], has_body: true, cache, replay };
        Self { operation, includes, body }
    }
}

/// What an answer says.
pub struct Page {
    /// The request that it answers, if that was for something that several calls read.
    pub request: Option<usize>,
    /// Bytes of its body.
    pub size: usize,
}

impl Endpoint for Ask {
    type Output = Page;

    fn operation(&self) -> &Operation {
        &self.operation
    }

    fn write(&self, to: &mut RequestWriter) -> Result<(), Invalid> {
        if self.includes {
            to.query("include", "artists");
        }
        if !self.body.is_empty() {
            to.body(self.body);
        }
        Ok(())
    }

    fn decode(_: &Head, body: Bytes) -> Result<Page, DecodeError> {
        let text = std::str::from_utf8(&body).unwrap();
        let request =
            if text == "{}" { None } else { Some(text.trim().parse().map_err(|_| DecodeError::new("", "no number"))?) };
        Ok(Page { request, size: body.len() })
    }
}

/// What the API says to a request, and what follows from it.
pub struct Says {
    pub reply: Result<Response, Failure>,
    pub came: Came,
    /// For how long no further request is welcome.
    pub closes: Duration,
}

impl Says {
    /// `honest` says whether the token is one that the server takes; `request` is that of a read of `READS[.1]`.
    pub fn of(said: Said, honest: bool, request: Option<(usize, usize)>) -> Self {
        let seconds = |number: Option<u16>| Duration::from_secs(number.unwrap_or(0).into());
        let good = match request {
            Some((number, read)) => format!("{number:<width$}", width = READS[read].size),
            None => "{}".to_owned(),
        };
        let empty = [("x-ratelimit-remaining", "0"), ("x-ratelimit-burst-capacity", "5"), ("x-ratelimit-replenish-rate", "1")];
        let answer = |status, after: Option<u16>| {
            let after = after.map(|seconds| seconds.to_string());
            let header = after.as_deref().map(|seconds| ("retry-after", seconds));
            Ok(response(status, header.as_slice(), "{}"))
        };
        let failure = |kind| Err(Failure::new(kind, "no answer"));
        let again = |class, after| Came::Failure(Some(class), seconds(after));
        let never = Came::Failure(None, Duration::ZERO);
        // A pause of more than five minutes is not believed.
        let closes = |after| seconds(after).min(Duration::from_secs(300));
        let (reply, came, closes) = match said {
            Said::Honest if !honest => (answer(401, None), Came::Unauthorized, Duration::ZERO),
            Said::Unauthorized => (answer(401, None), Came::Unauthorized, Duration::ZERO),
            Said::Honest | Said::Good => (Ok(response(200, &[], &good)), Came::Answer, Duration::ZERO),
            Said::Empty => (Ok(response(200, &empty, &good)), Came::Answer, Duration::from_secs(1)),
            Said::Garbled => (Ok(response(200, &[], "<html>")), never, Duration::ZERO),
            Said::Fault => (answer(500, None), again(Class::Status, None), Duration::ZERO),
            Said::TooMany(after) => (answer(429, after), again(Class::Status, after), closes(after)),
            Said::Unavailable(after) => (answer(503, Some(after)), again(Class::Status, Some(after)), closes(Some(after))),
            Said::NotFound => (answer(404, None), never, Duration::ZERO),
            Said::Broken => (failure(FailureKind::Broken), again(Class::Network, None), Duration::ZERO),
            Said::Late => (failure(FailureKind::Timeout), again(Class::Timeout, None), Duration::ZERO),
            Said::Nonsense => (failure(FailureKind::Protocol), never, Duration::ZERO),
        };
        Self { reply, came, closes }
    }
}
