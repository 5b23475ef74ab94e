//! Listings page by page: a stream with an asynchronous client, an iterator with a blocking one.
//!
//! Pages are followed through the service's own links. Memory does not grow with their number: only the place of the next one is
//! kept. That place is a value ([`Position`]), so that a listing can be left and taken up again, also by another process.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::document::{Document, Links, Primary};
use crate::endpoint::Endpoint;
use crate::error::{DecodeError, Error, ErrorKind, Invalid};
use crate::message::Head;
use crate::operation::Operation;
use crate::request::{Execute, Op, Request};
use crate::template::RequestWriter;

/// The query parameter that names a page.
const CURSOR: &str = "page[cursor]";

/// Where a page begins, as the service says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Position {
    /// A link, relative to the API's address or absolute.
    Link(String),
    /// A cursor, for the same request.
    Cursor(String),
}

/// An answer that may say where the next page is.
pub trait Page {
    /// Where the next page is; nothing on the last one.
    fn next_position(&self) -> Option<Position>;
}

impl<P: Primary> Page for Document<P> {
    fn next_position(&self) -> Option<Position> {
        next_position(&self.links)
    }
}

#[inline(never)]
fn next_position(links: &Links) -> Option<Position> {
    let link = links.next().map(|link| Position::Link(link.to_string()));
    link.or_else(|| links.next_cursor().map(|cursor| Position::Cursor(cursor.to_string())))
}

/// An operation whose answers are pages.
pub trait PagedOp: Op<Output: Page> {}

/// A request for one page.
pub struct PageRequest<O> {
    request: Request<O>,
    at: Option<Position>,
}

impl<O> PageRequest<O> {
    pub(crate) fn new(request: Request<O>, at: Option<Position>) -> Self {
        Self { request, at }
    }
}

impl<O: Op> Endpoint for PageRequest<O> {
    type Output = O::Output;

    fn operation(&self) -> &Operation {
        O::OPERATION
    }

    fn write(&self, to: &mut RequestWriter) -> Result<(), Invalid> {
        match &self.at {
            None => self.request.write(to),
            Some(Position::Link(link)) => {
                if self.request.is_fresh() {
                    to.fresh();
                }
                to.link(link)
            }
            Some(Position::Cursor(cursor)) => self.request.clone().query(CURSOR, cursor).write(to),
        }
    }

    fn decode(head: &Head, body: Bytes) -> Result<O::Output, DecodeError> {
        Request::<O>::decode(head, body)
    }
}

/// The pages of a listing. A [`Stream`] where the client is asynchronous, an [`Iterator`] where it blocks. It ends after the last
/// page, and after an error; [`position`](Self::position) then tells where to go on.
#[must_use = "pages are fetched as they are asked for"]
pub struct Pages<O: Op, C: Execute<PageRequest<O>>> {
    client: C,
    walk: Walk<O>,
    flight: Option<Pin<Box<C::Reply>>>,
}

impl<O: PagedOp, C> Request<O, C> {
    /// The pages of the listing, from the first one on.
    pub fn pages(self) -> Pages<O, C>
    where
        C: Execute<PageRequest<O>>,
    {
        self.pages_at(None)
    }

    /// The pages of the listing, from a place on that was kept.
    pub fn pages_from(self, position: Position) -> Pages<O, C>
    where
        C: Execute<PageRequest<O>>,
    {
        self.pages_at(Some(position))
    }

    fn pages_at(self, at: Option<Position>) -> Pages<O, C>
    where
        C: Execute<PageRequest<O>>,
    {
        let (request, client) = self.into_parts();
        let walk = Walk { request, next: Next::Page(at), loops: Loops::default() };
        Pages { client, walk, flight: None }
    }

    /// Begins at the page with this cursor.
    pub fn cursor(self, cursor: impl fmt::Display) -> Self {
        self.query(CURSOR, cursor)
    }
}

impl<O: PagedOp, C: Execute<PageRequest<O>>> Pages<O, C> {
    /// Where the next page begins, once the first one is there; nothing before it, and after the last one. After an error, it is the
    /// page that was not got.
    #[must_use]
    pub fn position(&self) -> Option<&Position> {
        match &self.walk.next {
            Next::Page(at) | Next::Stopped(at) => at.as_ref(),
            Next::End => None,
        }
    }
}

/// The way through a listing.
struct Walk<O> {
    request: Request<O>,
    next: Next,
    loops: Loops,
}

enum Next {
    /// That page, or the first.
    Page(Option<Position>),
    /// Nothing, for there was an error at that page.
    Stopped(Option<Position>),
    End,
}

impl<O: PagedOp> Walk<O> {
    fn request(&self) -> Option<PageRequest<O>> {
        match &self.next {
            Next::Page(at) => Some(PageRequest { request: self.request.clone(), at: at.clone() }),
            Next::Stopped(_) | Next::End => None,
        }
    }

    fn take(&mut self, reply: Result<Answer<O::Output>, Error>) -> Result<Answer<O::Output>, Error> {
        let outcome = reply.and_then(|answer| {
            let next = answer.value.next_position();
            if let Some(next) = &next {
                self.loops.check(next)?;
            }
            Ok((answer, next))
        });
        match outcome {
            Ok((answer, next)) => {
                self.next = next.map_or(Next::End, |at| Next::Page(Some(at)));
                Ok(answer)
            }
            Err(error) => {
                if let Next::Page(at) = std::mem::replace(&mut self.next, Next::End) {
                    self.next = Next::Stopped(at);
                }
                Err(error)
            }
        }
    }
}

/// Finds out whether the pages go round in a circle of any length, keeping one of them (Brent's algorithm).
#[derive(Default)]
pub(crate) struct Loops {
    mark: Option<Position>,
    steps: u64,
    until: u64,
}

impl Loops {
    pub(crate) fn check(&mut self, next: &Position) -> Result<(), Error> {
        if self.mark.as_ref() == Some(next) {
            let message = "the listing goes round in a circle: the service names a page that was there already";
            return Err(Error::of(ErrorKind::Decode, message));
        }
        if self.steps == self.until {
            self.mark = Some(next.clone());
            self.until = (self.until * 2).max(1);
            self.steps = 0;
        }
        self.steps += 1;
        Ok(())
    }
}

impl<O, C> Stream for Pages<O, C>
where
    O: PagedOp,
    C: Execute<PageRequest<O>, Reply: Future<Output = Result<Answer<O::Output>, Error>>> + Clone + Unpin,
{
    type Item = Result<Answer<O::Output>, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.flight.is_none() {
            let Some(request) = this.walk.request() else { return Poll::Ready(None) };
            this.flight = Some(Box::pin(this.client.clone().execute(request)));
        }
        let Some(flight) = &mut this.flight else { return Poll::Ready(None) };
        let reply = ready!(flight.as_mut().poll(cx));
        this.flight = None;
        Poll::Ready(Some(this.walk.take(reply)))
    }
}

impl<O, C> Iterator for Pages<O, C>
where
    O: PagedOp,
    C: Execute<PageRequest<O>, Reply = Result<Answer<O::Output>, Error>> + Clone,
{
    type Item = Result<Answer<O::Output>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let request = self.walk.request()?;
        let reply = self.client.clone().execute(request);
        Some(self.walk.take(reply))
    }
}

impl<O: PagedOp, C: Execute<PageRequest<O>> + Clone + Unpin> Pages<O, C> {
    /// The next page; nothing after the last one. For those who have no combinators for streams at hand.
    ///
    /// # Errors
    /// As sending a request.
    pub async fn next_page(&mut self) -> Result<Option<Answer<O::Output>>, Error>
    where
        C::Reply: Future<Output = Result<Answer<O::Output>, Error>>,
    {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await.transpose()
    }
}
