//! A store that is obviously right, and other processes that use it.

use std::cell::RefCell;
use std::time::Duration;

use tidal_core::store::{Acquired, Kept, Lease, Reach, Store};
use tidal_core::{AccountKey, Failure, Flow, Now, Record, Secret, Selector, Unix};

use crate::model::ops::{Deed, Terms};
use crate::model::server::{Server, USERS};

#[derive(Default)]
struct Row {
    record: Option<Record>,
    fence: u64,
    /// Until when the newest lease holds; nothing if it was released.
    until: Option<Unix>,
}

/// Rows by key, nothing else.
#[derive(Default)]
pub struct ModelStore {
    rows: RefCell<Vec<(AccountKey, Row)>>,
}

impl ModelStore {
    fn with<O>(&self, key: &AccountKey, change: impl FnOnce(&mut Row) -> O) -> O {
        let mut rows = self.rows.borrow_mut();
        let index = rows.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
            rows.push((key.clone(), Row::default()));
            rows.len() - 1
        });
        change(&mut rows[index].1)
    }

    pub fn get(&self, key: &AccountKey) -> Option<Record> {
        self.with(key, |row| row.record.clone())
    }

    pub fn put(&self, record: Record) {
        let key = record.key.clone();
        self.with(&key, |row| row.record = Some(record));
    }

    /// All leases end, as they do in time.
    pub fn end_leases(&self) {
        self.rows.borrow_mut().iter_mut().for_each(|(_, row)| row.until = None);
    }

    pub fn records(&self) -> Vec<Record> {
        self.rows.borrow().iter().filter_map(|(_, row)| row.record.clone()).collect()
    }
}

impl Store for ModelStore {
    fn find(&self, selector: &Selector, now: Unix) -> Result<Option<Record>, Failure> {
        let mut rows = self.rows.borrow_mut();
        let records = rows.iter_mut().filter_map(|(_, row)| row.record.as_mut()).filter(|record| selector.matches(&record.key));
        let found = records.max_by_key(|record| record.used_at);
        Ok(found.map(|record| {
            record.used_at = now;
            record.clone()
        }))
    }

    fn acquire(&self, key: &AccountKey, ttl: Duration, instead_of: Option<&Lease>, now: Unix) -> Result<Acquired, Failure> {
        Ok(self.with(key, |row| match row.until {
            Some(until) if until > now && instead_of.is_none_or(|own| own.fence != row.fence) => Acquired::Busy(until),
            _ => {
                row.fence += 1;
                row.until = Some(now + ttl);
                let lease = Lease { key: key.clone(), fence: row.fence, until: now + ttl };
                Acquired::Lease(lease, row.record.clone().map(Box::new))
            }
        }))
    }

    fn save(&self, record: &Record, lease: &Lease, now: Unix) -> Result<Kept, Failure> {
        Ok(self.with(&record.key, |row| {
            if row.fence != lease.fence {
                return Kept::Stale;
            }
            let mut record = record.clone();
            record.used_at = now;
            row.record = Some(record);
            Kept::Done
        }))
    }

    fn forget(&self, key: &AccountKey, lease: &Lease, _: Unix) -> Result<Kept, Failure> {
        Ok(self.with(key, |row| {
            if row.fence != lease.fence {
                return Kept::Stale;
            }
            row.record = None;
            Kept::Done
        }))
    }

    fn release(&self, lease: &Lease, _: Unix) -> Result<(), Failure> {
        self.with(&lease.key, |row| {
            if row.fence == lease.fence {
                row.until = None;
            }
        });
        Ok(())
    }

    fn list(&self) -> Result<Vec<Record>, Failure> {
        Ok(self.records())
    }

    fn reach(&self) -> Reach {
        Reach::Local
    }
}

/// The key of a person's account, or of the application's.
pub fn key(user: Option<&str>) -> AccountKey {
    let flow = if user.is_some() { Flow::Pkce } else { Flow::ClientCredentials };
    AccountKey { client_id: "app".into(), flow, user: user.map(str::to_owned) }
}

/// Whether it is the key of a person's account whose user is not known.
pub fn is_nameless(key: &AccountKey) -> bool {
    key.flow == Flow::Pkce && key.user.as_deref().is_none_or(|user| !USERS.contains(&user))
}

/// The record of what was issued, as a process stores it.
pub fn record(server: &Server, serial: usize, now: Now) -> Record {
    let issued = server.get(serial);
    let mut record = Record::new(key(issued.user), Secret::new(issued.access.clone()), now.unix);
    record.refresh_token = issued.refresh.clone().map(Secret::new);
    record.expires_at = issued.ends.map(|ends| ends.unix);
    record
}

/// The same, with a change of the store by another process: what it put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    None,
    Put(usize),
    Removed,
}

/// Another process. It keeps the rules: it acquires, looks, renews, saves, releases.
#[derive(Default)]
pub struct Other {
    begun: Option<(Lease, Option<Record>, usize)>,
}

/// As a session has them: twice the bounds of a token request and of a save.
const TTL: Duration = Duration::from_secs(30);

impl Other {
    /// Does a deed; whose account changed, and how.
    pub fn act(
        &mut self,
        deed: Deed,
        n: u8,
        person: bool,
        server: &mut Server,
        store: &ModelStore,
        now: Now,
    ) -> (AccountKey, Change) {
        let user = person.then(|| USERS[usize::from(n % 8 == 7)]);
        let key = key(user);
        match deed {
            Deed::Finish => return self.finish(store, now).unwrap_or((key, Change::None)),
            Deed::Die => {
                self.begun = None;
                return (key, Change::None);
            }
            _ => {}
        }
        let Ok(Acquired::Lease(lease, stored)) = store.acquire(&key, TTL, None, now.unix) else { return (key, Change::None) };
        let change = match (deed, user) {
            (Deed::SignIn, Some(user)) => {
                let serial = server.sign_in(user, true, Some(3600), false, now);
                store.save(&record(server, serial, now), &lease, now.unix).unwrap();
                Change::Put(serial)
            }
            (Deed::SignOut, _) => {
                store.forget(&key, &lease, now.unix).unwrap();
                Change::Removed
            }
            _ => {
                let (record, serial) = Self::renew(stored.map(|record| *record), server, &key, now);
                if deed == Deed::Begin {
                    self.begun = Some((lease, record, serial));
                    return (key, Change::None);
                }
                Self::save(record, serial, &lease, store, now)
            }
        };
        store.release(&lease, now.unix).unwrap();
        (key, change)
    }

    /// The stored account, renewed. Nothing, where nothing is stored or it is rejected already.
    fn renew(stored: Option<Record>, server: &mut Server, key: &AccountKey, now: Now) -> (Option<Record>, usize) {
        if key.user.is_none() {
            let serial = server.application(Terms::PLAIN.lifetime, false, now);
            return (Some(record(server, serial, now)), serial);
        }
        let Some(mut stored) = stored.filter(|record| record.rejected.is_none()) else { return (None, 0) };
        let Some(refresh) = stored.refresh_token.clone() else { return (None, 0) };
        match server.renew(refresh.expose(), Terms::PLAIN, false, now) {
            Some(serial) => {
                let mut renewed = record(server, serial, now);
                renewed.extra = stored.extra;
                (Some(renewed), serial)
            }
            None => {
                let serial = server.by_access(stored.access_token.expose()).map_or(0, |issued| issued.serial);
                stored.rejected = Some("rejected".to_owned());
                (Some(stored), serial)
            }
        }
    }

    fn save(record: Option<Record>, serial: usize, lease: &Lease, store: &ModelStore, now: Now) -> Change {
        match record {
            Some(record) if store.save(&record, lease, now.unix).unwrap() == Kept::Done => Change::Put(serial),
            _ => Change::None,
        }
    }

    fn finish(&mut self, store: &ModelStore, now: Now) -> Option<(AccountKey, Change)> {
        let (lease, record, serial) = self.begun.take()?;
        let change = Self::save(record, serial, &lease, store, now);
        store.release(&lease, now.unix).unwrap();
        Some((lease.key, change))
    }
}
