//! Whatever a program logs, at whatever level, no token, secret or body of an exchange is in it. A test program of its own, since
//! what records is there for the whole process.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "transports/gzip.rs"]
mod gzip;
#[path = "transports/tls_server.rs"]
mod tls_server;
#[path = "transports/trusting.rs"]
mod trusting;
#[path = "transports/waiting.rs"]
mod waiting;

use std::fmt::{Debug, Write};
use std::sync::Mutex;
use std::time::Duration;

use http::Request;
use tidal_core::Exchange;
use tidal_hyper::SystemClock;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata};

use tls_server::TlsServer;
use waiting::{blocking, waiting};

/// All that was ever logged.
static LOGGED: Mutex<String> = Mutex::new(String::new());

/// Records everything, by way of `log` and of `tracing`.
struct Recorder;

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

fn record(metadata: &Metadata<'_>, visit: impl FnOnce(&mut dyn Visit)) {
    let mut line = format!("{} {}", metadata.target(), metadata.name());
    visit(&mut Fields(&mut line));
    *LOGGED.lock().unwrap() += &(line + "\n");
}

impl tracing::Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        record(span.metadata(), |fields| span.record(fields));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Fields(&mut LOGGED.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        record(event.metadata(), |fields| event.record(fields));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl log::Log for Recorder {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        *LOGGED.lock().unwrap() += &format!("{} {}\n", record.target(), record.args());
    }

    fn flush(&self) {}
}

#[test]
fn nothing_secret_is_logged() {
    tracing::subscriber::set_global_default(Recorder).unwrap();
    log::set_logger(&Recorder).unwrap();
    log::set_max_level(log::LevelFilter::Trace);

    let server = TlsServer::start();
    let transports = [
        ("hyper", waiting(trusting::hyper(&server))),
        ("isahc", waiting(trusting::isahc(&server))),
        ("blocking", blocking(trusting::blocking(&server))),
    ];
    for (name, send) in transports {
        for body in ["client_secret=hunter2", ""] {
            let request = Request::post(format!("{}/x", server.url)).header("authorization", "Bearer hunter2");
            let request = request.body(body.into()).unwrap();
            // The server's answer holds what it was sent.
            let response = send(Exchange::new(request, SystemClock::read() + Duration::from_secs(60), 1000)).unwrap();
            assert_eq!(response.body(), format!("POST {body}").as_bytes());
        }
        drop(send);
        let logged = std::mem::take(&mut *LOGGED.lock().unwrap());
        let telling: Vec<_> = logged.lines().filter(|line| line.contains("hunter2")).collect();
        assert!(telling.is_empty(), "{name} tells: {telling:#?}");
        assert!(name == "isahc" || logged.contains("localhost"), "{name} logs nothing: this test can't fail\n{logged}");
    }
    assert!(server.connections() >= 3);
}
