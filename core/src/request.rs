//! Calls as people write them: an operation, its arguments, and the client that will send it.
//!
//! An operation is a type that implements [`Op`] and holds nothing. A [`Request`] is a list of arguments for it; the operation's
//! own arguments are one-line methods into that list. So each of some hundred operations costs a few lines.
//!
//! ```
//! # use tidal_core::request::{Op, Request};
//! # use tidal_core::operation::{CacheClass, Flows, Operation, Parameter, Replay, Tier};
//! # use tidal_core::http::Method;
//! # use std::borrow::Cow;
//! pub struct GetThing;
//!
//! impl Op for GetThing {
//!     type Output = ();
//!     const OPERATION: &Operation = &Operation {
//!         method: Method::GET,
//!         path: Cow::Borrowed("/things/{id}"),
//!         tier: Tier::ThirdParty,
//!         flows: Flows::ANY,
//!         scopes: &[],
//!         parameters: &[Parameter::path("id"), Parameter::query("countryCode"), Parameter::query("include").joined()],
//!         has_body: false,
//!         cache: CacheClass::Catalogue,
//!         replay: Replay::Read,
//!     };
//! }
//!
//! trait ThingRequest: Sized {
//!     fn include(self, paths: &[&str]) -> Self;
//! }
//!
//! impl<C> ThingRequest for Request<GetThing, C> {
//!     fn include(self, paths: &[&str]) -> Self {
//!         self.list("include", paths)
//!     }
//! }
//!
//! let request = Request::<GetThing>::new().path("id", "thing id", "17").include(&["friends"]);
//! assert!(tidal_core::Call::new(&request).is_ok());
//! ```

use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;
use serde::Serialize;

use crate::endpoint::{Endpoint, FromAnswer};
use crate::error::{DecodeError, Invalid};
use crate::message::Head;
use crate::operation::{List, Operation, Parameter, Place};
use crate::template::RequestWriter;

/// An operation as a type.
pub trait Op: 'static {
    /// What a successful answer holds.
    type Output: FromAnswer;

    /// What is known of it.
    const OPERATION: &'static Operation;
}

/// Sends requests. Clients implement it for references to themselves; `()` stands for no client.
pub trait Execute<E: Endpoint> {
    /// What sending returns: a future, or the result itself.
    type Reply;

    /// Sends.
    fn execute(self, endpoint: E) -> Self::Reply;
}

/// An operation with its arguments, and the client `C` that will send it.
#[must_use = "a request does nothing until it is sent"]
pub struct Request<O, C = ()> {
    arguments: Arguments,
    client: C,
    operation: PhantomData<fn() -> O>,
}

/// Everything but the operation, so that it compiles once.
#[derive(Clone, Debug, Default)]
struct Arguments {
    path: Vec<(&'static str, &'static str, String)>,
    query: Vec<(&'static str, String)>,
    headers: Vec<(String, String)>,
    body: Option<Bytes>,
    refused: Option<Invalid>,
    fresh: bool,
}

impl<O: Op> Request<O> {
    /// The operation without arguments and without a client.
    pub fn new() -> Self {
        Self::with(())
    }
}

impl<O: Op> Default for Request<O> {
    fn default() -> Self {
        Self::new()
    }
}

impl<O: Op, C> Request<O, C> {
    /// The operation without arguments, to be sent by `client`.
    pub fn with(client: C) -> Self {
        Self { arguments: Arguments::default(), client, operation: PhantomData }
    }

    /// Sets a path parameter; `what` is what errors call it.
    pub fn path(mut self, name: &'static str, what: &'static str, value: impl Into<String>) -> Self {
        self.arguments.path.push((name, what, value.into()));
        self
    }

    /// Sets a query parameter, replacing its former value.
    pub fn query(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.arguments.query.retain(|(known, _)| *known != name);
        self.arguments.query.push((name, value.to_string()));
        self
    }

    /// Adds values to a query parameter that takes several.
    pub fn list<V: fmt::Display>(mut self, name: &'static str, values: impl IntoIterator<Item = V>) -> Self {
        self.arguments.query.extend(values.into_iter().map(|value| (name, value.to_string())));
        self
    }

    /// The request without values for a query parameter.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.arguments.query.retain(|(known, _)| *known != name);
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.arguments.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body, as JSON.
    pub fn body(mut self, value: &impl Serialize) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => self.arguments.body = Some(body.into()),
            Err(e) => return self.refuse(Invalid::new("body", format!("can't be written as JSON: {e}"))),
        }
        self
    }

    /// Sets the body to a JSON text.
    pub(crate) fn json_body(mut self, text: String) -> Self {
        self.arguments.body = Some(text.into());
        self
    }

    /// Has the service asked, whatever the cache holds; its answer is kept for others.
    pub fn fresh(mut self) -> Self {
        self.arguments.fresh = true;
        self
    }

    pub(crate) fn is_fresh(&self) -> bool {
        self.arguments.fresh
    }

    /// Notes that an argument is refused: sending returns the first such error and sends nothing.
    pub fn refuse(mut self, invalid: Invalid) -> Self {
        self.arguments.refused.get_or_insert(invalid);
        self
    }

    /// The value of a path parameter that was set.
    pub(crate) fn path_value(&self, name: &str) -> Option<&str> {
        self.arguments.path.iter().find(|(known, _, _)| *known == name).map(|(_, _, value)| value.as_str())
    }

    /// Refuses what `check` refuses.
    pub fn check(self, check: Result<(), Invalid>) -> Self {
        match check {
            Ok(()) => self,
            Err(invalid) => self.refuse(invalid),
        }
    }

    /// Sends the request.
    pub fn send(self) -> C::Reply
    where
        C: Execute<Request<O>>,
    {
        let Self { arguments, client, .. } = self;
        client.execute(Request { arguments, client: (), operation: PhantomData })
    }

    /// The request without its client: an endpoint that can be kept, sent by another client, or driven by hand.
    pub fn detach(self) -> Request<O> {
        Request { arguments: self.arguments, client: (), operation: PhantomData }
    }

    /// The request with another client.
    pub(crate) fn map_client<D>(self, map: impl FnOnce(C) -> D) -> Request<O, D> {
        Request { arguments: self.arguments, client: map(self.client), operation: PhantomData }
    }

    /// The request and its client apart.
    pub fn into_parts(self) -> (Request<O>, C) {
        (Request { arguments: self.arguments, client: (), operation: PhantomData }, self.client)
    }
}

impl<O, C: Clone> Clone for Request<O, C> {
    fn clone(&self) -> Self {
        Self { arguments: self.arguments.clone(), client: self.client.clone(), operation: PhantomData }
    }
}

impl<O: Op, C> fmt::Debug for Request<O, C> {
    /// The operation and the names of its arguments.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.arguments.query.iter().map(|(name, _)| name).collect();
        write!(f, "Request({} {}, {names:?})", O::OPERATION.method, O::OPERATION.path)
    }
}

impl<O: Op> Endpoint for Request<O> {
    type Output = O::Output;

    fn operation(&self) -> &Operation {
        O::OPERATION
    }

    fn write(&self, to: &mut RequestWriter) -> Result<(), Invalid> {
        self.arguments.write(O::OPERATION, to)
    }

    fn decode(head: &Head, body: Bytes) -> Result<O::Output, DecodeError> {
        O::Output::from_answer(head, body)
    }
}

impl Arguments {
    fn write(&self, operation: &Operation, to: &mut RequestWriter) -> Result<(), Invalid> {
        if let Some(invalid) = &self.refused {
            return Err(invalid.clone());
        }
        for (name, what, value) in &self.path {
            to.path(name, what, value)?;
        }
        let taken = |name: &str| operation.parameters.iter().any(|p| p.place == Place::Query && p.name == name);
        if let Some((name, _)) = self.query.iter().find(|(name, _)| !taken(name)) {
            return Err(Invalid::new(*name, format!("is no parameter of {} {}", operation.method, operation.path)));
        }
        for parameter in operation.parameters {
            if parameter.place == Place::Query {
                write_parameter(parameter, &self.query, to)?;
            }
        }
        for (name, value) in &self.headers {
            to.header(name, value)?;
        }
        if let Some(body) = &self.body {
            to.body(body.clone());
        }
        if self.fresh {
            to.fresh();
        }
        Ok(())
    }
}

/// Writes the values of one parameter, of those of all.
fn write_parameter(parameter: &Parameter, query: &[(&str, String)], to: &mut RequestWriter) -> Result<(), Invalid> {
    let mut joined: Option<String> = None;
    for (name, value) in query {
        if *name != parameter.name {
            continue;
        }
        if value.is_empty() {
            return Err(Invalid::new(parameter.name, "is empty; leave it out instead"));
        }
        if let Some(max) = parameter.max_length
            && value.chars().count() > max as usize
        {
            return Err(Invalid::new(
                parameter.name,
                format!("has {} characters; at most {max} are taken", value.chars().count()),
            ));
        }
        match (parameter.list, &mut joined) {
            (List::Joined, Some(text)) => {
                *text += ",";
                text.push_str(value);
            }
            (List::Joined, None) => joined = Some(value.clone()),
            _ => to.query(parameter.name, value),
        }
    }
    if let Some(text) = joined {
        to.query(parameter.name, &text);
    }
    Ok(())
}
