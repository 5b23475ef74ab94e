//! Runs the rows of a table, each over each adapter, all beside each other.

use std::thread;

use tidal_core::config::Tokens;
use tidal_core::{Backoff, Config, Retries};

use crate::client::Adapter;
use crate::ends::SECRET;

/// How often calls are tried again here: each class its own number, so that the number tells the class.
pub(crate) const NETWORK: usize = 3;
pub(crate) const TIMEOUT: usize = 1;
pub(crate) const STATUS: usize = 2;

/// Runs every row over every adapter; panics with all that did not end as expected.
pub(crate) fn run<R: Sync>(rows: &[R], name: impl Fn(&R) -> &str, row: impl Fn(&R, Adapter) -> Result<(), String> + Sync) {
    run_over(&Adapter::ALL, rows, name, row);
}

/// Runs every row over these adapters.
pub(crate) fn run_over<R: Sync>(
    adapters: &[Adapter],
    rows: &[R],
    name: impl Fn(&R) -> &str,
    row: impl Fn(&R, Adapter) -> Result<(), String> + Sync,
) {
    let row = &row;
    let wrong: Vec<String> = thread::scope(|scope| {
        let started: Vec<_> = rows
            .iter()
            .flat_map(|each| adapters.iter().map(move |adapter| (each, *adapter)))
            .map(|(each, adapter)| (each, adapter, scope.spawn(move || row(each, adapter))))
            .collect();
        let ended = started.into_iter().filter_map(|(each, adapter, running)| {
            let outcome = running.join().unwrap_or_else(|_| Err("panicked".to_owned()));
            outcome.err().map(|why| format!("{}, {adapter:?}: {why}", name(each)))
        });
        ended.collect()
    });
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// At once, with the class telling by the number of tries.
fn retries() -> Retries {
    let at_once = |times: usize| Backoff::new(times.try_into().unwrap(), Default::default(), Default::default());
    let mut retries = Retries::NONE;
    (retries.network, retries.timeout, retries.status) = (at_once(NETWORK), at_once(TIMEOUT), at_once(STATUS));
    retries
}

/// The application itself, with a token that is good for as long as nobody refuses it.
pub(crate) fn application(base_url: &str, token_url: &str) -> Config {
    let mut config = Config::client_credentials("app", format!("{SECRET}-of-the-app")).unwrap();
    config.base_url = base_url.parse().unwrap();
    config.token_url = token_url.parse().unwrap();
    config.tokens = Some(Tokens::new(format!("{SECRET}-access")));
    config.store_tokens = false;
    config.retries = retries();
    config.bounds.body = 100_000;
    config
}
