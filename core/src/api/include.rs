//! Paths to related resources.

use std::fmt;
use std::marker::PhantomData;

use crate::document::Resource;
use crate::model::AnyResource;
use crate::value::Text;

/// A path from what a request asks for to a `T` that is related to it, step by step: `artists.profileArt`.
///
/// Each resource type has its relationships as steps. Where a relationship leads to several types, [`on`](Include::on) says from
/// which of them to go on. The service takes paths of some three steps, and some ten resources in all their steps together.
///
/// ```
/// use tidal_core::api::Playlists;
/// use tidal_core::model::Track;
///
/// let request = Playlists::new().get("550e8400-e29b-41d4-a716-446655440000")
///     .include(|playlist| playlist.cover_art())
///     .include(|playlist| playlist.items().on::<Track>().albums());
/// # let _ = request;
/// ```
pub struct Include<T> {
    path: String,
    to: PhantomData<fn() -> T>,
}

impl<T> Include<T> {
    /// A path that begins with this step, or with none.
    pub(crate) fn from_step(step: &str) -> Self {
        Self { path: step.to_owned(), to: PhantomData }
    }

    pub(crate) fn step<U>(self, name: &str) -> Include<U> {
        Include { path: joined(self.path, name), to: PhantomData }
    }

    /// The path that ends here. Where an operation answers with references, this is what they name.
    #[must_use]
    pub fn this(self) -> Self {
        self
    }

    /// A step, or several, that this version doesn't know. What the service doesn't know it refuses.
    #[must_use]
    pub fn raw(self, steps: &str) -> Include<AnyResource> {
        self.step(steps)
    }

    /// The path as it is sent. A type at its end says nothing that is sent: what is related is included whatever its type.
    pub(crate) fn into_text(mut self) -> Text {
        if self.path.ends_with(':') {
            self.path.truncate(self.path.bytes().rposition(|byte| byte == b'.').unwrap_or_default());
        }
        self.path.into()
    }
}

fn joined(mut path: String, name: &str) -> String {
    if !path.is_empty() && !path.ends_with(':') {
        path += ".";
    }
    path.push_str(name);
    path
}

impl Include<AnyResource> {
    /// Goes on from resources of type `T` only.
    #[must_use]
    pub fn on<T: Resource>(self) -> Include<T> {
        let mut on: Include<T> = self.step(T::KIND);
        on.path += ":";
        on
    }
}

impl<T> fmt::Debug for Include<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}
