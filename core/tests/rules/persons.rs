//! Several people on one client and one store, some of them without a name.

use std::time::Duration;

use crate::accounts::{carried, keep, stage};
use crate::given::{ME, USER, first, start, with};
use crate::stage::{ALBUM, FlakyStore, pkce};
use tidal_core::auth::Grant;
use tidal_core::config::Tokens;
use tidal_core::session::{Reply as JobReply, StoreWork, Work};
use tidal_core::store::{Acquired, Store};
use tidal_core::testing::Reply;
use tidal_core::{ErrorKind, Flow, Record, Session};

pub(crate) fn nobody_else_is_used_where_a_scope_is_missing() {
    let before = stage(with(first()), &FlakyStore::default());
    before.script.on(ME).always(Reply::answer(200, USER));
    carried(&before).unwrap();
    before.drain();
    keep(&before.store, "the-client", Flow::Pkce, Some("anna"), 9000, "playlists.read");
    let mut config = with(first());
    config.scopes = "playlists.read".parse().unwrap();
    let again = start(config, &before);
    again.drain();
    for _ in 0..2 {
        assert_eq!(carried(&again).unwrap_err().kind(), ErrorKind::MissingScope);
    }
    again.block_on(again.client.sign_out()).unwrap();
    again.drain();
    let left: Vec<_> = again.store.list().unwrap().into_iter().map(|record| record.key.user).collect();
    assert_eq!(left, [Some("anna".to_owned())]);
}

pub(crate) fn what_took_the_place_of_something_left_over_stays() {
    let stage = stage(with(first()), &FlakyStore::default());
    stage.script.on(ME).always(Reply::answer(200, USER));
    carried(&stage).unwrap();
    stage.drain();
    let now = stage.runtime_now();
    let save = |record: &Record| {
        let acquired = stage.store.acquire(&record.key, Duration::from_secs(1), None, now.unix);
        let Ok(Acquired::Lease(lease, _)) = acquired else { panic!() };
        stage.store.save(record, &lease, now.unix).unwrap();
        stage.store.release(&lease, now.unix).unwrap();
    };
    let mut left = stage.stored();
    left.key.user = None;
    save(&left);
    let config = pkce();
    let mut session = Session::new(config.clone(), [9; 32]);
    session.offer(Grant::from_tokens(&config, first(), now).unwrap(), now);
    let mut somebodys = Some(Record::new(left.key.clone(), "somebodys".into(), now.unix));
    while let Some(job) = session.poll_job() {
        let Work::Store(work) = job.work else { continue };
        if matches!(&work, StoreWork::Acquire { key, .. } if key.user.is_none()) {
            // Another process stores what it has, in its turn.
            somebodys.take().iter().for_each(&save);
        }
        let reply = work.run(&stage.store, now.unix).unwrap();
        session.handle_job(job.id, Ok(JobReply::Store(reply)), now);
    }
    let stored = stage.store.list().unwrap();
    let stored: Vec<_> = stored.iter().map(|record| (record.key.user.as_deref(), record.access_token.expose())).collect();
    assert!(
        somebodys.is_none() && stored.contains(&(None, "somebodys")) && stored.contains(&(Some("77"), "first")),
        "{stored:?}"
    );
}

pub(crate) fn two_without_a_name_share_no_answer() {
    for stores in [true, false] {
        let mut config = pkce();
        config.store_tokens = stores;
        let stage = stage(config, &FlakyStore::default());
        stage.script.on(ME).always(Reply::answer(403, "{}"));
        stage.script.on(ALBUM).always(Reply::answer(200, r#"{"data":{"id":"1","type":"albums"}}"#));
        for token in ["of-anna", "of-bert"] {
            stage.client.set_tokens(Tokens::new(token)).unwrap();
            stage.drain();
            let answer = stage.block_on(stage.client.albums().get("1").send()).unwrap();
            assert!(!answer.how.cached, "{token} was told what another was");
        }
    }
}
