//! What a session needs done outside: jobs, and their replies.

use std::fmt;
use std::time::Duration;

use crate::account::{AccountFilter, AccountKey, Record, Selector};
use crate::auth::Grant;
use crate::message::{Exchange, Response};
use crate::store::{Acquired, Kept, Lease, Store};
use crate::time::{Mono, Unix};

/// Tells one job of a session from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub(crate) u64);

/// Something to be done, whoever is calling. The reply goes to [`Session::handle_job`](crate::Session::handle_job); one that comes
/// after `deadline` is ignored, but for a lease, which is given back.
#[derive(Debug)]
pub struct Job {
    /// Names it in the reply.
    pub id: JobId,
    /// When the session stops waiting for it.
    pub deadline: Mono,
    /// What is to be done.
    pub work: Work,
}

/// What is to be done.
#[derive(Debug)]
#[non_exhaustive]
pub enum Work {
    /// Carry out a request to the token or the revocation endpoint, or ask the service whose token it is, reply [`Reply::Token`].
    Token(Exchange),
    /// Use the store, reply [`Reply::Store`].
    Store(StoreWork),
    /// Have a person sign in to such an account, once for all calls that wait, reply [`Reply::SignedIn`]. Only where the
    /// configuration says that the application handles this.
    SignIn(Selector),
    /// Nobody waits for that job any more: it may be given up. Not answered. Where a lease was being acquired, the reply is handed in all
    /// the same if it comes after all: the lease is given back then.
    Cancel(JobId),
}

/// One use of a store.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StoreWork {
    /// Find an account.
    Find(Selector),
    /// Acquire the lease of an account, perhaps in place of one's own.
    Acquire {
        /// Which account.
        key: AccountKey,
        /// For how long.
        ttl: Duration,
        /// The lease that this one supersedes.
        instead_of: Option<Lease>,
    },
    /// Save an account.
    Save {
        /// What is to be saved.
        record: Box<Record>,
        /// The right to.
        lease: Lease,
    },
    /// Remove an account.
    Forget {
        /// Which account.
        key: AccountKey,
        /// The right to.
        lease: Lease,
    },
    /// End a lease.
    Release(Lease),
    /// List accounts.
    List(AccountFilter),
    /// Remove accounts, one after the other. The session never asks for it; clients do.
    Remove(AccountFilter),
}

/// What a job led to.
#[non_exhaustive]
pub enum Reply {
    /// The answer of the endpoint or the service.
    Token(Response),
    /// What the store said.
    Store(StoreReply),
    /// The person has signed in.
    SignedIn(Grant),
}

impl fmt::Debug for Reply {
    /// Of an endpoint's answer the status only: its body holds tokens.
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(response) => f.debug_tuple("Token").field(&response.status()).finish(),
            Self::Store(reply) => reply.fmt(f),
            Self::SignedIn(grant) => grant.fmt(f),
        }
    }
}

/// What a store said.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StoreReply {
    /// To `Find`.
    Found(Option<Box<Record>>),
    /// To `Acquire`.
    Acquired(Acquired),
    /// To `Save`.
    Saved(Kept),
    /// To `Forget`.
    Forgotten(Kept),
    /// To `Release`.
    Released,
    /// To `List`.
    Listed(Vec<Record>),
    /// To `Remove`: the accounts that are gone.
    Removed(Vec<AccountKey>),
}

impl StoreWork {
    /// Does it with a store, blocking.
    ///
    /// # Errors
    /// Those of the store.
    pub fn run(&self, store: &(impl Store + ?Sized), now: Unix) -> Result<StoreReply, crate::Failure> {
        Ok(match self {
            Self::Find(selector) => StoreReply::Found(store.find(selector, now)?.map(Box::new)),
            Self::Acquire { key, ttl, instead_of } => {
                StoreReply::Acquired(store.acquire(key, *ttl, instead_of.as_ref(), now)?)
            }
            Self::Save { record, lease } => StoreReply::Saved(store.save(record, lease, now)?),
            Self::Forget { key, lease } => StoreReply::Forgotten(store.forget(key, lease, now)?),
            Self::Release(lease) => {
                store.release(lease, now)?;
                StoreReply::Released
            }
            Self::List(filter) => StoreReply::Listed(listed(store, filter)?),
            Self::Remove(filter) => {
                let keys = listed(store, filter)?.into_iter().map(|record| record.key);
                StoreReply::Removed(keys.map(|key| remove(store, key, now)).collect::<Result<_, _>>()?)
            }
        })
    }
}

fn listed(store: &(impl Store + ?Sized), filter: &AccountFilter) -> Result<Vec<Record>, crate::Failure> {
    Ok(store.list()?.into_iter().filter(|record| filter.matches(&record.key)).collect())
}

/// How long the removal of one account may take.
const REMOVAL: Duration = Duration::from_secs(10);

/// Removes one account under a lease of its own.
fn remove(store: &(impl Store + ?Sized), key: AccountKey, now: Unix) -> Result<AccountKey, crate::Failure> {
    let taken = |why| crate::Failure::new(crate::FailureKind::Store, format!("an account is {why}; try again in a moment"));
    match store.acquire(&key, REMOVAL, None, now)? {
        Acquired::Lease(lease, _) => match store.forget(&key, &lease, now)? {
            Kept::Done => store.release(&lease, now).map(|()| key),
            Kept::Stale => Err(taken("being changed just now")),
        },
        Acquired::Busy(_) => Err(taken("in use just now")),
    }
}

impl fmt::Display for StoreWork {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Find(_) => "looking for the account",
            Self::Acquire { .. } => "acquiring the account",
            Self::Save { .. } => "saving the account",
            Self::Forget { .. } => "removing the account",
            Self::Release(_) => "releasing the account",
            Self::List(_) => "listing accounts",
            Self::Remove(_) => "removing accounts",
        })
    }
}
