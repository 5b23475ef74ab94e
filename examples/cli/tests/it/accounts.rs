//! The accounts that are kept.

use std::time::Duration;

use tidal_core::store::{Acquired, Store};
use tidal_core::{AccountKey, Flow, Record, Unix};
use tidal_store_file::FileStore;

use crate::sign_in;
use crate::tool::Tool;

#[test]
fn an_application_signs_in_and_out() {
    let tool = Tool::new();
    let said = tool.run(&["login", "--flow", "client-credentials"]).well();
    assert!(said.contains("Signed in as the application itself, with client_credentials"), "{said}");
    let who = tool.run(&["whoami"]).well();
    assert_eq!(who, "the application itself\nSigned in with client_credentials and the client sandbox-client.\n");
    let accounts = tool.run(&["accounts"]).well();
    let rows: Vec<Vec<&str>> = accounts.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows.len(), 2, "{accounts}");
    assert_eq!(rows[1][..4], ["-", "client_credentials", "sandbox-client", "renewed"]);

    assert_eq!(tool.sandbox.control().access_tokens().len(), 1, "one token serves all that use the account");
    let said = tool.run(&["logout"]).well();
    assert_eq!(said, "Signed out the application itself (client_credentials, client sandbox-client).\n");
    assert_eq!(tool.run(&["accounts"]).well(), "");
    let error = tool.run(&["logout"]).ended(1);
    assert!(error.contains("no such account is kept in "), "{error}");
}

#[test]
fn a_logout_revokes_the_tokens_where_the_environment_says_how() {
    let tool = Tool::new();
    let live = || (tool.sandbox.control().access_tokens().len(), tool.sandbox.control().refresh_tokens().live);
    let revoked = || tool.sandbox.control().log().to("/v1/oauth2/revoke").len();
    // A person: the refresh token takes the access token along.
    sign_in::paste(&tool, "user.read");
    let token = tool.sandbox.control().access_tokens()[0].secret().to_owned();
    assert_eq!(live(), (1, 1));
    tool.run(&["logout"]).well();
    assert_eq!((live(), revoked()), ((0, 0), 1));
    let refused = tool.stranger(&["whoami"]).env("TIDAL_API_ACCESS_TOKEN", token).output().unwrap();
    assert!(tool.finish(refused).ended(1).contains("sign in again"));
    // The application itself, with its secret; without it, the token is only forgotten.
    for (with_secret, left, calls) in [(true, 0, 2), (false, 1, 2)] {
        tool.run(&["login", "--flow", "client-credentials"]).well();
        let mut logout = if with_secret { tool.command(&["logout"]) } else { tool.stranger(&["logout"]) };
        tool.finish(logout.output().unwrap()).well();
        assert_eq!((live(), revoked()), ((left, 0), calls), "{with_secret}");
        assert_eq!(tool.run(&["accounts"]).well(), "");
    }
    // Where it names no address, tokens are only forgotten; a wrong one is told.
    sign_in::paste(&tool, "user.read");
    let before = live();
    let wrong = tool.command(&["logout"]).env("TIDAL_API_REVOKE_URL", "somewhere").output().unwrap();
    assert!(tool.finish(wrong).ended(2).contains("TIDAL_API_REVOKE_URL is no address"));
    tool.finish(tool.command(&["logout"]).env_remove("TIDAL_API_REVOKE_URL").output().unwrap()).well();
    assert_eq!((live(), revoked()), (before, 2));
    assert_eq!(tool.run(&["accounts"]).well(), "");
}

#[test]
fn the_secret_is_kept_only_where_that_is_wanted() {
    let tool = Tool::new();
    let album = format!("id={}", tool.first("albums"));
    let call = ["api", "call", "GetAlbum", &album, "countryCode=US"];
    let login = |more: &[&str]| tool.run(&[&["login", "--flow", "client-credentials"], more].concat()).well();
    login(&[]);
    let error = tool.finish(tool.stranger(&call).output().unwrap()).ended(2);
    assert!(error.contains("client secret: is missing"), "{error}");
    tool.finish(tool.stranger(&["logout"]).output().unwrap()).well();
    login(&["--keep-secret"]);
    // It is still there when the token has been renewed.
    for _ in 0..3 {
        tool.finish(tool.stranger(&call).output().unwrap()).well();
        tool.sandbox.control().expire_access_tokens();
    }
}

#[test]
fn accounts_are_removed_by_what_names_them() {
    let tool = Tool::new();
    for store in ["file", "sqlite"] {
        let run = |arguments: &[&str]| tool.run(&[arguments, &["--store", store]].concat());
        run(&["login", "--flow", "client-credentials"]).well();
        let error = run(&["accounts", "remove"]).ended(2);
        assert!(error.contains("--all for every account"), "{error}");
        let error = run(&["accounts", "remove", "--user", "nobody"]).ended(1);
        assert!(error.contains("no such account"), "{error}");
        let error = run(&["accounts", "remove", "--all", "--user", "nobody"]).ended(2);
        assert!(error.contains("--all means every account"), "{error}");
        assert_eq!(run(&["accounts"]).well().lines().count(), 2);
        let said = run(&["accounts", "remove", "--flow", "client-credentials"]).well();
        assert_eq!(said, "Removed the application itself (client_credentials, client sandbox-client).\n");
        run(&["login", "--flow", "client-credentials"]).well();
        run(&["accounts", "remove", "--all"]).well();
        assert_eq!(run(&["accounts"]).well(), "");
    }
}

#[test]
fn without_an_account_it_says_how_to_get_one() {
    let tool = Tool::new();
    let output = tool.bare(&["whoami"]).output().unwrap();
    let error = tool.finish(output).ended(1);
    for way in ["tidal login", "TIDAL_API_CLIENT_ID", "TIDAL_API_ACCESS_TOKEN", "--sandbox"] {
        assert!(error.contains(way), "{error}");
    }
}

#[test]
fn a_path_may_be_given_for_the_accounts() {
    let tool = Tool::new();
    let path = tool.home.path().join("mine.json");
    let path = path.to_str().unwrap();
    let said = tool.run(&["login", "--flow", "client-credentials", "--accounts", path]).well();
    assert!(said.contains(&format!("Kept in {path}.")), "{said}");
    assert_eq!(tool.run(&["accounts"]).well(), "");
    assert_eq!(tool.run(&["accounts", "--accounts", path]).well().lines().count(), 2);
}

#[test]
fn a_logout_without_the_secret_removes_one_account() {
    let tool = Tool::new();
    let path = tool.home.path().join("mine.json");
    let store = FileStore::open(&path).unwrap();
    for (second, user) in (0..).zip([Some("anna"), Some("bert"), None]) {
        let at = Unix::from_secs(1_767_225_600 + second);
        let user = user.map(str::to_owned);
        let key = AccountKey { client_id: "sandbox-client".into(), flow: Flow::AuthorizationCode, user };
        let Ok(Acquired::Lease(lease, _)) = store.acquire(&key, Duration::from_secs(1), None, at) else { panic!() };
        store.save(&Record::new(key, "a-token".into(), at), &lease, at).unwrap();
        store.release(&lease, at).unwrap();
    }
    let out = tool.finish(tool.stranger(&["logout", "--accounts", path.to_str().unwrap()]).output().unwrap());
    assert_eq!(out.code, 0, "{}", out.err);
    let mut left: Vec<_> = store.list().unwrap().into_iter().filter_map(|record| record.key.user).collect();
    left.sort();
    assert_eq!(left, ["anna", "bert"]);
}
