//! The contract of `Store`, held by every store. A new store adds a line to `stores!`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "stores/contract.rs"]
mod contract;
#[path = "stores/model.rs"]
mod model;

use tempfile::TempDir;
use tidal_core::store::Store;
use tidal_store_file::FileStore;
use tidal_store_memory::MemoryStore;
use tidal_store_sqlite::SqliteStore;

/// An empty store by way of two handles, as two parts of a program or two programs would have it.
struct Shared {
    a: Box<dyn Store>,
    b: Box<dyn Store>,
    _folder: Option<TempDir>,
}

fn memory() -> Shared {
    let store = MemoryStore::new();
    Shared { a: Box::new(store.clone()), b: Box::new(store), _folder: None }
}

fn file() -> Shared {
    let folder = tempfile::tempdir().unwrap();
    let open = || Box::new(FileStore::open(folder.path().join("accounts.json")).unwrap());
    Shared { a: open(), b: open(), _folder: Some(folder) }
}

fn sqlite() -> Shared {
    let folder = tempfile::tempdir().unwrap();
    let open = || Box::new(SqliteStore::open(folder.path().join("accounts.sqlite")).unwrap());
    Shared { a: open(), b: open(), _folder: Some(folder) }
}

/// Instantiates the suite: the name of a store is that of the function that makes one; then the number of random histories.
macro_rules! stores {
    ($($store:ident: $histories:literal),*) => { $(mod $store {
        crate::contract::instantiate!(super::$store);

        #[test]
        fn any_history_goes_as_in_the_model() {
            crate::model::run($histories, super::$store);
        }
    })* };
}

stores!(memory: 2_000, file: 60, sqlite: 60);
