//! No two clients draw the same secrets: each transport's constructor gives each client a seed of its own.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::HashSet;

use tidal_core::auth::PendingSignIn;
use tidal_core::url::Url;
use tidal_core::{Config, Error};
use tidal_store_memory::MemoryStore;

/// So many clients of each transport.
const CLIENTS: usize = 100;

fn config() -> Config {
    Config::pkce("the-client", "http://localhost:8080/callback").unwrap()
}

/// The states and the verifiers of sign-ins, with the challenges that go along with them.
#[derive(Default)]
struct Drawn {
    states: HashSet<String>,
    verifiers: HashSet<String>,
    challenges: HashSet<String>,
}

impl Drawn {
    /// Each of these is new, and none of one kind is another's.
    fn add(&mut self, pending: &PendingSignIn) {
        let url = Url::parse(pending.authorize_url()).unwrap();
        let said = |name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        let kept = serde_json::to_value(pending).unwrap();
        let verifier = kept["verifier"].as_str().unwrap().to_owned();
        // 256 bits in base64url.
        assert_eq!((said("state").len(), verifier.len()), (43, 43));
        assert!(self.states.insert(said("state")), "the same state");
        assert!(self.verifiers.insert(verifier), "the same verifier");
        assert!(self.challenges.insert(said("code_challenge")), "the same challenge");
        assert!(self.states.is_disjoint(&self.verifiers), "a state is sent where others see it, a verifier is not");
    }

    /// Two sign-ins by each of many clients.
    fn of(&mut self, begin: impl Fn() -> Box<dyn Fn() -> Result<PendingSignIn, Error>>) {
        let clients: Vec<_> = (0..CLIENTS).map(|_| begin()).collect();
        for client in clients.iter().chain(&clients) {
            self.add(&client().unwrap());
        }
    }
}

#[test]
fn no_two_clients_of_a_transport_draw_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _entered = runtime.enter();
    // One set for all transports: those of two are as different.
    let mut drawn = Drawn::default();
    drawn.of(|| {
        let client = tidal_hyper::client(config(), MemoryStore::new()).unwrap();
        Box::new(move || client.begin_sign_in())
    });
    drawn.of(|| {
        let client = tidal_isahc::client(config(), MemoryStore::new()).unwrap();
        Box::new(move || client.begin_sign_in())
    });
    drawn.of(|| {
        let client = tidal_blocking::client(config(), MemoryStore::new()).unwrap();
        Box::new(move || client.begin_sign_in())
    });
    assert_eq!(drawn.states.len(), 3 * CLIENTS * 2);
}
