//! A future that is dropped gives its request up.

use std::future::Future;
use std::pin::pin;
use std::sync::mpsc;
use std::task::Poll;
use std::time::Duration;

use http::Method;
use tidal_core::transport::Transport;

use crate::contract::{exchange, request};
use crate::server::{Connection, Server};
use crate::waiting::runtime;

/// Begins an exchange, drops it once the server has the request, and waits for the server to see that.
fn give_up(transport: &impl Transport, after: fn(&mut Connection)) {
    let (arrived, arrival) = mpsc::channel();
    let (gone, is_gone) = mpsc::channel();
    let server = Server::start(move |connection| {
        connection.request().unwrap();
        arrived.send(()).unwrap();
        after(connection);
        gone.send(()).unwrap();
    });
    runtime().block_on(async {
        let mut future =
            pin!(transport.send(exchange(request(Method::GET, &server.url("/"), ""), Duration::from_secs(600), 1 << 30)));
        std::future::poll_fn(|cx| {
            if arrival.try_recv().is_ok() {
                return Poll::Ready(());
            }
            assert!(future.as_mut().poll(cx).is_pending());
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    });
    is_gone.recv().expect("the connection is given up");
}

#[test]
fn hyper_closes_at_once() {
    give_up(&tidal_hyper::Hyper::new().unwrap(), Connection::until_closed);
}

#[test]
fn isahc_closes_with_the_next_byte() {
    give_up(&tidal_isahc::Isahc::new().unwrap(), |connection| {
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        connection.send_until_closed(b"5\r\nhello\r\n");
    });
}
