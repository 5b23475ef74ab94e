//! Parameters that many operations take.
//!
//! An operation says that it takes one by a trait that asks for nothing, and its requests have the method. The traits are open:
//! operations of one's own may say so too.

use crate::Invalid;
use crate::api::Include;
use crate::request::{Op, Request};
use crate::value::{Country, Text};

/// An operation for a country.
pub trait TakesCountry: Op {}

/// An operation whose answers have names in a language.
pub trait TakesLocale: Op {}

/// An operation that sees unlisted things by a code.
pub trait TakesShareCode: Op {}

/// An operation that can answer with related resources.
pub trait Includes: Op {
    /// Where paths begin: the type that the operation answers with, or names references to.
    type From;

    /// The step on which all paths begin, where the operation answers with references.
    const STEP: &'static str = "";
}

/// An operation that can replace what can't be had.
pub trait Replaces: Includes {}

impl<O: TakesCountry, C> Request<O, C> {
    /// The country whose catalogue counts.
    ///
    /// Sets `countryCode`. Where it is left out, the client's country counts.
    pub fn country(self, value: impl TryInto<Country, Error: Into<Invalid>>) -> Self {
        self.checked::<Country>("countryCode", value)
    }
}

impl<O: TakesLocale, C> Request<O, C> {
    /// The language of names (BCP 47), such as `nb-NO`.
    ///
    /// Sets `locale`. Where it is left out, the client's locale counts.
    pub fn locale(self, value: impl Into<Text>) -> Self {
        self.one::<Text>("locale", value)
    }
}

impl<O: TakesShareCode, C> Request<O, C> {
    /// A code by which unlisted things may be seen.
    ///
    /// Sets `shareCode`.
    pub fn share_code(self, value: impl Into<Text>) -> Self {
        self.one::<Text>("shareCode", value)
    }
}

impl<O: Includes, C> Request<O, C> {
    /// Also answers with what lies on this path. Where the operation answers with references, the path begins behind them:
    /// [`this`](Include::this) is what they name.
    ///
    /// Adds to `include`.
    ///
    /// ```
    /// use tidal_core::api::Albums;
    ///
    /// let _ = Albums::new().get("251380836").include(|album| album.artists()).include(|album| album.cover_art());
    /// let _ = Albums::new().artists("251380836").include(|artists| artists.this());
    /// ```
    pub fn include<T>(self, path: impl FnOnce(Include<O::From>) -> Include<T>) -> Self {
        self.list("include", [path(Include::from_step(O::STEP)).into_text()])
    }
}

impl<O: Replaces, C> Request<O, C> {
    /// Lets what can't be had there be replaced on this path.
    ///
    /// Adds to `replaceMedia`.
    pub fn replace_media<T>(self, path: impl FnOnce(Include<O::From>) -> Include<T>) -> Self {
        self.list("replaceMedia", [path(Include::from_step(O::STEP)).into_text()])
    }
}
