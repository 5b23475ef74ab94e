#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::any::TypeId;
use std::cell::Cell;
use std::sync::Arc;

use http::StatusCode;
use proptest::prelude::*;

use super::*;
use crate::entropy::Entropy;
use crate::time::{Mono, Unix};

thread_local! {
    pub(super) static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// The steps that it takes.
pub(crate) fn count(act: &mut dyn FnMut()) -> u64 {
    STEPS.set(0);
    act();
    STEPS.get()
}

const ROOM: Room = Room { entries: 4, bytes: 600 };

fn cache(room: Room) -> Cache {
    Cache::new(true, room, Entropy::new([7; 32]).hash_keys())
}

fn key(name: u32) -> Key {
    Key::new(TypeId::of::<u64>(), &[b"principal".as_slice(), &name.to_le_bytes()])
}

fn document(value: u64, body: usize) -> Document {
    let how =
        How { status: StatusCode::OK, attempts: 3, cached: false, request_id: Some("id".into()), limits: None, joined: false };
    Document { value: Arc::new(value), how, body }
}

fn value(hit: Option<Hit>) -> Option<u64> {
    hit.map(|hit| *hit.value.downcast::<u64>().unwrap())
}

fn at(mono: u64, unix: i64) -> Now {
    Now { mono: Mono::from_origin(Duration::from_secs(mono)), unix: Unix::from_secs(unix) }
}

fn read(path: &str) -> Vec<Tag> {
    Tag::of_read("operation", path, false)
}

fn put(cache: &mut Cache, name: u32, path: &str, now: Now) -> bool {
    let begun = cache.begin(now);
    cache.store(key(name), document(u64::from(name), 10), &read(path), CacheClass::User, begun)
}

#[test]
fn a_hit_shares_the_document_and_says_how_it_came() {
    let mut cache = cache(ROOM);
    let (begun, document) = (cache.begin(at(0, 0)), document(1, 10));
    assert!(cache.store(key(1), document.clone(), &read("/albums/1"), CacheClass::Catalogue, begun));
    let hit = cache.lookup(&key(1), at(1, 1)).unwrap();
    assert!(Arc::ptr_eq(&hit.value, &document.value));
    assert_eq!(hit.how, How { cached: true, attempts: 0, ..document.how });
    assert!(cache.take_bag().is_empty());
}

#[test]
fn either_clock_ends_an_entry() {
    for (now, fresh) in [(at(59, 59), true), (at(60, 0), false), (at(0, 60), false), (at(59, -500), true)] {
        let mut cache = cache(ROOM);
        assert!(put(&mut cache, 1, "/albums/1", at(0, 0)));
        assert_eq!(cache.lookup(&key(1), now).is_some(), fresh, "{now:?}");
        assert_eq!(cache.take_bag().len(), usize::from(!fresh));
        assert_eq!(cache.statistics().expired, u64::from(!fresh));
    }
}

#[test]
fn a_class_without_time_and_a_document_without_room_are_not_kept() {
    let mut cache = cache(ROOM);
    let begun = cache.begin(at(0, 0));
    assert!(!cache.store(key(1), document(1, 10), &read("/albums/1"), CacheClass::None, begun));
    assert!(!cache.store(key(1), document(1, 300), &read("/albums/1"), CacheClass::User, begun));
    assert!(!cache.store(key(1), document(1, usize::MAX), &read("/albums/1"), CacheClass::User, begun));
    assert_eq!((cache.statistics(), cache.take_bag().len()), (Statistics::default(), 3));
}

#[test]
fn a_mutation_makes_stale_what_it_may_have_changed() {
    let touches = |mutation: &str, path: &str, includes| {
        let mut cache = cache(ROOM);
        let begun = cache.begin(at(0, 0));
        assert!(cache.store(key(1), document(1, 1), &Tag::of_read("o", path, includes), CacheClass::User, begun));
        cache.touch(Tag::of_mutation(mutation, [("tracks", "9")]));
        cache.lookup(&key(1), at(0, 0)).is_none()
    };
    for (mutation, path, includes) in [
        ("/playlists/1/relationships/items", "/playlists/1", false),
        ("/playlists/1", "/playlists", false),
        ("/playlists", "/playlists", false),
        ("/playlists/1", "/playlists/1/relationships/items", false),
        ("/playlists/1", "/albums/7", true),
        ("/playlists/1", "/tracks/9", false),
        ("/userCollectionAlbums/me/relationships/items", "/userCollectionAlbums/5", false),
        ("/userCollectionAlbums/5/relationships/items", "/userCollectionAlbums/me", false),
        ("/artists/me", "/artists/5", false),
    ] {
        assert!(touches(mutation, path, includes), "{mutation} {path}");
    }
    for (mutation, path) in [("/playlists/1", "/playlists/2"), ("/playlists/1", "/albums/1"), ("/playlists", "/playlists/1")] {
        assert!(!touches(mutation, path, false), "{mutation} {path}");
    }
}

#[test]
fn a_read_that_a_mutation_overtook_is_not_kept() {
    let mut cache = cache(ROOM);
    let begun = cache.begin(at(0, 0));
    cache.touch(Tag::of_mutation("/playlists/1", []));
    assert!(!cache.store(key(1), document(1, 1), &read("/playlists/1"), CacheClass::User, begun));
    assert!(cache.store(key(2), document(2, 1), &read("/playlists/2"), CacheClass::User, begun));
    assert!(put(&mut cache, 1, "/playlists/1", at(0, 0)));
    assert!(cache.lookup(&key(1), at(0, 0)).is_some());
}

#[test]
fn clearing_takes_all_or_what_has_the_tag_and_reads_under_way() {
    let tags = [
        (None, 3),
        (Some(Tag::group("albums")), 2),
        (Some(Tag::resource("albums", "1")), 1),
        (Some(Tag::operation("operation")), 3),
        (Some(Tag::group("playlists")), 0),
    ];
    for (tag, gone) in tags {
        let mut cache = cache(ROOM);
        for (name, path) in [(1, "/albums/1"), (2, "/albums/2"), (3, "/artists/1")] {
            put(&mut cache, name, path, at(0, 0));
        }
        let begun = cache.begin(at(0, 0));
        cache.clear(tag.as_ref().map(std::slice::from_ref));
        let statistics = cache.statistics();
        assert_eq!((cache.take_bag().len(), statistics.invalidated), (gone, gone as u64));
        assert_eq!(statistics.bytes, statistics.entries * weight(10, &key(1)));
        assert_eq!(cache.store(key(4), document(4, 1), &read("/albums/1"), CacheClass::User, begun), gone == 0);
    }
}

#[test]
fn switched_off_it_keeps_nothing_and_finds_nothing() {
    let mut cache = cache(ROOM);
    put(&mut cache, 1, "/albums/1", at(0, 0));
    let begun = cache.begin(at(0, 0));
    cache.switch(false);
    assert!(!cache.is_on() && cache.take_bag().len() == 1);
    assert!(!put(&mut cache, 1, "/albums/1", at(0, 0)) && cache.lookup(&key(1), at(0, 0)).is_none());
    assert_eq!(cache.statistics().misses, 0);
    cache.switch(true);
    assert!(!cache.store(key(1), document(1, 1), &read("/albums/1"), CacheClass::User, begun), "begun before");
    assert!(put(&mut cache, 1, "/albums/1", at(0, 0)));
}

#[test]
fn parts_of_a_key_do_not_run_together() {
    assert_ne!(
        Key::new(TypeId::of::<()>(), &[b"ab".as_slice(), b"c"]),
        Key::new(TypeId::of::<()>(), &[b"a".as_slice(), b"bc"])
    );
    assert_ne!(Key::new(TypeId::of::<()>(), &[b"ab".as_slice()]), Key::new(TypeId::of::<()>(), &[b"ab".as_slice(), b""]));
}

#[test]
fn the_tags_that_are_remembered_are_bounded_and_none_is_forgotten() {
    let mut cache = cache(ROOM);
    let begun = cache.begin(at(0, 0));
    for id in 0..stamps::MOST * 2 {
        cache.touch([Tag::resource("playlists", &id.to_string())]);
    }
    assert!(cache.stamps.len() <= stamps::MOST);
    assert!(!cache.store(key(1), document(1, 1), &read("/playlists/0"), CacheClass::User, begun));
    assert!(put(&mut cache, 1, "/playlists/0", at(0, 0)));
}

#[test]
fn the_cost_does_not_grow_with_what_is_kept() {
    let steps = |size: u32| {
        let mut cache = cache(Room { entries: size as usize, bytes: usize::MAX });
        (0..size).for_each(|name| assert!(put(&mut cache, name, &format!("/albums/{name}"), at(0, 0))));
        let hits = count(&mut || (0..100).for_each(|n| assert!(cache.lookup(&key(n * (size / 100)), at(1, 1)).is_some())));
        let misses = count(&mut || (0..100).for_each(|n| assert!(cache.lookup(&key(size + n), at(1, 1)).is_none())));
        let stores = count(&mut || (0..100).for_each(|n| assert!(put(&mut cache, size + n, "/albums/0", at(1, 1)))));
        let touches = count(&mut || cache.touch(Tag::of_mutation("/albums/1", [])));
        [hits, misses, stores, touches]
    };
    let (small, large) = (steps(100), steps(100_000));
    // A chance collision of hashes costs one step: a miss is given one in ten.
    for (small, large) in small.into_iter().zip(large) {
        assert!(large <= 2 * small.max(5), "{small} steps at 100 entries, {large} at 100,000");
    }
    assert!(small[0] >= 300 && small[2] >= 300 && small[3] == 3, "{small:?}");
}

#[derive(Clone, Debug)]
enum Act {
    Begin(u32, usize),
    Land(usize, usize),
    Look(u32),
    Touch(usize),
    Clear(Option<usize>),
    Pass(u64, i64),
    Switch(bool),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (0..8_u32, 0..4_usize).prop_map(|(name, path)| Act::Begin(name, path)),
        8 => (0..9_usize, 0..150_usize).prop_map(|(read, body)| Act::Land(read, body)),
        8 => (0..8_u32).prop_map(Act::Look),
        2 => (0..4_usize).prop_map(Act::Touch),
        1 => proptest::option::weighted(0.8, 0..4_usize).prop_map(Act::Clear),
        3 => (0..40_u64, -40..40_i64).prop_map(|(mono, unix)| Act::Pass(mono, unix)),
        1 => proptest::bool::weighted(0.8).prop_map(Act::Switch),
    ]
}

const PATHS: [&str; 4] = ["/albums/1", "/albums/1/relationships/items", "/playlists", "/playlists/1"];

/// What each mutation or clearing of `PATHS[which]` touches, by hand: indexes of `PATHS`.
const TOUCHED: [&[usize]; 4] = [&[0, 1], &[0, 1], &[1, 2], &[1, 2, 3]];
const CLEARED: [(&str, &[usize]); 4] = [("albums", &[0, 1]), ("playlists", &[2, 3]), ("artists", &[]), ("users", &[])];

#[derive(Clone)]
struct Kept {
    name: u32,
    path: usize,
    value: u64,
    weight: usize,
    mono: u64,
    unix: i64,
    dead: bool,
}

/// Small enough to be obviously right: a list, oldest first, and reads under way that are spoilt by what touches them.
#[derive(Default)]
struct Reference {
    kept: Vec<Kept>,
    under_way: Vec<(Kept, Begun)>,
}

impl Reference {
    fn spoil(&mut self, paths: &[usize]) {
        let all = self.kept.iter_mut().chain(self.under_way.iter_mut().map(|(read, _)| read));
        all.filter(|one| paths.contains(&one.path)).for_each(|one| one.dead = true);
    }

    fn look(&mut self, name: u32, mono: u64, unix: i64) -> Option<u64> {
        let index = self.kept.iter().position(|one| one.name == name)?;
        let one = self.kept.remove(index);
        let stale = one.dead || mono - one.mono >= 60 || unix - one.unix >= 60;
        (!stale).then(|| {
            self.kept.push(one.clone());
            one.value
        })
    }

    fn bytes(&self) -> usize {
        self.kept.iter().map(|one| one.weight).sum()
    }

    fn land(&mut self, read: Kept) {
        if read.dead || read.weight > ROOM.bytes {
            return;
        }
        self.kept.retain(|one| one.name != read.name);
        while self.kept.len() >= ROOM.entries || self.bytes() + read.weight > ROOM.bytes {
            self.kept.remove(0);
        }
        self.kept.push(read);
    }
}

proptest! {
    #[test]
    fn it_does_as_the_reference(acts in proptest::collection::vec(act(), 0..120)) {
        let (mut cache, mut reference) = (cache(ROOM), Reference::default());
        let (mut mono, mut unix, mut values, mut on, mut freed) = (0, 0, 0_u64, true, 0);
        let mut landed = 0;
        for act in acts {
            match act {
                Act::Begin(name, path) => {
                    values += 1;
                    let read = Kept { name, path, value: values, weight: 0, mono, unix, dead: false };
                    reference.under_way.push((read, cache.begin(at(mono, unix))));
                }
                Act::Land(which, body) if which < reference.under_way.len() => {
                    let (mut read, begun) = reference.under_way.remove(which);
                    read.weight = 2 * body + key(read.name).len();
                    cache.store(key(read.name), document(read.value, body), &self::read(PATHS[read.path]), CacheClass::User, begun);
                    landed += 1;
                    if on {
                        reference.land(read);
                    }
                }
                Act::Land(..) => {}
                Act::Look(name) => {
                    let expected = if on { reference.look(name, mono, unix) } else { None };
                    prop_assert_eq!(value(cache.lookup(&key(name), at(mono, unix))), expected);
                }
                Act::Touch(which) => {
                    cache.touch(Tag::of_mutation(PATHS[which], []));
                    reference.spoil(TOUCHED[which]);
                }
                Act::Clear(which) => {
                    let (tag, paths) = which.map_or((None, &[0, 1, 2, 3][..]), |which| {
                        (Some(Tag::group(CLEARED[which].0)), CLEARED[which].1)
                    });
                    cache.clear(tag.as_ref().map(std::slice::from_ref));
                    reference.spoil(paths);
                    reference.kept.retain(|one| !paths.contains(&one.path));
                }
                Act::Pass(by, set) => (mono, unix) = (mono + by, unix + set),
                Act::Switch(to) => {
                    cache.switch(to);
                    if on && !to {
                        reference.spoil(&[0, 1, 2, 3]);
                        reference.kept.clear();
                    }
                    on = to;
                }
            }
            let statistics = cache.statistics();
            prop_assert!(statistics.entries <= ROOM.entries && statistics.bytes <= ROOM.bytes);
            prop_assert_eq!((statistics.entries, statistics.bytes), (reference.kept.len(), reference.bytes()));
            freed += cache.take_bag().len();
            prop_assert_eq!(freed + statistics.entries, landed, "every document is kept or handed out");
        }
    }
}
