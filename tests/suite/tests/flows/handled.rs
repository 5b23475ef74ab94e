//! The application's handlers bring the person through, when a call needs it and again when the session has ended for good.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tidal_core::runtime::Clock as _;
use tidal_core::{Config, Raw, RawAnswer};
use tidal_hyper::SystemClock;
use tidal_sandbox::Sandbox;
use tidal_store_memory::MemoryStore;

use super::{ALBUM, Basic, Code, Device, Implicit, Pkce, Way, person, sandbox};

/// Where handlers find the person, and how often they did.
#[derive(Clone)]
struct People {
    sandbox: Arc<Sandbox>,
    asked: Arc<AtomicUsize>,
}

impl People {
    fn new() -> Self {
        Self { sandbox: Arc::new(sandbox()), asked: Arc::default() }
    }

    fn config(&self, way: Way) -> Config {
        let mut config = way.config(&self.sandbox, Basic);
        config.handles_sign_in = true;
        config
    }

    /// What a browser brings back.
    fn browse(&self, authorize_url: &str) -> String {
        self.asked.fetch_add(1, Ordering::SeqCst);
        person::allow(authorize_url)
    }

    fn enter(&self, user_code: &str) {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.sandbox.control().approve_device(user_code).unwrap();
    }

    /// A call before anybody has signed in, and one after the service has taken all tokens away.
    fn need(&self, way: Way, call: impl Fn(&Raw) -> RawAnswer) {
        let me = Raw::get("/users/me");
        let (first, second) = (call(&me), {
            self.sandbox.control().revoke_user(self.sandbox.users()[0].id);
            call(&me)
        });
        assert_eq!(first.body, second.body, "{way:?}");
        assert_eq!(self.asked.load(Ordering::SeqCst), 2, "{way:?}");
        let tokens: Vec<_> = self.sandbox.control().access_tokens();
        assert_eq!(tokens.len(), 1, "{way:?}");
        call(&Raw::get(ALBUM).query("countryCode", "US"));
        assert_eq!(self.asked.load(Ordering::SeqCst), 2, "{way:?}");
    }
}

const WAYS: [Way; 4] = [Code, Pkce, Device, Implicit];

#[test]
fn handled_with_threads() {
    for way in WAYS {
        let people = People::new();
        let client = tidal_blocking::client(people.config(way), MemoryStore::new()).unwrap();
        let browser = people.clone();
        client.handle_sign_ins(move |pending| {
            let back = browser.browse(pending.authorize_url());
            Ok(pending.redirected(&back, SystemClock.now())?)
        });
        let browser = people.clone();
        client.handle_implicit_sign_ins(move |pending| {
            let back = browser.browse(pending.authorize_url());
            Ok(pending.redirected(&back, SystemClock.now())?)
        });
        let device = people.clone();
        client.handle_device_sign_ins(move |prompt| {
            device.enter(&prompt.user_code);
            Ok(())
        });
        people.need(way, |raw| (*client.send(raw).unwrap().value).clone());
        client.drain();
    }
}

#[test]
fn handled_with_futures() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for way in WAYS {
        let people = People::new();
        let client = runtime.block_on(async { tidal_hyper::client(people.config(way), MemoryStore::new()) }).unwrap();
        let browser = people.clone();
        client.handle_sign_ins(move |pending| {
            let browser = browser.clone();
            async move {
                let back = browser.browse(pending.authorize_url());
                Ok(pending.redirected(&back, SystemClock.now())?)
            }
        });
        let browser = people.clone();
        client.handle_implicit_sign_ins(move |pending| {
            let browser = browser.clone();
            async move {
                let back = browser.browse(pending.authorize_url());
                Ok(pending.redirected(&back, SystemClock.now())?)
            }
        });
        let device = people.clone();
        client.handle_device_sign_ins(move |prompt| {
            let device = device.clone();
            async move {
                device.enter(&prompt.user_code);
                // Stays on the screen until the sign-in is over.
                std::future::pending().await
            }
        });
        people.need(way, |raw| (*runtime.block_on(client.send(raw)).unwrap().value).clone());
        runtime.block_on(client.drain());
    }
}
