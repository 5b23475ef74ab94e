//! Accounts of minim.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, params};
use tidal_core::store::Store;
use tidal_store_file::FileStore;

use crate::sign_in;
use crate::tool::Tool;

const TABLE: &str =
    "CREATE TABLE tokens (added_at, client_name, auth_flow, client_id, client_secret, user_identifier, redirect_uri,
    scopes, token_type, access_token, access_token_secret, expires_at, refresh_token, extras)";

const ROW: &str = "INSERT INTO tokens VALUES ('2026-01-15T08:00:00Z', ?1, ?2, 'sandbox-client', 'sandbox-secret', '204000002',
    'http://localhost:8080/callback', 'user.read', 'Bearer', ?3, NULL, '2026-01-15T12:00:00Z', ?4, '{}')";

/// minim's database in the home folder, with an account whose access token is over.
fn minim(tool: &Tool, refresh: &str) {
    let folder = tool.home.path().join(".minim");
    fs::create_dir_all(&folder).unwrap();
    let database = Connection::open(folder.join("auth.db")).unwrap();
    database.execute(TABLE, ()).unwrap();
    database.execute(ROW, params!["TIDALAPIClient", "pkce", "an-old-token", refresh]).unwrap();
    database.execute(ROW, params!["TIDALAPIClient", "by-pigeon", "an-old-token", refresh]).unwrap();
    database.execute(ROW, params!["SpotifyWebAPIClient", "pkce", "another-service", "another-service"]).unwrap();
}

/// A refresh token that the service knows.
fn refresh_token(tool: &Tool) -> String {
    let said = sign_in::paste(tool, "user.read");
    let kept = said.split("Kept in ").nth(1).unwrap().lines().next().unwrap().trim_end_matches('.').to_owned();
    let store = FileStore::open(kept).unwrap();
    store.list().unwrap()[0].refresh_token.as_ref().unwrap().expose().to_owned()
}

#[test]
fn an_account_of_minim_is_taken_over_and_used() {
    for store in ["file", "sqlite"] {
        let tool = Tool::new();
        let refresh = refresh_token(&tool);
        minim(&tool, &refresh);
        let accounts = tool.home.path().join("imported");
        let place = ["--store", store, "--accounts", accounts.to_str().unwrap()];
        let run = |arguments: &[&str]| {
            let ran = tool.run(&[arguments, &place].concat());
            assert!(!ran.out.contains(&refresh) && !ran.err.contains(&refresh), "{}{}", ran.out, ran.err);
            ran
        };
        let ran = run(&["accounts", "import"]);
        assert!(ran.err.contains("Left out: 204000002 (by-pigeon, client sandbox-client): "), "{}", ran.err);
        let said = ran.well();
        assert!(said.starts_with("Imported the account 204000002 (pkce, client sandbox-client).\n"), "{said}");
        assert!(said.contains(&format!("Kept in {}.", accounts.display())), "{said}");
        // It is renewed, and works.
        let who = run(&["whoami"]).well();
        assert!(who.starts_with("the account 204000002, whom the service calls tomas (US)\n"), "{who}");
        // What is used here since then is not undone.
        let ran = run(&["accounts", "import"]);
        assert!(ran.err.contains("Left out: 204000002 (pkce, client sandbox-client): the store has"), "{}", ran.err);
        assert_eq!(ran.well(), "");
        run(&["whoami"]).well();
    }
}

#[test]
fn the_client_secret_comes_along_only_where_that_is_wanted() {
    for (more, kept) in [(&[][..], false), (&["--keep-secret"][..], true)] {
        let tool = Tool::new();
        minim(&tool, "refresh");
        let accounts = tool.home.path().join("imported.json");
        tool.run(&[&["accounts", "import", "--accounts", accounts.to_str().unwrap()], more].concat()).well();
        let records = FileStore::open(&accounts).unwrap().list().unwrap();
        assert_eq!((records.len(), records[0].client_secret.is_some()), (1, kept));
    }
}

#[test]
fn what_can_not_be_read_is_named_with_what_to_do() {
    let tool = Tool::new();
    let at = |name: &str| tool.home.path().join(name);
    fs::write(at("text.db"), "these are only words, and no database of anybody's").unwrap();
    let others = Connection::open(at("others.db")).unwrap();
    others.execute_batch("CREATE TABLE tokens (a)").unwrap();
    let empty = Connection::open(at("empty.db")).unwrap();
    empty.execute(TABLE, ()).unwrap();
    empty.execute(ROW, params!["TIDALAPIClient", "by-pigeon", "t", "r"]).unwrap();
    for (path, says) in [
        (at(".minim/auth.db"), "give the path of minim's auth.db"),
        (at("text.db"), "give the path of minim's auth.db"),
        (at("others.db"), "this isn't minim's database"),
        (at("empty.db"), "no account of the TIDAL API can be taken"),
    ] {
        let default = Path::new(".minim/auth.db");
        let arguments: &[&str] = if path.ends_with(default) { &[] } else { &[path.to_str().unwrap()] };
        let error = tool.run(&[&["accounts", "import"], arguments].concat()).ended(1);
        assert!(error.contains(path.to_str().unwrap()) && error.contains(says), "{error}");
    }
    let error = tool.run(&["accounts", "import", "--user", "ada"]).ended(2);
    assert!(error.contains("does not take --user"), "{error}");
}
