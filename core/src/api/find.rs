//! Search by text for one type of thing.
//!
//! The API does it in two steps: a text becomes an opaque id, and by that id each type has a list of its own.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::Invalid;
use crate::answer::Answer;
use crate::api::{
    ExplicitFilter, Include, Includes, ListFoundAlbums, ListFoundArtists, ListFoundPlaylists, ListFoundTracks, ListFoundVideos,
    ListTopHits, Search, SearchAll, TakesCountry,
};
use crate::document::{Document, Refs, Resource, Target};
use crate::entries::Entries;
use crate::error::Error;
use crate::model::SearchResults;
use crate::pages::{PageRequest, PagedOp, Pages, Position};
use crate::request::{Execute, Op, Request};
use crate::value::{Country, Named, Text};

/// A search by text for what `O` lists, with both of the API's steps.
///
/// ```
/// use tidal_core::testing::{Script, VirtualRuntime};
/// use tidal_core::{Client, Config, store::NoStore};
///
/// let script = Script::new();
/// # script.on("POST /v1/oauth2/token").reply(200, r#"{"access_token":"t","expires_in":3600,"token_type":"Bearer"}"#);
/// script.on("GET /v2/searchResults").reply(200, r#"{"data":[{"id":"opaque","type":"searchResults"}]}"#);
/// let found = r#"{"data":[{"id":"7","type":"albums"}],"included":[{"id":"7","type":"albums","attributes":{"title":"Harvest"}}]}"#;
/// script.on("GET /v2/searchResults/opaque/relationships/albums").reply(200, found);
/// # let runtime = VirtualRuntime::new();
/// # let mut config = Config::client_credentials("id", "secret")?;
/// # config.store_tokens = false;
/// # let client = Client::new(config, [0; 32], script.clone(), NoStore, runtime.clone())?;
///
/// let mut albums = client.search().find_albums("harvest").country("NO").include(|album| album.artists()).entries();
/// let first = runtime.block_on(albums.next_entry()).unwrap().unwrap();
/// assert_eq!(first.resource().and_then(|album| album.title.as_deref()), Some("Harvest"));
/// # Ok::<_, tidal_core::Invalid>(())
/// ```
#[must_use = "a search does nothing until its results are asked for"]
pub struct Find<O, C = ()> {
    search: Request<SearchAll>,
    list: Request<O>,
    client: C,
}

macro_rules! finds {
    ($($method:ident $op:ident $what:literal;)*) => {
        impl<C> Search<C> {
            $(
                #[doc = concat!("The ", $what, " that a text finds, best first, with the ", $what, " themselves.")]
                ///
                /// Two operations: [`results`](Self::results), and then the list by the id that it names. The text has at most 256
                /// characters.
                pub fn $method(self, text: impl Into<Text>) -> Find<$op, C> {
                    Find::new(self.results(text))
                }
            )*
        }
    };
}

finds! {
    find_albums ListFoundAlbums "albums";
    find_artists ListFoundArtists "artists";
    find_playlists ListFoundPlaylists "playlists";
    find_top_hits ListTopHits "best matches of all types";
    find_tracks ListFoundTracks "tracks";
    find_videos ListFoundVideos "videos";
}

impl<O: Includes + TakesCountry, C> Find<O, C> {
    fn new(search: Request<SearchAll, C>) -> Self {
        let (search, client) = search.into_parts();
        Self { search, list: Request::<O>::new().include(|found| found.this()), client }
    }

    /// The country whose catalogue counts. Where it is left out, the client's country counts.
    pub fn country(mut self, value: impl TryInto<Country, Error: Into<Invalid>>) -> Self {
        let value = value.try_into().map_err(Into::into);
        self.search = self.search.found::<Country>("countryCode", value.clone());
        self.list = self.list.found::<Country>("countryCode", value);
        self
    }

    /// Whether explicit content counts.
    pub fn explicit(mut self, value: impl Into<ExplicitFilter>) -> Self {
        let value = value.into();
        self.search = self.search.one::<ExplicitFilter>("explicitFilter", value.clone());
        self.list = self.list.one::<ExplicitFilter>("explicitFilter", value);
        self
    }

    /// Also answers with what lies on this path behind what is found.
    pub fn include<T>(mut self, path: impl FnOnce(Include<O::From>) -> Include<T>) -> Self {
        self.list = self.list.include(path);
        self
    }
}

impl<O: PagedOp, C: Execute<Request<SearchAll>> + Execute<PageRequest<O>>> Find<O, C> {
    /// The pages of what is found.
    pub fn pages(self) -> FoundPages<O, C> {
        let Self { search, list, client } = self;
        FoundPages { client, step: Step::Text { search, list }, flight: None }
    }

    /// What is found, one by one over all pages.
    pub fn entries<T: Target, M: 'static>(self) -> Entries<FoundPages<O, C>, T, M>
    where
        O: Op<Output = Document<Refs<T, M>>>,
    {
        Entries::new(self.pages())
    }
}

/// The pages of what a text finds: a [`Stream`] or an [`Iterator`], as [`Pages`] are. There are none if the service answers with no
/// results at all.
#[must_use = "pages are fetched as they are asked for"]
pub struct FoundPages<O: PagedOp, C: Execute<Request<SearchAll>> + Execute<PageRequest<O>>> {
    client: C,
    step: Step<O, C>,
    flight: Option<Flight<C>>,
}

/// The first step on its way.
type Flight<C> = Pin<Box<<C as Execute<Request<SearchAll>>>::Reply>>;

enum Step<O: PagedOp, C: Execute<PageRequest<O>>> {
    Text { search: Request<SearchAll>, list: Request<O> },
    List(Pages<O, C>),
    End,
}

/// Nothing in it is pinned in place.
impl<O: PagedOp, C: Execute<Request<SearchAll>> + Execute<PageRequest<O>>> Unpin for FoundPages<O, C> {}

impl<O: PagedOp, C: Execute<Request<SearchAll>> + Execute<PageRequest<O>> + Clone> FoundPages<O, C> {
    /// Where the next page begins, as [`Pages::position`] says; nothing before the first one. The list of the same type goes on
    /// from there.
    #[must_use]
    pub fn position(&self) -> Option<&Position> {
        match &self.step {
            Step::List(pages) => pages.position(),
            Step::Text { .. } | Step::End => None,
        }
    }

    /// Takes the answer to the first step.
    fn found(&mut self, reply: Result<Answer<Document<Vec<SearchResults>>>, Error>) -> Result<(), Error> {
        let Step::Text { list, .. } = std::mem::replace(&mut self.step, Step::End) else { return Ok(()) };
        if let Some(results) = reply?.data.first() {
            let list = list.path("id", SearchResults::NAME, results.id().as_str());
            self.step = Step::List(list.map_client(|()| self.client.clone()).pages());
        }
        Ok(())
    }
}

impl<O, C> Stream for FoundPages<O, C>
where
    O: PagedOp,
    C: Execute<Request<SearchAll>, Reply: Future<Output = Result<Answer<Document<Vec<SearchResults>>>, Error>>>
        + Execute<PageRequest<O>, Reply: Future<Output = Result<Answer<O::Output>, Error>>>
        + Clone
        + Unpin,
{
    type Item = Result<Answer<O::Output>, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            match &mut this.step {
                Step::List(pages) => return Pin::new(pages).poll_next(cx),
                Step::End => return Poll::Ready(None),
                Step::Text { search, .. } => {
                    let flight = this.flight.get_or_insert_with(|| Box::pin(this.client.clone().execute(search.clone())));
                    let reply = ready!(flight.as_mut().poll(cx));
                    this.flight = None;
                    if let Err(error) = this.found(reply) {
                        return Poll::Ready(Some(Err(error)));
                    }
                }
            }
        }
    }
}

impl<O, C> Iterator for FoundPages<O, C>
where
    O: PagedOp,
    C: Execute<Request<SearchAll>, Reply = Result<Answer<Document<Vec<SearchResults>>>, Error>>
        + Execute<PageRequest<O>, Reply = Result<Answer<O::Output>, Error>>
        + Clone,
{
    type Item = Result<Answer<O::Output>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match &mut self.step {
                Step::List(pages) => return pages.next(),
                Step::End => return None,
                Step::Text { search, .. } => {
                    let reply = self.client.clone().execute(search.clone());
                    if let Err(error) = self.found(reply) {
                        return Some(Err(error));
                    }
                }
            }
        }
    }
}
