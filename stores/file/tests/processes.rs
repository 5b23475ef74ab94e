//! Several processes on one file, some of which are killed.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(unix)]

#[path = "support/accounts.rs"]
mod accounts;
#[path = "support/child.rs"]
mod child;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use accounts::{at, folder, key, record, tokens};
use tidal_core::Record;
use tidal_core::store::{Acquired, Kept, Store};
use tidal_store_file::FileStore;

const KILLS: u32 = 200;
const PROCESSES: usize = 4;
const THREADS: usize = 3;
const ROUNDS: usize = 15;

/// A record in which all of many bytes tell its number.
fn numbered(number: u64) -> Record {
    let mut record = record("ada", &format!("{number:08}").repeat(500));
    record.refresh_token = Some(record.access_token.clone());
    record
}

fn number(record: &Record) -> u64 {
    let number = record.access_token.expose()[..8].parse().unwrap();
    assert!(record.same_tokens(&numbered(number)), "record {number} is not whole");
    number
}

/// xorshift64*: no quality needed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % bound
    }
}

/// Starts a process that saves in a loop, and kills it somewhere after a few saves. The number of the last save that it told of.
fn kill_one(path: &Path, dice: &mut Dice) -> u64 {
    let mut child = child::command("save", path, "umask 0").stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut told = lines.by_ref().filter_map(|line| child::told(&line).map(|word| word.parse().unwrap()));
    let saves = 1 + usize::try_from(dice.below(6)).unwrap();
    let mut last: u64 = told.nth(saves - 1).expect("the child ended by itself");
    // Not to wait for anything, but to hit any part of the next save.
    (0..dice.below(200_000)).for_each(|_| std::hint::spin_loop());
    child.kill().unwrap();
    last = told.last().unwrap_or(last);
    child.wait().unwrap();
    last
}

fn temporary_files(folder: &Path) -> Vec<fs::DirEntry> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.filter(|entry| entry.file_name().to_str().unwrap().ends_with(".tmp")).collect()
}

#[test]
fn a_killed_process_leaves_a_whole_file() {
    let seed = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()).unwrap() | 1;
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let (folder, path) = folder();
    let store = FileStore::open(&path).unwrap();
    let mut hits = 0;
    for _ in 0..KILLS {
        let told = kill_one(&path, &mut dice);
        let stored = store.list().unwrap();
        assert_eq!(stored.len(), 1);
        assert!(number(&stored[0]) >= told, "save {told} was acknowledged, and is lost");
        let left = temporary_files(folder.path());
        assert!(left.len() <= 1, "the leavings add up: {left:?}");
        assert!(left.iter().all(|entry| entry.metadata().unwrap().mode() & 0o077 == 0), "others could read {left:?}");
        hits += left.len();
    }
    assert!(hits > 0, "no kill hit a save");
    println!("{hits} of {KILLS} kills hit a save");
    accounts::put(&store, "bob", "bob's");
    let left: BTreeSet<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["accounts.json".into(), "accounts.json.lock".into()].into());
}

fn save_for_ever(store: &FileStore) -> ! {
    loop {
        let Acquired::Lease(lease, stored) = store.acquire(&key("ada"), Duration::ZERO, None, at(0)).unwrap() else {
            panic!("a lease without a length was held");
        };
        let next = stored.map_or(1, |record| number(&record) + 1);
        assert_eq!(store.save(&numbered(next), &lease, at(0)).unwrap(), Kept::Done);
        child::tell(next);
    }
}

#[test]
fn processes_and_threads_take_turns() {
    let (_folder, path) = folder();
    let children: Vec<_> =
        (0..PROCESSES).map(|_| child::command("count", &path, "").stdout(Stdio::piped()).spawn().unwrap()).collect();
    let mut fences = Vec::new();
    for child in children {
        let run = child.wait_with_output().unwrap();
        assert!(run.status.success());
        let text = String::from_utf8(run.stdout).unwrap();
        fences.extend(text.lines().filter_map(child::told).map(|word| word.parse::<u64>().unwrap()));
    }
    let turns = PROCESSES * THREADS * ROUNDS;
    assert_eq!(fences.len(), turns);
    assert_eq!(fences.iter().collect::<BTreeSet<_>>().len(), turns, "a fence was given out twice");
    assert_eq!(tokens(&FileStore::open(&path).unwrap()), [turns.to_string()], "a turn was lost");
}

/// Counts up under leases that are released, so that only one can count at a time.
fn count(store: &FileStore) {
    let mut rounds = 0;
    while rounds < ROUNDS {
        let Acquired::Lease(lease, stored) = store.acquire(&key("ada"), accounts::TTL, None, at(0)).unwrap() else {
            thread::yield_now();
            continue;
        };
        let count = stored.map_or(0, |record| record.access_token.expose().parse::<u32>().unwrap());
        assert_eq!(store.save(&record("ada", &(count + 1).to_string()), &lease, at(0)).unwrap(), Kept::Done);
        store.release(&lease, at(0)).unwrap();
        child::tell(lease.fence);
        rounds += 1;
    }
}

#[test]
fn child() {
    let Some((role, path)) = child::role() else { return };
    // They are a crowd, and it is for the order among them, not for how long it takes on a busy machine: whoever comes last waits for all the
    // others. On two cores with 40 busy loops beside them they take some 12 s; the rest is for slow disks.
    let store = FileStore::open(path).unwrap().with_patience(Duration::from_secs(120));
    match role.as_str() {
        "save" => save_for_ever(&store),
        "count" => thread::scope(|scope| (0..THREADS).for_each(|_| drop(scope.spawn(|| count(&store))))),
        other => panic!("no role {other:?}"),
    }
}
