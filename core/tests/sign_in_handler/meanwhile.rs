//! Another thread signs out or gives another configuration while the service answers what a handler brought: nothing more is asked.

use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use tidal_core::testing::{Reply, Script};
use tidal_core::{Client, Config, ErrorKind, Raw, blocking};
use tidal_store_memory::MemoryStore;

use super::late::Hand;
use super::stage::{ALBUM, TOKEN};
use super::{browse, config, handled};

const ME: &str = "GET /v2/users/me";
const NAMELESS: &str = r#"{"access_token":"new","refresh_token":"r","expires_in":3600}"#;

/// What happens meanwhile.
#[derive(Clone, Copy, PartialEq)]
enum Meanwhile {
    Nothing,
    SignOut,
    Reconfigure,
}

const ALL: [Meanwhile; 3] = [Meanwhile::Nothing, Meanwhile::SignOut, Meanwhile::Reconfigure];

fn elsewhere() -> Config {
    let mut config = handled(Config::pkce("another", "http://localhost:8080/callback").unwrap());
    config.base_url = "https://elsewhere.example/v2".parse().unwrap();
    config
}

fn scripted(meanwhile: impl Fn() + Send + 'static) -> Script {
    let script = Script::new();
    script.on(TOKEN).with(move |_| {
        meanwhile();
        Reply::answer(200, NAMELESS)
    });
    script.on(ME).always(Reply::answer(200, r#"{"data":{"type":"users","id":"7"}}"#));
    script.on(ALBUM).always(Reply::answer(200, "{}"));
    script
}

fn went(script: &Script, ended: Option<Result<(), ErrorKind>>, meanwhile: Meanwhile) {
    let paths: Vec<_> = script.requests().into_iter().map(|seen| format!("{}{}", seen.host, seen.path)).collect();
    if meanwhile == Meanwhile::Nothing {
        assert_eq!((paths.len(), ended), (3, Some(Ok(()))), "{paths:?}");
    } else {
        assert_eq!((paths.len(), ended), (1, Some(Err(ErrorKind::SignedOut))), "{paths:?}");
    }
}

#[test]
fn over_threads() {
    for meanwhile in ALL {
        let made = Arc::new(OnceLock::<blocking::Client<Script, MemoryStore, Hand>>::new());
        let client = Arc::clone(&made);
        let script = scripted(move || match meanwhile {
            Meanwhile::Nothing => {}
            Meanwhile::SignOut => client.get().unwrap().sign_out().unwrap(),
            Meanwhile::Reconfigure => client.get().unwrap().reconfigure(elsewhere()).unwrap(),
        });
        let client = blocking::Client::new(config(), [7; 32], script.clone(), MemoryStore::new(), Hand::default()).unwrap();
        client.handle_sign_ins(browse);
        let client = made.get_or_init(|| client);
        let ended = client.send(&Raw::get("/albums/1")).map(drop).map_err(|error| error.kind());
        went(&script, Some(ended), meanwhile);
        assert_eq!(client.account().is_some(), meanwhile == Meanwhile::Nothing);
    }
}

#[test]
fn over_futures() {
    for meanwhile in ALL {
        let made = Arc::new(OnceLock::<Client<Script, MemoryStore, Hand>>::new());
        let client = Arc::clone(&made);
        let script = scripted(move || {
            let client = client.get().unwrap();
            let cx = &mut Context::from_waker(Waker::noop());
            match meanwhile {
                Meanwhile::Nothing => {}
                Meanwhile::SignOut => drop(pin!(client.sign_out()).poll(cx)),
                Meanwhile::Reconfigure => assert!(pin!(client.reconfigure(elsewhere())).poll(cx).is_ready()),
            }
        });
        let client = Client::undriven(config(), [7; 32], script.clone(), MemoryStore::new(), Hand::default()).unwrap();
        client.handle_sign_ins(|pending| async move { browse(pending) });
        let client = made.get_or_init(|| client);
        let cx = &mut Context::from_waker(Waker::noop());
        let (mut driver, mut call) = (pin!(client.drive()), pin!(client.send(&Raw::get("/albums/1"))));
        let ended = (0..8).find_map(|_| match call.as_mut().poll(cx) {
            Poll::Ready(ended) => Some(ended.map(drop).map_err(|error| error.kind())),
            Poll::Pending => {
                assert!(driver.as_mut().poll(cx).is_pending());
                None
            }
        });
        went(&script, ended, meanwhile);
        assert_eq!(client.account().is_some(), meanwhile == Meanwhile::Nothing);
    }
}
