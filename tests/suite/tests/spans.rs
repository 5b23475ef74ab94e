//! The spans and events of calls, as a subscriber to `tracing` sees them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/signed_in.rs"]
mod signed_in;

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidal_core::{Backoff, Config, Raw};
use tidal_sandbox::{Fault, Options, Sandbox};
use tidal_store_memory::MemoryStore;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Each span opened and each event of the client's, a line: `N` is the parent span's number.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

struct Fields<'l>(&'l mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // What differs from run to run is named only.
        match field.name() {
            "took_us" | "bytes" => write!(self.0, " {field}").unwrap(),
            _ => write!(self.0, " {field}={value:?}").unwrap(),
        }
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "tidal"
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut lines = self.0.lock().unwrap();
        let mut line = format!("span {}", span.metadata().name());
        span.record(&mut Fields(&mut line));
        lines.push(line);
        Id::from_u64(lines.len() as u64)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = format!("event in {}:", event.parent().unwrap().into_u64());
        event.record(&mut Fields(&mut line));
        self.0.lock().unwrap().push(line);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn each_call_has_a_span_with_its_attempts_and_its_end() {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    sandbox.control().inject(Fault::status(503).path("/v2/albums/70000000").times(1));
    let config = Config::client_credentials(sandbox.client_id(), sandbox.client_secret()).unwrap();
    let mut config = signed_in::at(config, &sandbox.base_url(), &sandbox.token_url());
    config.retries.status = Backoff::new(3, Duration::ZERO, Duration::ZERO);
    let client = tidal_blocking::client(config, MemoryStore::new()).unwrap();

    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        for _ in 0..2 {
            client.albums().get("70000000").country("US").send().unwrap();
        }
        client.send(&Raw::get("/albums/1").query("countryCode", "US").query("secret", "hunter2")).unwrap_err();
    });
    let lines = recorder.0.lock().unwrap();
    assert_eq!(
        *lines,
        [
            // The token that the first call waits for.
            r#"span call call=2 method="POST" path="token""#,
            r#"event in 1: message=attempt over attempt=1 status=200 took_us bytes"#,
            r#"event in 1: message=call over status=200 dropped=false cache="none" attempts=1 took_us"#,
            r#"span call call=1 method="GET" path="/albums/{id}""#,
            r#"event in 4: message=attempt over attempt=1 status=503 took_us bytes"#,
            r#"event in 4: message=attempt over attempt=2 status=200 took_us bytes"#,
            r#"event in 4: message=call over status=200 dropped=false cache="none" attempts=2 took_us"#,
            r#"span call call=3 method="GET" path="/albums/{id}""#,
            r#"event in 8: message=call over dropped=false cache="hit" attempts=0 took_us"#,
            r#"span call call=4 method="GET" path="/albums/1""#,
            r#"event in 10: message=attempt over attempt=1 status=400 took_us bytes"#,
            r#"event in 10: message=call over error=Refused dropped=false cache="none" attempts=1 took_us"#,
        ]
    );
}
