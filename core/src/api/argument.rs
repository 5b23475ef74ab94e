//! Arguments of operations: checked, and written as texts.

use std::borrow::Cow;
use std::convert::Infallible;

use crate::Invalid;
use crate::document::Open;
use crate::request::{Op, Request};
use crate::value::{Barcode, Country, Id, Isrc, Named, Text};

/// What can be an argument.
pub(super) trait Argument {
    /// What can't be sent is refused.
    fn check(&self) -> Result<(), Invalid> {
        Ok(())
    }

    /// As it is sent.
    fn text(&self) -> Cow<'_, str>;
}

impl<M: Named> Argument for Id<M> {
    fn check(&self) -> Result<(), Invalid> {
        Id::check(self)
    }

    fn text(&self) -> Cow<'_, str> {
        self.as_str().into()
    }
}

impl Argument for Text {
    fn text(&self) -> Cow<'_, str> {
        self.as_str().into()
    }
}

impl Argument for bool {
    fn text(&self) -> Cow<'_, str> {
        if *self { "true" } else { "false" }.into()
    }
}

impl Argument for i64 {
    fn text(&self) -> Cow<'_, str> {
        self.to_string().into()
    }
}

impl Argument for Country {
    fn text(&self) -> Cow<'_, str> {
        self.as_str().into()
    }
}

impl Argument for Isrc {
    fn text(&self) -> Cow<'_, str> {
        self.as_str().into()
    }
}

impl Argument for Barcode {
    fn text(&self) -> Cow<'_, str> {
        self.as_str().into()
    }
}

impl<E: Open> Argument for E {
    fn text(&self) -> Cow<'_, str> {
        Open::text(self).into()
    }
}

impl From<Infallible> for Invalid {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl<O: Op, C> Request<O, C> {
    /// Sets the path parameter.
    pub(super) fn id<M: Named>(self, name: &'static str, id: impl Into<Id<M>>) -> Self {
        let id = id.into();
        self.check(id.check()).path(name, M::NAME, id.as_str())
    }

    /// Sets a parameter with one value.
    pub(super) fn one<T: Argument>(self, name: &'static str, value: impl Into<T>) -> Self {
        let value = value.into();
        self.check(value.check()).query(name, value.text())
    }

    /// Sets a parameter with one value that may be refused.
    pub(super) fn checked<T: Argument>(self, name: &'static str, value: impl TryInto<T, Error: Into<Invalid>>) -> Self {
        self.found(name, value.try_into().map_err(Into::into))
    }

    /// Sets a parameter with one value that may have been refused.
    pub(super) fn found<T: Argument>(self, name: &'static str, value: Result<T, Invalid>) -> Self {
        match value {
            Ok(value) => self.one::<T>(name, value),
            Err(invalid) => self.refuse(invalid),
        }
    }

    /// Adds values to a parameter with several.
    pub(super) fn many<T: Argument>(self, name: &'static str, values: impl IntoIterator<Item: Into<T>>) -> Self {
        self.all(name, values.into_iter().map(|value| Ok(value.into())))
    }

    /// Adds values that may be refused to a parameter with several.
    pub(super) fn many_checked<T: Argument>(
        self,
        name: &'static str,
        values: impl IntoIterator<Item: TryInto<T, Error: Into<Invalid>>>,
    ) -> Self {
        self.all(name, values.into_iter().map(|value| value.try_into().map_err(Into::into)))
    }

    fn all<T: Argument>(self, name: &'static str, values: impl Iterator<Item = Result<T, Invalid>>) -> Self {
        let mut values = values.peekable();
        if values.peek().is_none() {
            return self.refuse(Invalid::new(name, "is an empty list; leave it out instead"));
        }
        values.fold(self, |request, value| match value {
            Ok(value) => request.check(value.check()).list(name, [value.text()]),
            Err(invalid) => request.refuse(invalid),
        })
    }
}
