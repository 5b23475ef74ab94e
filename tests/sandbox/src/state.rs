//! Everything that the sandbox knows, behind one lock.

use std::net::SocketAddr;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::json;

use crate::answer::Answer;
use crate::api;
use crate::api::idempotency::{Idempotency, Ticket};
use crate::behaviour::Behaviour;
use crate::catalogue::{catalogue, object};
use crate::fault::{Endpoint, Faults};
use crate::limiter::Limiter;
use crate::oauth::ledger::Ledger;
use crate::oauth::{authorize, device, link, revoke, token};
use crate::options::{Client, Options, User};
use crate::request::Request;
use crate::store::{Entry, Linkage, Store};

pub(crate) struct State {
    /// Where the sandbox listens, for the addresses that it gives out.
    pub(crate) address: SocketAddr,
    pub(crate) clients: Vec<Client>,
    pub(crate) users: Vec<User>,
    pub(crate) behaviour: Behaviour,
    pub(crate) ledger: Ledger,
    pub(crate) store: Store,
    pub(crate) faults: Faults,
    pub(crate) limiter: Limiter,
    pub(crate) idempotency: Idempotency,
    serial: u64,
}

/// An answer, and what is to be told when it has left.
pub(crate) struct Worked {
    pub(crate) answer: Answer,
    pub(crate) ticket: Option<Ticket>,
}

impl From<Answer> for Worked {
    fn from(answer: Answer) -> Self {
        Self { answer, ticket: None }
    }
}

impl State {
    pub(crate) fn new(options: &Options, address: SocketAddr, now: Timestamp) -> Self {
        let mut store = catalogue();
        for user in &options.users {
            add_user(&mut store, user, now);
        }
        Self {
            address,
            clients: options.clients.clone(),
            users: options.users.clone(),
            behaviour: options.behaviour.clone(),
            ledger: Ledger::new(),
            store,
            faults: Faults::default(),
            limiter: Limiter::default(),
            idempotency: Idempotency::default(),
            serial: 0,
        }
    }

    pub(crate) fn work(&mut self, request: &Request, now: Timestamp) -> Worked {
        match Endpoint::of(&request.path) {
            Some(Endpoint::Authorize) => authorize::answer(self, request, now).into(),
            Some(Endpoint::Token) => token::answer(self, request, now).into(),
            Some(Endpoint::Device) => device::answer(self, request, now).into(),
            Some(Endpoint::Link) => link::answer(self, request, now).into(),
            Some(Endpoint::Revoke) => revoke::answer(self, request).into(),
            Some(Endpoint::Api) => api::answer(self, request, now),
            None => Answer::new(StatusCode::NOT_FOUND, "text/plain", "There is nothing here.\n").into(),
        }
    }

    /// A new id in the form of a UUID.
    pub(crate) fn new_id(&mut self) -> String {
        self.serial += 1;
        let serial = self.serial;
        format!("{:08x}-5bd0-4a00-8000-{serial:012x}", serial.wrapping_mul(0x9e37_79b1) & 0xffff_ffff)
    }
}

fn add_user(store: &mut Store, user: &User, now: Timestamp) {
    let id = user.id.to_string();
    let attributes = object(json!({
        "username": user.username,
        "country": user.country,
        "developerAccessTier": "THIRD_PARTY",
        "email": format!("{}@tidal-sandbox.invalid", user.username),
        "emailVerified": true,
    }));
    let entry = |attributes| Entry { attributes, owner: Some(user.id), ..Entry::default() };
    store.put("users", id.clone(), entry(attributes));
    let collection = object(json!({ "numberOfItems": 0, "lastModifiedAt": format!("{now:.3}") }));
    let owners = vec![Linkage::new("users", id.clone())];
    let entry = entry(collection).link("items", Vec::new()).link("owners", owners);
    store.put("userCollectionTracks", id, entry);
}
