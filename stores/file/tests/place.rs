//! Where the file may be, who may read it, and what is said when it can't be used.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(unix)]

#[path = "support/accounts.rs"]
mod accounts;
#[path = "support/child.rs"]
mod child;

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use accounts::{TTL, anyone, assert_says, at, folder, key, lease, put, tokens};
use fs4::FileExt;
use tidal_core::store::Store;
use tidal_store_file::FileStore;

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn set_mode(path: impl AsRef<Path>, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn nothing_is_made_before_there_is_something_to_keep() {
    let (folder, _) = folder();
    let store = FileStore::open(folder.path().join("a/b/accounts.json")).unwrap();
    assert_eq!(store.find(&anyone(), at(0)).unwrap(), None);
    assert_eq!(store.list().unwrap(), []);
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn only_the_owner_can_read_it() {
    let (folder, _) = folder();
    let path = folder.path().join("a/b/accounts.json");
    let run = child::command("put", &path, "umask 0").output().unwrap();
    assert!(run.status.success(), "{run:?}");
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(folder.path().join("a/b/accounts.json.lock")), 0o600);
    assert_eq!((mode(folder.path().join("a/b")), mode(folder.path().join("a"))), (0o700, 0o700));
    assert_eq!(tokens(&FileStore::open(&path).unwrap()), ["child's"]);
}

#[test]
fn a_folder_that_was_there_keeps_its_rights() {
    let (folder, path) = folder();
    set_mode(folder.path(), 0o755);
    put(&FileStore::open(path).unwrap(), "ada", "t");
    assert_eq!(mode(folder.path()), 0o755);
}

#[test]
fn wider_rights_are_narrowed() {
    let (_folder, path) = folder();
    let store = FileStore::open(&path).unwrap();
    put(&store, "ada", "t");
    set_mode(&path, 0o644);
    assert_eq!(tokens(&store), ["t"]);
    assert_eq!(mode(&path), 0o600);

    fs::write(&path, "damage").unwrap();
    set_mode(&path, 0o666);
    store.list().unwrap_err();
    assert_eq!(mode(path.with_extension("json.damaged-1")), 0o600);
}

#[test]
fn a_symbolic_link_stays_one() {
    let (folder, path) = folder();
    fs::create_dir(folder.path().join("real")).unwrap();
    let real = folder.path().join("real/kept.json");
    put(&FileStore::open(&real).unwrap(), "ada", "ada's");
    symlink("real/kept.json", &path).unwrap();
    let linked = FileStore::open(&path).unwrap();
    put(&linked, "bob", "bob's");
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
    assert_eq!(tokens(&FileStore::open(&real).unwrap()).len(), 2);
    assert_eq!(names(folder.path()), ["accounts.json", "real"]);
    assert_eq!(names(&folder.path().join("real")), ["kept.json", "kept.json.lock"]);

    fs::remove_file(&real).unwrap();
    let failure = linked.acquire(&key("ada"), TTL, None, at(0)).unwrap_err();
    assert_says(&failure, &[path.to_str().unwrap(), "follow the link"]);
}

#[test]
fn what_killed_processes_left_is_removed() {
    let (folder, path) = folder();
    let store = FileStore::open(&path).unwrap();
    put(&store, "ada", "t");
    let others = [".accounts.json.bak.tmp0", ".accounts.json.a.b.tmp", "accounts.json.AbC123.tmp", ".other.json.AbC123.tmp"];
    for name in others.iter().chain(&[".accounts.json.AbC123.tmp", ".accounts.json.XyZ789.tmp"]) {
        fs::write(folder.path().join(name), "{").unwrap();
    }
    put(&store, "ada", "t2");
    let mut left: Vec<_> = others.iter().copied().chain(["accounts.json", "accounts.json.lock"]).collect();
    left.sort_unstable();
    assert_eq!(names(folder.path()), left);
}

#[test]
fn a_path_must_name_a_file() {
    for path in ["", "/", "..", "/tmp/.."] {
        assert_says(&FileStore::open(path).unwrap_err(), &["names no file", path]);
    }
    let (folder, path) = folder();
    fs::create_dir(&path).unwrap();
    let store = FileStore::open(&path).unwrap();
    assert_says(&store.list().unwrap_err(), &[path.to_str().unwrap(), "no file"]);
    assert_says(&store.acquire(&key("ada"), TTL, None, at(0)).unwrap_err(), &["no file"]);
    assert_eq!(names(folder.path()), ["accounts.json"], "nothing is laid beside it");
    let store = FileStore::open(folder.path().join("file/accounts.json")).unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let failure = store.acquire(&key("ada"), TTL, None, at(0)).unwrap_err();
    assert_says(&failure, &["file/accounts.json", "choose another"]);
}

#[test]
fn a_pipe_is_not_waited_for() {
    let (_folder, path) = folder();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let store = FileStore::open(&path).unwrap();
    assert_says(&store.list().unwrap_err(), &[path.to_str().unwrap(), "no file"]);
    assert_says(&store.acquire(&key("ada"), TTL, None, at(0)).unwrap_err(), &["no file"]);
}

#[test]
fn a_relative_path_is_made_absolute() {
    let store = FileStore::open("accounts.json").unwrap();
    assert_eq!(store.path(), std::env::current_dir().unwrap().join("accounts.json"));
}

#[test]
fn the_default_path_is_in_a_folder_of_our_own() {
    let path = FileStore::default_path().unwrap();
    assert!(path.is_absolute() && path.ends_with("tidal/accounts.json"), "{path:?}");
}

#[test]
fn a_hung_process_is_not_waited_for_forever() {
    let (_folder, path) = folder();
    let patient = FileStore::open(&path).unwrap();
    put(&patient, "ada", "t");
    let store = patient.clone().with_patience(Duration::ZERO);
    let hung = File::open(path.with_extension("json.lock")).unwrap();
    FileExt::lock(&hung).unwrap();
    let failure = store.acquire(&key("ada"), TTL, None, at(0)).unwrap_err();
    assert_says(&failure, &[path.to_str().unwrap(), "accounts.json.lock", "another process", "try again"]);
    assert!(
        tidal_store_file::DEFAULT_PATIENCE < tidal_core::config::Bounds::default().store,
        "it says so before nobody listens"
    );
    assert_eq!(store.find(&anyone(), at(1)).unwrap().unwrap().access_token.expose(), "t", "reading needs no lock");
    drop(hung);
    lease(&patient, "ada", at(0));
}

/// A limit on the size of files stands in for the full disk: the temporary file can be made, but not filled.
#[test]
fn a_full_disk_changes_nothing() {
    let (folder, path) = folder();
    put(&FileStore::open(&path).unwrap(), "ada", "before");
    let before = fs::read(&path).unwrap();
    let run = child::command("fail to put", &path, "trap '' XFSZ\nulimit -f 0").output().unwrap();
    assert!(run.status.success(), "{run:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(names(folder.path()), ["accounts.json", "accounts.json.lock"]);
}

/// Runs `role` as a user who isn't root, to whom `folder` belongs; says why if that can't be done.
fn run_as_a_user(role: &str, folder: &Path, path: &Path) -> Result<(), String> {
    use std::os::unix::process::CommandExt;

    const NOBODY: u32 = 65534;
    let mut command = child::command(role, path, "[ -x \"$0\" ] || exit 77");
    if fs::metadata(folder).unwrap().uid() == 0 {
        chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
        command.uid(NOBODY).gid(NOBODY);
    }
    let run = command.output().map_err(|error| error.to_string())?;
    if run.status.code() == Some(77) {
        return Err("another user can't run this program".to_owned());
    }
    assert!(run.status.success(), "{run:?}");
    Ok(())
}

#[test]
fn a_read_only_folder_can_still_be_read() {
    let (folder, path) = folder();
    put(&FileStore::open(&path).unwrap(), "ada", "before");
    if fs::metadata(folder.path()).unwrap().uid() == 0 {
        for file in [&path, &path.with_extension("json.lock")] {
            chown(file, Some(65534), Some(65534)).unwrap();
        }
    }
    set_mode(folder.path(), 0o500);
    let outcome = run_as_a_user("read only", folder.path(), &path);
    set_mode(folder.path(), 0o700);
    if let Err(why) = outcome {
        println!("skipped a_read_only_folder_can_still_be_read: {why}");
    }
    assert_eq!(tokens(&FileStore::open(&path).unwrap()), ["before"]);
}

#[test]
fn somebody_elses_file_with_wide_rights_is_refused() {
    let (folder, path) = folder();
    put(&FileStore::open(&path).unwrap(), "ada", "before");
    if fs::metadata(folder.path()).unwrap().uid() != 0 {
        println!("skipped somebody_elses_file_with_wide_rights_is_refused: only root can make a file that is another user's");
        return;
    }
    set_mode(&path, 0o644);
    if let Err(why) = run_as_a_user("refuse", folder.path(), &path) {
        println!("skipped somebody_elses_file_with_wide_rights_is_refused: {why}");
    }
}

#[test]
fn child() {
    let Some((role, path)) = child::role() else { return };
    let store = FileStore::open(&path).unwrap();
    let fails_to_acquire = |parts: &[&str]| {
        let failure = store.acquire(&key("ada"), TTL, None, at(9)).unwrap_err();
        assert_says(&failure, &[&[path.to_str().unwrap()], parts].concat());
    };
    match role.as_str() {
        "put" => put(&store, "ada", "child's"),
        "fail to put" => {
            fails_to_acquire(&["write", "make room"]);
            assert_eq!(store.find(&anyone(), at(9)).unwrap().unwrap().used_at, at(9));
        }
        "read only" => {
            fails_to_acquire(&["write", "choose another path"]);
            assert_eq!(store.find(&anyone(), at(9)).unwrap().unwrap().access_token.expose(), "before");
            fs::remove_file(path.with_extension("json.lock")).unwrap_err();
        }
        "refuse" => {
            assert_says(&store.list().unwrap_err(), &[path.to_str().unwrap(), "keep others from reading"]);
        }
        other => panic!("no role {other:?}"),
    }
}
