//! Operations of the cache, held against a list that is searched from end to end.
//!
//! Three bytes are one operation. The bounds in entries and bytes hold after each; what is found is what was stored last under that key, is
//! fresh by both clocks, and nothing has touched it since its read began; the oldest give way first; and every document either
//! is kept or has been handed out.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use tidal_core::cache::Part;
use tidal_core::fuzzing::{FuzzedCache, FuzzedRead};
use tidal_core::operation::CacheClass;
use tidal_core::{Mono, Now, Unix};

/// What reads are about, and whether they include others.
const READS: [(&str, bool); 6] = [
    ("/albums/1", false),
    ("/albums/1/relationships/items", false),
    ("/playlists", false),
    ("/playlists/1", false),
    ("/tracks/9", true),
    ("/userCollections/me", false),
];
/// What each mutation touches, by hand: of `READS`. Written are the identifiers in its body.
const MUTATIONS: [(&str, &[(&str, &str)], &[usize]); 5] = [
    ("/albums/1", &[], &[0, 1, 4]),
    ("/playlists/1", &[("tracks", "9")], &[1, 2, 3, 4]),
    ("/playlists/2", &[], &[1, 2, 4]),
    ("/userCollections/7/relationships/items", &[], &[1, 4, 5]),
    ("/artists/1", &[("playlists", "1")], &[1, 2, 3, 4]),
];
const PARTS: [(Part<'_>, &[usize]); 5] = [
    (Part::All, &[0, 1, 2, 3, 4, 5]),
    (Part::Group("albums"), &[0, 1]),
    (Part::Resource("playlists", "1"), &[1, 2, 3, 4]),
    (Part::Operation("operation"), &[0, 1, 2, 3, 4, 5]),
    (Part::Group("artists"), &[]),
];
const CLASSES: [(CacheClass, u64); 4] =
    [(CacheClass::None, 0), (CacheClass::User, 60), (CacheClass::Search, 600), (CacheClass::Catalogue, 86_400)];
const LONGEST: usize = 300;
/// What a key of one part takes: its length, and a byte.
const KEY: usize = 9;

#[derive(Clone, Copy)]
struct Kept {
    name: u8,
    about: usize,
    value: u64,
    weight: usize,
    mono: u64,
    unix: i64,
    spoilt: bool,
}

struct World {
    cache: FuzzedCache,
    entries: usize,
    bytes: usize,
    on: bool,
    mono: u64,
    unix: i64,
    /// Oldest first, and how long each lives.
    kept: Vec<(Kept, u64)>,
    reads: Vec<(Kept, FuzzedRead)>,
    made: u64,
    stored: usize,
    freed: usize,
}

fuzz_target!(|data: &[u8]| {
    let [entries, bytes, operations @ ..] = data else { return };
    let (entries, bytes) = room(*entries, *bytes);
    let cache = FuzzedCache::new(entries, bytes);
    let mut world =
        World { cache, entries, bytes, on: true, mono: 0, unix: 0, kept: vec![], reads: vec![], made: 0, stored: 0, freed: 0 };
    let (operations, _) = operations.as_chunks::<3>();
    for operation in operations.iter().take(LONGEST) {
        world.act(*operation);
        world.check();
    }
});

fn room(entries: u8, bytes: u8) -> (usize, usize) {
    (usize::from(entries % 6), usize::from(bytes) * 4)
}

impl World {
    fn now(&self) -> Now {
        Now { mono: Mono::from_origin(Duration::from_secs(self.mono)), unix: Unix::from_secs(self.unix) }
    }

    fn act(&mut self, [what, a, b]: [u8; 3]) {
        match what % 8 {
            0 => self.begin(a % 6, usize::from(b) % READS.len()),
            1 => self.land(usize::from(a), usize::from(b)),
            2 => self.look(a % 6),
            3 => {
                let (path, written, touched) = MUTATIONS[usize::from(a) % MUTATIONS.len()];
                self.cache.touch(path, written);
                self.spoil(touched);
            }
            4 => {
                let (part, cleared) = PARTS[usize::from(a) % PARTS.len()];
                self.cache.clear(part);
                self.forget(cleared);
            }
            5 => (self.mono, self.unix) = (self.mono + u64::from(a), self.unix + i64::from(b) * 7 - 600),
            6 => {
                let was_on = std::mem::replace(&mut self.on, a % 4 > 0);
                self.cache.switch(self.on);
                if was_on && !self.on {
                    self.forget(&[0, 1, 2, 3, 4, 5]);
                }
            }
            _ => {
                (self.entries, self.bytes) = room(a, b);
                self.cache.make_room(self.entries, self.bytes);
                self.make_way(0, 0);
            }
        }
    }

    fn begin(&mut self, name: u8, about: usize) {
        self.made += 1;
        let read = Kept { name, about, value: self.made, weight: 0, mono: self.mono, unix: self.unix, spoilt: false };
        self.reads.push((read, self.cache.begin(self.now())));
    }

    fn land(&mut self, which: usize, how: usize) {
        if self.reads.is_empty() {
            return;
        }
        let (mut read, begun) = self.reads.swap_remove(which % self.reads.len());
        let (class, lives) = CLASSES[how % 4];
        let body = how / 4;
        read.weight = 2 * body + KEY;
        let (path, includes) = READS[read.about];
        let kept = self.cache.store(read.name, read.value, body, path, includes, class, begun);
        self.stored += 1;
        let fits = self.entries > 0 && read.weight <= self.bytes;
        assert_eq!(kept, self.on && lives > 0 && fits && !read.spoilt);
        if kept {
            self.kept.retain(|(other, _)| other.name != read.name);
            self.make_way(1, read.weight);
            self.kept.push((read, lives));
        }
    }

    fn look(&mut self, name: u8) {
        let found = self.cache.lookup(name, self.now());
        let place = self.kept.iter().position(|(one, _)| one.name == name).filter(|_| self.on);
        let Some(place) = place else { return assert_eq!(found, None) };
        let (one, lives) = self.kept.remove(place);
        let old = self.mono - one.mono >= lives || self.unix - one.unix >= lives as i64;
        assert_eq!(found, (!old && !one.spoilt).then_some(one.value));
        if found.is_some() {
            self.kept.push((one, lives));
        }
    }

    fn spoil(&mut self, about: &[usize]) {
        let all = self.kept.iter_mut().map(|(one, _)| one).chain(self.reads.iter_mut().map(|(read, _)| read));
        all.filter(|one| about.contains(&one.about)).for_each(|one| one.spoilt = true);
    }

    fn forget(&mut self, about: &[usize]) {
        self.spoil(about);
        self.kept.retain(|(one, _)| !about.contains(&one.about));
    }

    fn make_way(&mut self, entries: usize, bytes: usize) {
        while self.kept.len() + entries > self.entries || self.weight() + bytes > self.bytes {
            if self.kept.is_empty() {
                break;
            }
            self.kept.remove(0);
        }
    }

    fn weight(&self) -> usize {
        self.kept.iter().map(|(one, _)| one.weight).sum()
    }

    fn check(&mut self) {
        let statistics = self.cache.statistics();
        assert!(statistics.entries <= self.entries && statistics.bytes <= self.bytes, "beyond its bounds: {statistics:?}");
        assert_eq!((statistics.entries, statistics.bytes), (self.kept.len(), self.weight()));
        self.freed += self.cache.take_bag();
        assert_eq!(self.freed + statistics.entries, self.stored, "a document is lost");
    }
}
