//! The contract of transports, held by each of them. A new transport adds a line to `transports!`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "transports/contract.rs"]
mod contract;
#[path = "transports/given_up.rs"]
mod given_up;
#[path = "transports/gzip.rs"]
mod gzip;
#[path = "transports/server.rs"]
mod server;
#[path = "transports/tls.rs"]
mod tls;
#[path = "transports/tls_server.rs"]
mod tls_server;
#[path = "transports/trusting.rs"]
mod trusting;
#[path = "transports/waiting.rs"]
mod waiting;

use waiting::{Send, waiting};

fn hyper() -> Send {
    waiting(tidal_hyper::Hyper::new().unwrap())
}

// Under tokio on purpose: it works under any executor.
fn isahc() -> Send {
    waiting(tidal_isahc::Isahc::new().unwrap())
}

fn blocking() -> Send {
    waiting::blocking(tidal_blocking::Ureq::new())
}

/// Instantiates the suite: the name of a transport is that of the function that makes one.
macro_rules! transports {
    ($($transport:ident),*) => { $(mod $transport {
        crate::contract::instantiate!(super::$transport);
    })* };
}

transports!(hyper, isahc, blocking);

#[test]
fn proxies_of_the_environment_are_not_used() {
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        again.env(name, "http://127.0.0.1:1");
    }
    let output = again.arg("what_is_sent_and_what_comes_back").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("3 passed"), "{text}");
}
