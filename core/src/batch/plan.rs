//! What is still to be asked for, and what has come. It knows nothing of how requests are carried out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use super::{Batch, BatchError, BatchOp, BatchRequest, By, Found};
use crate::answer::Answer;
use crate::document::Resource;
use crate::error::Error;
use crate::pages::{Loops, PageRequest};
use crate::request::Request;
use crate::value::{Id, Named};

/// How many ids a listing is asked for at once where nothing is known of its limit: the limit of all listings that were tried.
const MOST: usize = 20;

/// The cursor of a listing.
const CURSOR: &str = "page[cursor]";

pub(super) struct Plan<O: BatchOp> {
    request: Request<O>,
    asked: Vec<Id<O::Resource>>,
    waiting: VecDeque<Vec<Id<O::Resource>>>,
    found: BTreeMap<Id<O::Resource>, Found<O>>,
    answered: BTreeSet<Id<O::Resource>>,
    error: Option<Error>,
}

/// Ids that are being asked for.
pub(super) struct Flight<O: BatchOp> {
    ids: Vec<Id<O::Resource>>,
    loops: Loops,
}

impl<O: BatchOp> Plan<O> {
    pub(super) fn new(batch: BatchRequest<O>) -> Self {
        let BatchRequest { request, ids: asked, .. } = batch;
        let (name, most) = match O::BY {
            By::Path(name) => (name, 1),
            By::Filter(name) => (name, most::<O>(name)),
        };
        let mut seen = BTreeSet::new();
        let unique: Vec<_> = asked.iter().filter(|id| seen.insert(*id)).cloned().collect();
        let waiting = unique.chunks(most).map(<[_]>::to_vec).collect();
        let request = request.without(name).without(CURSOR);
        Self { request, asked, waiting, found: BTreeMap::new(), answered: BTreeSet::new(), error: None }
    }

    /// The next ids to ask for, and how; nothing after an error, or when all are.
    pub(super) fn begin(&mut self) -> Option<(Flight<O>, PageRequest<O>)> {
        if self.error.is_some() {
            return None;
        }
        let ids = self.waiting.pop_front()?;
        let request = ids.iter().fold(self.request.clone(), |request, id| {
            let request = request.check(id.check());
            match O::BY {
                By::Filter(name) => request.list(name, [id]),
                By::Path(name) => request.path(name, O::Resource::NAME, id.as_str()),
            }
        });
        Some((Flight { ids, loops: Loops::default() }, PageRequest::new(request, None)))
    }

    /// Takes a reply. There may be more to ask for: the rest of an answer that came in pages.
    pub(super) fn take(&mut self, flight: &mut Flight<O>, reply: Result<Answer<O::Output>, Error>) -> Option<PageRequest<O>> {
        let one = matches!(O::BY, By::Path(_));
        let next = match reply {
            Ok(answer) => self.keep(flight, &answer.value, one),
            Err(error) if one && error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        };
        match next {
            Ok(None) => self.answered.extend(flight.ids.drain(..)),
            Ok(next) => return next,
            Err(error) => {
                self.error.get_or_insert(error);
            }
        }
        None
    }

    fn keep(&mut self, flight: &mut Flight<O>, answer: &Arc<O::Output>, one: bool) -> Result<Option<PageRequest<O>>, Error> {
        for (place, resource) in O::resources(answer).iter().enumerate() {
            // The answer to a request for one thing is that thing, whatever its id is called now.
            let id = if one { flight.ids.first().unwrap_or(resource.id()) } else { resource.id() };
            self.found.entry(id.clone()).or_insert_with(|| Found { answer: Arc::clone(answer), place });
        }
        let Some(next) = O::next(answer).filter(|_| flight.ids.iter().any(|id| !self.found.contains_key(id))) else {
            return Ok(None);
        };
        flight.loops.check(&next)?;
        // By cursor the same ids have to be sent again; by link nothing of the request counts.
        let request = flight.ids.iter().fold(self.request.clone(), |request, id| match O::BY {
            By::Filter(name) => request.list(name, [id]),
            By::Path(_) => request,
        });
        Ok(Some(PageRequest::new(request, Some(next))))
    }

    pub(super) fn finish(self) -> Result<Batch<O>, BatchError<O>> {
        let Self { asked, found, answered, error, .. } = self;
        let got: Vec<_> = asked.iter().filter_map(|id| found.get(id).cloned()).collect();
        let mut seen = BTreeSet::new();
        let unfound = asked.into_iter().filter(|id| !found.contains_key(id) && seen.insert(id.clone()));
        let (missing, left) = unfound.partition(|id| answered.contains(id));
        let batch = Batch { found: got, missing };
        match error {
            None => Ok(batch),
            Some(error) => Err(BatchError { error, got: batch, left }),
        }
    }

    /// The end of a batch that was ended before.
    pub(super) fn lost(error: Error) -> BatchError<O> {
        BatchError { error, got: Batch { found: Vec::new(), missing: Vec::new() }, left: Vec::new() }
    }
}

/// How many ids the operation takes at once.
fn most<O: BatchOp>(name: &str) -> usize {
    let parameter = O::OPERATION.parameters.iter().find(|parameter| parameter.name == name);
    parameter.and_then(|parameter| parameter.most).map_or(MOST, |most| most.max(1) as usize)
}
