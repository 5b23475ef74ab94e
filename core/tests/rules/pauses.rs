//! Pauses that the token endpoint asks for, and who does not wait for them.

use std::time::Duration;

use tidal_core::Flow;
use tidal_core::testing::Reply;

use crate::accounts::{carried, keep, stage};
use crate::given::{ME, USER, first, one, secret, stored};
use crate::stage::{ALBUM, FlakyStore, Stage, TOKEN, pkce, token};

/// Renewed tokens could not be stored; then they were rejected, and the token endpoint asked for an hour's pause. The store works again.
fn put_off() -> Stage {
    let stage = stage(secret(pkce()), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    stage.script.on(TOKEN).reply(200, token("new", Some("new-refresh")));
    keep(&stage.store, "the-client", Flow::Pkce, Some("88"), 1, "");
    stage.client.set_tokens(first()).unwrap();
    stage.drain();
    stage.store.fail_from_now_on(&["save"]);
    stage.runtime.advance(Duration::from_secs(3600));
    assert_eq!(carried(&stage).unwrap(), "new");
    stage.script.on(ALBUM).reply(401, "{}");
    stage.script.on(TOKEN).always(Reply::answer(503, "").headers(&[("retry-after", "3600")]));
    carried(&stage).unwrap_err();
    stage.store.fail_from_now_on(&[]);
    stage
}

pub(crate) fn a_save_does_not_wait_for_a_renewal() {
    let stage = put_off();
    stage.let_pass(100);
    assert!(stored(&stage.store).contains(&one(Some("77"), "new")[0]), "{:?}", stored(&stage.store));
}

pub(crate) fn nobody_waits_for_somebody_elses_renewal() {
    // Neither whoever begins anew, nor the end of the program.
    let stage = put_off();
    stage.block_on(stage.client.reconfigure(secret(pkce()))).unwrap();
    let begun = stage.runtime_now().mono;
    carried(&stage).unwrap();
    stage.drain();
    let took = stage.runtime_now().mono.since(begun);
    assert!(took < Duration::from_secs(120), "{took:?}");
}
