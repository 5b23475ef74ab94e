//! Several clients on clones of one transport share its connections; clients on transports of their own don't.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "transports/server.rs"]
mod server;

use tidal_blocking::{SystemClock, Ureq};
use tidal_core::store::NoStore;
use tidal_core::{Config, Raw};
use tidal_hyper::{Hyper, TokioRuntime};
use tidal_isahc::{AsyncStdRuntime, Isahc};

use crate::server::Server;

/// How many clients there are, and how often each calls.
const CLIENTS: usize = 3;
const ROUNDS: usize = 3;

fn service() -> Server {
    Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
}

/// An account of its own for each.
fn config(server: &Server, at: usize) -> Config {
    let mut config = Config::client_credentials(format!("client-{at}"), "secret").unwrap();
    config.base_url = server.url("/v2").parse().unwrap();
    config.tokens = Some(tidal_core::config::Tokens::new(format!("token-{at}")));
    config.store_tokens = false;
    config
}

/// Something that is asked for once only.
fn request(at: usize, round: usize) -> Raw {
    Raw::get(format!("/albums/{at}{round}"))
}

/// All calls were made, each with its own client's token, by this many connections.
fn used(server: &Server, connections: usize) {
    let seen = server.seen();
    assert_eq!(seen.len(), CLIENTS * ROUNDS);
    for at in 0..CLIENTS {
        let own = [format!("Bearer token-{at}")];
        assert_eq!(seen.iter().filter(|seen| seen.header("authorization") == own).count(), ROUNDS);
    }
    assert_eq!(server.connections(), connections);
}

#[test]
fn blocking() {
    let run = |transport: &dyn Fn() -> Ureq, connections| {
        let server = service();
        let client = |at| tidal_blocking::Client::new(config(&server, at), [1; 32], transport(), NoStore, SystemClock).unwrap();
        let clients: Vec<_> = (0..CLIENTS).map(client).collect();
        for round in 0..ROUNDS {
            clients.iter().enumerate().for_each(|(at, client)| drop(client.send(&request(at, round)).unwrap()));
        }
        used(&server, connections);
    };
    let shared = Ureq::new();
    run(&|| shared.clone(), 1);
    run(&Ureq::new, CLIENTS);
}

#[test]
fn hyper() {
    // On one thread: what hyper does after an answer is done when the other tasks have had their turn.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let run = |transport: &dyn Fn() -> Hyper, connections| {
        let server = service();
        let handle = TokioRuntime::new(runtime.handle().clone());
        let client = |at| tidal_core::Client::new(config(&server, at), [1; 32], transport(), NoStore, handle.clone()).unwrap();
        let clients: Vec<_> = (0..CLIENTS).map(client).collect();
        runtime.block_on(async {
            for round in 0..ROUNDS {
                for (at, client) in clients.iter().enumerate() {
                    client.send(&request(at, round)).await.unwrap();
                    for _ in 0..100 {
                        tokio::task::yield_now().await;
                    }
                }
            }
        });
        used(&server, connections);
    };
    let shared = Hyper::new().unwrap();
    run(&|| shared.clone(), 1);
    run(&|| Hyper::new().unwrap(), CLIENTS);
}

#[test]
fn isahc() {
    let run = |transport: &dyn Fn() -> Isahc, connections| {
        let server = service();
        let client = |at| tidal_core::Client::new(config(&server, at), [1; 32], transport(), NoStore, AsyncStdRuntime).unwrap();
        let clients: Vec<_> = (0..CLIENTS).map(client).collect();
        for round in 0..ROUNDS {
            let call = |(at, client): (usize, &tidal_core::Client<_, _, _>)| {
                drop(pollster::block_on(client.send(&request(at, round))).unwrap());
            };
            clients.iter().enumerate().for_each(call);
        }
        used(&server, connections);
    };
    let shared = Isahc::new().unwrap();
    run(&|| shared.clone(), 1);
    run(&|| Isahc::new().unwrap(), CLIENTS);
}
