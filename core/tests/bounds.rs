//! What is `Send`, what need not be, and that it compiles in generic code.
#![allow(clippy::unwrap_used)]

#[path = "support/stage.rs"]
mod stage;

use std::future::{Future, Ready, ready};

use tidal_core::client::{CallFuture, Driver, StoreJob};
use tidal_core::runtime::{Blocking, Clock, Offload, Runtime, Spawn};
use tidal_core::store::{NoStore, Store};
use tidal_core::testing::Script;
use tidal_core::transport::{BoxFuture, LocalBoxFuture, Transport, from_fn};
use tidal_core::{Client, Config, Exchange, Failure, Mono, Now, Raw, RawAnswer, Response, blocking};
use tidal_store_memory::MemoryStore;

/// A runtime that may move between threads and does nothing.
#[derive(Clone)]
struct Idle;

impl Clock for Idle {
    fn now(&self) -> Now {
        Now::default()
    }
}

impl Runtime for Idle {
    type Sleep = Ready<()>;

    fn sleep(&self, _: Mono) -> Ready<()> {
        ready(())
    }
}

impl<F: Future<Output = ()> + Send + 'static> Spawn<F> for Idle {
    fn spawn(&self, _: F) {}
}

impl<J: Blocking + Send + 'static> Offload<J> for Idle {
    fn offload(&self, job: J) {
        job.run();
    }
}

fn is_send<T: Send + 'static>(_: &T) {}
fn is_send_and_sync<T: Send + Sync + 'static>(_: &T) {}

#[test]
fn a_client_of_send_parts_is_send_and_so_are_its_futures() {
    let client = Client::new(Config::anonymous(), [0; 32], Script::new(), MemoryStore::new(), Idle).unwrap();
    is_send_and_sync(&client);
    is_send(&client.send(&Raw::get("/")));
    is_send(&client.sign_out());
    is_send(&client.drain());
    is_send(&client.drive());
    let blocking = blocking::Client::new(Config::anonymous(), [0; 32], Script::new(), MemoryStore::new(), Idle).unwrap();
    is_send_and_sync(&blocking);
}

/// `Send` can be stated in generic code, and no other bound is needed to make a client and use it.
fn generic<T, S, R>(transport: T, store: S, runtime: R) -> impl Future<Output = bool> + Send
where
    T: Transport<Future: Send> + Send + Sync + 'static,
    S: Store + Send + Sync + 'static,
    R: Runtime<Sleep: Send> + Spawn<Driver<T, S, R>> + Offload<StoreJob<S>> + Send + Sync + 'static,
{
    let client = Client::new(Config::anonymous(), [0; 32], transport, store, runtime).unwrap();
    let call: CallFuture<T, S, R, RawAnswer> = client.send(&Raw::get("/albums/1"));
    async move { call.await.is_ok() }
}

#[test]
fn generic_code_may_ask_for_send() {
    is_send(&generic(Script::new(), NoStore, Idle));
}

#[test]
fn a_client_of_parts_that_stay_on_their_thread_works() {
    // The stage's runtime is made of `Rc`; so may the transport's future be.
    let local = from_fn(|_: Exchange| {
        let value = std::rc::Rc::new(200);
        let future: LocalBoxFuture<Result<Response, Failure>> = Box::pin(async move {
            let mut response = Response::default();
            *response.status_mut() = http(*value);
            Ok(response)
        });
        future
    });
    let runtime = tidal_core::testing::VirtualRuntime::new();
    let client = Client::new(Config::anonymous(), [0; 32], local, NoStore, runtime.clone()).unwrap();
    assert!(runtime.block_on(client.send(&Raw::get("/albums/1"))).is_ok());
    let undriven = Client::undriven(Config::anonymous(), [0; 32], Script::new(), NoStore, runtime.clone()).unwrap();
    assert!(runtime.block_on(undriven.send(&Raw::get("/albums/1"))).is_err());
}

fn http(status: u16) -> tidal_core::http::StatusCode {
    tidal_core::http::StatusCode::from_u16(status).unwrap()
}

/// Middleware needs no name for its future.
fn counted<T: Transport<Future: Send + 'static>>(inner: T) -> impl Transport<Future = BoxFuture<Result<Response, Failure>>> {
    from_fn(move |exchange: Exchange| -> BoxFuture<Result<Response, Failure>> { Box::pin(inner.send(exchange)) })
}

#[test]
fn middleware_is_a_transport() {
    let script = Script::new();
    script.on("GET /v2/albums/1").reply(200, "{}");
    let client = Client::new(Config::anonymous(), [0; 32], counted(script), NoStore, Idle).unwrap();
    is_send(&client.send(&Raw::get("/albums/1")));
}
