//! Writing the file: whole, or not at all.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use tidal_core::Failure;
use tidal_store_memory::Table;

use crate::format;
use crate::lock::Lock;
use crate::place::Place;
use crate::trouble;

const SUFFIX: &str = ".tmp";

/// Puts `table` in place of what is stored, durably.
pub(crate) fn replace(place: &Place, table: &Table, _: &Lock) -> Result<(), Failure> {
    write(place, table).map_err(|error| trouble::io("write", place.file(), &error))
}

fn write(place: &Place, table: &Table) -> io::Result<()> {
    let prefix = place.temporary_prefix();
    sweep(place.folder(), &prefix);
    let text = format::encode(table)?;
    // Made with mode 0600, under a name that nobody can foresee, and removed again if anything fails.
    let mut file = tempfile::Builder::new().prefix(&prefix).suffix(SUFFIX).tempfile_in(place.folder())?;
    file.write_all(&text)?;
    file.as_file().sync_all()?;
    file.persist(place.file())?;
    sync_folder(place.folder())
}

/// Removes what killed processes left, as far as that can be done. Under the lock nobody else is writing.
fn sweep(folder: &Path, prefix: &OsStr) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_temporary(&entry.file_name(), prefix) && entry.file_type().is_ok_and(|found| found.is_file()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn is_temporary(name: &OsStr, prefix: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    let word = name.strip_prefix(prefix.as_encoded_bytes()).and_then(|rest| rest.strip_suffix(SUFFIX.as_bytes()));
    word.is_some_and(|word| !word.is_empty() && word.iter().all(u8::is_ascii_alphanumeric))
}

/// A rename is durable once its folder is.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    match fs::File::open(folder)?.sync_all() {
        // Some file systems have nothing to do here, and say so.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        outcome => outcome,
    }
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
