//! What each fault between a request and its answer ends in: a table whose rows name what a user would want, shown by whole clients over
//! hyper, isahc and blocking against a service on loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "faults/answers.rs"]
mod answers;
#[path = "faults/client.rs"]
mod client;
#[path = "faults/clocks.rs"]
mod clocks;
#[path = "faults/counting.rs"]
mod counting;
#[path = "faults/ends.rs"]
mod ends;
#[path = "faults/goaway.rs"]
mod goaway;
#[path = "transports/gzip.rs"]
mod gzip;
#[path = "faults/play.rs"]
mod play;
#[path = "faults/saves.rs"]
mod saves;
#[path = "transports/server.rs"]
mod server;
#[path = "faults/service.rs"]
mod service;
#[path = "faults/shifted.rs"]
mod shifted;
#[path = "faults/statuses.rs"]
mod statuses;
#[path = "faults/table.rs"]
mod table;
#[path = "faults/tls.rs"]
mod tls;
#[allow(dead_code, reason = "each test uses a part of it")]
#[path = "transports/tls_server.rs"]
mod tls_server;
#[path = "faults/tokens.rs"]
mod tokens;
#[path = "transports/trusting.rs"]
mod trusting;
#[allow(dead_code, reason = "each test uses a part of it")]
#[path = "transports/waiting.rs"]
mod waiting;
