//! The entries of paged lists one by one, each with the page that it came on.
//!
//! Lists of related things (the items of an album, what a search found) are answered as references, with something said about each
//! place, and the resources beside them where they were included. An [`Entry`] puts that together.
//!
//! ```
//! use tidal_core::testing::{Script, VirtualRuntime};
//! use tidal_core::{Client, Config, store::NoStore};
//!
//! let script = Script::new();
//! # script.on("POST /v1/oauth2/token").reply(200, r#"{"access_token":"t","expires_in":3600,"token_type":"Bearer"}"#);
//! let items = r#"{"data":[{"id":"7","type":"tracks","meta":{"volumeNumber":1,"trackNumber":1}}],
//!     "included":[{"id":"7","type":"tracks","attributes":{"title":"Overture"}}]}"#;
//! script.on("GET /v2/albums/1/relationships/items").reply(200, items);
//! # let runtime = VirtualRuntime::new();
//! # let mut config = Config::client_credentials("id", "secret")?;
//! # config.store_tokens = false;
//! # let client = Client::new(config, [0; 32], script.clone(), NoStore, runtime.clone())?;
//!
//! let mut entries = client.albums().tracklist("1").country("NO").entries();
//! let entry = runtime.block_on(entries.next_entry()).unwrap().unwrap();
//! assert_eq!((entry.volume(), entry.number()), (Some(1), Some(1)));
//! assert_eq!(entry.track().and_then(|track| track.title.as_deref()), Some("Overture"));
//! assert!(runtime.block_on(entries.next_entry()).unwrap().is_none());
//! # Ok::<_, tidal_core::Invalid>(())
//! ```

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::answer::Answer;
use crate::document::{Document, Meta, Ref, Refs, Target};
use crate::error::Error;
use crate::model::{AlbumItemMeta, AnyResource, Track, Video};
use crate::pages::{PageRequest, PagedOp, Pages};
use crate::request::{Execute, Op, Request};

/// A page of references.
type References<T, M> = Document<Refs<T, M>>;

/// One place in a list: what is there, what is said about it, and the page that it came on.
pub struct Entry<T, M = ()> {
    page: Arc<References<T, M>>,
    place: usize,
}

impl<T: Target, M: 'static> Entry<T, M> {
    /// The reference: type and id.
    #[must_use]
    pub fn reference(&self) -> Ref<'_, T, M> {
        Ref::admitted(&self.page.data.linkage.identifiers()[self.place])
    }

    /// The resource; nothing if it was not included, or is not available in the country.
    #[must_use]
    pub fn resource(&self) -> Option<T::Item<'_>> {
        self.page.find(self.reference())
    }

    /// The page that it came on: the way to what else was included.
    #[must_use]
    pub fn page(&self) -> &Arc<Document<Refs<T, M>>> {
        &self.page
    }
}

impl<T: Target, M: Meta + 'static> Entry<T, M> {
    /// What is said about the place; empty if nothing is.
    #[must_use]
    pub fn meta(&self) -> M {
        self.reference().meta()
    }
}

/// An item of an album.
impl Entry<AnyResource, AlbumItemMeta> {
    /// Number of the volume, from 1.
    #[must_use]
    pub fn volume(&self) -> Option<i64> {
        self.meta().volume_number
    }

    /// Number within the volume, from 1.
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        self.meta().track_number
    }
}

impl<M: 'static> Entry<AnyResource, M> {
    /// The track, if it is one and was included.
    #[must_use]
    pub fn track(&self) -> Option<&Track> {
        self.resource()?.get()
    }

    /// The video, if it is one and was included.
    #[must_use]
    pub fn video(&self) -> Option<&Video> {
        self.resource()?.get()
    }
}

impl<T, M> Clone for Entry<T, M> {
    fn clone(&self) -> Self {
        Self { page: Arc::clone(&self.page), place: self.place }
    }
}

impl<T: Target, M: 'static> fmt::Debug for Entry<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reference().fmt(f)
    }
}

/// The entries of pages. A [`Stream`] where the pages are one, an [`Iterator`] where they are one. One page is kept at a time.
///
/// It ends after the last page, and after an error.
#[must_use = "entries are fetched as they are asked for"]
pub struct Entries<P, T, M = ()> {
    pages: P,
    page: Option<Arc<References<T, M>>>,
    place: usize,
}

impl<P, T: Target, M: 'static> Entries<P, T, M> {
    pub(crate) fn new(pages: P) -> Self {
        Self { pages, page: None, place: 0 }
    }

    /// The pages that the entries come from: their position, for example, which is behind the page of the last entry.
    #[must_use]
    pub fn pages(&self) -> &P {
        &self.pages
    }

    /// The next entry of the page at hand. Those of another type, which a faulty answer may hold, are passed over.
    fn at_hand(&mut self) -> Option<Entry<T, M>> {
        let page = self.page.as_ref()?;
        let rest = page.data.linkage.identifiers().get(self.place..)?;
        let Some(ahead) = rest.iter().position(|identifier| T::admits(&identifier.kind)) else {
            self.page = None;
            return None;
        };
        let place = self.place + ahead;
        self.place = place + 1;
        Some(Entry { page: Arc::clone(page), place })
    }

    fn turn(&mut self, page: Answer<References<T, M>>) {
        self.page = Some(page.value);
        self.place = 0;
    }
}

impl<P, T, M> Stream for Entries<P, T, M>
where
    P: Stream<Item = Result<Answer<Document<Refs<T, M>>>, Error>> + Unpin,
    T: Target,
    M: 'static,
{
    type Item = Result<Entry<T, M>, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(entry) = this.at_hand() {
                return Poll::Ready(Some(Ok(entry)));
            }
            match ready!(Pin::new(&mut this.pages).poll_next(cx)) {
                Some(Ok(page)) => this.turn(page),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<P, T, M> Iterator for Entries<P, T, M>
where
    P: Iterator<Item = Result<Answer<Document<Refs<T, M>>>, Error>>,
    T: Target,
    M: 'static,
{
    type Item = Result<Entry<T, M>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.at_hand() {
                return Some(Ok(entry));
            }
            match self.pages.next()? {
                Ok(page) => self.turn(page),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl<P, T, M> Entries<P, T, M>
where
    P: Stream<Item = Result<Answer<Document<Refs<T, M>>>, Error>> + Unpin,
    T: Target,
    M: 'static,
{
    /// The next entry; nothing after the last one. For those who have no combinators for streams at hand.
    ///
    /// # Errors
    /// As sending a request.
    pub async fn next_entry(&mut self) -> Result<Option<Entry<T, M>>, Error> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await.transpose()
    }
}

impl<O, C, T, M> Request<O, C>
where
    O: PagedOp + Op<Output = Document<Refs<T, M>>>,
    C: Execute<PageRequest<O>>,
    T: Target,
    M: 'static,
{
    /// The entries of the list one by one, over all its pages.
    pub fn entries(self) -> Entries<Pages<O, C>, T, M> {
        Entries::new(self.pages())
    }
}
