//! What stands in the file, and what is done with one that can't be understood.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/accounts.rs"]
mod accounts;

use std::fs;

use accounts::{anyone, assert_says, at, folder, key, lease, put, record, tokens};
use serde_json::{Value, json};
use tidal_core::Failure;
use tidal_core::store::{Kept, Store};
use tidal_store_file::FileStore;

/// A file of version 1. What is written here has to be read for ever.
const VERSION_1: &str = concat!(
    r#"{"format":"tidal-accounts","version":1,"store":{"accounts":["#,
    r#"{"key":{"client_id":"app","flow":"pkce","user":"ada"},"client_secret":"cs","redirect_uri":"http://localhost/","#,
    r#""scopes":["collection.read","user.read"],"token_type":"Bearer","access_token":"at","refresh_token":"rt","#,
    r#""expires_at":1800014400000,"extra":{"user_id":7},"added_at":1800000000000,"used_at":1800000001000,"rejected":"gone"},"#,
    r#"{"key":{"client_id":"app","flow":"client_credentials","user":null},"#,
    r#""scopes":[],"token_type":"Bearer","access_token":"at2","added_at":1800000000000,"used_at":1800000000000}],"#,
    r#""leases":[{"key":{"client_id":"app","flow":"pkce","user":"ada"},"fence":1800000000007,"until":1800000060000},"#,
    r#"{"key":{"client_id":"app","flow":"none","user":null},"fence":3}]}}"#,
    "\n"
);

/// The error of the first look at a file with this content, and the store.
fn look(content: impl AsRef<[u8]>) -> (Failure, FileStore, tempfile::TempDir) {
    let (folder, path) = folder();
    fs::write(&path, content).unwrap();
    let store = FileStore::open(&path).unwrap();
    (store.list().unwrap_err(), store, folder)
}

#[test]
fn version_1_is_read_and_written() {
    let (_folder, path) = folder();
    fs::write(&path, VERSION_1).unwrap();
    let store = FileStore::open(&path).unwrap();
    let [ada, app] = <[_; 2]>::try_from(store.list().unwrap()).unwrap();
    assert_eq!(
        (ada.access_token.expose(), ada.client_secret.unwrap().expose(), ada.scopes.to_string().as_str()),
        ("at", "cs", "collection.read user.read")
    );
    assert_eq!((app.access_token.expose(), app.key.user), ("at2", None));
    assert_eq!(fs::read_to_string(&path).unwrap(), VERSION_1, "a look changes nothing");

    store.find(&anyone(), at(1)).unwrap().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), VERSION_1, "nor does a find at the time of the last one");
    assert_eq!(lease(&store, "ada", at(60)).fence, 1_800_000_000_008);
}

#[test]
fn a_newer_version_is_left_as_it_is() {
    let newer = VERSION_1.replace(r#""version":1"#, r#""version":2"#).replace("pkce", "a flow of tomorrow");
    let (_folder, path) = folder();
    fs::write(&path, &newer).unwrap();
    let store = FileStore::open(&path).unwrap();
    let failures = [
        store.list().unwrap_err(),
        store.find(&anyone(), at(0)).unwrap_err(),
        store.acquire(&key("ada"), accounts::TTL, None, at(0)).unwrap_err(),
    ];
    for failure in failures {
        assert_says(&failure, &[path.to_str().unwrap(), "version 2", "up to 1", "update this program"]);
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), newer);
}

#[test]
fn a_file_of_another_program_is_left_as_it_is() {
    for foreign in ["{}", "[1]", "7", r#"{"version":1}"#, r#"{"format":"playlist","version":1}"#, r#"{"format":1}"#] {
        let (failure, store, _folder) = look(foreign);
        assert_says(&failure, &[store.path().to_str().unwrap(), "choose another path"]);
        assert_eq!(fs::read_to_string(store.path()).unwrap(), foreign);
    }
}

#[test]
fn a_damaged_file_is_kept_aside() {
    let cut = VERSION_1.len() / 2;
    let with = |from: &str, to: &str| VERSION_1.replace(from, to).into_bytes();
    let damaged: [(&str, Vec<u8>); 9] = [
        ("cut", VERSION_1.as_bytes()[..cut].to_vec()),
        ("zeros", vec![0; VERSION_1.len()]),
        ("tail", [VERSION_1, "}"].concat().into_bytes()),
        ("no JSON", b"accounts".to_vec()),
        ("no UTF-8", [&b"{\"format\":\"tidal-accounts\",\"version\":1,\"x\":\""[..], b"\xff\"}"].concat()),
        ("version", with(r#""version":1"#, r#""version":"one""#)),
        ("version 0", with(r#""version":1"#, r#""version":0"#)),
        ("a field", with(r#""fence":3"#, r#""fence":-3"#)),
        ("a lost part", with(r#""leases""#, r#""leashes""#)),
    ];
    for (what, content) in damaged {
        let (failure, store, folder) = look(&content);
        let aside = folder.path().join("accounts.json.damaged-1");
        assert_says(&failure, &[store.path().to_str().unwrap(), "damaged", aside.to_str().unwrap(), "sign in again"]);
        assert_eq!(fs::read(&aside).unwrap(), content, "{what}");
        put(&store, "ada", "new");
        assert_eq!(tokens(&store), ["new"], "{what}");
        assert_eq!(fs::read(&aside).unwrap(), content, "{what}");
    }
}

#[test]
fn what_was_kept_aside_is_never_overwritten() {
    let (folder, path) = folder();
    let store = FileStore::open(&path).unwrap();
    for number in 1..=3 {
        fs::write(&path, format!("damage {number}")).unwrap();
        let failure = store.acquire(&key("ada"), accounts::TTL, None, at(0)).unwrap_err();
        assert_says(&failure, &[&format!("accounts.json.damaged-{number}")]);
    }
    for number in 1..=3 {
        let aside = folder.path().join(format!("accounts.json.damaged-{number}"));
        assert_eq!(fs::read_to_string(aside).unwrap(), format!("damage {number}"));
    }
}

#[test]
fn an_error_quotes_no_secret() {
    for (from, to) in
        [(r#""expires_at":1800014400000"#, r#""expires_at":"SECRET""#), (r#""access_token":"at2""#, r#""scopes":"SECRET""#)]
    {
        assert!(VERSION_1.contains(from));
        let (failure, store, _folder) = look(VERSION_1.replace(from, to));
        assert!(!format!("{failure} {failure:?} {store:?}").contains("SECRET"));
    }
}

#[test]
fn a_file_without_a_byte_is_a_new_one() {
    let (_folder, path) = folder();
    fs::write(&path, "").unwrap();
    let store = FileStore::open(&path).unwrap();
    put(&store, "ada", "new");
    assert_eq!(tokens(&store), ["new"]);
}

#[test]
fn a_lost_file_makes_no_old_lease_good() {
    let (_folder, path) = folder();
    let store = FileStore::open(&path).unwrap();
    let old: Vec<_> = (0..5).map(|n| lease(&store, "ada", at(60 * n))).collect();
    fs::remove_file(&path).unwrap();
    for n in 10..20 {
        let new = lease(&store, "ada", at(60 * n));
        assert!(old.iter().all(|old| old.fence < new.fence));
        assert_eq!(store.save(&record("ada", "late"), &old[4], at(60 * n)).unwrap(), Kept::Stale);
    }
}

#[test]
fn leases_stand_beside_the_accounts() {
    let (_folder, path) = folder();
    let store = FileStore::open(&path).unwrap();
    let first = lease(&store, "ada", at(0));
    store.save(&record("ada", "secret"), &first, at(0)).unwrap();
    store.forget(&key("ada"), &first, at(0)).unwrap();
    let stored: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let held =
        json!({"key": {"client_id": "app", "flow": "pkce", "user": "ada"}, "fence": first.fence, "until": at(60).as_millis()});
    assert_eq!(stored["store"], json!({"accounts": [], "leases": [held]}));
}
