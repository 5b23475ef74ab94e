//! Where the database may be, who may read it, and what is said when it can't be used.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(unix)]

#[path = "support/accounts.rs"]
mod accounts;
#[path = "support/child.rs"]
mod child;

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use accounts::{TTL, anyone, assert_says, at, beside, folder, key, lease, names, put, tokens};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tidal_core::store::Store;
use tidal_store_sqlite::SqliteStore;

const NOBODY: u32 = 65534;

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn set_mode(path: impl AsRef<Path>, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Changes the database as a process that is killed does: what it did stands in the log only.
fn leave_a_log(path: &Path) {
    let killed = Connection::open(path).unwrap();
    killed.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    killed.execute("UPDATE accounts SET access_token = 'logged'", ()).unwrap();
    drop(killed);
    assert!(fs::metadata(beside(path, "-wal")).unwrap().len() > 0);
}

#[test]
fn nothing_is_made_before_there_is_something_to_keep() {
    let (folder, _) = folder();
    let store = SqliteStore::open(folder.path().join("a/b/accounts.sqlite")).unwrap();
    assert_eq!(store.find(&anyone(), at(0)).unwrap(), None);
    assert_eq!(store.list().unwrap(), []);
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn only_the_owner_can_read_it() {
    let (folder, _) = folder();
    let path = folder.path().join("a/b/accounts.sqlite");
    let run = child::command("put and be killed", &path, "umask 0").output().unwrap();
    assert!(run.status.success(), "{run:?}");
    for suffix in ["", "-wal", "-shm"] {
        assert_eq!(mode(beside(&path, suffix)), 0o600, "NAME{suffix}");
    }
    assert_eq!((mode(folder.path().join("a/b")), mode(folder.path().join("a"))), (0o700, 0o700));
    assert_eq!(tokens(&SqliteStore::open(&path).unwrap()), ["logged"]);
}

#[test]
fn a_folder_that_was_there_keeps_its_rights() {
    let (folder, path) = folder();
    set_mode(folder.path(), 0o755);
    put(&SqliteStore::open(path).unwrap(), "ada", "t");
    assert_eq!(mode(folder.path()), 0o755);
}

#[test]
fn wider_rights_are_narrowed() {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    put(&store, "ada", "t");
    set_mode(&path, 0o644);
    assert_eq!(tokens(&store), ["t"]);
    assert_eq!(mode(&path), 0o600);

    leave_a_log(&path);
    let all = ["", "-wal", "-shm"].map(|suffix| beside(&path, suffix));
    all.iter().for_each(|path| set_mode(path, 0o666));
    let open = Connection::open(&path).unwrap();
    open.query_row("SELECT fence FROM leases", (), |_| Ok(())).unwrap();
    assert_eq!(tokens(&store), ["logged"]);
    assert_eq!(all.map(mode), [0o600; 3]);
    drop(open);

    fs::write(&path, [0; 600]).unwrap();
    set_mode(&path, 0o666);
    store.list().unwrap_err();
    assert_eq!(mode(beside(&path, ".damaged-1")), 0o600);
    assert_eq!(mode(beside(&path, ".lock")), 0o600);
}

#[test]
fn a_symbolic_link_stays_one() {
    let (folder, path) = folder();
    fs::create_dir(folder.path().join("real")).unwrap();
    let real = folder.path().join("real/kept.sqlite");
    put(&SqliteStore::open(&real).unwrap(), "ada", "ada's");
    symlink("real/kept.sqlite", &path).unwrap();
    let linked = SqliteStore::open(&path).unwrap();
    put(&linked, "bob", "bob's");
    assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
    assert_eq!(tokens(&SqliteStore::open(&real).unwrap()).len(), 2);
    assert_eq!(names(folder.path()), ["accounts.sqlite", "real"]);
    assert_eq!(names(&folder.path().join("real")), ["kept.sqlite"]);

    fs::remove_file(&real).unwrap();
    let failure = linked.acquire(&key("ada"), TTL, None, at(0)).unwrap_err();
    assert_says(&failure, &[path.to_str().unwrap(), "follow the link"]);
}

#[test]
fn a_path_must_name_a_file() {
    for path in ["", "/", "..", "/tmp/.."] {
        assert_says(&SqliteStore::open(path).unwrap_err(), &["names no file", path]);
    }
    let (folder, path) = folder();
    fs::create_dir(&path).unwrap();
    let store = SqliteStore::open(&path).unwrap();
    assert_says(&store.list().unwrap_err(), &[path.to_str().unwrap(), "no file"]);
    assert_says(&store.acquire(&key("ada"), TTL, None, at(0)).unwrap_err(), &["no file"]);
    assert_eq!(names(folder.path()), ["accounts.sqlite"], "nothing is laid beside it");
    let store = SqliteStore::open(folder.path().join("file/accounts.sqlite")).unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let failure = store.acquire(&key("ada"), TTL, None, at(0)).unwrap_err();
    assert_says(&failure, &["file/accounts.sqlite", "choose another"]);
}

#[test]
fn a_name_may_hold_anything() {
    let (folder, _) = folder();
    for name in ["with blanks", "a?mode=memory#x%20", "file:x", ":memory:", "é"] {
        let path = folder.path().join(name);
        put(&SqliteStore::open(&path).unwrap(), "ada", name);
        assert_eq!(tokens(&SqliteStore::open(&path).unwrap()), [name]);
        assert!(path.exists());
    }
}

#[test]
fn a_pipe_is_not_waited_for() {
    let (_folder, path) = folder();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let store = SqliteStore::open(&path).unwrap();
    assert_says(&store.list().unwrap_err(), &[path.to_str().unwrap(), "no file"]);
    assert_says(&store.acquire(&key("ada"), TTL, None, at(0)).unwrap_err(), &["no file"]);
}

#[test]
fn a_relative_path_is_made_absolute() {
    let store = SqliteStore::open("accounts.sqlite").unwrap();
    assert_eq!(store.path(), std::env::current_dir().unwrap().join("accounts.sqlite"));
}

#[test]
fn the_default_path_is_in_a_folder_of_our_own() {
    let path = SqliteStore::default_path().unwrap();
    assert!(path.is_absolute() && path.ends_with("tidal/accounts.sqlite"), "{path:?}");
}

#[test]
fn a_hung_process_is_not_waited_for_forever() {
    let (_folder, path) = folder();
    let patient = SqliteStore::open(&path).unwrap();
    put(&patient, "ada", "t");
    let store = patient.clone().with_patience(Duration::ZERO);
    let hung = Connection::open(&path).unwrap();
    hung.execute_batch("BEGIN IMMEDIATE").unwrap();
    let failure = store.acquire(&key("ada"), TTL, None, at(0)).unwrap_err();
    assert_says(&failure, &[path.to_str().unwrap(), "another process", "try again"]);
    assert!(
        tidal_store_sqlite::DEFAULT_PATIENCE < tidal_core::config::Bounds::default().store,
        "it says so before nobody listens"
    );
    let found = store.find(&anyone(), at(1)).unwrap().unwrap();
    assert_eq!((found.access_token.expose(), found.used_at), ("t", at(1)), "reading needs no lock");
    drop(hung);

    let hung = Connection::open(&path).unwrap();
    hung.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT").unwrap();
    assert_says(&store.find(&anyone(), at(1)).unwrap_err(), &[path.to_str().unwrap(), "another process", "try again"]);
    assert_says(&store.list().unwrap_err(), &["another process"]);
    drop(hung);
    lease(&patient, "ada", at(0));
}

/// A limit on the size of files stands in for the full disk.
#[test]
fn a_file_that_may_not_grow_changes_nothing() {
    let (folder, path) = folder();
    put(&SqliteStore::open(&path).unwrap(), "ada", "before");
    let before = fs::read(&path).unwrap();
    let run = child::command("fail to put", &path, "trap '' XFSZ\nulimit -f 0").output().unwrap();
    assert!(run.status.success(), "{run:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
    put(&SqliteStore::open(&path).unwrap(), "ada", "after");
    assert_eq!(names(folder.path()), ["accounts.sqlite"]);
}

/// A small file system of memory is the full disk, where this user may mount one.
#[test]
fn a_full_disk_changes_nothing() {
    let (folder, path) = folder();
    let mount = format!("mount -t tmpfs -o size=256k tmpfs '{}' || exit 77", folder.path().display());
    let child = child::command("fill the disk", &path, &mount);
    let mut unshared = Command::new("unshare");
    unshared.arg("-rm").arg(child.get_program()).args(child.get_args());
    unshared.envs(child.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let skip = |why: &str| println!("skipped a_full_disk_changes_nothing: {why}");
    match unshared.output() {
        Err(error) => skip(&error.to_string()),
        Ok(run) if !run.status.success() && !run.stdout.starts_with(b"\nrunning") => {
            skip(&String::from_utf8_lossy(&run.stderr));
        }
        Ok(run) => assert!(run.status.success(), "{run:?}"),
    }
}

fn fill_the_disk(store: &SqliteStore) {
    put(store, "ada", "before");
    let filler = store.path().with_file_name("filler");
    let fill = || {
        let mut file = fs::File::create(&filler).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        file.metadata().unwrap().len()
    };
    let full = fill();
    // With no room at all, with room for shared memory only, and for some of the log.
    for room in [0, 36 << 10, 44 << 10] {
        fs::File::options().write(true).open(&filler).unwrap().set_len(full - room).unwrap();
        let mut record = accounts::record("ada", &"new".repeat(100 << 10));
        record.refresh_token = Some("new".into());
        let failure = match store.acquire(&key("ada"), Duration::ZERO, None, at(9)) {
            Ok(tidal_core::store::Acquired::Lease(lease, _)) => store.save(&record, &lease, at(9)).unwrap_err(),
            Ok(busy) => panic!("{busy:?}"),
            Err(failure) => failure,
        };
        assert_says(&failure, &[store.path().to_str().unwrap(), "make room"]);
        assert_eq!(store.find(&anyone(), at(9)).unwrap().unwrap().access_token.expose(), "before", "{room}");
        assert_eq!(tokens(store), ["before"], "{room}");
    }
    fs::remove_file(filler).unwrap();
    let lease = lease(store, "ada", at(9));
    store.save(&accounts::record("ada", "after"), &lease, at(9)).unwrap();
    assert_eq!(tokens(store), ["after"]);
}

/// Runs `role` as a user who isn't root, to whom `folder` belongs; says why if that can't be done.
fn run_as_a_user(role: &str, folder: &Path, path: &Path) -> Result<(), String> {
    use std::os::unix::process::CommandExt;

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

/// Runs `role` where nothing can be written, on a store that `prepare` changed.
fn in_a_read_only_folder(test: &str, role: &str, prepare: impl FnOnce(&Path)) {
    let (folder, path) = folder();
    put(&SqliteStore::open(&path).unwrap(), "ada", "before");
    prepare(&path);
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        if file.metadata().unwrap().uid() == 0 {
            chown(file.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    let there = names(folder.path());
    set_mode(folder.path(), 0o500);
    let outcome = run_as_a_user(role, folder.path(), &path);
    set_mode(folder.path(), 0o700);
    if let Err(why) = outcome {
        println!("skipped {test}: {why}");
    }
    assert_eq!(names(folder.path()), there);
}

#[test]
fn a_read_only_folder_can_still_be_read() {
    in_a_read_only_folder("a_read_only_folder_can_still_be_read", "read only", |_| {});
}

/// What stands in a log can't be read there, and what it replaced isn't given out in its place.
#[test]
fn a_log_in_a_read_only_folder_is_not_passed_over() {
    in_a_read_only_folder("a_log_in_a_read_only_folder_is_not_passed_over", "read nothing", |path| {
        leave_a_log(path);
        fs::remove_file(beside(path, "-shm")).unwrap_or_default();
    });
}

#[test]
fn a_damaged_database_in_a_read_only_folder_is_left_there() {
    in_a_read_only_folder("a_damaged_database_in_a_read_only_folder_is_left_there", "meet damage", |path| {
        fs::write(path, [0; 600]).unwrap();
    });
}

#[test]
fn a_new_database_in_a_read_only_folder_is_not_made() {
    in_a_read_only_folder("a_new_database_in_a_read_only_folder_is_not_made", "make one", |path| {
        fs::remove_file(path).unwrap();
    });
}

#[test]
fn somebody_elses_file_with_wide_rights_is_refused() {
    let (folder, path) = folder();
    put(&SqliteStore::open(&path).unwrap(), "ada", "before");
    if fs::metadata(folder.path()).unwrap().uid() != 0 {
        println!("skipped somebody_elses_file_with_wide_rights_is_refused: only root can make a file that is another user's");
        return;
    }
    set_mode(&path, 0o666);
    if let Err(why) = run_as_a_user("refuse", folder.path(), &path) {
        println!("skipped somebody_elses_file_with_wide_rights_is_refused: {why}");
    }
}

#[test]
fn child() {
    let Some((role, path)) = child::role() else { return };
    let store = SqliteStore::open(&path).unwrap();
    let fails_to_acquire = |parts: &[&str]| {
        let failure = store.acquire(&key("ada"), TTL, None, at(9)).unwrap_err();
        assert_says(&failure, &[&[path.to_str().unwrap()], parts].concat());
    };
    match role.as_str() {
        "put and be killed" => {
            put(&store, "ada", "child's");
            leave_a_log(&path);
        }
        "fail to put" => {
            fails_to_acquire(&["make room"]);
            assert_eq!(store.find(&anyone(), at(9)).unwrap().unwrap().used_at, at(9));
        }
        "fill the disk" => fill_the_disk(&store),
        "read only" => {
            fails_to_acquire(&["give this user the right", "choose another path"]);
            assert_eq!(store.find(&anyone(), at(9)).unwrap().unwrap().access_token.expose(), "before");
            assert_eq!(tokens(&store), ["before"]);
        }
        "read nothing" => {
            fails_to_acquire(&["give this user the right"]);
            assert_says(&store.find(&anyone(), at(9)).unwrap_err(), &["give this user the right"]);
        }
        "meet damage" => {
            assert_says(&store.list().unwrap_err(), &["damaged", "could not be set aside", "move it away"]);
        }
        "make one" => fails_to_acquire(&["can't make it", "give this user the right"]),
        "refuse" => {
            assert_says(&store.list().unwrap_err(), &[path.to_str().unwrap(), "keep others from reading"]);
        }
        other => panic!("no role {other:?}"),
    }
}
