//! One call that has passed the checks, and what its caller can see.

use std::sync::Arc;

use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use super::links::link;
use super::operations::Operation;
use super::parameters::Parameters;
use super::search;
use crate::answer::Answer;
use crate::behaviour::Behaviour;
use crate::oauth::ledger::Grant;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::schema::{self, Type};
use crate::state::State;
use crate::store::{Entry, Store};

pub(super) struct Call<'a> {
    pub(super) state: &'a mut State,
    pub(super) request: &'a Request,
    pub(super) operation: &'static Operation,
    segments: Vec<String>,
    pub(super) parameters: Parameters,
    pub(super) grant: Grant,
    country: String,
    pub(super) now: Timestamp,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        state: &'a mut State,
        request: &'a Request,
        operation: &'static Operation,
        segments: Vec<String>,
        parameters: Parameters,
        grant: Grant,
        now: Timestamp,
    ) -> Self {
        let own = || {
            let user = state.users.iter().find(|user| Some(user.id) == grant.user);
            user.map_or("US", |user| &user.country)
        };
        let country = parameters.one("countryCode").unwrap_or_else(own).to_owned();
        Self { state, request, operation, segments, parameters, grant, country, now }
    }

    /// The type that the path begins with.
    pub(super) fn kind(&self) -> Result<&'static Type, Refusal> {
        let name = self.segments.first().map_or("", String::as_str);
        schema::find(name).ok_or_else(Refusal::not_found)
    }

    /// The id in the path; `me` is the caller.
    pub(super) fn id(&self) -> Result<String, Refusal> {
        let id = self.segments.get(1).map_or("", String::as_str);
        let personal = ["users", "userCollectionTracks"].contains(&self.kind()?.name);
        if id == "me" && personal {
            return Ok(self.user()?.to_string());
        }
        Ok(id.to_owned())
    }

    /// The relationship that the path ends with.
    pub(super) fn relationship(&self) -> Result<&'static schema::Relationship, Refusal> {
        let name = self.segments.get(3).map_or("", String::as_str);
        let found = self.kind()?.relationship(name);
        found.ok_or_else(Refusal::not_found)
    }

    /// The person who calls.
    pub(super) fn user(&self) -> Result<u64, Refusal> {
        let user = self.grant.user;
        user.ok_or_else(|| Refusal::not_entitled("A client has no account of its own"))
    }

    /// The path without `/v2`.
    pub(super) fn path(&self) -> &str {
        let path = &self.request.path;
        path.strip_prefix(crate::urls::API).unwrap_or(path)
    }

    /// The link to what was asked for.
    pub(super) fn here(&self) -> String {
        link(self.path(), self.parameters.iter(), None)
    }

    pub(super) fn view(&self) -> View<'_> {
        View {
            store: &self.state.store,
            behaviour: &self.state.behaviour,
            grant: &self.grant,
            country: &self.country,
            country_was_given: self.parameters.one("countryCode").is_some(),
            explicit: self.parameters.one("explicitFilter") != Some("EXCLUDE"),
        }
    }

    pub(super) fn ok(&self, document: &impl Serialize) -> Answer {
        Answer::document(StatusCode::OK, document)
    }
}

/// What a caller can see, from where.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) store: &'a Store,
    pub(super) behaviour: &'a Behaviour,
    grant: &'a Grant,
    country: &'a str,
    country_was_given: bool,
    /// Whether searches find explicit music.
    pub(super) explicit: bool,
}

impl View<'_> {
    /// A resource, if it is there for this caller.
    pub(super) fn find(&self, kind: &str, id: &str) -> Option<Arc<Entry>> {
        if let "searchResults" | "searchSuggestions" = kind {
            return search::entry(self, kind, id).map(Arc::new);
        }
        let entry = self.store.get(kind, id)?;
        if !self.shows(kind, entry) {
            return None;
        }
        if kind == "users" && !self.has_scope("user.read") {
            return Some(Arc::new(redacted(entry)));
        }
        Some(Arc::clone(entry))
    }

    pub(super) fn shows(&self, kind: &str, entry: &Entry) -> bool {
        let own = entry.owner.is_some() && entry.owner == self.grant.user;
        let private = matches!(kind, "users" | "userCollectionTracks") || entry.text("accessType") == "PRIVATE";
        !entry.blocked.contains(&self.country) && (own || !private)
    }

    /// Whether lists show it: what is not public is in its owner's lists alone, and only with the scope.
    pub(super) fn lists(&self, entry: &Entry) -> bool {
        let own = entry.owner.is_some() && entry.owner == self.grant.user;
        let public = matches!(entry.text("accessType"), "" | "PUBLIC");
        public || (own && self.has_scope("playlists.read"))
    }

    fn has_scope(&self, name: &str) -> bool {
        self.grant.scopes.iter().any(|scope| scope == name)
    }

    /// The parameters that links to other things carry on.
    pub(super) fn carried(&self) -> Vec<(String, String)> {
        let country = ("countryCode".to_owned(), self.country.to_owned());
        self.country_was_given.then_some(country).into_iter().collect()
    }
}

/// A user without what the scope `user.read` protects.
fn redacted(user: &Entry) -> Entry {
    let mut user = user.clone();
    for name in ["email", "emailVerified", "firstName", "lastName"] {
        user.attributes.remove(name);
    }
    user
}
