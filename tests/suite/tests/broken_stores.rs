//! A session whose store breaks goes on in memory, and says where and what to do. Real stores, real troubles, real HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg(target_os = "linux")]

#[path = "support/signed_in.rs"]
mod signed_in;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use fs4::FileExt;
use tempfile::TempDir;
use tidal_core::store::Store;
use tidal_core::{ErrorKind, Event, Flow, Raw};
use tidal_sandbox::{Options, Sandbox};
use tidal_store_file::FileStore;
use tidal_store_sqlite::SqliteStore;

type Keeper = Arc<dyn Store + Send + Sync>;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    AFile,
    Sqlite,
}

use Kind::{AFile, Sqlite};

impl Kind {
    fn open(self, path: &Path) -> Keeper {
        // Nobody waits long for a lock here.
        let patience = Duration::from_millis(1);
        match self {
            AFile => Arc::new(FileStore::open(path).unwrap().with_patience(patience)),
            Sqlite => Arc::new(SqliteStore::open(path).unwrap().with_patience(patience)),
        }
    }
}

/// A file system of 256 KiB for one test.
struct Disk(TempDir);

impl Disk {
    fn mount() -> Result<Self, String> {
        let folder = tempfile::tempdir().unwrap();
        run("mount", &["-t", "tmpfs", "-o", "size=256k", "tmpfs"], folder.path())?;
        Ok(Self(folder))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = run("umount", &["-l"], self.0.path());
    }
}

fn run(program: &str, arguments: &[&str], path: &Path) -> Result<(), String> {
    let output = Command::new(program).args(arguments).arg(path).output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if output.status.success() { Ok(()) } else { Err(said) }
}

/// What holds a trouble up.
type Held = Box<dyn std::any::Any>;

/// A trouble, and what is said of it beside the path.
struct Row {
    name: &'static str,
    needs_disk: bool,
    brings: fn(Kind, &Path) -> Held,
    says: [&'static str; 2],
}

const ROWS: [Row; 5] = [
    Row { name: "a newer version", needs_disk: false, brings: newer, says: ["update this program"; 2] },
    Row { name: "a damaged file", needs_disk: false, brings: damaged, says: ["sign in again"; 2] },
    Row { name: "no folder", needs_disk: false, brings: no_folder, says: ["choose another"; 2] },
    Row { name: "a full disk", needs_disk: true, brings: full, says: ["make room there"; 2] },
    Row {
        name: "a read-only disk",
        needs_disk: true,
        brings: read_only,
        says: ["choose a path on a file system that can be written to", "choose another path"],
    },
];

fn newer(kind: Kind, path: &Path) -> Held {
    match kind {
        AFile => {
            let text = fs::read_to_string(path).unwrap();
            assert!(text.contains("\"version\": 1") || text.contains("\"version\":1"), "{text}");
            fs::write(
                path,
                text.replacen("\"version\": 1", "\"version\": 99", 1).replacen("\"version\":1", "\"version\":99", 1),
            )
            .unwrap();
        }
        Sqlite => rusqlite::Connection::open(path).unwrap().execute_batch("PRAGMA user_version = 99").unwrap(),
    }
    Box::new(())
}

fn damaged(kind: Kind, path: &Path) -> Held {
    let mut bytes = fs::read(path).unwrap();
    // A database says in its first 100 bytes whose it is.
    bytes[if kind == Sqlite { 100 } else { 0 }..].fill(b'x');
    fs::write(path, bytes).unwrap();
    Box::new(())
}

fn no_folder(_: Kind, path: &Path) -> Held {
    let folder = path.parent().unwrap();
    fs::remove_dir_all(folder).unwrap();
    fs::write(folder, "a file in its place").unwrap();
    Box::new(())
}

/// Another process that uses the store, for as long as this is held.
fn locked(kind: Kind, path: &Path) -> Held {
    match kind {
        AFile => {
            let mut lock = path.as_os_str().to_owned();
            lock.push(".lock");
            let lock = File::open(lock).unwrap();
            FileExt::lock(&lock).unwrap();
            Box::new(lock)
        }
        Sqlite => {
            let connection = rusqlite::Connection::open(path).unwrap();
            connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
            Box::new(connection)
        }
    }
}

fn full(_: Kind, path: &Path) -> Held {
    let filler = path.with_file_name("filler");
    // It ends with an error once nothing more fits.
    let _ = std::io::copy(&mut std::io::repeat(0), &mut File::create(filler).unwrap());
    Box::new(())
}

fn read_only(_: Kind, path: &Path) -> Held {
    let disk = path.parent().unwrap().parent().unwrap();
    run("mount", &["-o", "remount,ro"], disk).unwrap();
    Box::new(())
}

/// The messages of all that the store failed at.
fn complaints(client: &tidal_blocking::Client<Keeper>) -> Vec<String> {
    let events = std::iter::from_fn(|| client.try_event());
    let failures = events.filter_map(|event| match event {
        Event::StoreFailed(failure) | Event::SaveFailed(_, failure) => Some(failure.to_string()),
        _ => None,
    });
    failures.collect()
}

#[test]
fn the_session_goes_on_in_memory_and_says_where_and_what_to_do() {
    for (row, kind) in ROWS.iter().flat_map(|row| [(row, AFile), (row, Sqlite)]) {
        let name = format!("{}, {kind:?}", row.name);
        let (_disk, _folder, root): (_, _, PathBuf) = if row.needs_disk {
            match Disk::mount() {
                Ok(disk) => {
                    let root = disk.0.path().to_owned();
                    (Some(disk), None, root)
                }
                Err(why) => {
                    println!("skipped: a broken store ({name}), since no file system can be mounted here: {why}");
                    continue;
                }
            }
        } else {
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path().to_owned();
            (None, Some(folder), root)
        };
        let path = root.join("kept").join("accounts");
        let sandbox = Sandbox::start(Options::new()).unwrap();
        let (client, _) = signed_in::sign_in(&sandbox, kind.open(&path));
        client.drain();
        assert_eq!(complaints(&client), [""; 0], "{name}");

        let _held = (row.brings)(kind, &path);
        // The service takes each refresh token once: the second round shows that the session has kept the first one's.
        let albums = sandbox.control().ids("albums");
        for (round, album) in albums.iter().take(2).enumerate() {
            sandbox.control().expire_access_tokens();
            let answer = client.send(&Raw::get(format!("/albums/{album}")).query("countryCode", "US"));
            assert!(answer.is_ok(), "{name}, round {round}: {:?}", answer.err());
        }
        let said = complaints(&client);
        let expected = row.says[usize::from(kind == Sqlite)];
        let told = |said: &String| said.contains(path.to_str().unwrap()) && said.contains(expected);
        assert!(said.iter().any(told), "{name}: {said:#?}");
    }
}

/// The store is asked for a secret that the client can do without, and says only once that it has put a damaged file aside.
#[test]
fn a_client_that_needs_no_secret_begins_and_says_what_is_wrong_with_the_store() {
    for (kind, flow) in [AFile, Sqlite].into_iter().flat_map(|kind| [(kind, Flow::Pkce), (kind, Flow::AuthorizationCode)]) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts");
        let sandbox = Sandbox::start(Options::new()).unwrap();
        let store = kind.open(&path);
        signed_in::sign_in(&sandbox, Keeper::clone(&store)).0.drain();
        damaged(kind, &path);
        let mut config = signed_in::pkce(&sandbox);
        config.flow = flow;
        config.client_secret = None;
        let begun = tidal_blocking::client(config, store);
        assert_eq!(begun.is_ok(), flow == Flow::Pkce, "{kind:?}: {begun:?}");
        let said = begun.map_or_else(|error| vec![error.to_string()], |client| complaints(&client));
        let told = |said: &String| said.contains(path.to_str().unwrap()) && said.contains("sign in again");
        assert!(said.len() == 1 && told(&said[0]), "{kind:?}, {flow}: {said:#?}");
    }
}

/// It isn't broken: another process may be renewing the same tokens just now.
#[test]
fn a_store_that_stays_locked_fails_the_renewal_and_says_why() {
    for kind in [AFile, Sqlite] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts");
        let sandbox = Sandbox::start(Options::new()).unwrap();
        let (client, _) = signed_in::sign_in(&sandbox, kind.open(&path));
        client.drain();
        let renewals = || sandbox.control().log().to("/v1/oauth2/token").len();
        let before = renewals();

        let held = locked(kind, &path);
        sandbox.control().expire_access_tokens();
        let call = || client.send(&Raw::get("/users/me"));
        let error = call().unwrap_err();
        assert_eq!((error.kind(), renewals()), (ErrorKind::Store, before), "{kind:?}: {error}");
        let said = error.to_string();
        assert!(said.contains(path.to_str().unwrap()) && said.contains("another process"), "{kind:?}: {said}");
        drop(held);
        call().unwrap();
        assert_eq!(renewals(), before + 1, "{kind:?}");
    }
}
