//! Several people on one client and one store, some of them without a name.

use std::time::Duration;

use crate::accounts::{carried, keep, sign_in, sign_in_with, stage};
use crate::given::{ME, NAMELESS, USER, first, first_end, named, nameless, one, renewed_once, rotates, start, stored, with};
use crate::stage::{ALBUM, FlakyStore, Stage, TOKEN, pkce, token};
use tidal_core::config::Tokens;
use tidal_core::store::Store;
use tidal_core::testing::{Reply, Script};
use tidal_core::{ErrorKind, Flow, Unix};

pub(crate) fn nobody_else_is_used_where_a_scope_is_missing() {
    let before = named();
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

/// The tokens of a person of whom the service doesn't tell who that is.
fn of(person: &str) -> Tokens {
    Tokens::new(person).refresh_token(format!("{person}-refresh")).expires_at(first_end())
}

pub(crate) fn two_without_a_name_keep_their_accounts() {
    let anna = stage(with(of("anna")), &FlakyStore::default());
    anna.script.on(ME).always(Reply::answer(403, "{}"));
    anna.script.on(TOKEN).with(|seen| {
        let person = if seen.text().contains("anna") { "anna" } else { "bert" };
        Reply::answer(200, token(&format!("{person}-again"), Some(&format!("{person}-refresh"))))
    });
    let bert = start(with(of("bert")), &anna);
    for (stage, carries) in [(&anna, "anna"), (&bert, "bert")] {
        assert_eq!(carried(stage).unwrap(), carries);
        stage.drain();
    }
    assert_eq!(anna.store.list().unwrap().len(), 2);
    anna.runtime.advance(Duration::from_secs(3600));
    for (stage, carries) in [(&anna, "anna-again"), (&bert, "bert-again")] {
        assert_eq!(carried(stage).unwrap(), carries);
        stage.drain();
    }
    anna.block_on(anna.client.sign_out()).unwrap();
    anna.drain();
    assert_eq!(anna.stored().access_token.expose(), "bert-again");
    assert_eq!(carried(&bert).unwrap(), "bert-again");
    // So it is of those who have signed in; who signs in again takes their own place.
    for (person, left) in [("carl", 2), ("dora", 3)] {
        let stage = Stage::new(pkce(), anna.store.clone(), anna.runtime.clone(), Script::new());
        stage.script.on(ME).always(Reply::answer(403, "{}"));
        for (token, left) in [(person.to_owned(), left), (format!("{person}-again"), left)] {
            sign_in_with(&stage, self::token(&token, None));
            stage.drain();
            assert_eq!(carried(&stage).unwrap(), token);
            assert_eq!(stage.store.list().unwrap().len(), left, "{token}");
            assert!(!stage.client.account().unwrap().has_known_user());
            stage.runtime.advance(Duration::from_secs(3600));
        }
    }
}

pub(crate) fn a_later_sign_in_goes_before_the_tokens_of_each_start() {
    // By another program, under the same user; in the session itself, once nothing can be done with the tokens any more.
    for in_the_session in [false, true] {
        let before = if in_the_session {
            let stage = stage(with(first().expires_at(Unix::from_secs(0))), &FlakyStore::default());
            stage.script.on(ME).always(Reply::answer(200, USER));
            stage.script.on(TOKEN).reply(400, r#"{"error":"invalid_grant"}"#);
            assert_eq!(carried(&stage).unwrap_err().kind(), ErrorKind::SessionEnded);
            stage.drain();
            assert_eq!(stored(&stage.store), one(NAMELESS, "first"));
            sign_in_with(&stage, token("fresh", Some("fresh-refresh")));
            stage
        } else {
            let (stage, _) = renewed_once(with(first()));
            let other = Stage::new(pkce(), stage.store.clone(), stage.runtime.clone(), Script::new());
            other.script.on(ME).always(Reply::answer(200, USER));
            sign_in_with(&other, token("fresh", Some("fresh-refresh")));
            other.drain();
            stage
        };
        before.drain();
        assert_eq!(stored(&before.store), one(Some("77"), "fresh"));
        let again = start(with(first()), &before);
        assert_eq!(carried(&again).unwrap(), "fresh");
        again.drain();
        assert_eq!(stored(&again.store), one(Some("77"), "fresh"));
    }
}

pub(crate) fn a_sign_in_after_a_sign_out_goes_before_them_too() {
    let before = named();
    before.block_on(before.client.sign_out()).unwrap();
    sign_in(&before);
    before.drain();
    let again = start(with(first()), &before);
    assert_eq!(carried(&again).unwrap(), "fresh");
}

pub(crate) fn another_persons_sign_in_beside_them_does_not() {
    let before = named();
    sign_in(&before);
    before.drain();
    assert_eq!(carried(&before).unwrap(), "fresh");
    assert_eq!(before.store.list().unwrap().len(), 2);
    let again = start(with(first()), &before);
    assert_eq!(carried(&again).unwrap(), "first");
}

pub(crate) fn dead_tokens_take_nobodys_place() {
    let store = FlakyStore::default();
    keep(&store, "the-client", Flow::Pkce, Some("work"), 1, "");
    let mut config = with(first().expires_at(Unix::from_secs(0)));
    config.user = Some("work".into());
    let stage = stage(config, &store);
    stage.script.on(TOKEN).reply(400, r#"{"error":"invalid_grant"}"#);
    assert_eq!(carried(&stage).unwrap_err().kind(), ErrorKind::SessionEnded);
    stage.drain();
    assert_eq!((stored(&store), stage.stored().rejected), (one(Some("work"), "of-work"), None));
}

pub(crate) fn what_has_a_name_now_is_removed_even_if_that_fails_at_first() {
    let before = nameless();
    let again = start(with(first()), &before);
    again.store.fail_from_now_on(&["forget"]);
    assert_eq!(carried(&again).unwrap(), "first");
    again.runtime.settle();
    assert_eq!(stored(&again.store).len(), 2);
    again.store.fail_from_now_on(&[]);
    again.runtime.advance(Duration::from_secs(2));
    again.drain();
    assert_eq!(stored(&again.store), one(Some("77"), "first"));
}

pub(crate) fn a_sign_out_revokes_what_is_stored_by_then() {
    const REVOKE: &str = "POST /revoke";
    let mut config = with(first());
    config.revoke_url = Some("https://auth.example/revoke".parse().unwrap());
    let before = stage(config.clone(), &FlakyStore::default());
    before.script.on(ME).always(Reply::answer(200, USER));
    rotates(&before.script);
    before.script.on(REVOKE).always(Reply::answer(200, ""));
    assert_eq!(carried(&before).unwrap(), "first");
    before.drain();
    let other = start(config, &before);
    carried(&other).unwrap();
    other.drain();
    other.runtime.advance(Duration::from_secs(3600));
    assert_eq!(carried(&other).unwrap(), "access-1");
    other.drain();
    // It knows nothing of the renewal.
    before.block_on(before.client.sign_out()).unwrap();
    let sent = before.script.requests();
    let revoked = sent.iter().filter(|seen| seen.path == "/revoke").map(|seen| seen.text().to_owned());
    let names = |text: &str| ["first-refresh", "refresh-1"].into_iter().find(|name| text.contains(*name));
    let revoked: Vec<_> = revoked.map(|text| names(&text).unwrap_or("something else")).collect();
    assert_eq!((revoked, stored(&before.store)), (vec!["first-refresh", "refresh-1"], vec![]));
}
