//! Many resources by id: long lists of ids, split by what an operation takes at once.
//!
//! [`Request::batch`] makes a batch of a listing that can be asked for ids (`GET /albums`), or of an operation that reads one thing by
//! id where the API has no listing (`GET /providers/{id}`). Whatever else was set on the request counts for all of it. The groups have
//! `many` as the short way.
//!
//! ```
//! use tidal_core::testing::{Script, VirtualRuntime};
//! use tidal_core::{Client, Config, store::NoStore};
//!
//! let script = Script::new();
//! # script.on("POST /v1/oauth2/token").reply(200, r#"{"access_token":"t","expires_in":3600,"token_type":"Bearer"}"#);
//! let albums = r#"{"data":[{"id":"2","type":"albums","attributes":{"title":"B"}},{"id":"1","type":"albums","attributes":{"title":"A"}}]}"#;
//! script.on("GET /v2/albums").reply(200, albums);
//! # let runtime = VirtualRuntime::new();
//! # let mut config = Config::client_credentials("id", "secret")?;
//! # config.store_tokens = false;
//! # let client = Client::new(config, [0; 32], script.clone(), NoStore, runtime.clone())?;
//!
//! let request = client.albums().list().country("NO").include(|album| album.artists());
//! let batch = runtime.block_on(request.batch(["1", "17", "2"]).at_once(2).send()).unwrap();
//! let titles: Vec<_> = batch.found.iter().filter_map(|album| album.title.as_deref()).collect();
//! assert_eq!(titles, ["A", "B"]);
//! assert_eq!(batch.missing, ["17"]);
//! # Ok::<_, tidal_core::Invalid>(())
//! ```

mod gather;
mod op;
mod plan;

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

pub use gather::{ExecuteBatch, Gather};
pub use op::{BatchOp, By};

use crate::error::Error;
use crate::request::Request;
use crate::value::Id;

/// How many requests are under way at once, unless [set](BatchRequest::at_once).
const AT_ONCE: usize = 4;

/// Resources to be read by id.
#[must_use = "a batch does nothing until it is sent"]
pub struct BatchRequest<O: BatchOp, C = ()> {
    request: Request<O>,
    client: C,
    ids: Vec<Id<O::Resource>>,
    at_once: usize,
}

impl<O: BatchOp, C> Request<O, C> {
    /// The resources with these ids, in as many requests as it takes, each with all else that is set here. Ids that were set before,
    /// and a cursor, are replaced.
    ///
    /// An id that is given several times is asked for once, and found as often as it is given.
    pub fn batch(self, ids: impl IntoIterator<Item: Into<Id<O::Resource>>>) -> BatchRequest<O, C> {
        let (request, client) = self.into_parts();
        BatchRequest { request, client, ids: ids.into_iter().map(Into::into).collect(), at_once: AT_ONCE }
    }
}

impl<O: BatchOp, C> BatchRequest<O, C> {
    /// Runs that many requests at once, at least one; 4 by default. A blocking client runs them one after another.
    pub fn at_once(mut self, requests: usize) -> Self {
        self.at_once = requests.max(1);
        self
    }

    /// Sends. An asynchronous client returns a [future](Gather) that spawns nothing; a blocking one returns when all is done.
    ///
    /// After an error no further request is begun, those under way are waited for, and the [error](BatchError) holds what was got.
    pub fn send(self) -> C::Reply
    where
        C: ExecuteBatch<O>,
    {
        let Self { request, client, ids, at_once } = self;
        client.execute_batch(BatchRequest { request, client: (), ids, at_once })
    }
}

impl<O: BatchOp, C> fmt::Debug for BatchRequest<O, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BatchRequest({:?}, {} ids)", self.request, self.ids.len())
    }
}

/// What came of a batch.
pub struct Batch<O: BatchOp> {
    /// What came, in the order asked.
    pub found: Vec<Found<O>>,
    /// The ids for which nothing came, in the order asked, each once: there is no such thing, or not in this country.
    pub missing: Vec<Id<O::Resource>>,
}

impl<O: BatchOp> fmt::Debug for Batch<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("found", &self.found).field("missing", &self.missing).finish()
    }
}

/// A resource of a batch. It derefs to the resource.
pub struct Found<O: BatchOp> {
    answer: Arc<O::Output>,
    place: usize,
}

impl<O: BatchOp> Found<O> {
    /// The document that it came with: the way to what was included.
    #[must_use]
    pub fn document(&self) -> &Arc<O::Output> {
        &self.answer
    }
}

impl<O: BatchOp> Deref for Found<O> {
    type Target = O::Resource;

    fn deref(&self) -> &O::Resource {
        &O::resources(&self.answer)[self.place]
    }
}

impl<O: BatchOp> Clone for Found<O> {
    fn clone(&self) -> Self {
        Self { answer: Arc::clone(&self.answer), place: self.place }
    }
}

impl<O: BatchOp> fmt::Debug for Found<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// A batch that was not read to its end. It becomes an [`Error`] where one is wanted.
pub struct BatchError<O: BatchOp> {
    /// The first error.
    pub error: Error,
    /// What was got all the same.
    pub got: Batch<O>,
    /// The ids of which nothing is known, in the order asked, each once: those to ask for again.
    pub left: Vec<Id<O::Resource>>,
}

impl<O: BatchOp> fmt::Debug for BatchError<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchError").field("error", &self.error).field("left", &self.left).finish_non_exhaustive()
    }
}

impl<O: BatchOp> fmt::Display for BatchError<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (ids left: {})", self.error, self.left.len())
    }
}

impl<O: BatchOp> std::error::Error for BatchError<O> {}

impl<O: BatchOp> From<BatchError<O>> for Error {
    fn from(error: BatchError<O>) -> Self {
        error.error
    }
}
